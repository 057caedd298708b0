"""Plain paths, read as by ``xargs -d '\\n'`` and ``rsync --files-from``: bytes between line feeds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from format_contract import FOLDER, FormatContract, Found, path_of_line, posix
from synthetic_library import make_track

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import locations
from recsys.export.plain_paths import format_paths


class TestPaths(FormatContract):
    name = "paths"

    def read(self, data: bytes, folder: str) -> list[Found]:
        assert not data or data.endswith(b"\n")
        return [Found(path_of_line(line, folder), "") for line in data.split(b"\n")[:-1]]

    def expected_title(self, track: Track) -> str:
        """The format has no titles."""
        return ""


@posix
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("plain.mp3", b"plain.mp3"),
        (" padded ", b" padded "),
        ("latin-\udce9", b"latin-\xe9"),
        ("#1", b"./#1"),
        (";", b"./;"),
        ("-n", b"./-n"),
        ("two\nlines", b"file:///music/lists/two%0Alines"),
    ],
)
def test_line_has_the_bytes_of_the_file_name(name: str, line: bytes) -> None:
    track = make_track(1, path=f"{FOLDER}/{name}")
    assert format_paths(Playlist("p", (track,)), locations([track.path], PathOptions(), FOLDER)) == line + b"\n"


@pytest.mark.skipif(sys.platform != "linux", reason="xargs of other systems has no option -d")
def test_xargs_opens_every_path(tmp_path: Path) -> None:
    names = ["plain.mp3", "#1.mp3", ";.mp3", "-n", " padded.mp3 ", "Jóga.mp3", "latin-\udce9", "deep/er/\x1b'\".mp3"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(os.fsencode(name) + b"\0")
    tracks = tuple(make_track(i, path=str(tmp_path / name)) for i, name in enumerate(names))
    found = locations([track.path for track in tracks], PathOptions(), str(tmp_path))
    listed = format_paths(Playlist("p", tracks), found)
    read = subprocess.run(["xargs", "-d", "\n", "cat"], input=listed, cwd=tmp_path, stdout=subprocess.PIPE, check=True)
    assert read.stdout.split(b"\0")[:-1] == [os.fsencode(name) for name in names]
