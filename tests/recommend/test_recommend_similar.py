from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_synthetic_tracks, make_track, unit

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
from recsys.recommend.minus_seeds import MinusSeeds
from recsys.recommend.selection import Pick
from recsys.recommend.similar import similar

TRACKS = make_synthetic_tracks()
NONE = np.array([], np.int64)


def similar_to(*seeds: Track, **options: Any) -> list[Pick]:
    """Tracks similar to seeds of the library."""
    return similar(
        TRACKS.index, seeds, TRACKS.index.vectors(np.array([s.id for s in seeds])), missing_ids=NONE, **options
    )


@given(seed=st.integers(1, 80), n=st.integers(1, 19))
def test_similar_tracks_are_of_the_same_genre_nearest_first(seed: int, n: int) -> None:
    found = similar_to(TRACKS.tracks[seed], n=n, allowed=TRACKS.ids, tracks=TRACKS.lookup)
    assert len(found) == n
    assert {pick.track.genre for pick in found} == {TRACKS.tracks[seed].genre}
    cosines = [pick.score for pick in found]
    assert cosines == sorted(cosines, reverse=True)
    assert seed not in [pick.track.id for pick in found]


def test_only_allowed_tracks_are_returned() -> None:
    metal = np.array([i for i, t in TRACKS.tracks.items() if t.genre == "metal"])
    found = similar_to(TRACKS.tracks[1], n=50, allowed=metal, tracks=TRACKS.lookup)
    assert sorted(pick.track.id for pick in found) == metal.tolist()


def test_artist_limit_widens_the_search_for_similar_tracks() -> None:
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
    assert len(found) == 5  # the search is widened until there are n
    assert [p.track.artist for p in found].count("flood") == 2


def test_ids_without_a_track_are_skipped() -> None:
    found = similar_to(
        TRACKS.tracks[1], n=3, allowed=TRACKS.ids,
        tracks=lambda ids: {i: TRACKS.tracks[i] for i in ids if i % 2},
    )  # fmt: skip
    assert len(found) == 3
    assert all(pick.track.id % 2 for pick in found)


def test_unknown_seed_raises() -> None:
    with pytest.raises(KeyError):
        similar_to(make_track(999), n=3, allowed=TRACKS.ids, tracks=TRACKS.lookup)


def test_no_allowed_tracks_give_an_empty_result() -> None:
    assert similar_to(TRACKS.tracks[1], n=3, allowed=np.array([], np.int64), tracks=TRACKS.lookup) == []


def test_several_seeds_rank_by_mean_similarity() -> None:
    jazz, metal = TRACKS.tracks[1], TRACKS.tracks[21]
    found = similar_to(jazz, metal, n=78, allowed=TRACKS.ids, tracks=TRACKS.lookup, max_per_artist=0)
    assert len(found) == 78
    assert not {1, 21} & {pick.track.id for pick in found}
    alone = [
        dict(
            zip(*(row[0].tolist() for row in TRACKS.index.search(TRACKS.index.vectors(np.array([i])), 80)), strict=True)
        )
        for i in (1, 21)
    ]
    for pick in found:
        assert pick.score == pytest.approx((alone[0][pick.track.id] + alone[1][pick.track.id]) / 2, abs=0.02)
    assert {pick.track.genre for pick in found[:20]} == {"jazz", "metal"}


def test_query_can_be_outside_the_library() -> None:
    external = TRACKS.index.vectors(np.array([30]))
    found = similar(TRACKS.index, [], external, n=5, missing_ids=NONE, tracks=TRACKS.lookup)
    assert found[0].track.id == 30
    assert {pick.track.genre for pick in found} == {"metal"}


def test_missing_tracks_are_not_returned() -> None:
    jazz = TRACKS.ids[:20]
    for allowed in (None, TRACKS.ids):
        found = similar(
            TRACKS.index, [], TRACKS.index.vectors(TRACKS.ids[:1]), n=80,
            allowed=allowed, missing_ids=jazz, tracks=TRACKS.lookup, max_per_artist=0,
        )  # fmt: skip
        assert sorted(pick.track.id for pick in found) == TRACKS.ids[20:].tolist()


