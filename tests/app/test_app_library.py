from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys.app.library import Library, PathOptions, TrackFilter, track_record
from recsys.cli.demo import demo_music
from recsys.config import Settings
from recsys.errors import AmbiguousTrack, InvalidRequest, NotFound, RecsysError


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)


@pytest.fixture
def empty(tmp_path: Path) -> Library:
    return Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))


@pytest.fixture
def service(empty: Library) -> Library:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    make_library(empty.settings.home, all_kinds())
    return empty


def test_similar_tracks_are_of_the_same_kind(service: Library) -> None:
    found = service.similar("title 7", n=5)
    assert [t.genre for t in found.tracks] == ["metal"] * 5
    assert 7 not in [t.id for t in found.tracks]
    similarities = np.array(found.similarities, float)
    assert (np.diff(similarities) <= 0).all()
    assert ((similarities >= 0) & (similarities <= 1)).all()
    assert found.name == "Similar to artist 7 - title 7"


def test_a_genre_is_found_however_far_away(service: Library) -> None:
    assert {t.genre for t in service.similar("7", n=6, filter=TrackFilter(("FOLK",))).tracks} == {"folk"}
    assert {t.genre for t in service.similar("7", n=20, filter=TrackFilter(("folk", "jazz"))).tracks} == {
        "folk",
        "jazz",
    }


def test_an_unknown_genre_lists_those_there_are(service: Library) -> None:
    for ask in (
        lambda: service.similar("7", filter=TrackFilter(("polka",))),
        lambda: service.tracks(genre="polka"),
        lambda: service.playlist(seeds=("7",), filter=TrackFilter(("polka",))),
    ):
        with pytest.raises(NotFound, match=r"no track has the genre 'polka'; there are: folk \(6\), jazz"):
            ask()


def test_missing_files_are_not_offered(service: Library) -> None:
    gone = service.similar("7", n=1).tracks[0]
    with open_catalogue(service.settings.home) as catalogue:
        catalogue.mark_missing([gone.path])
    assert gone.id not in [t.id for t in service.similar("7", n=23).tracks]
    assert service.similar(str(gone.id), n=1).tracks[0].id != gone.id  # but one may still ask what it was like


def test_new_tracks_are_found_at_once(service: Library) -> None:
    assert len(service.similar("7", n=50).tracks) == 23
    make_library(service.settings.home, [make_song("metal", 90)])
    assert 25 in [t.id for t in service.similar("7", n=6).tracks]


def test_a_damaged_index_costs_no_answer(service: Library) -> None:
    before = service.similar("7")
    service.settings.index_path.write_bytes(b"rubbish")
    assert service.similar("7") == before


def test_what_was_not_listened_to_is_said(service: Library) -> None:
    make_library(service.settings.home, [make_entry("/music/new.mp3", analysed=False)])
    with pytest.raises(NotFound, match="not been listened to"):
        service.similar("new")
    with pytest.raises(NotFound, match="not been listened to"):
        service.playlist(seeds=("new",))


def test_without_a_library_every_question_says_how_to_begin(empty: Library) -> None:
    plain = ("tracks", "ratings", "playlist", "failures", "genres", "retry_failures", "upgrade")
    for question in (
        *(getattr(empty, name) for name in plain),
        lambda: empty.similar("1"),
        lambda: empty.show("1"),
        lambda: empty.rate(["1"], 1),
    ):
        with pytest.raises(NotFound, match="recsys ingest FOLDER"):
            question()
    assert list(empty.settings.home.iterdir()) == []  # and makes none


def test_an_empty_library_says_how_to_begin(empty: Library) -> None:
    make_library(empty.settings.home, [])
    for question in (empty.tracks, empty.playlist):
        with pytest.raises(NotFound, match="recsys"):
            question()


def test_likes_are_kept_taken_back_and_changed(service: Library) -> None:
    assert [t.id for t in service.rate(["1", "title 2", "artist 1 - title 1"], 1)] == [1, 2]
    service.rate(["3"], -1)
    assert [t.id for t in service.ratings().likes] == [1, 2]
    service.rate(["2"], -1)
    service.rate(["1"], 0)
    assert service.ratings().likes == ()
    assert {t.id for t in service.ratings().dislikes} == {2, 3}


def test_one_unknown_track_and_none_is_rated(service: Library) -> None:
    with pytest.raises(NotFound):
        service.rate(["1", "no such song"], 1)
    with pytest.raises(AmbiguousTrack):
        service.rate(["1", "title"], 1)
    assert service.ratings().likes == ()


def test_a_playlist_from_likes_holds_every_interest(service: Library) -> None:
    service.rate(["1", "13"], 1)
    service.rate(["7"], -1)
    made = service.playlist(n=8)
    assert {t.genre for t in made.tracks} == {"jazz", "folk"}
    assert not {1, 13, 7} & {t.id for t in made.tracks}
    assert made.name == "From your likes"
    assert made == service.playlist(n=8)
    assert made.tracks != service.playlist(n=8, seed=5).tracks


