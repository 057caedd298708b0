from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_shelf, make_track, unit

from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
from recsys.recommend.selection import Pick
from recsys.recommend.similar import similar

SHELF = make_shelf()
NONE = np.array([], np.int64)


def like(*seeds: Track, **options: Any) -> list[Pick]:
    """Asked about tracks of the shelf."""
    return similar(
        SHELF.index, seeds, SHELF.index.vectors(np.array([s.id for s in seeds])), missing_ids=NONE, **options
    )


@given(seed=st.integers(1, 80), n=st.integers(1, 19))
def test_what_is_alike_is_of_the_same_kind_nearest_first(seed: int, n: int) -> None:
    found = like(SHELF.tracks[seed], n=n, allowed=SHELF.ids, tracks=SHELF.lookup)
    assert len(found) == n
    assert {pick.track.genre for pick in found} == {SHELF.tracks[seed].genre}
    cosines = [pick.score for pick in found]
    assert cosines == sorted(cosines, reverse=True)
    assert seed not in [pick.track.id for pick in found]


def test_only_allowed_tracks_are_found_however_far() -> None:
    metal = np.array([i for i, t in SHELF.tracks.items() if t.genre == "metal"])
    found = like(SHELF.tracks[1], n=50, allowed=metal, tracks=SHELF.lookup)
    assert sorted(pick.track.id for pick in found) == metal.tolist()


def test_an_artist_who_floods_the_neighbourhood_is_held_back() -> None:
    rng = np.random.default_rng(0)
    vectors = unit((np.eye(1, 6) + rng.standard_normal((300, 6)) * np.linspace(0, 2, 300)[:, None]).astype(np.float32))
    tracks = {i: make_track(i, artist="flood" if i < 290 else f"other {i}") for i in range(1, 301)}
    ids = np.arange(1, 301)
    index = NearestIndex.build(ids, vectors)
    found = similar(
        index,
        [tracks[1]],
        vectors[:1],
        n=5,
        missing_ids=NONE,
        tracks=lambda ids: {i: tracks[i] for i in ids},
        max_per_artist=2,
    )
    assert len(found) == 5  # it looks further until the list is full
    assert [p.track.artist for p in found].count("flood") == 2


def test_tracks_that_no_longer_exist_are_passed_over() -> None:
    found = like(
        SHELF.tracks[1], n=3, allowed=SHELF.ids,
        tracks=lambda ids: {i: SHELF.tracks[i] for i in ids if i % 2},
    )  # fmt: skip
    assert len(found) == 3
    assert all(pick.track.id % 2 for pick in found)


def test_a_seed_that_is_not_in_the_index_is_an_error() -> None:
    with pytest.raises(KeyError):
        like(make_track(999), n=3, allowed=SHELF.ids, tracks=SHELF.lookup)


def test_nothing_allowed_is_nothing_found() -> None:
    assert like(SHELF.tracks[1], n=3, allowed=np.array([], np.int64), tracks=SHELF.lookup) == []


def test_several_seeds_ask_for_what_is_like_all_of_them() -> None:
    jazz, metal = SHELF.tracks[1], SHELF.tracks[21]
    found = like(jazz, metal, n=78, allowed=SHELF.ids, tracks=SHELF.lookup, max_per_artist=0)
    assert len(found) == 78
    assert not {1, 21} & {pick.track.id for pick in found}
    alone = [
        dict(zip(*(row[0].tolist() for row in SHELF.index.search(SHELF.index.vectors(np.array([i])), 80)), strict=True))
        for i in (1, 21)
    ]
    for pick in found:
        assert pick.score == pytest.approx((alone[0][pick.track.id] + alone[1][pick.track.id]) / 2, abs=0.02)
    assert {pick.track.genre for pick in found[:20]} == {"jazz", "metal"}


def test_a_sound_that_is_in_no_library_can_be_asked_about() -> None:
    outside = SHELF.index.vectors(np.array([30]))
    found = similar(SHELF.index, [], outside, n=5, missing_ids=NONE, tracks=SHELF.lookup)
    assert found[0].track.id == 30
    assert {pick.track.genre for pick in found} == {"metal"}


def test_what_is_absent_is_not_found() -> None:
    jazz = SHELF.ids[:20]
    for allowed in (None, SHELF.ids):
        found = similar(
            SHELF.index, [], SHELF.index.vectors(SHELF.ids[:1]), n=80,
            allowed=allowed, missing_ids=jazz, tracks=SHELF.lookup, max_per_artist=0,
        )  # fmt: skip
        assert sorted(pick.track.id for pick in found) == SHELF.ids[20:].tolist()
