from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_shelf, make_track, unit

from recsys.domain.arrays import FloatArray
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest
from recsys.metadata.names import track_artist_key
from recsys.nearest import NearestIndex
from recsys.recommend.path import MAX_STEP_RATIO, Endpoint, SongPath, interpolate, path

NONE = np.empty(0, np.int64)


class Library:
    """Tracks 1, 2 ... with these vectors, by artists of their own unless told."""

    def __init__(self, vectors: FloatArray, **facts: Any) -> None:
        self.vectors = unit(vectors.astype(np.float32))
        self.tracks = {
            i: make_track(i, duration=100.0 + 3 * i, **{name: value(i) for name, value in facts.items()})
            for i in range(1, len(vectors) + 1)
        }
        self.index = NearestIndex.build(np.array(list(self.tracks)), self.vectors)

    def end(self, i: int) -> Endpoint:
        return Endpoint(self.tracks[i], self.vectors[i - 1])

    def lookup(self, ids: Any) -> dict[int, Track]:
        return {i: self.tracks[i] for i in ids}

    def path(self, a: int, b: int, n: int, **options: Any) -> SongPath:
        return path(self.index, self.end(a), self.end(b), n, tracks=self.lookup, **{"missing_ids": NONE, **options})

    def bridge(self, a: int, b: int, k: int, **options: Any) -> SongPath:
        return interpolate(
            self.index, self.end(a), self.end(b), k, tracks=self.lookup, **{"missing_ids": NONE, **options}
        )


def ids(walk: SongPath) -> list[int]:
    return [pick.track.id for pick in walk.picks]


def steps(library: Library, walk: SongPath) -> FloatArray:
    """Angles between neighbours."""
    vectors = library.vectors[np.array(ids(walk)) - 1]
    return np.arccos(np.clip((vectors[1:] * vectors[:-1]).sum(axis=1), -1, 1))


def cloud(n: int, d: int = 6, seed: int = 0, **facts: Any) -> Library:
    return Library(np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32), **facts)


