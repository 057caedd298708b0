import os
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songs import make_track

from recsys.errors import RecsysError
from recsys.render.m3u8 import format_m3u8, write_m3u8

FOLDER = Path("/music/lists")
posix = pytest.mark.skipif(sys.platform == "win32", reason="names that Windows cannot hold")


def places(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def read(line: str, folder: Path) -> bytes:
    """The path that a player finds in a line."""
    if line.startswith("file://"):
        return unquote_to_bytes(urlsplit(line).path)
    return os.fsencode(os.path.normpath(folder / line))


def test_a_playlist_as_players_know_it() -> None:
    tracks = [
        make_track(1, path="/music/Björk/Jóga.mp3", artist="Björk", title="Jóga", duration=304.6),
        make_track(2, path="/music/lists/hum.ogg", artist=None, title="hum", duration=12.2),
    ]
    assert format_m3u8(tracks, FOLDER) == (
        "#EXTM3U\n#EXTINF:305,Björk - Jóga\n../Björk/Jóga.mp3\n#EXTINF:12,hum\nhum.ogg\n"
    )
    assert places(format_m3u8(tracks)) == ["/music/Björk/Jóga.mp3", "/music/lists/hum.ogg"]


@posix
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/music/lists/#1 hit.mp3", "./#1 hit.mp3"),
        ("/music/lists/two\nlines.mp3", "file:///music/lists/two%0Alines.mp3"),
        ("/music/lists/latin-\udce9.mp3", "file:///music/lists/latin-%E9.mp3"),
        ("/music/lists/ padded.mp3", "file:///music/lists/%20padded.mp3"),
        ("/music/lists/100%.mp3", "100%.mp3"),
        ("/music/lists/🎵.mp3", "🎵.mp3"),
    ],
)
def test_awkward_names_stay_one_line(path: str, line: str) -> None:
    assert places(format_m3u8([make_track(1, path=path)], FOLDER)) == [line]


def test_text_from_tags_cannot_break_the_list() -> None:
    text = format_m3u8([make_track(1, artist="a\r\n#EXTINF:1", title="t\x1b[2J\udce9\u2028x")])
    assert text.splitlines()[1] == "#EXTINF:200,a #EXTINF:1 - t [2J x"
    text.encode("utf-8")


names = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20).filter(lambda n: n not in (".", ".."))


@posix
@given(st.lists(names, min_size=1, max_size=4), st.booleans())
def test_a_player_finds_every_file(parts: list[str], absolute: bool) -> None:
    path = "/music/" + "/".join(parts)
    try:
        expected = os.fsencode(path)
    except UnicodeEncodeError:  # a surrogate that stands for no byte: no file can have this name
        return
    text = format_m3u8([make_track(1, path=path)], None if absolute else FOLDER)
    lines = [line for line in text.split("\n")[1:-1] if not line.startswith("#EXTINF")]
    assert [read(line, FOLDER) for line in lines] == [expected]


def test_writing_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    target.write_text("old")
    write_m3u8([make_track(1, path=str(tmp_path / "a" / "ä.mp3"))], target)
    assert target.read_bytes() == "#EXTM3U\n#EXTINF:200,artist 1 - title 1\na/ä.mp3\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["list.m3u8"]
    write_m3u8([make_track(1, path="/music/1.mp3")], target, absolute=True)
    assert target.read_text().splitlines()[-1] == "/music/1.mp3"


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.m3u8").symlink_to(tmp_path / "real.m3u8")
    write_m3u8([make_track(1)], tmp_path / "link.m3u8")
    assert (tmp_path / "link.m3u8").is_symlink()
    assert (tmp_path / "real.m3u8").read_text().startswith("#EXTM3U\n")


@pytest.mark.parametrize("target", ["no folder/list.m3u8", "."])
def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path, target: str) -> None:
    with pytest.raises(RecsysError, match="cannot write the playlist"):
        write_m3u8([make_track(1)], tmp_path / target)
    assert list(tmp_path.iterdir()) == []
