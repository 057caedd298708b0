"""Lists that players browse, in libraries with any tags: every track is found, and every id of an entry."""

import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import make_library, make_song, open_catalogue

from recsys import Library
from recsys.errors import InvalidRequest

ARTISTS = st.lists(
    st.sampled_from(["Ana", "The Ana", "Bo & Co", "Éla", "Various Artists", "[unknown]", "7"]), max_size=2
)
SONG = st.fixed_dictionaries(
    {
        "title": st.sampled_from([None, "One", "The Two"]),
        "artists": ARTISTS.map(tuple),
        "album_artists": ARTISTS.map(tuple),
        "composers": ARTISTS.map(tuple),
        "album": st.sampled_from([None, "Red", "The Blue", "Unknown Album", "?"]),
        "genres": st.lists(st.sampled_from(["Jazz", "jazz", "Hip-Hop", "hip hop"]), max_size=2).map(tuple),
        "year": st.sampled_from([None, 1970, 1999]),
    }
)


@settings(max_examples=8, deadline=None)
@given(st.lists(SONG, max_size=8), st.data())
def test_every_track_is_found_once_and_every_id_has_an_entry(songs: list[dict[str, Any]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, Library(folder, keep_open=True) as library:
        library.create()
        make_library(Path(folder), [make_song("jazz", i, **song) for i, song in enumerate(songs, 1)])
        gone = data.draw(st.sets(st.integers(1, max(1, len(songs)))))
        with open_catalogue(library) as catalogue:
            catalogue.mark_missing([f"/music/jazz/{i:02}.mp3" for i in gone])
        browsing = library.browsing
        present = [i for i in range(1, len(songs) + 1) if i not in gone]
        size = data.draw(st.integers(1, 4))
        pages = [browsing.track_ids(offset=offset, limit=size) for offset in range(0, len(songs) + size, size)]
        assert [i for page in pages for i in page] == present
        albums = {entry.album.id: entry for entry in browsing.albums(browsing.album_ids("artist"))}
        assert (
            {*browsing.album_ids("name")}
            == {*browsing.album_ids("newest")}
            == {*browsing.album_ids("year")}
            == {*albums}
        )
        on_albums = {i: browsing.album_track_ids(i) for i in albums}
        assert sorted(i for ids in on_albums.values() for i in ids) == present
        assert {i: len(ids) for i, ids in on_albums.items()} == {i: each.album.n_tracks for i, each in albums.items()}
        artists = {entry.artist.id: entry for entry in browsing.artists(browsing.artist_ids())}
        reached = {i for entry in artists.values() for i in entry.album_ids}
        assert reached == {*albums}
        assert all(entry.artist.n_albums == len(entry.album_ids) for entry in artists.values())
        entries = browsing.tracks(present)
        for entry in entries:
            assert entry.track.id in on_albums[entry.album_id]
            named = {*entry.track.artist_ids, *entry.track.album_artist_ids, *entry.composer_ids}
            assert {found.artist.id for found in browsing.artists(named)} == named
        genres = {genre.name: genre.n_tracks for genre in browsing.genres()}
        assert genres == {name: len(browsing.track_ids(genre=name)) for name in genres}
        assert sum(genres.values()) == sum(len(Counter(map(_key, entry.genres))) for entry in entries)


def _key(genre: str) -> str:
    return genre.lower().replace("-", " ")


def test_plays_of_an_album_are_those_of_its_tracks(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1, album="one"), make_song("metal", 2, album="two")])
    with Library(tmp_path) as library:
        library.plays.add("title 2", at="2026-05-01")
        library.plays.skip("title 1", at="2026-05-02")
        [first, second] = library.browsing.albums(library.browsing.album_ids())
        assert (first.taste.plays, second.taste.plays) == (0, 1)
        assert library.browsing.album_ids("frequent") == library.browsing.album_ids("recent") == [second.album.id]


def test_what_is_stored_of_a_copy_is_shown_with_all_copies(tmp_path: Path) -> None:
    copies = [make_song("jazz", 1, performance=5), make_song("jazz", 1, "/other", performance=5)]
    make_library(tmp_path, [*copies, make_song("metal", 3)])
    with Library(tmp_path, keep_open=True) as library:
        assert library.similar(3)  # which forms the groups of copies
        library.like(2)
        library.ratings.set_stars(["1"], 4)
        library.plays.add("1", at="2026-05-01")
        library.plays.add("2", at="2026-05-02")
        first, second = (entry.taste for entry in library.browsing.tracks([1, 2]))
        assert first == second
        assert (first.stars, first.plays, first.last_played_at) == (4, 2, "2026-05-02T00:00:00.000+00:00")
        assert first.liked_at is not None


def test_what_was_made_of_former_lists_is_made_again_with_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    now, processor = 0.0, count(0.0, 2.0)  # each value takes two seconds, so that lists are used for a while
    monkeypatch.setattr("recsys.database.memory.time.monotonic", lambda: now)
    monkeypatch.setattr("recsys.database.memory.time.thread_time", processor.__next__)
    with Library(tmp_path, keep_open=True) as library:

        def seen() -> tuple[list[int], list[bool], list[int]]:
            browsing = library.browsing
            has_album = [each.album is not None for each in browsing.tracks([1, 2])]
            return [*browsing.search("album").album_ids], has_album, browsing.album_ids("recent")

        library.plays.add(1)
        assert seen() == ([1], [True], [1])
        make_library(tmp_path, [make_song("metal", 2)])
        library.plays.add(2)
        seen()
        now = 60.0
        assert seen() == ([1, 2], [True, True], [2, 1])


def test_who_changes_an_answer_does_not_change_the_next_one(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1, genre="Jazz")])
    with Library(tmp_path, keep_open=True) as library:
        library.track_ids().clear()
        library.genres().clear()
        library.tagged_genres().clear()
        assert [len(library.track_ids()), len(library.genres()), len(library.tagged_genres())] == [1, 1, 1]


def test_order_that_does_not_exist(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    with Library(tmp_path) as library, pytest.raises(InvalidRequest, match="order"):
        library.browsing.album_ids("best")  # type: ignore[arg-type]
