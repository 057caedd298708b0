"""Playlists written by recsys match every track by its path, for any file name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_track

from recsys.domain.catalogue import LibraryFile
from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.export.playlist_formats import write_playlist
from recsys.importers.formats import read_file
from recsys.matching.match import match

ODD_NAMES = ["100%", "%41", "a\\b", "#1", " x ", "http:x", "file:x", "C:", "a.b", "\u2028", "Jo\u0301ga"]
TEXT = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=12)
BYTES = st.binary(min_size=1, max_size=8).map(
    lambda raw: raw.translate(None, b"/\0").decode("utf-8", "surrogateescape")
)
NAMES = TEXT | BYTES | st.sampled_from(ODD_NAMES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists")


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.booleans(), st.sampled_from(["m3u8", "xspf", "jspf"]))
def test_a_written_playlist_is_matched_by_path(folder: Path, names: list[str], absolute: bool, suffix: str) -> None:
    paths = [f"{folder}/music/{name}.mp3" for name in names]
    tracks = [make_track(i, path=path) for i, path in enumerate(paths, 1)]
    files = [LibraryFile(t.id, t.path, None, None, None, None, 200.0, None, False) for t in tracks]
    write_playlist(
        Playlist("list", tuple(tracks)), folder / f"list.{suffix}", path_options=PathOptions(absolute=absolute)
    )
    [found] = match([read_file(folder / f"list.{suffix}")], lambda: files)
    assert [m and (m.id, m.method) for m in found] == [(track.id, "path") for track in tracks]
