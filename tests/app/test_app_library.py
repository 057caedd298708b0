"""Similar tracks, playlists, ratings and searches of a library whose kinds of music are directions in space."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library, PathOptions, PlaylistRequest, Settings, TrackFilter, UnmetConstraint
from recsys.cli.demo import demo_music
from recsys.errors import AmbiguousTrack, Hint, InvalidRequest, LibraryNotFound, NotAnalysed, NotFound, RecsysError


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)


@pytest.fixture
def empty(tmp_path: Path) -> Library:
    return Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))


@pytest.fixture
def library(empty: Library) -> Library:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    make_library(empty.settings.home, all_kinds())
    return empty


def test_similar_tracks_are_of_the_same_kind(library: Library) -> None:
    found = library.similar("title 7", n=5)
    assert [track.genre for track in found] == ["metal"] * 5
    assert 7 not in [track.id for track in found]
    similarities = np.array([track.similarity for track in found], float)
    assert (np.diff(similarities) <= 0).all()
    assert ((similarities >= 0) & (similarities <= 1)).all()
    assert found.name == "Similar to artist 7 - title 7"


def test_similarity_of_a_track_does_not_change_its_identity(library: Library) -> None:
    [found] = library.similar(7, n=1)
    assert found.similarity is not None
    assert library.track(found.id).similarity is None
    assert library.track(found.id) == found


def test_filter_finds_a_genre_at_any_distance(library: Library) -> None:
    assert {track.genre for track in library.similar("7", n=6, filter=TrackFilter("FOLK"))} == {"folk"}
    assert {track.genre for track in library.similar("7", n=20, filter=TrackFilter(("folk", "jazz")))} == {
        "folk",
        "jazz",
    }


@pytest.mark.parametrize(
    "query",
    [
        lambda library: library.similar("7", filter=TrackFilter("polka")),
        lambda library: library.tracks(genre="polka"),
        lambda library: library.playlist(seeds=("7",), filter=TrackFilter("polka")),
    ],
)
def test_unknown_genre_lists_the_genres_of_the_library(library: Library, query: Callable[[Library], object]) -> None:
    with pytest.raises(NotFound, match=r"no track has the genre 'polka'; the library has: folk \(6\), jazz"):
        query(library)


def test_missing_files_are_not_recommended(library: Library) -> None:
    missing = library.similar("7", n=1)[0]
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([missing.path])
    assert missing.id not in [track.id for track in library.similar("7", n=23)]
    assert library.similar(missing.id, n=1)[0].id != missing.id  # as a query it is still valid


def test_new_tracks_are_found_at_once(library: Library) -> None:
    assert len(library.similar("7", n=50)) == 23
    make_library(library.settings.home, [make_song("metal", 90)])
    assert 25 in [track.id for track in library.similar("7", n=6)]


def test_damaged_index_is_rebuilt(library: Library) -> None:
    before = library.similar("7")
    library.settings.index_path.write_bytes(b"rubbish")
    assert library.similar("7") == before


@pytest.mark.parametrize("query", [lambda lib: lib.similar("new"), lambda lib: lib.playlist(seeds=("new",))])
def test_track_without_features_is_not_analysed(library: Library, query: Callable[[Library], object]) -> None:
    make_library(library.settings.home, [make_entry("/music/new.mp3", analysed=False)])
    with pytest.raises(NotAnalysed, match="has not been analysed by this version") as raised:
        query(library)
    assert raised.value.hint is Hint.INGEST


@pytest.mark.parametrize(
    "query",
    [
        lambda library: library.tracks(),
        lambda library: library.ratings.tracks(),
        lambda library: library.playlist(),
        lambda library: library.failures(),
        lambda library: library.genres(),
        lambda library: library.retry_failures(),
        lambda library: library.upgrade_database(),
        lambda library: library.similar("1"),
        lambda library: library.details("1"),
        lambda library: library.like("1"),
        lambda library: library.vectors(),
        lambda library: library.playlists.list(),
    ],
)
def test_queries_of_a_missing_library_raise_library_not_found(
    empty: Library, query: Callable[[Library], object]
) -> None:
    with pytest.raises(LibraryNotFound, match=r"there is no library at .*library\.db$") as raised:
        query(empty)
    assert raised.value.hint is Hint.INGEST
    assert list(empty.settings.home.iterdir()) == []  # and none is created


def test_empty_library_has_a_hint_at_what_is_missing(empty: Library) -> None:
    make_library(empty.settings.home, [])
    with pytest.raises(NotFound, match="the library has no tracks") as raised:
        empty.tracks()
    assert raised.value.hint is Hint.INGEST
    with pytest.raises(NotAnalysed, match="no track has been analysed yet") as raised:
        empty.playlist()
    assert raised.value.hint is Hint.INGEST


def test_ratings_are_stored_changed_and_removed(library: Library) -> None:
    assert [track.id for track in library.like("1", "title 2", "artist 1 - title 1")] == [1, 2]
    library.dislike(3)
    assert [track.id for track in library.ratings.tracks().likes] == [1, 2]
    library.dislike(2)
    library.unrate(1)
    assert library.ratings.tracks().likes == ()
    assert {track.id for track in library.ratings.tracks().dislikes} == {2, 3}
    assert {i: rating.value for i, rating in library.ratings.values().items()} == {2: -1, 3: -1}


def test_no_track_is_rated_if_one_is_not_found(library: Library) -> None:
    with pytest.raises(NotFound):
        library.like("1", "no such song")
    with pytest.raises(AmbiguousTrack) as raised:
        library.like("1", "title")
    assert any("title 1" in candidate for candidate in raised.value.candidates)
    assert library.ratings.tracks().likes == ()


def test_playlist_from_likes_has_tracks_of_every_interest(library: Library) -> None:
    library.like(1, 13)
    library.dislike(7)
    playlist = library.playlist(n=8)
    assert {track.genre for track in playlist} == {"jazz", "folk"}
    assert not {1, 13, 7} & {track.id for track in playlist}
    assert playlist.name == "From your likes"
    assert playlist == library.playlist(n=8) == library.playlist(PlaylistRequest(n=8))
    assert playlist.tracks != library.playlist(n=8, seed=5).tracks


def test_playlist_takes_a_request_or_its_fields(library: Library) -> None:
    with pytest.raises(InvalidRequest, match="request cannot be combined with fields of a request") as raised:
        library.playlist(PlaylistRequest(n=8), seed=5)
    assert raised.value.field == "request"


def test_playlist_from_seeds_needs_no_likes(library: Library) -> None:
    playlist = library.playlist(seeds=("title 19",), n=5)
    assert [track.genre for track in playlist] == ["techno"] * 5
    assert playlist.name == "Like artist 19 - title 19"


def test_disliked_track_can_be_a_seed(library: Library) -> None:
    library.dislike(19)
    assert library.playlist(seeds=("19",), n=3)[0].genre == "techno"


def test_playlist_of_minutes_and_its_unmet_constraints(library: Library) -> None:
    playlist = library.playlist(seeds=("1", "7"), minutes=15)
    assert abs(sum(track.duration for track in playlist) - 900) <= 30
    assert playlist.unmet_constraints == ()
    playlist = library.playlist(seeds=("1",), n=50)
    [unmet] = playlist.unmet_constraints
    assert (unmet.constraint, unmet.wanted, unmet.got, unmet.reason) == ("n", 50, 5, "left_out")
    assert unmet.details["left_out"] == ("no_nearer_than_chance",)
    assert [track.genre for track in playlist] == ["jazz"] * 5


def test_playlist_includes_seeds_and_respects_duration_limits(library: Library) -> None:
    playlist = library.playlist(seeds=("1",), n=6, include_seeds=True)
    assert sorted(track.id for track in playlist) == [1, 2, 3, 4, 5, 6]
    playlist = library.playlist(seeds=("1",), n=6, max_duration=140, include_seeds=True)
    assert playlist[0].id == 1
    assert all(track.duration <= 140 for track in playlist.tracks[1:])
    unmet = playlist.unmet_constraints[0]
    assert (unmet.constraint, unmet.wanted) == ("n", 6)
    assert unmet.details["max_duration"] == 140
    with pytest.raises(NotFound, match="shorter than 16:40 or longer than 33:20"):
        library.playlist(seeds=("1",), min_duration=1000, max_duration=2000)
    assert all(track.duration <= 140 for track in library.similar("1", max_duration=140))
    path = library.path("1", "8", n=6, max_duration=140)
    assert all(track.duration <= 140 for track in path.tracks[1:-1])


def test_missing_seed_is_an_unmet_constraint(library: Library) -> None:
    seed = library.track(1)
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([seed.path])
    playlist = library.playlist(seeds=(seed.path,), n=4, include_seeds=True)
    missing = UnmetConstraint("include_seeds", "artist 1 - title 1", None, "missing_file", {"path": seed.path})
    assert missing in playlist.unmet_constraints


def test_playlist_without_likes_has_a_hint_to_like_tracks(library: Library) -> None:
    with pytest.raises(NotFound, match="no track is liked yet") as raised:
        library.playlist()
    assert raised.value.hint is Hint.LIKE_TRACKS
    library.dislike(1)
    with pytest.raises(NotFound, match="no track is liked yet"):
        library.playlist()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n": 5, "minutes": 5}, "n cannot be combined with minutes"),
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"minutes": -3}, "minutes must be at least 1, got -3"),
        ({"minutes": float("nan")}, "minutes must be at least 1, got nan"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"include_seeds": True}, "include_seeds needs seeds"),
        (
            {"seeds": ("1", "2"), "n": 1, "include_seeds": True},
            "n must be at least the number of seeds that are included, 2, got 1",
        ),
        (
            {"min_duration": 60, "max_duration": 30},
            "min_duration must not be more than max_duration (30 s), got 60",
        ),
        ({"min_duration": -1}, "min_duration must be at least 0, got -1"),
    ],
)
def test_playlist_out_of_range_names_the_field(library: Library, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        library.playlist(**fields)
    assert (str(raised.value), raised.value.field) == (message, message.split()[0])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (lambda library: library.similar("1", n=0), "n"),
        (lambda library: library.similar("1", max_per_artist=-1), "max_per_artist"),
        (lambda library: library.similar("1", min_duration=2, max_duration=1), "min_duration"),
        (lambda library: library.tracks(limit=0), "limit"),
        (lambda library: next(library.neighbours(n=0)), "n"),
        (lambda library: next(library.neighbours(max_per_artist=-1)), "max_per_artist"),
    ],
)
def test_query_out_of_range_names_the_field(library: Library, query: Callable[[Library], object], field: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        query(library)
    assert raised.value.field == field


def test_similar_without_a_query_names_what_it_needs(library: Library) -> None:
    with pytest.raises(InvalidRequest, match="nothing to compare with: give a track, a file, album or artist"):
        library.similar()


def test_search_and_details(library: Library) -> None:
    assert [track.id for track in library.tracks("TITLE metal", limit=2)] == [7, 8]
    assert len(library.tracks(genre="jazz")) == 6
    with pytest.raises(NotFound, match="no track matches 'polka'"):
        library.tracks("polka")
    library.like(8)
    make_library(library.settings.home, [make_song("jazz", 33, genre="Bebop", year=1959)])
    details = library.details("8")
    record = library.tracks("metal/08")[0].to_dict()
    assert {name: value for name, value in details.items() if name in record} == record
    assert details["rating"] == 1
    assert next(iter(details["tags"].items())) == ("rock", 0.8)  # both models have the tag rock: .8 and 0
    assert details["genres"] == {"metal": 0.75, "other": 0.25}
    assert library.details("title 33")["year"] == 1959
    assert library.details("title 33")["tagged_genre"] == "Bebop"


def test_track_is_found_by_id_path_or_name(library: Library) -> None:
    track = library.track(8)
    assert track == library.track("8") == library.track(track.path) == library.track("artist 8 - title 8")
    with pytest.raises(NotFound, match="no track matches 'polka'"):
        library.track("polka")
    with pytest.raises(AmbiguousTrack):
        library.track("title")


def test_describe_has_a_description_for_each_analysed_track(library: Library) -> None:
    make_library(library.settings.home, [make_entry("/music/new.mp3", analysed=False)])
    described, missing = library.describe([library.track(8), library.track("new")])
    assert missing is None
    assert described is not None
    assert "rock" in described.distinctive_tags


def test_written_playlist_has_the_paths_of_the_files(library: Library, tmp_path: Path) -> None:
    playlist = library.playlist(seeds=("1",), n=3)
    absolute = PathOptions(absolute=True)
    assert library.write_playlist(playlist, tmp_path / "list.m3u8", path_options=absolute) == 0
    lines = (tmp_path / "list.m3u8").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [track.path for track in playlist]
    mapped = PathOptions(path_map={"/music/jazz": "/data"})
    assert library.write_playlist(playlist, tmp_path / "list", format="m3u8", path_options=mapped) == 0
    assert "\n/data/" in (tmp_path / "list").read_text()


def test_demo_without_its_music_has_a_hint_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RecsysError, match="the demo music is not installed") as raised:
        demo_music()
    assert (raised.value.hint, raised.value.hint_values) == (Hint.INSTALL_EXTRA, {"extra": "demo"})


def test_two_encodings_of_a_recording_are_one_result(empty: Library) -> None:
    one = make_song("jazz", 1)
    twin = replace(make_song("jazz", 1, folder="/copy"), identity=replace(one.identity, audio_hash="another encoding"))
    make_library(empty.settings.home, [one, twin, *all_kinds()[6:]])
    assert 2 not in [track.id for track in empty.similar("1", n=20)]
