from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_synthetic_tracks, make_track, unit

from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
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