def test_a_playlist_from_given_tracks_needs_no_likes(service: Library) -> None:
    made = service.playlist(seeds=("title 19",), n=5)
    assert [t.genre for t in made.tracks] == ["techno"] * 5
    assert made.name == "Like artist 19 - title 19"


def test_a_track_that_is_disliked_may_still_be_asked_for(service: Library) -> None:
    service.rate(["19"], -1)
    assert service.playlist(seeds=("19",), n=3).tracks[0].genre == "techno"


def test_minutes_and_what_gives_way(service: Library) -> None:
    made = service.playlist(seeds=("1", "7"), minutes=15)
    assert abs(sum(t.duration for t in made.tracks) - 900) <= 30
    assert made.unmet_constraints == ()
    made = service.playlist(seeds=("1",), n=50)
    assert made.unmet_constraints == (
        "5 tracks instead of 50: others that match are no nearer to what is named than chance",
    )
    assert [track.genre for track in made.tracks] == ["jazz"] * 5


def test_a_list_has_limits_of_length_and_the_named_tracks_where_it_is_wished(service: Library) -> None:
    made = service.playlist(seeds=("1",), n=6, include_seeds=True)
    assert sorted(track.id for track in made.tracks) == [1, 2, 3, 4, 5, 6]
    made = service.playlist(seeds=("1",), n=6, max_duration=140, include_seeds=True)
    assert made.tracks[0].id == 1
    assert all(track.duration <= 140 for track in made.tracks[1:])
    assert "longer than 2:20" in made.unmet_constraints[0]
    with pytest.raises(NotFound, match="shorter than 16:40 or longer than 33:20"):
        service.playlist(seeds=("1",), min_duration=1000, max_duration=2000)
    for wrong, said in (
        ({"include_seeds": True}, "none is named"),
        ({"seeds": ("1", "2"), "n": 1, "include_seeds": True}, "2 tracks are named"),
        ({"shortest": 60, "longest": 30}, "must not be more than longest"),
        ({"shortest": -1}, "shortest must be at least 0"),
    ):
        with pytest.raises(InvalidRequest, match=said):
            service.playlist(**wrong)
    assert all(track.duration <= 140 for track in service.similar("1", max_duration=140).tracks)
    walk = service.path("1", "8", n=6, max_duration=140)
    assert all(track.duration <= 140 for track in walk.tracks[1:-1])


def test_with_nothing_liked_a_playlist_says_how_to_begin(service: Library) -> None:
    with pytest.raises(NotFound, match="recsys like TRACK"):
        service.playlist()
    service.rate(["1"], -1)
    with pytest.raises(NotFound, match="recsys like TRACK"):
        service.playlist()


def test_wishes_that_make_no_sense_are_refused(service: Library) -> None:
    for nonsense in (
        lambda: service.playlist(n=5, minutes=5),
        lambda: service.playlist(n=0),
        lambda: service.playlist(minutes=-3),
        lambda: service.playlist(seed=-1, n=5),
        lambda: service.playlist(minutes=float("nan")),
        lambda: service.similar("1", n=0),
        lambda: service.similar("1", max_per_artist=-1),
        lambda: service.tracks(limit=0),
    ):
        with pytest.raises(InvalidRequest):
            nonsense()


def test_search_and_show(service: Library) -> None:
    assert [t.id for t in service.tracks("TITLE metal", limit=2)] == [10, 11]
    assert len(service.tracks(genre="jazz")) == 6
    with pytest.raises(NotFound, match="no track matches 'polka'"):
        service.tracks("polka")
    service.rate(["8"], 1)
    make_library(service.settings.home, [make_song("jazz", 33, genre="Bebop", year=1959)])
    shown = service.show("8")
    record = track_record(service.tracks("metal/08")[0])
    assert {name: shown[name] for name in record} == record
    assert shown["rating"] == 1
    assert next(iter(shown["tags"].items())) == ("rock", 0.8)  # both models know rock: .8 and 0
    assert shown["genres"] == {"metal": 0.75, "other": 0.25}
    assert service.show("title 33")["year"] == 1959
    assert service.show("title 33")["tagged_genre"] == "Bebop"


def test_a_written_playlist_points_to_the_music(service: Library, tmp_path: Path) -> None:
    made = service.playlist(seeds=("1",), n=3)
    assert service.write_playlist(made, tmp_path / "list.m3u8", path_options=PathOptions(absolute=True)) == 0
    lines = (tmp_path / "list.m3u8").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [t.path for t in made.tracks]
    there = PathOptions(path_map=(("/music/jazz", "/data"),))
    assert (
        service.write_playlist(made, tmp_path / "list", format=service.playlist_format(None), path_options=there) == 0
    )
    assert "\n/data/" in (tmp_path / "list").read_text()


def test_without_the_demo_music_the_way_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RecsysError, match="pip install"):
        demo_music()


def test_two_encodings_of_a_recording_are_one_answer(empty: Library) -> None:
    one = make_song("jazz", 1)
    twin = replace(make_song("jazz", 1, folder="/copy"), identity=replace(one.identity, audio_hash="another encoding"))
    make_library(empty.settings.home, [one, twin, *all_kinds()[6:]])
    assert 2 not in [t.id for t in empty.similar("1", n=20).tracks]
