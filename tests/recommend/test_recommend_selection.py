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
def test_spellings_of_one_artist_have_one_key(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) == track_artist_key(make_track(2, artist=other)) is not None


@pytest.mark.parametrize(("one", "other"), [("Prince", "Princess"), ("Feather", "Fea"), ("!!!", "???")])
def test_different_artists_have_different_keys(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) != track_artist_key(make_track(2, artist=other))


@pytest.mark.parametrize("artist", [None, "", "Unknown Artist", "Various Artists", "  "])
def test_placeholder_artists_have_no_key(artist: str | None) -> None:
    assert track_artist_key(make_track(1, artist=artist)) is None
    assert track_artist_key(make_track(1, artist=artist, album_artist="Nina Simone")) == "nina simone"


def test_artist_limit_rejects_further_tracks() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0], [0, -1]), max_per_artist=2)
    tracks = [make_track(i, artist="Abba") for i in (1, 2, 3)]
    assert [selection.try_add(Pick(track, 0.5)) for track in tracks] == [True, True, False]
    assert selection.try_add(Pick(make_track(4, artist="Blondie"), 0.4))


def test_unknown_artists_have_no_limit() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=1)
    assert all(selection.try_add(Pick(make_track(i, artist=None), 0.5)) for i in (1, 2, 3))


def test_limit_zero_accepts_any_number() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=0)
    assert all(selection.try_add(Pick(make_track(i, artist="Abba"), 0.5)) for i in (1, 2, 3))


def test_other_encoding_of_a_recording_is_rejected() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    other = make_track(2, artist="ABBA", title="waterloo!", duration=169.5)
    assert not Selection(SAME, picks=[Pick(one, 0.5)]).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(one)


@pytest.mark.parametrize(
    "fields",
    [{"title": "Waterloo (live)"}, {"artist": "Cher"}, {"duration": 171.0}],
    ids=["other title", "other artist", "other length"],
)
def test_different_recordings_are_accepted(fields: dict[str, Any]) -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    same = {"artist": "Abba", "title": "Waterloo", "duration": 168.0}
    similar_vectors = index_of([1, 0], [1, 0.2])  # a cosine of 0.98
    assert Selection(similar_vectors, seeds=(one,)).accepts(make_track(2, **{**same, **fields}))


def test_identical_vector_without_a_name_is_rejected() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    untagged = make_track(2, artist=None, title="track 1", duration=168.0)
    assert not Selection(SAME, seeds=(one,)).accepts(untagged)
    assert Selection(SAME, seeds=(one,)).accepts(replace(untagged, duration=171.0))


def test_same_name_with_another_vector_is_accepted() -> None:
    one, other = (make_track(i, artist="Abba", title="Waterloo") for i in (1, 2))
    assert Selection(index_of([1, 0], [1, 0.5]), seeds=(one,)).accepts(other)


@pytest.mark.parametrize(("cosine", "similarity"), [(1.0, 1.0), (1.0000001, 1.0), (0.25, 0.25), (-0.5, 0.0)])
def test_similarity_is_clipped_to_0_and_1(cosine: float, similarity: float) -> None:
    assert Pick(make_track(1), cosine).similarity == similarity


def test_track_by_two_artists_counts_for_both() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0], [0, -1]), max_per_artist=1)
    both, foo, cee, dee = (
        make_track(i, artist="; ".join(names), artists=names)
        for i, names in enumerate([("Foo", "Cee"), ("Foo",), ("cee",), ("Dee", "Various Artists")], 1)
    )
    assert [selection.try_add(Pick(track, 0.5)) for track in (both, foo, cee, dee)] == [True, False, False, True]
    other_order = Selection(selection.index, max_per_artist=1)
    assert [other_order.try_add(Pick(track, 0.5)) for track in (foo, cee, both)] == [True, True, False]
