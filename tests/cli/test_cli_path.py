"""``recsys path`` as typed."""

import dataclasses
import json
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, unit

import recsys
from recsys.cli.main import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds())
    return tmp_path


def run(home: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "path", *map(str, arguments)])
    result = capsys.readouterr()
    return int(end.value.code or 0), result.out, result.err


def test_path_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(home, capsys, "title 1", 8, "-n", 6)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]][0::5] == ["1", "8"]
    assert len(out.splitlines()) == 7
    assert err.startswith("From artist 1 - title 1 to artist 8 - title 8: 6 tracks, ")


def test_path_in_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(home, capsys, 1, 8, "--json")
    made = json.loads(out)
    assert (code, err) == (0, "")
    assert set(made) == {"name", "tracks", "unmet_constraints", "seed"}
    assert len(made["tracks"]) == 12
    assert made["tracks"][0].get("similarity") is None
    assert all(0 <= track["similarity"] <= 1 for track in made["tracks"][1:])


def test_unmet_constraint_of_a_path_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(home, capsys, 1, 8, "--genre", "folk", "--bpm", "113-116")
    assert code == 0
    assert "not met: 6 tracks instead of 12: no other track matches" in err


def test_path_is_written_to_a_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "walk.m3u8"
    code, _, err = run(home, capsys, 1, 8, "-n", 4, "-o", target, "--absolute")
    assert code == 0
    assert f"written to {target}" in err
    lines = [line for line in target.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert (lines[0], lines[-1], len(lines)) == ("/music/jazz/01.mp3", "/music/metal/08.mp3", 4)


def test_path_is_saved_as_a_playlist(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(home, capsys, 1, 8, "-n", 4, "--save", "Walk")
    assert (code, err.splitlines()[-1]) == (0, "saved as Walk")
    library = recsys.Library(home)
    [saved] = library.playlists.list()
    assert (saved.name, saved.request, saved.output) == ("Walk", None, None)
    kept = [str(track.id) for track in library.playlists.tracks(saved.id)]
    assert kept == [line.split()[0] for line in out.splitlines()[1:]]
    code, out, err = run(home, capsys, 1, 8, "--save", "Walk")
    assert (code, out, err) == (2, "", "recsys: error: NAME is the name of another playlist, got 'Walk'\n")


def test_a_path_with_a_file_outside_the_library_is_not_saved(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = recsys.Library(home)
    made = library.path(1, 8, n=4)
    outside = dataclasses.replace(made.tracks[0], id=0, path="/elsewhere/song.mp3")  # as of a file that is no track
    made = dataclasses.replace(made, tracks=(outside, *made.tracks[1:]))
    monkeypatch.setattr(recsys.Library, "path", lambda *_, **__: made)
    code, out, err = run(home, capsys, "/elsewhere/song.mp3", 8, "--save", "Walk")
    assert (code, out) == (2, "")
    assert "--save needs tracks of the library, since players get its ids, got '/elsewhere/song.mp3'" in err
    assert library.playlists.list() == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((1, 1), 2), ((1, 8, "-n", 1), 2), ((1,), 2), ((1, "polka"), 3), ((1, 8, "-o", "walk.doc"), 2),
        ((1, 8, "--bpm", "x"), 2),
    ],
)  # fmt: skip
def test_path_errors_have_exit_statuses(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], code: int
) -> None:
    found, out, err = run(home, capsys, *arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
