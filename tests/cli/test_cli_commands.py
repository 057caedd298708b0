"""What people type and get: output, streams and exit codes, on a library whose answers are known."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from cli_result import Said
from make_entries import make_entry
from synthetic_library import KINDS, all_kinds, make_library, make_song, unit

from recsys.app.library import Library
from recsys.cli.main import main
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import Failure, IngestSummary
from recsys.features.version import FEATURE_VERSION

KEYS = set(
    "id path artist title album genre genre_probability tagged_genre duration bpm key "  # noqa: SIM905
    "bpm_alternative bpm_alternative_probability valence arousal".split()
)

FAILED = Failure("/music/bad.mp3", "decode", "no audio in it", 1, "2026-01-01")


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Said(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


@pytest.fixture
def library(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds())


def test_alone_it_helps(run: Run) -> None:
    said = run()
    assert said.code == 0
    assert "Usage: recsys" in said.out
    assert "similar" in said.out
    assert run("db").code == run("--help").code == run("similar", "-h").code == 0


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("recsys 0.")


@pytest.mark.parametrize(
    "typed",
    [
        "simlar 1",
        "similar",
        "similar 1 --nope",
        "similar 1 -n x",
        "similar 1 -n 0",
        "playlist -n 5 --minutes 5",
        "plot",
        "plot -o x.png",
        "plot x.mp3 --library -o x.png",
        "plot x.mp3 --projection pca -o x.png",
        "plot --library --projection tsne -o x.png",
        "plot --library",
        "like",
        "--home",
    ],
)
@pytest.mark.usefixtures("library")
def test_wrong_usage_is_one_line_and_2(run: Run, typed: str) -> None:
    said = run(*typed.split())
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("recsys: error: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "tracks",
        "similar 1",
        "show 1",
        "like 1",
        "likes",
        "playlist",
        "failures",
        "db upgrade",
        "plot --library -o x.png",
    ],
)
def test_without_a_library_the_way_to_begin_is_said(run: Run, tmp_path: Path, typed: str) -> None:
    said = run(*typed.split())
    assert said.code == 3
    assert "recsys ingest FOLDER" in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("library")
def test_tracks(run: Run) -> None:
    said = run("tracks", "jazz", "--limit", "3")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == ["id", "artist", "title", "genre", "bpm", "key", "time"]
    assert lines[1].split() == ["1", "artist", "1", "title", "1", "jazz", "75%", "101", "Am", "2:07"]
    assert len(lines) == 4
    records = run("tracks", "--genre", "metal", "--json").json
    assert len(records) == 6
    assert all(set(record) == KEYS and record["genre"] == "metal" for record in records)
    assert run("tracks", "polka").code == 3


@pytest.mark.usefixtures("library")
def test_a_picture_of_the_library(run: Run, tmp_path: Path) -> None:
    said = run("plot", "--library", "--projection", "pca", "--dark", "-o", tmp_path / "x.svg")
    assert (said.code, said.out) == (0, "")
    assert said.err == f"picture written to {tmp_path / 'x.svg'}; the map is made by PCA\n"
    assert "</svg>" in (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert run("plot", "--library", "--projection", "pca", "--quiet", "-o", tmp_path / "x.png").err == ""


@pytest.mark.usefixtures("library")
def test_show(run: Run) -> None:
    said = run("show", "title 7")
    assert "artist 7" in said.out
    assert "metal 75%" in said.out
    assert "107 BPM" in said.out
    assert "/music/metal/07.mp3" in said.out
    assert run("show", "title 7", "--json").json.keys() >= KEYS | {"genres", "tags", "rating", "paths"}


@pytest.mark.parametrize(("probability", "shown"), [(0.31, "80% sure), or 54 (31%)"), (0.01, "80% sure)\n")])
def test_show_has_the_second_tempo_where_it_may_be_right(
    run: Run, tmp_path: Path, probability: float, shown: str
) -> None:
    song = make_song("jazz", 7)
    assert song.result is not None
    tempo = replace(song.result.analysis.tempo, alternative_bpm=53.5, alternative_probability=probability)
    analysis = replace(song.result.analysis, tempo=tempo)
    make_library(tmp_path, [replace(song, result=replace(song.result, analysis=analysis))])
    assert f"107 BPM ({shown}" in run("show", "1").out
    record = run("show", "1", "--json").json
    assert (record["bpm_alternative"], record["bpm_alternative_probability"]) == (53.5, probability)
    assert run("tracks", "--json").json[0]["bpm_alternative"] == 53.5


@pytest.mark.usefixtures("library")
def test_similar(run: Run) -> None:
    said = run("similar", "title 7", "-n", "4", "--json")
    assert said.code == 0
    assert said.err == ""
    assert [record["genre"] for record in said.json] == ["metal"] * 4
    assert all(set(record) == KEYS | {"similarity"} for record in said.json)
    said = run("similar", "title 7", "--genre", "folk", "--genre", "jazz")
    assert len(said.out.splitlines()) == 11
    assert said.err == "Similar to artist 7 - title 7\n"
    assert run("--quiet", "similar", "7").err == ""


@pytest.mark.usefixtures("library")
def test_an_ambiguous_track_lists_the_candidates(run: Run) -> None:
    said = run("similar", "title 2")
    assert said.code == 0  # a whole name goes before the beginning of another
    said = run("similar", "artist")
    assert said.code == 3
    first, *candidates = said.err.splitlines()
    assert first.startswith("recsys: error: 'artist' matches 24 tracks")
    assert candidates[0] == "  1  artist 1 - title 1  (/music/jazz/01.mp3)"
    assert run("similar", "nobody").code == 3


@pytest.mark.usefixtures("library")
def test_likes_come_and_go(run: Run) -> None:
    assert "begin with: recsys like" in run("likes").err
    assert run("like", "1", "title 13").err == "liked: artist 1 - title 1\nliked: artist 13 - title 13\n"
    assert [r["id"] for r in run("dislike", "7", "--json").json] == [7]
    records = run("likes", "--json").json
    assert [(r["id"], r["rating"]) for r in records] == [(1, 1), (13, 1), (7, -1)]
    out = run("likes").out
    assert out.index("title 13") < out.index("disliked") < out.index("title 7")
    assert run("forget", "1", "13", "7").code == 0
    assert run("likes", "--json").json == []


@pytest.mark.usefixtures("library")
def test_a_playlist_on_disk(run: Run, tmp_path: Path) -> None:
    said = run("playlist")
    assert said.code == 3
    assert "nothing is liked yet" in said.err
    run("like", "1")
    target = tmp_path / "lists" / "p.m3u8"
    assert run("playlist", "-o", target).code == 1  # no such folder
    target.parent.mkdir()
    said = run("playlist", "-n", "5", "-o", target)
    assert said.code == 0
    assert "From your likes: 5 tracks" in said.err
    assert f"written to {target}" in said.err
    assert len(said.out.splitlines()) == 6
    assert len(target.read_text(encoding="utf-8").splitlines()) == 13
    made = run("playlist", "--from", "title 7", "--minutes", "10", "--json").json
    assert list(made) == ["name", "tracks", "gave_way"]
    assert {t["genre"] for t in made["tracks"][:2]} == {"metal"}
    said = run("playlist", "--from", "7", "-n", "99")
    assert "gave way: 5 tracks instead of 99: others that match are no nearer to what is named than chance" in said.err


@pytest.mark.usefixtures("library")
def test_global_options_may_stand_anywhere(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_library(other, [make_song("jazz", 77)])
    for arguments in (
        ("--home", other, "tracks", "--json"),
        ("tracks", "--json", "--home", other),
        ("tracks", f"--home={other}", "--json"),
        ("tracks", "--json", "--database", f"sqlite:///{other}/library.db"),
    ):
        assert [r["title"] for r in run(*arguments).json] == ["title 77"]


def test_names_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    song = make_song("jazz", 1, folder="/music/\udce9\x1b]0;owned\x07", title="a\x1b[31mred\nline\u202egnp")
    make_library(tmp_path, [song])
    for said in (
        run("tracks"),
        run("show", "1"),
        run("like", "1"),
        run("similar", "1"),
        run("tracks", "--json"),
    ):
        assert "\x1b" not in said.out + said.err
        assert "\u202e" not in said.out + said.err
    assert "a\\x1b[31mred\\nline\\u202egnp" in run("tracks").out
    assert run("tracks", "--json").json[0]["path"] == song.stat.path


@pytest.mark.usefixtures("library")
def test_a_narrow_terminal_gets_shorter_names(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "a title that goes on and on and on and 長い長い長い長い長い長い長い for ever and ever and ever"
    make_library(tmp_path, [make_song("folk", 50, title=long)])
    assert long in run("tracks").out  # in a pipe nothing is cut off
    monkeypatch.setenv("COLUMNS", "80")
    from rich.cells import cell_len

    lines = run("tracks").out.splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert any("a title that" in line and "…" in line for line in lines)
    assert len(lines) == len(KINDS) * 6 + 2


def test_failures_are_listed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path, [])
    assert run("failures").err == "no file has failed\n"
    monkeypatch.setattr(Library, "failures", lambda _: [FAILED])
    said = run("failures")
    assert said.code == 0
    assert "/music/bad.mp3" in said.out
    assert "no audio in it" in said.out
    [record] = run("failures", "--json").json
    assert record == asdict(FAILED)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """The way Ctrl-C was treated before, whatever the program does."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("summary", "code", "words"),
    [
        (IngestSummary(scanned=3, new=2, unchanged=1, seconds=60, audio_seconds=600), 0, ["2 new, 1 unchanged"]),
        (IngestSummary(scanned=3, new=2, failed=1, failures=(FAILED,)), 4, ["1 failed", "no audio in it"]),
        (IngestSummary(scanned=1, failed=1, failures=(FAILED,)), 1, ["see them all with: recsys failures"]),
        (IngestSummary(scanned=2, failed=1, skipped=1, failures=(FAILED,)), 1, ["1 skipped"]),
        (IngestSummary(scanned=3, new=1, remaining=2), 0, ["2 remaining", "the time is up"]),
        (IngestSummary(scanned=3, new=1, remaining=2, interrupted=True), 130, ["goes on from here"]),
    ],
)
def test_ingest_tells_what_became_of_every_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, summary: IngestSummary, code: int, words: list[str]
) -> None:
    asked: dict[str, Any] = {}

    def ingest(service: Library, paths: object, **options: object) -> IngestSummary:
        asked.update(options, paths=paths, settings=service.settings)
        return summary

    monkeypatch.setattr(Library, "ingest", ingest)
    said = run("ingest", "a", "b", "--retry", "--jobs", "3", "--ignore", "*.tmp", "--min-duration", "1")
    assert said.code == code
    assert said.out == ""
    for word in words:
        assert word in said.err
    assert asked["paths"] == ["a", "b"]
    assert asked["retry"] is True
    settings = asked["settings"]
    assert (settings.jobs, settings.ignore, settings.min_duration) == (3, ("*.tmp",), 1.0)
    assert run("ingest", "a", "--quiet").err == ("recsys: interrupted\n" if summary.interrupted else "")
    record = run("ingest", "a", "--json").json
    assert (record["scanned"], record["failed"]) == (summary.scanned, summary.failed)


