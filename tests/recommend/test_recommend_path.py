import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from synthetic_library import make_synthetic_tracks, make_track, unit

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest
from recsys.metadata.names import track_artist_key
from recsys.nearest import NearestIndex
from recsys.recommend.path import Endpoint, SongPath, interpolate, path

NONE = np.empty(0, np.int64)


class Library:
    """Tracks 1, 2 ... with these vectors, each by its own artist by default; ``fields`` are functions of the id."""

    def __init__(self, vectors: FloatArray | DoubleArray, **fields: Callable[[int], Any]) -> None:
        self.vectors = unit(vectors.astype(np.float32))
        self.tracks = {
            i: make_track(i, duration=100.0 + 3 * i, **{name: value(i) for name, value in fields.items()})
            for i in range(1, len(vectors) + 1)
        }
        self.index = NearestIndex.build(np.array(list(self.tracks)), self.vectors)

    def end(self, i: int) -> Endpoint:
        return Endpoint(self.tracks[i], self.vectors[i - 1])

    def lookup(self, ids: Any) -> dict[int, Track]:
        return {i: self.tracks[i] for i in ids}

    def path(self, a: int, b: int, n: int, **options: Any) -> SongPath:
        return path(self.index, self.end(a), self.end(b), n, tracks=self.lookup, **{"missing_ids": NONE, **options})

    def interpolate(self, a: int, b: int, k: int, **options: Any) -> SongPath:
        return interpolate(
            self.index, self.end(a), self.end(b), k, tracks=self.lookup, **{"missing_ids": NONE, **options}
        )


def ids(result: SongPath) -> list[int]:
    return [pick.track.id for pick in result.picks]


def steps(library: Library, result: SongPath) -> FloatArray:
    """Angles between consecutive tracks."""
    vectors = library.vectors[np.array(ids(result)) - 1]
    return np.arccos(np.clip((vectors[1:] * vectors[:-1]).sum(axis=1), -1, 1))


def cloud(n: int, d: int = 6, seed: int = 0, **fields: Callable[[int], Any]) -> Library:
    return Library(np.random.default_rng(seed).standard_normal((n, d)), **fields)


