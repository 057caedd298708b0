"""The contract of playlist formats: a parser of another project reads back the same files, order and titles."""

import io
import os
import posixpath
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_track

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import locations
from recsys.export.playlist_formats import FORMATS, write_playlist

FOLDER = "/music/lists"  # of the playlist
MBID = "4a77a078-e91a-4522-a409-3b58aa7de3ae"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not allow these names")

NAMES = [
    "plain.mp3", "Jóga.mp3", "Jo\u0301ga.mp3", "長い.mp3", "🎵.mp3", "two\nlines.mp3", "old\rmac.mp3", "tab\tin it.mp3",
    "#1 hit.mp3", "<b>&amp;\"'.mp3", " padded.mp3", "padded.mp3 ", "\u3000wide.mp3", "\ufeffmark.mp3", "100%.mp3",
    "%41.mp3", "a+b=c;d,e.mp3", "what?#fragment.mp3", "Prelude: No. 1.mp3", "http:", "file:", "-n.mp3", "~.mp3",
    "AC\\DC.mp3", "C:\\x.mp3", "\x1b[2J.mp3", "\x85.mp3", "\u2028.mp3", "latin-\udce9.mp3", "\udcff\udcfe", "...",
    "\ufffe.mp3", "n" * 250 + ".mp3",
]  # fmt: skip
TEXTS = [
    "plain", "Jóga", "🎵", "a & b < c > d", "]]>", "&amp;", "two\nlines", "old\rmac", "both\r\n#EXTINF:1,x", "tab\tin",
    "\x1b[2J", "nul\x00", "\x85\u2028\u2029", "\ufffe\uffff", "odd \udce9", ' "quoted", with commas ', "#1", " pad ",
]  # fmt: skip

PATH_OPTIONS = {
    "relative": PathOptions(),
    "absolute": PathOptions(absolute=True),
    "relative to": PathOptions(relative_to="/music"),
    "mapped": PathOptions(path_map={"/music": "/data/my music", "/music/b": "/b"}),
    "mapped, relative to": PathOptions(path_map={"/music": "/srv"}, relative_to="/srv/lists"),
}
# For each of these: the folder of the playlist on the player's machine, and its folders for /music/b and for /music.
PLAYER_FOLDERS = {
    "relative": (FOLDER, "/music/b", "/music"),
    "absolute": ("/elsewhere", "/music/b", "/music"),
    "relative to": ("/music", "/music/b", "/music"),
    "mapped": ("/elsewhere", "/b", "/data/my music"),
    "mapped, relative to": ("/srv/lists", "/srv/b", "/srv"),
}


class Found(NamedTuple):
    """A track as a player reads it: the path that it opens, and the title that it displays."""

    path: bytes
    title: str


def path_of_uri(reference: str, folder: str) -> bytes:
    """The path that a player opens for a URI reference in a playlist in ``folder``."""
    return unquote_to_bytes(urlsplit(urljoin(f"file://{folder}/", reference)).path)


def path_of_line(text: str | bytes, folder: str) -> bytes:
    """The path that a player opens for a line, a path or a file URI, of a playlist in ``folder``."""
    line = os.fsencode(text)
    if line.startswith(b"file://"):
        return unquote_to_bytes(urlsplit(line).path)
    return posixpath.normpath(posixpath.join(os.fsencode(folder), line))


def player_path(path: str, options: str) -> bytes:
    """The path of this file on the player's machine."""
    _, folder_b, music = PLAYER_FOLDERS[options]
    name = path.removeprefix("/music/b/")
    return os.fsencode(f"{folder_b}/{name}" if name != path else music + path.removeprefix("/music"))


class FormatContract(ABC):
    """Tests that every format inherits. ``name`` is the key of the format."""

    name: str

    @abstractmethod
    def read(self, data: bytes, folder: str) -> list[Found]:
        """Validate a playlist in ``folder`` against its schema and read it with a parser of another project."""

    @abstractmethod
    def expected_title(self, track: Track) -> str:
        """The title that is read back, after the documented replacements."""

    def write(self, tracks: list[Track], options: str = "relative") -> bytes:
        chosen = FORMATS[self.name]
        folder = FOLDER if chosen.relative_paths else None
        found = locations([track.path for track in tracks], PATH_OPTIONS[options], folder)
        return chosen.render(Playlist("Liste für alle & jeden", tuple(tracks)), found)

    def check(self, tracks: list[Track], options: str) -> None:
        found = self.read(self.write(tracks, options), PLAYER_FOLDERS[options][0])
        assert [each.path for each in found] == [player_path(track.path, options) for track in tracks]
        assert [each.title for each in found] == [self.expected_title(track) for track in tracks]

    @posix
    @pytest.mark.parametrize("options", PATH_OPTIONS)
    def test_every_file_name_is_read_back(self, options: str) -> None:
        folders = ("/music/lists", "/music/a", "/music/b")
        self.check([make_track(i, path=f"{f}/{name}") for f in folders for i, name in enumerate(NAMES)], options)
        self.check([make_track(i, path=f"/music/{name}/x.mp3") for i, name in enumerate(NAMES)], options)

    def test_every_title_is_read_back(self) -> None:
        self.check([make_track(i, title=text, artist=None) for i, text in enumerate(TEXTS)], "absolute")
        self.check([make_track(i, title="t", artist=text, album=text) for i, text in enumerate(TEXTS)], "absolute")

    def test_empty_playlist_is_valid(self) -> None:
        assert self.read(self.write([]), FOLDER) == []

    def test_unknown_values_are_left_out(self) -> None:
        bare = make_track(1, artist=None, album=None, musicbrainz_recording=None, track_number=None, duration=0.0)
        full = make_track(2, album="Homogenic", musicbrainz_recording=MBID, track_number=5, duration=304.6)
        self.check([bare, full, bare], "relative")

    def test_ten_thousand_tracks_are_read_back(self) -> None:
        self.check([make_track(i, path=f"/music/{i % 700}/{i}.mp3") for i in range(10_000)], "relative")

    def test_same_tracks_produce_the_same_bytes(self) -> None:
        tracks = [make_track(i, musicbrainz_recording=MBID) for i in range(3)]
        assert self.write(tracks) == self.write(tracks)

    @posix
    @given(st.data())
    def test_any_path_and_title_is_read_back(self, data: st.DataObject) -> None:
        part = st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12),
            st.binary(min_size=1, max_size=12).filter(lambda raw: not {0, 47} & set(raw)).map(os.fsdecode),
        ).filter(lambda name: name not in (".", ".."))
        text = st.text(st.characters(), max_size=12)  # with lone surrogates, as in damaged tags
        track = st.builds(
            lambda parts, title, artist: make_track(
                1, path="/music/" + "/".join(parts), title=title or "t", artist=artist or None
            ),
            st.lists(part, min_size=1, max_size=4), text, text,
        )  # fmt: skip
        self.check(data.draw(st.lists(track, max_size=4)), data.draw(st.sampled_from(list(PATH_OPTIONS))))

    def test_file_and_stream_have_the_same_bytes(self, tmp_path: Path) -> None:
        made = Playlist("p", (make_track(1), make_track(2)))
        file, stream = tmp_path / f"list{FORMATS[self.name].suffixes[0].upper()}", io.BytesIO()
        write_playlist(made, file, path_options=PathOptions(absolute=True))
        write_playlist(made, stream, format=self.name)
        assert file.read_bytes() == stream.getvalue()
