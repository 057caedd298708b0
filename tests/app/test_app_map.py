"""The map of a library: its columns, its file, and what changes it."""

import math
import struct
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry, make_prediction
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library, LibraryMap
from recsys.domain.maps import NO_GENRE
from recsys.domain.tracks import UNKNOWN
from recsys.errors import NotAnalysed, NotFound


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Tracks 1 to 24, six of each genre, and 25, which is not analysed."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, [*all_kinds(), make_entry("/music/new.mp3", analysed=False)])
    return Library(tmp_path)


def test_columns_are_those_of_the_tracks(library: Library) -> None:
    found = library.map()
    assert found.ids.tolist() == list(range(1, 25))
    assert found.genres == ("folk", "jazz", "metal", "techno")
    for row, track in enumerate(library.tracks(sort="title")):
        row = found.ids.tolist().index(track.id) if track.analysed else -1
        if row >= 0:
            assert found.genres[found.genre_numbers[row]] == track.genre
            assert found.years[row] == (track.year or 0)
            assert found.bpms[row] == pytest.approx(track.bpm)
            assert (
                math.isnan(found.loudnesses[row])
                if track.loudness is None
                else found.loudnesses[row] == np.float32(track.loudness)
            )
    assert {label["text"] for label in found.labels} <= set(found.genres)


def test_bytes_are_columns(library: Library) -> None:
    found = library.map()
    n, data = len(found), found.to_bytes()
    assert len(data) == n * (4 + 4 + 4 + 2 + 4 + 4 + 2)
    assert struct.unpack_from(f"<{n}i", data) == tuple(found.ids)
    assert struct.unpack_from(f"<{n}f", data, 4 * n) == tuple(found.points[:, 0])
    assert struct.unpack_from(f"<{n}f", data, 8 * n) == tuple(found.points[:, 1])
    assert struct.unpack_from(f"<{n}H", data, 12 * n) == tuple(found.years)
    assert struct.unpack_from(f"<{n}H", data, 22 * n) == tuple(found.genre_numbers)
    assert found.to_dict() == {
        "revision": found.revision, "count": 24, "genres": list(found.genres), "labels": list(found.labels)
    }  # fmt: skip


def test_points_are_kept_in_a_file_and_stay_when_tracks_are_added(library: Library, tmp_path: Path) -> None:
    first = library.map()
    assert library.settings.map_path.parent == library.settings.index_path.parent
    assert Library(tmp_path).map().revision == first.revision
    make_library(tmp_path, [make_song("jazz", 40), make_song("folk", 41)])
    grown = Library(tmp_path).map()
    assert len(grown) == 26
    np.testing.assert_array_equal(grown.points[:24], first.points)
    assert grown.revision != first.revision


def test_missing_tracks_vanish_and_come_back_to_their_points(library: Library) -> None:
    first = library.map()
    gone = library.track(3).path
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([gone])
    assert library.map().ids.tolist() == [i for i in range(1, 25) if i != 3]
    make_library(library.settings.home, [make_song("jazz", 3)])
    np.testing.assert_array_equal(library.map().points, first.points)


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_replaced(library: Library, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    first = library.map()
    library.settings.map_path.write_bytes(damage)
    assert library.map().revision == first.revision
    assert "it is made again" in caplog.text
    caplog.clear()
    assert library.map().revision == first.revision
    assert not caplog.records


def test_a_map_that_cannot_be_written_is_returned(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    library.settings.map_path.mkdir()
    assert len(library.map()) == 24
    assert "cannot write the map" in caplog.text


def test_a_new_map_is_made_when_asked(library: Library) -> None:
    shares: list[float] = []
    library.map(on_progress=shares.append)
    assert shares[-1] == pytest.approx(1)
    shares.clear()
    library.map(on_progress=shares.append)
    assert not shares
    assert isinstance(library.map(anew=True, on_progress=shares.append), LibraryMap)
    assert shares


def test_tracks_of_unknown_genre_have_none(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.set_genres([5], [make_prediction(UNKNOWN)])
        predicted = {track.id: track.genre for track in catalogue.summaries()}
    found = library.map()
    for track_id, number in zip(found.ids.tolist(), found.genre_numbers.tolist(), strict=True):
        named = None if number == NO_GENRE else found.genres[number]
        assert named == (None if predicted[track_id] == "unknown" else predicted[track_id])


def test_a_library_without_points_raises(tmp_path: Path, library: Library) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([track.path for track in library.tracks()])
    with pytest.raises(NotFound):
        library.map()
    make_library(tmp_path / "new", [make_entry("/music/new.mp3", analysed=False)])
    with pytest.raises(NotAnalysed):
        Library(tmp_path / "new").map()
