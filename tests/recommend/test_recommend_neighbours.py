"""Neighbours of all tracks, compared with single searches."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import make_synthetic_tracks

from recsys.recommend.neighbours import neighbours

TRACKS = make_synthetic_tracks(20)


@pytest.mark.parametrize("n", [1, 5, 79, 200])
def test_neighbours_are_those_of_single_searches(n: int) -> None:
    results = list(neighbours(TRACKS.index, TRACKS.ids, TRACKS.tracks, n=n))
    assert [found.track.id for found in results] == TRACKS.ids.tolist()
    for track, others in results:
        ids, similarities = TRACKS.index.search(TRACKS.index.vectors(np.array([track.id])), n + 1)
        expected = [(i, s) for i, s in zip(ids[0].tolist(), similarities[0].tolist(), strict=True) if i != track.id][:n]
        assert [other.id for other, _ in others] == [i for i, _ in expected]
        assert [s for _, s in others] == pytest.approx([max(0.0, s) for _, s in expected], abs=1e-6)


def test_neighbours_are_among_the_given_ids() -> None:
    subset = TRACKS.ids[::3]
    for track, others in neighbours(TRACKS.index, subset, TRACKS.tracks, n=50):
        assert {other.id for other, _ in others} == set(subset.tolist()) - {track.id}


def test_artist_limit_widens_the_search() -> None:
    tracks = {i: replace(t, artist="the same" if t.genre == "jazz" else t.artist) for i, t in TRACKS.tracks.items()}
    for _, others in neighbours(TRACKS.index, TRACKS.ids, tracks, n=10, max_per_artist=2):
        assert len(others) == 10
        assert max(Counter(other.artist for other, _ in others).values()) <= 2
        scores = [s for _, s in others]
        assert scores == sorted(scores, reverse=True)


def test_neighbours_by_two_artists_count_for_both() -> None:
    tracks = {
        i: replace(t, artist="x; y", artists=("x", f"y {i % 3}")) if t.genre == "jazz" else t
        for i, t in TRACKS.tracks.items()
    }
    for _, others in neighbours(TRACKS.index, TRACKS.ids, tracks, n=10, max_per_artist=1):
        assert sum("x" in other.artists for other, _ in others) <= 1


@pytest.mark.parametrize("max_per_artist", [0, 2])
def test_neighbours_have_each_performance_once(max_per_artist: int) -> None:
    # Four successive ids are one performance; their vectors differ like those of other tracks of the genre.
    group = {i: i - (i - 1) % 4 for i in TRACKS.ids.tolist()}
    [*results] = neighbours(TRACKS.index, TRACKS.ids, TRACKS.tracks, n=10, max_per_artist=max_per_artist, groups=group)
    for track, others in results:
        performances = [(i - 1) // 4 for i in [track.id, *(other.id for other, _ in others)]]
        assert len(performances) == len(set(performances)) == 11
        ids, _ = TRACKS.index.search(TRACKS.index.vectors(np.array([track.id])), len(TRACKS.ids))
        nearest: list[int] = []
        for i in ids[0].tolist():
            if group[i] not in {group[other] for other in (track.id, *nearest)}:
                nearest.append(i)
        assert [other.id for other, _ in others] == nearest[:10]  # of each performance the nearest copy
