"""Playlists for players, as typed: formats, folders that the player sees elsewhere, stdout."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from synthetic_library import all_kinds, make_library, unit

from recsys.cli.app import app
from recsys.cli.main import main
from recsys.export.playlist_formats import FORMATS

MBID = "4a77a078-e91a-4522-a409-3b58aa7de3ae"


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``recsys playlist``, three tracks like the first."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    songs = all_kinds()
    tags = {"title": "two\nlines & \udce9", "musicbrainz_recording": MBID, "track_number": 7}
    make_library(tmp_path / "home", [songs[0], with_tags(songs[1], tags), *songs[2:]])

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main(["playlist", "--from", "1", "-n", "3", "--genre", "jazz", *map(str, arguments)])
        captured = capsys.readouterr()
        return Result(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


def with_tags(song: Any, tags: dict[str, Any]) -> Any:
    from dataclasses import replace

    return replace(song, identity=replace(song.identity, tags=replace(song.identity.tags, **tags)))


def places(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_format_is_chosen_by_suffix_or_option(run: Run, tmp_path: Path) -> None:
    begins = {
        "m3u8": b"#EXTM3U\n",
        "xspf": b"<?xml",
        "jspf": b'{\n  "playlist"',
        "paths": b"../",
        "json": b'{\n  "name"',
    }
    for name, format in FORMATS.items():
        for suffix in format.suffixes:
            result = run("-o", f"list{suffix}")
            assert result.code == 0
            assert result.err.splitlines()[-1] == f"written to list{suffix}"
            assert (tmp_path / f"list{suffix}").read_bytes().startswith(begins[name])
        assert run("-o", "list", "--format", name).code == 0
        assert (tmp_path / "list").read_bytes() == (tmp_path / f"list{format.suffixes[0]}").read_bytes()


def test_the_same_request_writes_the_same_file(run: Run, tmp_path: Path) -> None:
    for suffix in ("m3u8", "xspf", "jspf", "txt", "json"):
        run("-o", f"a.{suffix}")
        before = (tmp_path / f"a.{suffix}").read_bytes()
        run("-o", f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").read_bytes() == before


def test_jspf_has_the_metadata_of_tracks(run: Run, tmp_path: Path) -> None:
    run("-o", "a.jspf", "--absolute")
    tracks = json.loads((tmp_path / "a.jspf").read_text(encoding="utf-8"))["playlist"]["track"]
    [exported] = [track for track in tracks if track["title"].startswith("two")]
    assert exported == {
        "location": ["file:///music/jazz/02.mp3"],
        "identifier": [f"https://musicbrainz.org/recording/{MBID}"],
        "title": "two\nlines & \ufffd",
        "creator": "artist 2",
        "album": "album of jazz",
        "trackNum": 7,
        "duration": 134000,
    }


def test_json_file_is_what_json_prints(run: Run, tmp_path: Path) -> None:
    result = run("-o", "a.json", "--json")
    assert result.out == (tmp_path / "a.json").read_text()
    assert run("-o", "-", "--format", "json").out == result.out


@pytest.mark.parametrize(
    ("options", "beginning"),
    [
        ([], "music/jazz/"),
        (["--absolute"], "/music/jazz/"),
        (["--relative-to", "/music"], "jazz/"),
        (["--path-map", "/music=/data/music"], "/data/music/jazz/"),
        (["--path-map", "/music=/data", "--path-map", "/music/jazz=/jazz music"], "/jazz music/"),
        (["--path-map", "/music=/data", "--relative-to", "/data/lists"], "../jazz/"),
        (["--path-map", "/music=D:\\Music", "--absolute"], "D:\\Music\\jazz\\"),
    ],
)
def test_path_options_change_the_paths(run: Run, tmp_path: Path, options: list[str], beginning: str) -> None:
    run("-o", "a.m3u8", *options)
    found = places((tmp_path / "a.m3u8").read_text())
    assert len(found) == 3
    if not options:
        beginning = os.path.relpath("/", os.path.realpath(tmp_path)) + "/" + beginning
    assert all(place.startswith(beginning) and "jazz/jazz" not in place for place in found)


def test_path_map_without_effect_is_reported(run: Run) -> None:
    result = run("-o", "a.m3u8", "--path-map", "/musik=/data")
    assert result.code == 0
    assert "warning: 3 of 3 tracks not in a folder of --path-map; their paths are not changed" in result.err
    assert "not changed" not in run("-o", "a.m3u8", "--path-map", "/music=/data").err
    assert run("-o", "a.m3u8", "--path-map", "/musik=/data", "--quiet").err == ""


def test_playlist_on_stdout_is_the_only_output(run: Run, tmp_path: Path) -> None:
    result = run("-o", "-")
    assert result.out.startswith("#EXTM3U\n")
    assert [place[:12] for place in places(result.out)] == ["/music/jazz/"] * 3  # a stream has no folder
    assert result.err.startswith("Like artist 1 - title 1: 3 tracks, ")
    assert "written" not in result.err
    assert run("-o", "-", "--relative-to", "/music", "--format", "paths").out.startswith("jazz/")
    assert not (tmp_path / "-").exists()
    assert run("-o", "./-", "--format", "paths").code == 0
    assert (tmp_path / "-").is_file()


def test_closed_stdout_is_no_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Closed()))
    assert run("-o", "-").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "a.pls"], "must have the suffix of a playlist format"),
        (["-o", "a"], "m3u8 (.m3u8 .m3u), xspf (.xspf), jspf (.jspf), paths (.txt), json (.json)"),
        (["-o", "a.m3u8", "--format", "pls"], "got 'pls'"),
        (["-o", "-", "--format", "pls"], "must be one of m3u8, xspf, jspf, paths, json"),
        (["-o", "a.m3u8", "--path-map", "/music"], "must be OLD=NEW, where NEW is an absolute path"),
        (
            ["-o", "a.m3u8", "--path-map", "/music=data"],
            "such as /data or D:\\Music, got '/music=data'",
        ),
        (["-o", "a.m3u8", "--path-map", "=/data"], "got '=/data'"),
        (["-o", "a.m3u8", "--absolute", "--relative-to", "/music"], "--absolute cannot be combined with --relative-to"),
        (["-o", "-", "--json"], "both write to stdout"),
        (["--format", "xspf"], "need --output FILE"),
        (["--path-map", "/a=/b"], "need --output FILE"),
        (["--relative-to", "/a"], "need --output FILE"),
        (["--absolute"], "need --output FILE"),
    ],
)
def test_wrong_output_options_are_one_line(run: Run, tmp_path: Path, options: list[str], words: str) -> None:
    before = sorted(tmp_path.iterdir())
    result = run(*options)
    assert result.code == 2
    assert result.err.startswith("recsys: error: ")
    assert result.err.count("\n") == 1
    assert words in result.err.replace("\\\\", "\\")
    assert result.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_help_names_every_format() -> None:
    command: Any = typer.main.get_command(app)
    result = {parameter.name: parameter.help for parameter in command.commands["playlist"].params}
    for name, format in FORMATS.items():
        assert name in result["format"]
        assert all(suffix in result["output"] for suffix in format.suffixes)