def test_along_an_arc_of_music_the_steps_are_all_the_same() -> None:
    angles = np.linspace(0, np.pi / 2, 91)
    library = Library(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    walk = library.path(1, 91, 11)
    assert ids(walk) == list(range(1, 92, 9))
    assert walk.unmet_constraints == ()
    assert steps(library, walk) == pytest.approx(np.pi / 20, abs=1e-3)
    assert [pick.score for pick in walk.picks[1:]] == pytest.approx([np.cos(np.pi / 20)] * 10, abs=0.003)  # no hubs


@given(seed=st.integers(0, 40), n=st.integers(2, 14), a=st.integers(1, 200), b=st.integers(1, 200))
def test_both_ends_and_no_track_twice(seed: int, n: int, a: int, b: int) -> None:
    library = cloud(200, seed=seed, artist=lambda i: f"artist {i % 40}")
    if a == b:
        return
    walk = library.path(a, b, n)
    found = ids(walk)
    assert (found[0], found[-1], len(found)) == (a, b, n)
    assert len(set(found)) == n
    artists = [track_artist_key(pick.track) for pick in walk.picks]
    assert max(map(artists.count, artists)) <= 2
    if n > 2:
        assert all(one != other for one, other in pairwise(artists))
    assert walk.picks[0].score == 1.0
    for one, other in pairwise(walk.picks):
        ranked, similarities = library.index.search(library.vectors[[one.track.id - 1]], 200)
        assert other.score == pytest.approx(similarities[ranked == other.track.id][0], abs=1e-5)


def test_in_a_library_full_of_music_the_steps_are_even_and_lead_on() -> None:
    library = cloud(3000, d=8)
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = (rng.choice(3000, 2, replace=False) + 1).tolist()
        walk = library.path(a, b, 12)
        assert walk.unmet_constraints == ()
        apart = steps(library, walk)
        assert apart.max() <= MAX_STEP_RATIO * apart.mean()
        to_end = library.vectors[np.array(ids(walk)) - 1] @ library.vectors[b - 1]
        assert np.corrcoef(to_end, np.arange(12))[0, 1] > 0.9


def test_a_gulf_that_nothing_bridges_is_told() -> None:
    rng = np.random.default_rng(0)
    here, there = np.array([1.0, 0, 0, 0]), np.array([0, 1.0, 0, 0])
    near = np.vstack([centre + 0.05 * rng.standard_normal((30, 4)) for centre in (here, there)])
    library = Library(near.astype(np.float32))
    walk = library.path(1, 60, 8)
    apart = np.degrees(steps(library, walk))
    [unmet] = walk.unmet_constraints
    assert (unmet.constraint, unmet.wanted, unmet.reason) == ("step_ratio", MAX_STEP_RATIO, "too_few_tracks_between")
    assert unmet.got == pytest.approx(apart.max() / apart.mean(), rel=1e-4)
    assert unmet.details == pytest.approx({"largest_step": apart.max(), "mean_step": apart.mean()}, rel=1e-4)
    assert apart.max() > 60


def test_the_same_recording_cannot_be_both_ends() -> None:
    library = cloud(20)
    with pytest.raises(InvalidRequest, match="the same recording"):
        library.path(3, 3, 5)
    twins = Library(
        np.vstack([np.eye(3)[0], np.eye(3)[0] + 1e-4, np.eye(3)]), artist=lambda i: "Abba", title=lambda _: "Waterloo"
    )
    twins.tracks[2] = make_track(2, artist="ABBA", title="waterloo!", duration=104.0)
    with pytest.raises(InvalidRequest, match="the same recording"):
        twins.path(1, 2, 5)


def test_copies_of_a_recording_come_once_and_those_of_the_ends_never() -> None:
    rng = np.random.default_rng(0)
    sounds = rng.standard_normal((25, 5))
    library = Library(np.vstack([sounds, sounds]), artist=lambda i: f"artist {i % 25}")
    for i in range(26, 51):
        library.tracks[i] = make_track(
            i, artist=f"artist {i % 25}", title=f"title {i - 25}", duration=100.0 + 3 * (i - 25)
        )
    found = ids(library.path(1, 2, 23, max_per_artist=0))
    assert len(found) == 23
    assert len({i % 25 for i in found}) == 23


def test_one_artist_alone_makes_a_short_walk_or_follows_itself_and_both_are_said() -> None:
    library = cloud(40, artist=lambda i: "Bach")
    walk = library.path(1, 2, 6)
    assert ids(walk) == [1, 2]
    assert walk.unmet_constraints[0] == UnmetConstraint("n", 6, 2, "artist_limit", {"limit": 2})
    walk = library.path(1, 2, 6, max_per_artist=0)
    assert len(walk.picks) == 6
    assert walk.unmet_constraints == (
        UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", {"n_close": 5, "n_tracks": 6}),
    )


def test_an_artist_who_fills_the_neighbourhood_is_looked_past() -> None:
    rng = np.random.default_rng(0)
    middle = unit(np.array([[1.0, 1.0, 0, 0]]))
    near = middle + 0.1 * rng.standard_normal((600, 4))
    far = rng.standard_normal((100, 4))
    library = Library(np.vstack([np.eye(4)[:2], near, far]), artist=lambda i: "flood" if 2 < i <= 602 else f"other {i}")
    walk = library.path(1, 2, 10)
    assert len(walk.picks) == 10
    assert sum(pick.track.artist == "flood" for pick in walk.picks) <= 2


def test_what_is_not_allowed_absent_or_taken_does_not_come() -> None:
    library = cloud(60)
    even = np.arange(2, 61, 2)
    walk = library.path(1, 3, 10, allowed=even, missing_ids=np.array([2, 4]))
    assert len(walk.picks) == 10
    assert set(ids(walk)[1:-1]) <= set(range(6, 61, 2))
    walk = library.path(1, 3, 40, allowed=even)
    assert len(walk.picks) == 32
    assert walk.unmet_constraints[0] == UnmetConstraint("n", 40, 32, "no_more_matches")
    taken = [library.tracks[i] for i in range(1, 41)]
    between = library.bridge(1, 3, 5, taken=taken)
    assert len(between.picks) == 5
    assert min(ids(between)) > 40


def test_a_bridge_minds_the_artists_of_what_is_there_already() -> None:
    library = cloud(60, artist=lambda i: f"artist {i % 6}")
    taken = [library.tracks[i] for i in (6, 12)]  # artist 0 has had its two
    found = library.bridge(1, 2, 6, taken=taken)
    artists = [pick.track.artist for pick in found.picks]
    assert "artist 0" not in artists
    assert artists.count("artist 1") <= 1
    assert library.bridge(1, 2, 0) == SongPath((), ())


def test_an_end_may_be_of_no_library() -> None:
    library = cloud(60)
    outside = Endpoint(make_track(0, artist="nobody", path="/elsewhere/new.mp3"), library.vectors[4])
    walk = path(library.index, outside, library.end(9), 5, missing_ids=NONE, tracks=library.lookup)
    assert [walk.picks[0].track.path, walk.picks[-1].track.id] == ["/elsewhere/new.mp3", 9]
    assert len(set(ids(walk))) == 5


def test_tracks_that_no_longer_exist_are_passed_over() -> None:
    library = cloud(60)
    walk = path(
        library.index, library.end(1), library.end(3), 6, missing_ids=NONE,
        tracks=lambda wanted: {i: library.tracks[i] for i in wanted if i % 2},
    )  # fmt: skip
    assert len(walk.picks) == 6
    assert all(i % 2 for i in ids(walk))


def test_kinds_of_music_lie_on_the_way_in_their_order() -> None:
    shelf = make_shelf()
    start, end = (Endpoint(shelf.tracks[i], shelf.index.vectors(np.array([i]))[0]) for i in (1, 30))
    walk = path(shelf.index, start, end, 8, missing_ids=NONE, tracks=shelf.lookup)
    kinds = [str(pick.track.genre) for pick in walk.picks]
    assert kinds == sorted(kinds)  # jazz, then metal
    assert walk == path(shelf.index, start, end, 8, missing_ids=NONE, tracks=shelf.lookup)


def test_the_last_step_to_a_file_counts_like_one_to_a_track_of_the_library() -> None:
    library = cloud(60)
    known = library.path(1, 7, 2)
    outside = path(
        library.index, library.end(1), Endpoint(make_track(0, duration=9.0), library.vectors[6]), 2,
        missing_ids=NONE, tracks=library.lookup,
    )  # fmt: skip
    assert outside.picks[1].track.id == 0
    assert outside.picks[1].score == pytest.approx(known.picks[1].score, abs=1e-5)
