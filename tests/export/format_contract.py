"""What every format of playlists keeps, read back by somebody else's parser: the files, their order, their titles."""

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

FOLDER = "/music/lists"  # where the playlist lies
MBID = "4a77a078-e91a-4522-a409-3b58aa7de3ae"
posix = pytest.mark.skipif(sys.platform == "win32", reason="names that Windows cannot hold")

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

WAYS = {
    "relative": PathOptions(),
    "absolute": PathOptions(absolute=True),
    "relative to": PathOptions(relative_to="/music"),
    "mapped": PathOptions(path_map=(("/music", "/data/my music"), ("/music/b", "/b"))),
    "mapped, relative to": PathOptions(path_map=(("/music", "/srv"),), relative_to="/srv/lists"),
}
# The folder from which a player reads each of these, and where it has a file of /music/b, and any other of /music.
SEEN = {
    "relative": (FOLDER, "/music/b", "/music"),
    "absolute": ("/elsewhere", "/music/b", "/music"),
    "relative to": ("/music", "/music/b", "/music"),
    "mapped": ("/elsewhere", "/b", "/data/my music"),
    "mapped, relative to": ("/srv/lists", "/srv/b", "/srv"),
}


class Found(NamedTuple):
    """What a reader finds of a track: the path that it would open, and the title that it shows."""

    path: bytes
    title: str


def opened(place: str, folder: str) -> bytes:
    """The path that a player opens for a URI reference in a list of ``folder``."""
    return unquote_to_bytes(urlsplit(urljoin(f"file://{folder}/", place)).path)


def joined(place: str | bytes, folder: str) -> bytes:
    """The path that a player opens for a path or a file URI, a line of a list of ``folder``."""
    line = os.fsencode(place)
    if line.startswith(b"file://"):
        return unquote_to_bytes(urlsplit(line).path)
    return posixpath.normpath(posixpath.join(os.fsencode(folder), line))


def seen(path: str, way: str) -> bytes:
    """Where the player has this file."""
    _, b, rest = SEEN[way]
    name = path.removeprefix("/music/b/")
    return os.fsencode(f"{b}/{name}" if name != path else rest + path.removeprefix("/music"))


class FormatContract(ABC):
    """``name`` is that of the format; ``read`` and ``kept`` say how others understand it."""

    name: str

    @abstractmethod
    def read(self, data: bytes, folder: str) -> list[Found]:
        """What a parser of somebody else's finds in a file of ``folder``, once it is found true to its schema."""

    @abstractmethod
    def kept(self, track: Track) -> str:
        """The title that is read back: the stated replacements, and no others."""

    def write(self, tracks: list[Track], way: str = "relative") -> bytes:
        chosen = FORMATS[self.name]
        # Without a folder where the format names files by their absolute paths unless told otherwise.
        folder = FOLDER if chosen.needs_locations else None
        places = locations([track.path for track in tracks], WAYS[way], folder)
        return chosen.render(Playlist("Liste für alle & jeden", tuple(tracks)), places)

    def check(self, tracks: list[Track], way: str) -> None:
        found = self.read(self.write(tracks, way), SEEN[way][0])
        assert [each.path for each in found] == [seen(track.path, way) for track in tracks]
        assert [each.title for each in found] == [self.kept(track) for track in tracks]

    @posix
    @pytest.mark.parametrize("way", WAYS)
    def test_every_name_is_found(self, way: str) -> None:
        folders = ("/music/lists", "/music/a", "/music/b")
        self.check([make_track(i, path=f"{f}/{name}") for f in folders for i, name in enumerate(NAMES)], way)
        self.check([make_track(i, path=f"/music/{name}/x.mp3") for i, name in enumerate(NAMES)], way)

    def test_every_title_is_kept(self) -> None:
        self.check([make_track(i, title=text, artist=None) for i, text in enumerate(TEXTS)], "absolute")
        self.check([make_track(i, title="t", artist=text, album=text) for i, text in enumerate(TEXTS)], "absolute")

    def test_an_empty_list(self) -> None:
        assert self.read(self.write([]), FOLDER) == []

    def test_what_is_not_known_is_left_out(self) -> None:
        bare = make_track(1, artist=None, album=None, musicbrainz_recording=None, track_number=None, duration=0.0)
        full = make_track(2, album="Homogenic", musicbrainz_recording=MBID, track_number=5, duration=304.6)
        self.check([bare, full, bare], "relative")

    def test_ten_thousand_tracks(self) -> None:
        self.check([make_track(i, path=f"/music/{i % 700}/{i}.mp3") for i in range(10_000)], "relative")

    def test_the_same_list_is_the_same_file(self) -> None:
        tracks = [make_track(i, musicbrainz_recording=MBID) for i in range(3)]
        assert self.write(tracks) == self.write(tracks)

    @posix
    @given(st.data())
    def test_whatever_a_disk_can_hold(self, data: st.DataObject) -> None:
        part = st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12),
            st.binary(min_size=1, max_size=12).filter(lambda raw: not {0, 47} & set(raw)).map(os.fsdecode),
        ).filter(lambda name: name not in (".", ".."))
        text = st.text(st.characters(), max_size=12)  # lone surrogates among them, as odd tags have them
        track = st.builds(
            lambda parts, title, artist: make_track(
                1, path="/music/" + "/".join(parts), title=title or "t", artist=artist or None
            ),
            st.lists(part, min_size=1, max_size=4), text, text,
        )  # fmt: skip
        self.check(data.draw(st.lists(track, max_size=4)), data.draw(st.sampled_from(list(WAYS))))

    def test_a_file_and_a_stream_say_the_same(self, tmp_path: Path) -> None:
        made = Playlist("p", (make_track(1), make_track(2)))
        file, stream = tmp_path / f"list{FORMATS[self.name].suffixes[0].upper()}", io.BytesIO()
        write_playlist(made, file, path_options=PathOptions(absolute=True))
        write_playlist(made, stream, format=self.name)
        assert file.read_bytes() == stream.getvalue()
