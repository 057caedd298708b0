"""What people type and get: output, streams and exit codes, on a library whose answers are known."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from cli_result import Result
from make_entries import make_entry
from synthetic_library import KINDS, all_kinds, find_synthetic, make_library, make_song, unit

from recsys.app.library import Library
from recsys.cli.main import main
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.domain.ingest_changes import IngestChange
from recsys.domain.results import Failure, IngestSummary
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.presence import Disk

KEYS = set(
    "id path artist title album genre genre_probability tagged_genre duration bpm key camelot "  # noqa: SIM905
    "bpm_alternative bpm_alternative_probability valence arousal artists artist_ids album_id tagged_genres".split()
)

FAILED = Failure("/music/bad.mp3", "decode", "no audio in it", 1, "2026-01-01")


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Result(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


@pytest.fixture
def library(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds())


def test_program_without_arguments_prints_help(run: Run) -> None:
    result = run()
    assert result.code == 0
    assert "Usage: recsys" in result.out
    assert "similar" in result.out
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
def test_wrong_usage_is_one_line_and_exits_with_2(run: Run, typed: str) -> None:
    result = run(*typed.split())
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("recsys: error: ")
    assert result.err.count("\n") == 1


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
def test_missing_library_names_the_command_that_creates_it(run: Run, tmp_path: Path, typed: str) -> None:
    result = run(*typed.split())
    assert result.code == 3
    assert "recsys ingest FOLDER" in result.err
    assert result.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("library")
def test_tracks(run: Run) -> None:
    result = run("tracks", "jazz", "--limit", "3")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].split() == ["id", "artist", "title", "genre", "bpm", "key", "time"]
    assert lines[1].split() == ["1", "artist", "1", "title", "1", "jazz", "75%", "101", "Am", "(8A)", "2:07"]
    assert len(lines) == 4
    records = run("tracks", "--genre", "metal", "--json").json
    assert len(records) == 6
    assert all(set(record) == KEYS and record["genre"] == "metal" for record in records)
    assert run("tracks", "polka").code == 3


@pytest.mark.usefixtures("library")
def test_plot_of_the_library(run: Run, tmp_path: Path) -> None:
    result = run("plot", "--library", "--projection", "pca", "--dark", "-o", tmp_path / "x.svg")
    assert (result.code, result.out) == (0, "")
    assert result.err == f"picture written to {tmp_path / 'x.svg'}; projection: PCA\n"
    assert "</svg>" in (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert run("plot", "--library", "--projection", "pca", "--quiet", "-o", tmp_path / "x.png").err == ""


@pytest.mark.usefixtures("library")
def test_show(run: Run) -> None:
    result = run("show", "title 7")
    assert "artist 7" in result.out
    assert "metal 75%" in result.out
    assert "107 BPM" in result.out
    assert "/music/metal/07.mp3" in result.out
    assert run("show", "title 7", "--json").json.keys() >= KEYS | {"genres", "tags", "rating", "paths"}


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.31, "confidence 80%), or 54 (31%)"), (0.01, "confidence 80%)\n")]
)
def test_show_has_a_probable_alternative_tempo(run: Run, tmp_path: Path, probability: float, shown: str) -> None:
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
    result = run("similar", "title 7", "-n", "4", "--json")
    assert result.code == 0
    assert result.err == ""
    assert [record["genre"] for record in result.json] == ["metal"] * 4
    assert all(set(record) == KEYS | {"similarity"} for record in result.json)
    result = run("similar", "title 7", "--genre", "folk", "--genre", "jazz")
    assert len(result.out.splitlines()) == 11
    assert result.err == "Similar to artist 7 - title 7\n"
    assert run("--quiet", "similar", "7").err == ""


@pytest.mark.usefixtures("library")
def test_ambiguous_track_lists_the_candidates(run: Run) -> None:
    result = run("similar", "title 2")
    assert result.code == 0  # a whole name goes before the beginning of another
    result = run("similar", "artist")
    assert result.code == 3
    first, *candidates = result.err.splitlines()
    assert first.startswith("recsys: error: 'artist' matches 24 tracks")
    assert candidates[0] == "  1  artist 1 - title 1  (/music/jazz/01.mp3)"
    assert run("similar", "polka").code == 3


@pytest.mark.usefixtures("library")
def test_likes_are_set_and_removed(run: Run) -> None:
    assert "like some with: recsys like TRACK" in run("likes").err
    assert run("like", "1", "title 13").err == "liked: artist 1 - title 1\nliked: artist 13 - title 13\n"
    assert [r["id"] for r in run("dislike", "7", "--json").json] == [7]
    records = run("likes", "--json").json
    assert [(r["id"], r["rating"]) for r in records] == [(1, 1), (13, 1), (7, -1)]
    out = run("likes").out
    assert out.index("title 13") < out.index("disliked") < out.index("title 7")
    assert run("forget", "1", "13", "7").code == 0
    assert run("likes", "--json").json == []


@pytest.mark.usefixtures("library")
def test_playlist_is_written_to_a_file(run: Run, tmp_path: Path) -> None:
    result = run("playlist")
    assert result.code == 3
    assert "no track is liked yet; like some with: recsys like TRACK, or" in result.err
    run("like", "1")
    target = tmp_path / "lists" / "p.m3u8"
    assert run("playlist", "-o", target).code == 1  # no such folder
    target.parent.mkdir()
    result = run("playlist", "-n", "5", "-o", target)
    assert result.code == 0
    assert "From your likes: 5 tracks" in result.err
    assert f"written to {target}" in result.err
    assert len(result.out.splitlines()) == 6
    assert len(target.read_text(encoding="utf-8").splitlines()) == 13
    made = run("playlist", "--from", "title 7", "--minutes", "10", "--json").json
    assert list(made) == ["name", "tracks", "unmet_constraints", "seed"]
    assert {t["genre"] for t in made["tracks"][:2]} == {"metal"}
    result = run("playlist", "--from", "7", "-n", "99")
    assert (
        "not met: 5 tracks instead of 99: others that match are no more similar to the seeds than chance" in result.err
    )


@pytest.mark.usefixtures("library")
def test_global_options_are_accepted_at_any_place(run: Run, tmp_path: Path) -> None:
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


def test_control_characters_of_names_are_escaped(run: Run, tmp_path: Path) -> None:
    song = make_song("jazz", 1, folder="/music/\udce9\x1b]0;owned\x07", title="a\x1b[31mred\nline\u202egnp")
    make_library(tmp_path, [song])
    for result in (
        run("tracks"),
        run("show", "1"),
        run("like", "1"),
        run("similar", "1"),
        run("tracks", "--json"),
    ):
        assert "\x1b" not in result.out + result.err
        assert "\u202e" not in result.out + result.err
    assert "a\\x1b[31mred\\nline\\u202egnp" in run("tracks").out
    assert run("tracks", "--json").json[0]["path"] == song.stat.path


@pytest.mark.usefixtures("library")
def test_names_are_cut_in_a_narrow_terminal(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    result = run("failures")
    assert result.code == 0
    assert "/music/bad.mp3" in result.out
    assert "no audio in it" in result.out
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
        (IngestSummary(scanned=1, failed=1, failures=(FAILED,)), 1, ["list them with: recsys failures"]),
        (IngestSummary(scanned=2, failed=1, skipped=1, failures=(FAILED,)), 1, ["1 skipped"]),
        (IngestSummary(scanned=3, new=1, remaining=2), 0, ["2 remaining", "the time budget is used up"]),
        (IngestSummary(scanned=3, new=1, remaining=2, interrupted=True), 130, ["the same command continues"]),
    ],
)
def test_ingest_reports_counts_and_exit_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, summary: IngestSummary, code: int, words: list[str]
) -> None:
    received: dict[str, Any] = {}

    def ingest(service: Library, paths: object, **options: object) -> IngestSummary:
        received.update(options, paths=paths, settings=service.settings)
        return summary

    monkeypatch.setattr(Library, "ingest", ingest)
    result = run("ingest", "a", "b", "--retry", "--jobs", "3", "--ignore", "*.tmp", "--min-duration", "1")
    assert result.code == code
    assert result.out == ""
    for word in words:
        assert word in result.err
    assert received["paths"] == ["a", "b"]
    assert received["retry"] is True
    settings = received["settings"]
    assert (settings.jobs, settings.ignore, settings.min_duration) == (3, ("*.tmp",), 1.0)
    assert run("ingest", "a", "--quiet").err == ("recsys: interrupted\n" if summary.interrupted else "")
    record = run("ingest", "a", "--json").json
    assert (record["scanned"], record["failed"]) == (summary.scanned, summary.failed)


def test_progress_in_a_pipe_is_a_line_every_15_seconds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.domain.results import Progress

    now = 0.0

    def ingest(_: Library, __: object, on_progress: Any, **___: object) -> IngestSummary:
        nonlocal now
        for done in range(10):
            now += 4.0
            on_progress(Progress(done, 10, failed=int(done > 6), speed=2.5, eta=70.0 - done))
        return IngestSummary(scanned=10, new=10)

    monkeypatch.setattr(Library, "ingest", ingest)
    monkeypatch.setattr("recsys.cli.progress.time.monotonic", lambda: now)
    first, second, _ = run("ingest", "a").err.splitlines()
    assert first == "3 of 10 files, 2.5 tracks/s, 1:07 left"
    assert second == "7 of 10 files, 2.5 tracks/s, 1:03 left, 1 failed"


def test_progress_on_a_terminal_is_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.cli.progress import ingest_progress
    from recsys.domain.results import Progress

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with ingest_progress(quiet=False) as show:
        assert show is not None
        show(Progress(3, 10, failed=0, speed=2.5, eta=None))
    assert "3/10" in capsys.readouterr().err


def test_retry_removes_failures_of_missing_files(run: Run, tmp_path: Path) -> None:
    gone = FailedFile(FileStat("/nowhere/gone.mp3", 1, 1), "decode", "no audio in it")
    with Catalogue.open(f"sqlite:///{tmp_path}/library.db", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store([], [gone])
    assert "/nowhere/gone.mp3" in run("failures").out
    result = run("failures", "--retry")
    assert result.code == 0
    assert run("failures").err == "no file has failed\n"


@pytest.mark.usefixtures("library")
def test_unexpected_error_is_one_line_with_a_hint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("recsys.app.library.Library.tracks", broken)
    result = run("tracks")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in result.err
    assert "-v" in result.err
    with pytest.raises(ZeroDivisionError):
        main(["tracks", "-v"])


@pytest.mark.usefixtures("library")
def test_interrupt_exits_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("recsys.app.library.Library.tracks", interrupted)
    assert run("tracks").code == 130


def test_db_upgrade_reports_success(run: Run, tmp_path: Path) -> None:
    make_library(tmp_path, [])
    assert run("db", "upgrade").err == "the library is up to date\n"


def test_prune_reports_what_it_removes(
    run: Run, library: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Disk, "find", find_synthetic)
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.add_roots(["/music"])
        catalogue.mark_missing([catalogue.tracks_by_id([1])[1].path])
        catalogue.set_rating([1], 1)
    result = run("prune", "--dry-run")
    assert (
        result.err.splitlines()[-1]
        == "1 missing track (1 of them liked or disliked) and 0 old failures would be removed"
    )
    assert result.err.splitlines()[0] == "  /music/jazz/01.mp3"
    assert run("prune", "--json").json["tracks"] == 1
    assert run("show", "1").code == 3
    assert run("similar", "2").code == 0
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.mark_missing([track.path for track in catalogue.tracks()])
    result = run("prune")
    assert result.code == 1
    assert "more than half of the files under /music are missing, 23 of 23" in result.err
    assert run("prune", "/nowhere").code == 3
    assert run("prune", "").code == 2
    assert "23 missing tracks" in run("prune", "--force").err


def test_doctor_exits_with_1_on_errors(run: Run, library: None, tmp_path: Path) -> None:
    before_the_first_ingest = run("doctor", "--home", tmp_path / "none")
    assert before_the_first_ingest.code == 3
    assert f"free in {tmp_path / 'none'}, where no library is yet\n" in before_the_first_ingest.out
    assert "library.db can be created\n" in before_the_first_ingest.out
    checks = run("doctor", "--json", "--home", tmp_path / "none").json
    assert {"space", "permission"} <= {check["name"] for check in checks}
    make_library(tmp_path, [make_entry("/music/short.mp3", version=FEATURE_VERSION)])  # a vector of 12 numbers
    result = run("doctor")
    assert result.code == 1
    assert "error    vectors" in result.out
    assert "recsys doctor --fix" in result.out
    result = run("doctor", "--fix", "--json")
    assert result.code == 0
    assert {check["name"]: check["status"] for check in result.json}["features"] == "warning"


def test_doctor_shows_ten_results_of_a_kind(run: Run, tmp_path: Path) -> None:
    """A drive that is not mounted can have thousands of folders."""
    make_library(tmp_path, [make_entry(f"/nowhere{n}/{n}.mp3", version=FEATURE_VERSION) for n in range(13)])
    shown = run("doctor").out
    assert shown.count("\nwarning  disk") == 11
    assert "warning  disk        and 3 more; recsys doctor --json lists all\n" in shown
    assert sum(check["name"] == "disk" for check in run("doctor", "--json").json) == 13


@pytest.mark.parametrize("typed", [("similar", "1"), ("path", "1", "8")], ids=lambda typed: typed[0])
def test_folders_restrict_every_list(run: Run, library: None, typed: tuple[str, ...]) -> None:
    def folders(*arguments: str) -> set[str]:
        found = run(*typed, "-n", "5", *arguments, "--json").json
        tracks = found["tracks"] if isinstance(found, dict) else found
        return {Path(track["path"]).parent.name for track in tracks if track["id"] not in (1, 8)}

    assert folders("--in", "/music/folk") == {"folk"}
    assert not folders("--not-in", "/music/folk", "--not-in", "/music/jazz") & {"folk", "jazz"}


def test_excluded_genre_that_no_track_has_is_reported(run: Run, library: None) -> None:
    typed = (
        "playlist",
        "--from",
        "1",
        "-n",
        "2",
        "--not-genre",
        "METAL",
        "--not-genre",
        "jaz",
        "--not-tagged-genre",
        "x",
    )
    notes = [line for line in run(*typed).err.splitlines() if "excluded" in line]
    assert notes == [
        "not met: no track has the genre 'jaz', which is excluded",
        "not met: no file has the genre 'x' in its tags, which is excluded",
    ]


def test_files_that_do_not_exist_exit_with_3(run: Run, library: None, tmp_path: Path) -> None:
    nowhere = tmp_path / "none.mp3"
    labels = ("genre", "train", "mine", "--labels", nowhere)
    for typed in (
        ("classify", nowhere), ("plot", nowhere), ("similar", nowhere), ("path", nowhere, "1"), ("ingest", nowhere),
        ("likes", "import", nowhere), ("playlist", "extend", nowhere), ("playlist", "insert", nowhere), labels,
        ("show", nowhere), ("like", nowhere), ("watch", nowhere),
    ):  # fmt: skip
        assert run(*typed).code == 3, typed


def test_nothing_to_do_is_one_line(run: Run, library: None) -> None:
    assert run("prune").err.splitlines()[-1] == "nothing to remove"
    assert run("genre", "undo", "--list") == Result(0, "", "no run has written tags yet\n")


def test_watch_names_what_it_did(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(IngestChange("new", f"/music/{n}.mp3") for n in range(12))
    some = (
        IngestChange("updated", "/music/a.mp3"), IngestChange("moved", "/music/new/b.mp3", "/music/b.mp3"),
        IngestChange("duplicates", "/music/copy of a.mp3"), IngestChange("removed", "/music/c.mp3"),
    )  # fmt: skip
    events = [
        IngestSummary(scanned=12, new=12, changes=many),
        IngestSummary(scanned=12, unchanged=12),
        IngestSummary(scanned=12, updated=1, moved=1, duplicates=1, missing=4, removed=1, changes=some),
        IngestSummary(
            scanned=11, unchanged=11, missing=5, removed=1, changes=(IngestChange("removed", "/music/d.mp3"),)
        ),
    ]

    def watch(_library: Library, _folders: object, *, on_event: Callable[[Any], None], **_: object) -> None:
        for event in events:
            on_event(event)
        raise KeyboardInterrupt

    monkeypatch.setattr(Library, "watch", watch)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    lines = run("watch", tmp_path).err.splitlines()[1:]
    assert lines[0] == "12 new"
    assert lines[1:11] == [f"  added: /music/{n}.mp3" for n in range(10)]
    assert lines[11:] == [
        "  … and 2 more",
        "1 updated, 1 moved, 1 duplicate, 1 removed",
        "  changed: /music/a.mp3",
        "  moved: /music/new/b.mp3 (from /music/b.mp3)",
        "  added, of a known recording: /music/copy of a.mp3",
        "  removed: /music/c.mp3",
        "1 removed",
        "  removed: /music/d.mp3",
        "watching ended: 12 new tracks",
    ]


def test_watch_checks_its_arguments(run: Run, tmp_path: Path) -> None:
    assert run("watch", tmp_path / "none").code == 3
    assert run("watch", "").code == 2
    assert run("watch", tmp_path, "--debounce", "-1").code == 2


def test_forget_reports_what_had_no_rating(run: Run, library: None) -> None:
    run("like", "1")
    run("rate", "2", "5")
    labels = [line.partition(": ")[0] for line in run("forget", "1", "2", "7").err.splitlines()]
    assert labels == ["rating removed", "rating removed", "had no rating"]
    run("like", "3")
    assert run("rate", "3", "0").err.startswith("had no stars: ")
    assert run("rate", "3", "4").err.startswith("4 stars: ")
    assert run("rate", "3", "0").err.startswith("stars removed: ")


def test_tracks_are_searched_by_fields_and_sorted(run: Run, library: None) -> None:
    everything = [track["id"] for track in run("tracks", "--json").json]
    jazz = [track["id"] for track in run("tracks", "genre:jazz", "--json").json]
    for term in ("-genre:jazz", "^genre:jazz"):
        rest = [track["id"] for track in run("tracks", term, "--json").json]
        assert sorted(rest + jazz) == sorted(everything)
    newest = run("tracks", "--sort", "added:desc", "-n", 2, "--json").json
    assert [track["id"] for track in newest] == [
        track["id"] for track in run("tracks", "--sort", "added:desc", "--json").json
    ][:2]
    assert run("tracks", "title", "-title").code == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["composer:bach"], "QUERY has the unknown field 'composer'; the fields are artist, title, album"),
        (["year:old"], "QUERY must have a year such as 1998"),
        (["--sort", "colour"], "--sort must be one of title, artist, album"),
        (["--sort", "-title"], "--sort must be one of title, artist, album"),
        (["--lmit", "3"], "No such option: --lmit"),
        (["-nirvana"], "'irvana' is not a valid int"),
    ],
)
def test_invalid_search_is_one_line(run: Run, library: None, arguments: list[str], message: str) -> None:
    result = run("tracks", *arguments)
    assert result.code == 2
    assert message in result.err
    assert len(result.err.splitlines()) == 1