def test_steps_are_equal_along_an_arc_of_tracks() -> None:
    angles = np.linspace(0, np.pi / 2, 91)
    library = Library(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    result = library.path(1, 91, 11)
    assert ids(result) == list(range(1, 92, 9))
    assert result.unmet_constraints == ()
    assert steps(library, result) == pytest.approx(np.pi / 20, abs=1e-3)
    assert [pick.score for pick in result.picks[1:]] == pytest.approx(
        [np.cos(np.pi / 20)] * 10, abs=0.003
    )  # equal densities


@given(seed=st.integers(0, 40), n=st.integers(2, 14), a=st.integers(1, 200), b=st.integers(1, 200))
def test_path_has_both_ends_and_no_track_twice(seed: int, n: int, a: int, b: int) -> None:
    library = cloud(200, seed=seed, artist=lambda i: f"artist {i % 40}")
    assume(a != b)
    result = library.path(a, b, n)
    found = ids(result)
    assert (found[0], found[-1], len(found)) == (a, b, n)
    assert len(set(found)) == n
    artists = [track_artist_key(pick.track) for pick in result.picks]
    assert max(map(artists.count, artists)) <= 2
    if n > 2:
        assert all(one != other for one, other in pairwise(artists))
    assert result.picks[0].score == 1.0
    for one, other in pairwise(result.picks):
        ranked, similarities = library.index.search(library.vectors[[one.track.id - 1]], 200)
        assert other.score == pytest.approx(similarities[ranked == other.track.id][0], abs=1e-5)


def test_steps_are_even_and_approach_the_end_in_a_large_library() -> None:
    library = cloud(3000, d=8)
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = (rng.choice(3000, 2, replace=False) + 1).tolist()
        result = library.path(a, b, 12)
        assert result.unmet_constraints == ()
        angles = steps(library, result)
        assert angles.max() <= 2 * angles.mean()
        to_end = library.vectors[np.array(ids(result)) - 1] @ library.vectors[b - 1]
        assert np.corrcoef(to_end, np.arange(12))[0, 1] > 0.9


def test_a_track_beside_the_way_is_nearer_than_one_far_along_it() -> None:
    """Deviations count by their squares, and those along the way eight times as much as those beside it."""
    ends, beside, ahead = (0.0, 1.0), 0.3, 0.15
    vectors = np.array(
        [
            *([math.cos(angle), math.sin(angle), 0] for angle in ends),
            [math.cos(0.5) * math.cos(beside), math.sin(0.5) * math.cos(beside), math.sin(beside)],
            [math.cos(0.5 + ahead), math.sin(0.5 + ahead), 0],
        ]
    )
    assert ids(Library(vectors).interpolate(1, 2, 1)) == [3]


def test_uneven_steps_are_reported() -> None:
    rng = np.random.default_rng(0)
    here, there = np.array([1.0, 0, 0, 0]), np.array([0, 1.0, 0, 0])
    near = np.vstack([centre + 0.05 * rng.standard_normal((30, 4)) for centre in (here, there)])
    library = Library(near)
    result = library.path(1, 60, 8)
    angles = np.degrees(steps(library, result))
    [unmet] = result.unmet_constraints
    assert (unmet.constraint, unmet.wanted, unmet.reason) == ("step_ratio", 1.0, "too_few_tracks_between")
    largest = int(angles.argmax())
    typical = np.median(np.delete(angles, largest))
    assert unmet.got == pytest.approx(angles.max() / typical, rel=1e-4)
    assert unmet.details["largest_step"] == pytest.approx(angles.max(), rel=1e-4)
    assert unmet.details["typical_step"] == pytest.approx(typical, rel=1e-4)
    assert unmet.details["position"] == largest + 1
    one, other = (result.picks[i].track.title for i in (largest, largest + 1))
    assert (str(unmet.details["before"])[-len(one) :], str(unmet.details["after"])[-len(other) :]) == (one, other)
    assert angles.max() > 60


def test_step_that_is_a_little_larger_is_even() -> None:
    def degrees(*angles: float) -> np.ndarray:
        return np.array([[np.cos(a), np.sin(a)] for a in np.radians(angles)])

    even = Library(degrees(0, 20, 40, 65))  # cosines 0.94, 0.94, 0.91
    assert even.path(1, 4, 4).unmet_constraints == ()
    uneven = Library(degrees(0, 20, 40, 100))
    [unmet] = uneven.path(1, 4, 4).unmet_constraints
    assert unmet.details["position"] == 3
    assert unmet.got == pytest.approx(3, rel=1e-4)


def test_equal_ends_raise() -> None:
    library = cloud(20)
    with pytest.raises(InvalidRequest, match="the same recording"):
        library.path(3, 3, 5)
    copies = Library(
        np.vstack([np.eye(3)[0], np.eye(3)[0] + 1e-4, np.eye(3)]), artist=lambda i: "Abba", title=lambda _: "Waterloo"
    )
    copies.tracks[2] = make_track(2, artist="ABBA", title="waterloo!", duration=104.0)
    with pytest.raises(InvalidRequest, match="the same recording"):
        copies.path(1, 2, 5)


def test_copies_of_a_recording_are_excluded() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((25, 5))
    library = Library(np.vstack([vectors, vectors]), artist=lambda i: f"artist {i % 25}")
    for i in range(26, 51):
        library.tracks[i] = make_track(
            i, artist=f"artist {i % 25}", title=f"title {i - 25}", duration=100.0 + 3 * (i - 25)
        )
    found = ids(library.path(1, 2, 23, max_per_artist=0))
    assert len(found) == 23
    assert len({i % 25 for i in found}) == 23


def test_short_path_and_repeated_artist_are_reported() -> None:
    library = cloud(40, artist=lambda i: "Bach")
    result = library.path(1, 2, 6)
    assert ids(result) == [1, 2]
    assert result.unmet_constraints[0] == UnmetConstraint("n", 6, 2, "artist_limit", {"limit": 2})
    result = library.path(1, 2, 6, max_per_artist=0)
    assert len(result.picks) == 6
    assert result.unmet_constraints == (
        UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", {"n_close": 5, "n_tracks": 6}),
    )


def test_search_is_widened_past_a_frequent_artist() -> None:
    rng = np.random.default_rng(0)
    middle = unit(np.array([[1.0, 1.0, 0, 0]]))
    near = middle + 0.1 * rng.standard_normal((600, 4))
    far = rng.standard_normal((100, 4))
    library = Library(np.vstack([np.eye(4)[:2], near, far]), artist=lambda i: "flood" if 2 < i <= 602 else f"other {i}")
    result = library.path(1, 2, 10)
    assert len(result.picks) == 10
    assert sum(pick.track.artist == "flood" for pick in result.picks) <= 2


def test_path_respects_allowed_missing_and_taken_tracks() -> None:
    library = cloud(60)
    even_ids = np.arange(2, 61, 2)
    result = library.path(1, 3, 10, allowed=even_ids, missing_ids=np.array([2, 4]))
    assert len(result.picks) == 10
    assert set(ids(result)[1:-1]) <= set(range(6, 61, 2))
    result = library.path(1, 3, 40, allowed=even_ids)
    assert len(result.picks) == 32
    assert result.unmet_constraints[0] == UnmetConstraint("n", 40, 32, "no_more_matches")
    taken = [library.tracks[i] for i in range(1, 41)]
    between = library.interpolate(1, 3, 5, taken=taken)
    assert len(between.picks) == 5
    assert min(ids(between)) > 40


def test_artist_limit_counts_taken_tracks() -> None:
    library = cloud(60, artist=lambda i: f"artist {i % 6}")
    taken = [library.tracks[i] for i in (6, 12)]  # artist 0 has reached its limit
    found = library.interpolate(1, 2, 6, taken=taken)
    artists = [pick.track.artist for pick in found.picks]
    assert "artist 0" not in artists
    assert artists.count("artist 1") <= 1
    assert library.interpolate(1, 2, 0) == SongPath((), ())


def test_path_can_start_outside_the_library() -> None:
    library = cloud(60)
    external = Endpoint(make_track(0, artist="new artist", path="/elsewhere/new.mp3"), library.vectors[4])
    result = path(library.index, external, library.end(9), 5, missing_ids=NONE, tracks=library.lookup)
    assert [result.picks[0].track.path, result.picks[-1].track.id] == ["/elsewhere/new.mp3", 9]
    assert len(set(ids(result))) == 5


def test_ids_without_a_track_are_skipped() -> None:
    library = cloud(60)
    result = path(
        library.index, library.end(1), library.end(3), 6, missing_ids=NONE,
        tracks=lambda wanted: {i: library.tracks[i] for i in wanted if i % 2},
    )  # fmt: skip
    assert len(result.picks) == 6
    assert all(i % 2 for i in ids(result))


def test_genres_follow_in_order_along_the_path() -> None:
    library = make_synthetic_tracks()
    a, b = (Endpoint(library.tracks[i], library.index.vectors(np.array([i]))[0]) for i in (1, 30))
    result = path(library.index, a, b, 8, missing_ids=NONE, tracks=library.lookup)
    genres = [str(pick.track.genre) for pick in result.picks]
    assert genres == sorted(genres)  # jazz, then metal
    assert result == path(library.index, a, b, 8, missing_ids=NONE, tracks=library.lookup)


def test_score_of_an_external_track_equals_that_of_the_library() -> None:
    library = cloud(60)
    known = library.path(1, 7, 2)
    external = path(
        library.index, library.end(1), Endpoint(make_track(0, duration=9.0), library.vectors[6]), 2,
        missing_ids=NONE, tracks=library.lookup,
    )  # fmt: skip
    assert external.picks[1].track.id == 0
    assert external.picks[1].score == pytest.approx(known.picks[1].score, abs=1e-5)
