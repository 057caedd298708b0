"""Neighbours of all tracks, compared with single searches."""

from collections import Counter

import numpy as np
import pytest
from synthetic_library import make_synthetic_tracks

from recsys.recommend.neighbours import neighbours

TRACKS = make_synthetic_tracks(20)


@pytest.mark.parametrize("n", [1, 5, 79, 200])
def test_neighbours_are_those_of_single_searches(n: int) -> None:
    results = list(neighbours(TRACKS.index, TRACKS.ids, n=n))
    assert [track for track, _ in results] == TRACKS.ids.tolist()
    for track, others in results:
        ids, similarities = TRACKS.index.search(TRACKS.index.vectors(np.array([track])), n + 1)
        expected = [(i, s) for i, s in zip(ids[0].tolist(), similarities[0].tolist(), strict=True) if i != track][:n]
        assert [other for other, _ in others] == [i for i, _ in expected]
        assert [s for _, s in others] == pytest.approx([max(0.0, s) for _, s in expected], abs=1e-6)


def test_neighbours_are_among_the_given_ids() -> None:
    subset = TRACKS.ids[::3]
    for track, others in neighbours(TRACKS.index, subset, n=50):
        assert {other for other, _ in others} == set(subset.tolist()) - {track}


def test_a_spare_copy_has_neighbours_and_is_none() -> None:
    spare = TRACKS.ids[::5]
    candidates = np.setdiff1d(TRACKS.ids, spare)
    for track, others in neighbours(TRACKS.index, TRACKS.ids, n=7, spare=spare):
        ids, _ = TRACKS.index.search(TRACKS.index.vectors(np.array([track])), 8, allowed=candidates)
        assert [other for other, _ in others] == [i for i in ids[0].tolist() if i != track][:7]


def test_more_neighbours_than_memory_are_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = list(neighbours(TRACKS.index, TRACKS.ids, n=10))
    monkeypatch.setattr("recsys.recommend.neighbours._LARGEST", 0)
    for (track, others), (same, again) in zip(at_once, neighbours(TRACKS.index, TRACKS.ids, n=10), strict=True):
        assert track == same
        assert [i for i, _ in others] == [i for i, _ in again]
        assert [s for _, s in others] == pytest.approx([s for _, s in again], abs=1e-6)


def test_artist_limit_widens_the_search() -> None:
    artists = {i: ["the same" if t.genre == "jazz" else str(t.artist)] for i, t in TRACKS.tracks.items()}
    for _, others in neighbours(TRACKS.index, TRACKS.ids, n=10, max_per_artist=2, artists=artists):
        assert len(others) == 10
        assert max(Counter(artists[i][0] for i, _ in others).values()) <= 2
        scores = [s for _, s in others]
        assert scores == sorted(scores, reverse=True)


def test_neighbours_by_two_artists_count_for_both() -> None:
    artists = {i: ["x", f"y {i % 3}"] if t.genre == "jazz" else [str(t.artist)] for i, t in TRACKS.tracks.items()}
    for _, others in neighbours(TRACKS.index, TRACKS.ids, n=10, max_per_artist=1, artists=artists):
        assert sum("x" in artists[i] for i, _ in others) <= 1


@pytest.mark.parametrize("max_per_artist", [0, 2])
def test_neighbours_have_each_performance_once(max_per_artist: int) -> None:
    # Four successive ids are one performance; their vectors differ like those of other tracks of the genre.
    group = {i: i - (i - 1) % 4 for i in TRACKS.ids.tolist()}
    artists = {i: [str(i % 40)] for i in TRACKS.ids.tolist()}  # those of a group differ, and no limit is reached
    for track, others in neighbours(
        TRACKS.index, TRACKS.ids, n=10, max_per_artist=max_per_artist and 10, artists=artists, groups=group
    ):
        performances = [(i - 1) // 4 for i in [track, *(other for other, _ in others)]]
        assert len(performances) == len(set(performances)) == 11
        ids, _ = TRACKS.index.search(TRACKS.index.vectors(np.array([track])), len(TRACKS.ids))
        nearest: list[int] = []
        for i in ids[0].tolist():
            if group[i] not in {group[other] for other in (track, *nearest)}:
                nearest.append(i)
        assert [other for other, _ in others] == nearest[:10]  # of each performance the nearest copy


@pytest.mark.parametrize("is_searched", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_neighbours_by_their_definition(seed: int, is_searched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rules together: of the ranking of all candidates, the first that neither a group nor an artist excludes."""
    if is_searched:
        monkeypatch.setattr("recsys.recommend.neighbours._LARGEST", 0)
    monkeypatch.setattr("recsys.recommend.neighbours._CHUNK", 7)
    rng = np.random.default_rng(seed)
    n, limit = int(rng.integers(1, 8)), int(rng.integers(0, 3))
    ids = np.sort(rng.choice(TRACKS.ids, 40, replace=False))[rng.permutation(40)]
    spare = rng.choice(ids, int(rng.integers(0, 6)), replace=False)
    artists = {i: [f"{each}" for each in rng.choice(6, int(rng.integers(1, 3)), replace=False)] for i in ids.tolist()}
    groups = {int(i): int(rng.integers(5)) - 9 for i in rng.choice(ids, 12, replace=False)} if seed % 2 else {}
    candidates = np.setdiff1d(ids, spare)
    results = list(
        neighbours(TRACKS.index, ids, n=n, max_per_artist=limit, artists=artists, spare=spare, groups=groups)
    )
    assert [track for track, _ in results] == ids.tolist()
    for track, found in results:
        query = np.array([track])
        [ranked], [scores] = TRACKS.index.search(
            TRACKS.index.vectors(query), len(candidates), densities=TRACKS.index.densities(query), allowed=candidates
        )
        expected: list[tuple[int, float]] = []
        for other, score in zip(ranked.tolist(), scores.tolist(), strict=True):
            taken = [i for i, _ in expected]
            is_copy = any(other == i or groups.get(other, -1) == groups.get(i, -2) for i in (track, *taken))
            is_frequent = limit and any(sum(artist in artists[i] for i in taken) == limit for artist in artists[other])
            if len(expected) < n and not is_copy and not is_frequent:
                expected.append((other, min(max(score, 0.0), 1.0)))
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-6)
