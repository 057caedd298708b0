"""``recsys radio`` for players, and ``recsys quodlibet``, which installs the plugin of one."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_result import Result
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library
from recsys.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a library of six songs of each kind: 1 to 6 are jazz, 7 to 12 metal."""
    make_library(tmp_path / "home", all_kinds())
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(tmp_path / "home"), *arguments])
        return Result(int(left.value.code or 0), *capsys.readouterr())

    return run


def ids(result: Result) -> list[int]:
    assert result.code == 0, result.err
    return [track["id"] for track in result.json]


def test_similar_tracks_follow_that_are_not_in_the_queue(run: Run) -> None:
    found = ids(
        run("radio", "/music/jazz/01.mp3", "--after", "/music/jazz/02.mp3", "--after", "/no/file", "-n3", "--json")
    )
    assert set(found) <= {3, 4, 5, 6}
    assert len(found) == 3
    assert "title" in run("radio", "1").out


def test_dislikes_and_recent_plays_and_what_is_near_skips_are_left_out(run: Run, tmp_path: Path) -> None:
    library = Library(tmp_path / "home")
    library.dislike("2")
    library.plays.add("3")
    library.plays.skip("4")
    assert set(ids(run("radio", "1", "-n2", "--json"))) == {5, 6}
    jazz = set(range(1, 7))
    without, with_skip = (
        jazz & set(ids(run("radio", "7", "-n20", "--json", *more))) for more in ((), ("--skipped=1",))
    )
    assert with_skip < without


def test_what_was_played_comes_again_where_nothing_else_is_left(run: Run, tmp_path: Path) -> None:
    library = Library(tmp_path / "home")
    for number in range(1, 25):
        library.plays.add(str(number), at=f"2026-05-01T20:{number:02}:00")
    found = ids(run("radio", "24", "-n12", "--json"))
    assert set(found) <= set(range(1, 13))  # the later half was played last
    assert found


def test_unknown_files_are_no_seeds(run: Run) -> None:
    result = run("radio", "/no/file")
    assert result.code == 3
    assert "none of the seeds" in result.err


def test_the_plugin_is_installed_with_this_program(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUODLIBET_USERDIR", str(tmp_path / "ql"))
    assert "start Quod Libet" in run("quodlibet").err
    text = (tmp_path / "ql" / "plugins" / "recsys_radio.py").read_text(encoding="utf-8")
    assert f"\nCOMMAND = {[sys.executable, '-m', 'recsys']!r}" in text
    compile(text, "recsys_radio.py", "exec")


def test_a_file_that_was_moved_is_found_at_its_new_path(tmp_path: Path, run: Run) -> None:
    files = Library(tmp_path / "home").music_folder("/music")
    assert not files.tracks(["new/01.mp3"])
    known = make_song("jazz", 1)
    with open_catalogue(tmp_path / "home") as catalogue:
        catalogue.store([replace(known, stat=replace(known.stat, path="/music/new/01.mp3"), result=None)])
    assert [track.id for track in files.tracks(["new/01.mp3"]).values()] == [1]


def test_a_folder_that_was_ingested_is_the_music_folder(tmp_path: Path, run: Run) -> None:
    with open_catalogue(tmp_path / "home") as catalogue:
        catalogue.add_roots(["/music"])
    files = Library(tmp_path / "home").music_folder()
    assert [track.id for track in files.tracks(["jazz/01.mp3"]).values()] == [1]
    assert files.filter.folders == ("/music",)