def test_progress_is_told_now_and_then(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.domain.results import Progress

    now = 0.0

    def ingest(_: Library, __: object, progress: Any, **___: object) -> IngestSummary:
        nonlocal now
        for done in range(10):
            now += 4.0
            progress(Progress(done, 10, failed=int(done > 6), speed=2.5, eta=70.0 - done))
        return IngestSummary(scanned=10, new=10)

    monkeypatch.setattr(Library, "ingest", ingest)
    monkeypatch.setattr("recsys.cli.progress.time.monotonic", lambda: now)
    first, second, _ = run("ingest", "a").err.splitlines()
    assert first == "3 of 10 files, 2.5 tracks/s, 1:07 left"
    assert second == "7 of 10 files, 2.5 tracks/s, 1:03 left, 1 failed"


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.cli.progress import watch
    from recsys.domain.results import Progress

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with watch(quiet=False) as show:
        assert show is not None
        show(Progress(3, 10, failed=0, speed=2.5, eta=None))
    assert "3/10" in capsys.readouterr().err


def test_retrying_forgets_what_is_gone(run: Run, tmp_path: Path) -> None:
    gone = FailedFile(FileStat("/nowhere/gone.mp3", 1, 1), "decode", "no audio in it")
    with Catalogue.open(f"sqlite:///{tmp_path}/library.db", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store([], [gone])
    assert "/nowhere/gone.mp3" in run("failures").out
    said = run("failures", "--retry")
    assert said.code == 0
    assert run("failures").err == "no file has failed\n"


@pytest.mark.usefixtures("library")
def test_the_unexpected_is_one_line_with_a_hint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("recsys.app.library.Library.tracks", broken)
    said = run("tracks")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in said.err
    assert "-v" in said.err
    with pytest.raises(ZeroDivisionError):
        main(["tracks", "-v"])


@pytest.mark.usefixtures("library")
def test_interrupting_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("recsys.app.library.Library.tracks", interrupted)
    assert run("tracks").code == 130


def test_the_schema_can_be_upgraded(run: Run, tmp_path: Path) -> None:
    make_library(tmp_path, [])
    assert run("db", "upgrade").err == "the library is up to date\n"


def test_prune_says_what_it_forgets(run: Run, library: None, tmp_path: Path) -> None:
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.add_roots(["/music"])
        catalogue.mark_missing([catalogue.tracks_by_id([1])[1].path])
        catalogue.set_rating([1], 1)
    said = run("prune", "--dry-run")
    assert (
        said.err.splitlines()[-1]
        == "1 missing track (1 of them liked or disliked) and 0 old failures would be forgotten"
    )
    assert said.err.splitlines()[0] == "  /music/jazz/01.mp3"
    assert run("prune", "--json").json["tracks"] == 1
    assert run("show", "1").code == 3
    assert run("similar", "2").code == 0
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.mark_missing([track.path for track in catalogue.tracks()])
    said = run("prune")
    assert said.code == 1
    assert "23 of the 23 files known under /music are missing" in said.err
    assert run("prune", "/nowhere").code == 3
    assert run("prune", "").code == 2
    assert "23 missing tracks" in run("prune", "--force").err


def test_doctor_has_an_exit_code(run: Run, library: None, tmp_path: Path) -> None:
    assert run("doctor", "--home", tmp_path / "none").code == 3
    make_library(tmp_path, [make_entry("/music/short.mp3", version=FEATURE_VERSION)])  # a vector of 12 numbers
    said = run("doctor")
    assert said.code == 1
    assert "broken   vectors" in said.out
    assert "recsys doctor --fix" in said.out
    said = run("doctor", "--fix", "--json")
    assert said.code == 0
    assert {finding["check"]: finding["status"] for finding in said.json}["listening"] == "warning"


def test_watch_needs_a_folder(run: Run, tmp_path: Path) -> None:
    assert run("watch", tmp_path / "none").code == 3
    assert run("watch", "").code == 2
    assert run("watch", tmp_path, "--settle", "-1").code == 2


def test_one_is_no_plural() -> None:
    from recsys.cli.output import pluralise

    assert [pluralise(n, "track") for n in (0, 1, 2)] == ["0 tracks", "1 track", "2 tracks"]
