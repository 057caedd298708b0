"""M3U8, read by m3u8 (a parser of HTTP Live Streaming) and ipytv (of IPTV playlists)."""

import re
from collections.abc import Mapping

import m3u8
import pytest
from format_contract import FOLDER, FormatContract, Found, path_of_line, posix
from ipytv import playlist as ipytv
from synthetic_library import make_track

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import locations
from recsys.export.m3u8 import format_m3u8


def lines_of(*tracks: Track, name: str = "p", path_map: Mapping[str, str] | None = None) -> list[str]:
    found = locations([track.path for track in tracks], PathOptions(path_map=path_map or {}), FOLDER)
    return format_m3u8(Playlist(name, tracks), found).decode("utf-8").split("\n")


class TestM3u8(FormatContract):
    name = "m3u8"

    def read(self, data: bytes, folder: str) -> list[Found]:
        text = data.decode("utf-8")
        found = [Found(path_of_line(one.url, folder), one.name) for one in ipytv.loads(text).get_channels()]
        second = m3u8.loads(text).segments
        assert [path_of_line(one.uri, folder) for one in second] == [one.path for one in found]
        # m3u8 removes its marker from titles as well.
        assert [one.title for one in second] == [one.title.replace("#EXTINF:", "") for one in found]
        return found

    def expected_title(self, track: Track) -> str:
        """Artist and title, each on one line and without surrounding white space."""
        return " - ".join(part for part in (on_one_line(track.artist or ""), on_one_line(track.title)) if part)


def on_one_line(text: str) -> str:
    return re.sub("\n+", " ", "".join("\n" if is_control(ord(c)) else c for c in text)).strip()


def is_control(code: int) -> bool:
    return code < 32 or 127 <= code < 160 or code in (0x2028, 0x2029) or 0xD800 <= code < 0xE000


def test_playlist_has_header_names_and_relative_paths() -> None:
    tracks = (
        make_track(1, path="/music/Björk/Jóga.mp3", artist="Björk", title="Jóga", duration=304.6),
        make_track(2, path="/music/lists/hum.ogg", artist=None, title="hum", duration=12.2),
    )
    assert lines_of(*tracks, name="Like\nBjörk") == [
        "#EXTM3U",
        "#EXTENC: UTF-8",
        "#PLAYLIST:Like Björk",
        "#EXTINF:305,Björk - Jóga",
        "../Björk/Jóga.mp3",
        "#EXTINF:12,hum",
        "hum.ogg",
        "",
    ]


@posix
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/music/lists/#1 hit.mp3", "./#1 hit.mp3"),
        ("/music/lists/<3.mp3", "./<3.mp3"),
        ("/music/lists/two\nlines.mp3", "file:///music/lists/two%0Alines.mp3"),
        ("/music/lists/latin-\udce9.mp3", "file:///music/lists/latin-%E9.mp3"),
        ("/music/lists/ padded.mp3", "file:///music/lists/%20padded.mp3"),
        ("/music/lists/100%.mp3", "100%.mp3"),
        ("/music/lists/🎵.mp3", "🎵.mp3"),
    ],
)
def test_special_paths_are_prefixed_or_written_as_uri(path: str, line: str) -> None:
    assert lines_of(make_track(1, path=path))[4] == line


def test_uri_of_a_special_path_is_mapped() -> None:
    path_map = {"/music": "D:\\Music"}
    assert lines_of(make_track(1, path="/music/a/b.mp3"), path_map=path_map)[4] == "D:\\Music\\a\\b.mp3"
    assert lines_of(make_track(1, path="/music/a /\n.mp3"), path_map=path_map)[4] == "file:///D:/Music/a%20/%0A.mp3"


def test_line_breaks_in_tags_become_spaces() -> None:
    track = make_track(1, artist="a\r\n#EXTINF:1", title="t\x1b[2J\udce9\u2028x")
    assert lines_of(track)[3] == "#EXTINF:200,a #EXTINF:1 - t [2J x"