QUERY = np.eye(1, 8, dtype=np.float32)


class Reads:
    """A library of tracks each by its own artist; counts the tracks that are read."""

    def __init__(self, n: int = 400) -> None:
        self.vectors = unit(np.random.default_rng(0).standard_normal((n, 8)))
        self.index = NearestIndex.build(np.arange(1, n + 1), self.vectors)
        self.tracks = {i: make_track(i, duration=10.0 * i) for i in range(1, n + 1)}
        self.read: list[int] = []

    def lookup(self, ids: Iterable[int]) -> dict[int, Track]:
        wanted = list(ids)
        self.read.append(len(wanted))
        return {i: self.tracks[i] for i in wanted}

    def similar(self, n: int, **options: Any) -> list[int]:
        options = {"densities": np.zeros(1, np.float32), "missing_ids": NONE, **options}
        return [pick.track.id for pick in similar(self.index, [], QUERY, n=n, tracks=self.lookup, **options)]

    def ranked(self, n: int) -> list[int]:
        [found], _ = self.index.search(QUERY, n, densities=np.zeros(1, np.float32))
        return found.tolist()


def test_two_tracks_more_than_wanted_are_read_and_eight_more_after_some_were_rejected() -> None:
    library = Reads()
    assert library.similar(6) == library.ranked(6)
    assert library.read == [8]
    ranked, flooded = library.ranked(400), Reads()
    for i in ranked[:9]:
        flooded.tracks[i] = make_track(i, artist="flood", duration=10.0 * i)
    assert flooded.similar(6, max_per_artist=1) == [ranked[0], *ranked[9:14]]
    assert flooded.read == [8, 6 - 1 + 8]


def test_at_most_a_thousand_tracks_are_read_at_once() -> None:
    library = Reads(1100)
    assert library.similar(1050) == library.ranked(1050)
    assert library.read == [1000, 50 + 8]


def test_search_is_widened_by_four_until_it_has_all_tracks() -> None:
    """Of n tracks, 4 n + 1 are searched first; all but one are by one artist, whose limit is 1."""
    library, depths = Reads(), []
    library.tracks = {i: make_track(i, artist="flood", duration=10.0 * i) for i in library.tracks}
    search = library.index.search

    def counted(queries: FloatArray, n: int, **options: Any) -> tuple[IdArray, FloatArray]:
        depths.append(n)
        found: tuple[IdArray, FloatArray] = search(queries, n, **options)
        return found

    library.index.search = counted  # type: ignore[method-assign]  # counts the searches
    assert library.similar(6, max_per_artist=1) == library.ranked(1)
    assert depths[:-1] == [25, 100, 400]
    depths.clear()
    assert len(library.similar(6, max_per_artist=1, allowed=np.arange(1, 26))) == 1
    assert depths == [25]
    depths.clear()
    assert len(library.similar(6, max_per_artist=1, allowed=np.arange(1, 27))) == 1
    assert depths == [25, 100]


def test_tracks_near_minus_seeds_are_left_out() -> None:
    library = Reads()
    row = library.ranked(10)[-1] - 1
    minus = MinusSeeds.find(library.index, [(library.vectors[[row]], np.zeros(1, np.float32))])
    left_out = minus.near(library.index.ids, library.vectors, library.vectors @ QUERY[0])
    ranked = library.ranked(400)
    kept = [i for i in ranked if not left_out[i - 1]]
    assert ranked[9] not in kept
    assert 0 < len(set(ranked[:50]) - set(kept)) < 50
    assert library.similar(50, minus=minus) == kept[:50]
    assert library.similar(50) == ranked[:50]


def test_vectors_of_a_part_are_read_at_once() -> None:
    library, read = Reads(), []
    vectors = library.index.vectors

    def counted(ids: IdArray) -> FloatArray:
        read.append(len(ids))
        return vectors(ids)

    library.index.vectors = counted  # type: ignore[method-assign]  # counts what is read
    assert library.similar(6) == library.ranked(6)
    assert read == [8]
