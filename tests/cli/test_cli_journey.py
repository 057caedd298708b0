"""The whole road on real files: ingest, ask, like, play; then files that move, vanish and are broken."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_result import Result

import recsys
from recsys.cli.main import main
from recsys.domain.arrays import FloatArray
from recsys.errors import NotFound

SR = 22050
SECONDS = 7


def music(kind: str, number: int) -> FloatArray:
    """Seven seconds of one of three kinds of sound."""
    rng = np.random.default_rng(number)
    t = np.arange(SECONDS * SR) / SR
    if kind == "chord":
        root = 110 * 2 ** (number / 12)
        y = sum(np.sin(2 * np.pi * root * ratio * t) for ratio in (1, 5 / 4, 3 / 2, 2))
    elif kind == "clicks":
        y = rng.standard_normal(len(t)) * np.exp(-60 * (t % (0.4 + number / 50)))
    else:
        y = np.cumsum(rng.standard_normal(len(t)))
        y -= np.convolve(y, np.ones(2000) / 2000, mode="same")
    return (0.5 * y / np.abs(y).max()).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine files that can be analysed, and two that cannot."""
    folder = tmp_path_factory.mktemp("music")
    for kind in ("chord", "clicks", "noise"):
        for number in range(3):
            (folder / kind).mkdir(exist_ok=True)
            soundfile.write(folder / kind / f"{kind} {number}.flac", music(kind, number), SR)
    (folder / "text.mp3").write_text("this is no music\n" * 100)
    (folder / "empty.ogg").touch()
    return folder


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main(["--home", str(home), *map(str, arguments)])
        return Result(exit.value.code or 0, *capsys.readouterr())  # type: ignore[arg-type]

    return run


def test_ingest_query_like_and_playlist_on_real_files(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("ingest", folder, "--jobs", "1", "--json")
    assert result.code == 4  # some files failed
    assert {name: result.json[name] for name in ("scanned", "new", "failed")} == {
        "scanned": 11,
        "new": 9,
        "failed": 2,
    }
    assert {Path(f["path"]).name for f in result.json["failures"]} == {"text.mp3", "empty.ogg"}
    assert {Path(f["path"]).name for f in run("failures", "--json").json} == {"text.mp3", "empty.ogg"}

    tracks = run("tracks", "--json").json
    assert len(tracks) == 9
    assert all(t["genre"] and 0 < t["genre_probability"] <= 1 for t in tracks)
    described = run("tracks", "--describe").out.splitlines()
    assert len(described) == 10

    near = run("similar", "chord 0", "-n", "2", "--json").json
    assert {t["title"] for t in near} == {"chord 1", "chord 2"}
    assert all(0 <= t["similarity"] <= 1 for t in near)

    shown = run("show", "clicks 1", "--json").json
    classified = run("classify", "--json", folder / "clicks" / "clicks 1.flac").json
    assert classified[0]["genres"] == pytest.approx(shown["genres"], abs=1e-3)
    assert classified[0]["tags"] == pytest.approx(shown["tags"], abs=1e-3)
    along = run("classify", "--json", "--segments", folder / "clicks" / "clicks 1.flac").json[0]
    assert [along[key] for key in classified[0]] == list(classified[0].values())
    assert (along["segments"][0]["start"], along["segments"][-1]["end"]) == pytest.approx((0, SECONDS), abs=0.5)
    assert "    0:00–0:0" in run("classify", "--segments", folder / "clicks" / "clicks 1.flac").out
    assert run("classify", folder / "text.mp3").code == 1
    assert run("classify", folder / "text.mp3", folder / "noise" / "noise 0.flac").code == 4

    assert run("like", "chord 0", "noise 0").code == 0
    target = tmp_path / "list.m3u8"
    assert run("playlist", "-n", "4", "-o", target).code == 0
    places = [line for line in target.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(places) == 4
    assert all((target.parent / place).is_file() for place in places)

    # A second time: only what moved is opened again, and what failed stays failed until it is retried.
    likes = run("likes", "--json").json
    shutil.move(folder / "chord" / "chord 0.flac", folder / "renamed.flac")
    (folder / "clicks" / "clicks 2.flac").unlink()
    result = run("ingest", folder, "--jobs", "1", "--json")
    counted = {name: result.json[name] for name in ("new", "unchanged", "moved", "missing", "failed")}
    assert counted == {"new": 0, "unchanged": 7, "moved": 1, "missing": 1, "failed": 2}
    assert run("likes", "--json").json == [
        {**likes[0], "path": str(folder / "renamed.flac"), "title": "renamed"}, likes[1]
    ]  # fmt: skip
    assert "clicks 2" not in run("similar", "clicks 0").out


def test_demo_on_a_folder(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[int] = []

    def serve(library: recsys.Library, *_: object, **__: object) -> None:
        served.append(len(library.tracks()))

    monkeypatch.setattr("recsys.web.server.serve", serve)
    result = run("demo", folder, "-o", tmp_path / "demo.m3u8", "--serve")
    assert result.code == 0
    assert served in ([8], [9])  # other tests of the module may have removed a file
    for typed in ("ingest", "tracks --describe", "show", "similar", "like", "playlist", "serve --port 0 --open"):
        assert f"$ recsys {typed}" in result.out
    assert (tmp_path / "demo.m3u8").read_text(encoding="utf-8").startswith("#EXTM3U\n")


def test_demo_needs_five_tracks(run: Run, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    soundfile.write(few / "one.wav", music("chord", 5), SR)
    result = run("demo", few, "--home", tmp_path / "other")
    assert result.code == 3
    assert "at least 5 tracks" in result.err


@pytest.mark.parametrize(
    ("arguments", "raised", "code", "left"),
    [((), None, 0, 0), ((), KeyboardInterrupt, 130, 0), ((), NotFound("too few"), 3, 0), (("--keep",), None, 0, 1)],
)
def test_demo_removes_its_library(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    raised: BaseException | None,
    code: int,
    left: int,
) -> None:
    def show(_context: object, _music: Path, _output: Path, home: Path) -> None:
        (home / "library.db").touch()
        if raised:
            raise raised

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("recsys.cli.demo._show", show)
    with pytest.raises(SystemExit) as ended:
        main(["demo", str(tmp_path), *arguments])
    assert ended.value.code == code
    assert len(list(temporary.iterdir())) == left
    assert ("The library of this demo is removed." in capsys.readouterr().out) == (not raised and not left)


def test_folder_without_music_exits_with_3(run: Run, tmp_path: Path) -> None:
    assert run("ingest", tmp_path / "nowhere").code == 3
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("ingest", empty)
    assert result.code == 3
    assert "no audio file" in result.err
