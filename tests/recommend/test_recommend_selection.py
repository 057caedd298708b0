from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit

from recsys.metadata.names import track_artist_key
from recsys.nearest import NearestIndex
from recsys.recommend.selection import Pick, Selection


def index_of(*vectors: list[float]) -> NearestIndex:
    return NearestIndex.build(np.arange(1, len(vectors) + 1), unit(np.array(vectors, np.float32)))


SAME = index_of([1, 0], [1, 0.001], [1, 0.001])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Björk", "bjork"),
        ("Beyoncé feat. Jay-Z", "BEYONCÉ"),
        ("Santana (ft. Rob Thomas)", "Santana"),
        ("Sigur  Rós", "Sigur Rós"),
        ("A.R. Rahman", "A R Rahman"),
        ("P!nk featuring Nate Ruess", "p nk"),
    ],
)
def test_artists_are_the_same_person(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) == track_artist_key(make_track(2, artist=other)) is not None


@pytest.mark.parametrize(("one", "other"), [("Prince", "Princess"), ("Feather", "Fea"), ("!!!", "???")])
def test_artists_are_different_people(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) != track_artist_key(make_track(2, artist=other))


@pytest.mark.parametrize("artist", [None, "", "Unknown Artist", "Various Artists", "  "])
def test_nobody_is_no_artist(artist: str | None) -> None:
    assert track_artist_key(make_track(1, artist=artist)) is None
    assert track_artist_key(make_track(1, artist=artist, album_artist="Nina Simone")) == "nina simone"


def test_an_artist_has_no_more_than_allowed() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0], [0, -1]), max_per_artist=2)
    tracks = [make_track(i, artist="Abba") for i in (1, 2, 3)]
    assert [selection.try_add(Pick(track, 0.5)) for track in tracks] == [True, True, False]
    assert selection.artist_limit_hit == 1
    assert selection.accepts(tracks[2], replacing=tracks[0])
    assert selection.try_add(Pick(make_track(4, artist="Blondie"), 0.4))


def test_unknown_artists_do_not_count_as_one() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=1)
    assert all(selection.try_add(Pick(make_track(i, artist=None), 0.5)) for i in (1, 2, 3))


def test_without_a_limit_an_artist_may_fill_the_list() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=0)
    assert all(selection.try_add(Pick(make_track(i, artist="Abba"), 0.5)) for i in (1, 2, 3))


def test_another_encoding_of_the_same_recording_is_left_out() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    other = make_track(2, artist="ABBA", title="waterloo!", duration=169.5)
    assert not Selection(SAME, picks=[Pick(one, 0.5)]).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(one)


@pytest.mark.parametrize(
    "facts",
    [{"title": "Waterloo (live)"}, {"artist": "Cher"}, {"duration": 171.0}],
    ids=["other title", "other artist", "other length"],
)
def test_what_differs_in_more_than_its_encoding_stays(facts: dict[str, object]) -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    same: dict[str, Any] = {"artist": "Abba", "title": "Waterloo", "duration": 168.0}
    alike = index_of([1, 0], [1, 0.2])  # a cosine of 0.98
    assert Selection(alike, seeds=(one,)).accepts(make_track(2, **{**same, **facts}))


def test_the_very_same_sound_without_a_name_is_left_out() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    untagged = make_track(2, artist=None, title="track 1", duration=168.0)
    assert not Selection(SAME, seeds=(one,)).accepts(untagged)
    assert Selection(SAME, seeds=(one,)).accepts(replace(untagged, duration=171.0))


def test_the_same_name_with_another_sound_stays() -> None:
    one, other = (make_track(i, artist="Abba", title="Waterloo") for i in (1, 2))
    assert Selection(index_of([1, 0], [1, 0.5]), seeds=(one,)).accepts(other)


@pytest.mark.parametrize(("cosine", "similarity"), [(1.0, 1.0), (1.0000001, 1.0), (0.25, 0.25), (-0.5, 0.0)])
def test_similarity_is_between_0_and_1(cosine: float, similarity: float) -> None:
    assert Pick(make_track(1), cosine).similarity == similarity
