from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library, Settings, Track, TrackFilter
from recsys.errors import AmbiguousTrack, InvalidRequest, NotAnalysed, NotFound
from recsys.features.schema import DIMENSIONS


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setattr("recsys.app.paths.similarity_vectors", unit)
    make_library(tmp_path, all_kinds())
    return Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))


def test_path_leads_from_one_kind_to_another(library: Library) -> None:
    found = library.path("title 1", "artist 8 - title 8", n=10)
    assert found.name == "From artist 1 - title 1 to artist 8 - title 8"
    genres = [str(track.genre) for track in found.tracks]
    assert genres == sorted(genres)
    assert min(genres.count("jazz"), genres.count("metal")) >= 4
    assert (found.tracks[0].id, found.tracks[-1].id) == (1, 8)
    assert found.similarities[0] is None
    assert all(similarity is not None and 0 <= similarity <= 1 for similarity in found.similarities[1:])
    assert len(found.similarities) == 10
    assert found == library.path("1", "8", n=10)


def test_path_has_twelve_tracks_by_default(library: Library) -> None:
    assert len(library.path("1", "8").tracks) == 12
    assert [track.id for track in library.path("1", "8", n=2).tracks] == [1, 8]


def test_filter_applies_to_the_tracks_between(library: Library) -> None:
    found = library.path("1", "8", n=6, filter=TrackFilter(("folk",)))
    assert [track.genre for track in found.tracks] == ["jazz", *["folk"] * 4, "metal"]
    found = library.path("1", "8", n=12, filter=TrackFilter(("folk",)))
    assert len(found.tracks) == 8
    unmet = found.unmet_constraints[0]
    assert (unmet.constraint, unmet.wanted, unmet.got, unmet.reason) == ("n", 12, 8, "no_more_matches")
    with pytest.raises(NotFound, match="no track has the genre 'polka'; the library has: folk"):
        library.path("1", "8", filter=TrackFilter(("polka",)))


def test_invalid_paths_name_the_field_or_the_end(library: Library) -> None:
    with pytest.raises(InvalidRequest, match=r"^n must be at least 2, got 1$"):
        library.path("1", "8", n=1)
    with pytest.raises(InvalidRequest, match=r"^max_per_artist must be at least 0, got -1$"):
        library.path("1", "8", max_per_artist=-1)
    with pytest.raises(InvalidRequest, match="the same recording"):
        library.path("1", "title 1")
    with pytest.raises(AmbiguousTrack):
        library.path("1", "title")
    with pytest.raises(NotFound):
        library.path("no such song", "1")


def test_missing_tracks_and_tracks_without_features_are_not_on_a_path(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        missing = [track.path for track in catalogue.tracks_by_id(range(2, 6)).values()]
        catalogue.mark_missing(missing)
    assert not set(range(2, 6)) & {track.id for track in library.path("1", "8", n=20).tracks}
    with pytest.raises(NotFound, match="not on the disk any more"):
        library.path("/music/jazz/02.mp3", "8")
    make_library(library.settings.home, [make_entry("/music/new.mp3", analysed=False)])
    with pytest.raises(NotAnalysed, match="has not been analysed"):
        library.path("1", "new")


def test_another_encoding_of_an_end_is_not_on_the_path(library: Library) -> None:
    one = make_song("jazz", 1)
    twin = replace(make_song("jazz", 1, folder="/copy"), identity=replace(one.identity, audio_hash="another encoding"))
    make_library(library.settings.home, [twin])
    assert 25 not in [track.id for track in library.path("1", "8", n=24).tracks]
    with pytest.raises(InvalidRequest, match="the same recording"):
        library.path("1", "25")


def test_file_outside_the_library_can_be_an_end(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new.wav"
    file.touch()
    features = np.zeros(len(DIMENSIONS), np.float32)
    features[1] = 1  # metal
    known = library.tracks("title 1")[0]
    outside = replace(known, id=0, path=str(file), title="new", artist=None)

    def analyse(catalogue: object, path: str, workers: object) -> tuple[Track, np.ndarray]:
        return outside, features

    monkeypatch.setattr("recsys.app.queries.analyse_external", analyse)
    found = library.path("1", str(file), n=6)
    assert found.name.endswith("to new")
    assert found.tracks[-1].path == str(file)
    assert found.tracks[-2].genre == "metal"


def test_damaged_index_is_rebuilt(library: Library) -> None:
    before = library.path("1", "8")
    library.settings.index_path.write_bytes(b"rubbish")
    assert library.path("1", "8") == before
