from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys.app.library import Library, TrackFilter
from recsys.config import Settings
from recsys.domain.tracks import Track
from recsys.errors import AmbiguousTrack, InvalidRequest, NotFound
from recsys.features.schema import DIMENSIONS


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setattr("recsys.app.paths.similarity_vectors", unit)
    make_library(tmp_path, all_kinds())
    return Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))


def test_a_walk_leads_from_one_kind_to_another(service: Library) -> None:
    made = service.path("title 1", "artist 8 - title 8", n=10)
    assert made.name == "From artist 1 - title 1 to artist 8 - title 8"
    genres = [str(track.genre) for track in made.tracks]
    assert genres == sorted(genres)
    assert min(genres.count("jazz"), genres.count("metal")) >= 4
    assert (made.tracks[0].id, made.tracks[-1].id) == (1, 8)
    assert made.similarities[0] is None
    assert all(0 <= alike <= 1 for alike in made.similarities[1:] if alike is not None)
    assert len(made.similarities) == 10
    assert made == service.path("1", "8", n=10)


def test_twelve_tracks_unless_told(service: Library) -> None:
    assert len(service.path("1", "8").tracks) == 12
    assert [track.id for track in service.path("1", "8", n=2).tracks] == [1, 8]


def test_filters_hold_for_what_lies_between(service: Library) -> None:
    made = service.path("1", "8", n=6, filter=TrackFilter(("folk",)))
    assert [track.genre for track in made.tracks] == ["jazz", *["folk"] * 4, "metal"]
    made = service.path("1", "8", n=12, filter=TrackFilter(("folk",)))
    assert len(made.tracks) == 8
    assert made.unmet_constraints[0] == "8 tracks instead of 12: no other track matches"
    with pytest.raises(NotFound, match="no track has the genre 'polka'; there are"):
        service.path("1", "8", filter=TrackFilter(("polka",)))


def test_what_makes_no_sense_is_refused(service: Library) -> None:
    with pytest.raises(InvalidRequest):
        service.path("1", "8", n=1)
    with pytest.raises(InvalidRequest):
        service.path("1", "8", max_per_artist=-1)
    with pytest.raises(InvalidRequest):
        service.path("1", "title 1")
    with pytest.raises(AmbiguousTrack):
        service.path("1", "title")
    with pytest.raises(NotFound):
        service.path("no such song", "1")


def test_missing_and_unheard_tracks_are_no_ends_and_lie_on_no_way(service: Library) -> None:
    with open_catalogue(service.settings.home) as catalogue:
        gone = [track.path for track in catalogue.tracks_by_id(range(2, 6)).values()]
        catalogue.mark_missing(gone)
    assert not set(range(2, 6)) & {track.id for track in service.path("1", "8", n=20).tracks}
    with pytest.raises(NotFound, match="not on the disk any more"):
        service.path("/music/jazz/02.mp3", "8")
    make_library(service.settings.home, [make_entry("/music/new.mp3", analysed=False)])
    with pytest.raises(NotFound, match="not been listened to"):
        service.path("1", "new")


def test_another_encoding_of_an_end_does_not_come(service: Library) -> None:
    one = make_song("jazz", 1)
    twin = replace(make_song("jazz", 1, folder="/copy"), identity=replace(one.identity, audio_hash="another encoding"))
    make_library(service.settings.home, [twin])
    assert 25 not in [track.id for track in service.path("1", "8", n=24).tracks]
    with pytest.raises(InvalidRequest, match="the same recording"):
        service.path("1", "25")


def test_a_file_of_no_library_may_be_an_end(service: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "new.wav"
    file.touch()
    features = np.zeros(len(DIMENSIONS), np.float32)
    features[1] = 1  # metal
    known = service.tracks("title 1")[0]
    outside = replace(known, id=0, path=str(file), title="new", artist=None)

    def listen(catalogue: object, path: str) -> tuple[Track, np.ndarray]:
        return outside, features

    monkeypatch.setattr("recsys.app.queries._analyse_file", listen)
    made = service.path("1", str(file), n=6)
    assert made.name.endswith("to new")
    assert made.tracks[-1].path == str(file)
    assert made.tracks[-2].genre == "metal"


def test_a_damaged_index_costs_no_answer(service: Library) -> None:
    before = service.path("1", "8")
    service.settings.index_path.write_bytes(b"rubbish")
    assert service.path("1", "8") == before
