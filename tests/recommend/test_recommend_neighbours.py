"""Neighbours of all tracks, against searching for each by itself."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import make_shelf

from recsys.recommend.neighbours import neighbours

SHELF = make_shelf(20)


@pytest.mark.parametrize("n", [1, 5, 79, 200])
def test_every_track_has_the_nearest_of_all(n: int) -> None:
    listed = list(neighbours(SHELF.index, SHELF.ids, SHELF.tracks, n=n))
    assert [found.track.id for found in listed] == SHELF.ids.tolist()
    for track, others in listed:
        alone, similarities = SHELF.index.search(SHELF.index.vectors(np.array([track.id])), n + 1)
        wanted = [(i, s) for i, s in zip(alone[0].tolist(), similarities[0].tolist(), strict=True) if i != track.id][:n]
        assert [other.id for other, _ in others] == [i for i, _ in wanted]
        assert [s for _, s in others] == pytest.approx([max(0.0, s) for _, s in wanted], abs=1e-6)


def test_only_what_is_asked_for_is_compared() -> None:
    some = SHELF.ids[::3]
    for track, others in neighbours(SHELF.index, some, SHELF.tracks, n=50):
        assert {other.id for other, _ in others} == set(some.tolist()) - {track.id}


def test_a_cap_looks_further_until_the_list_is_full() -> None:
    crowd = {i: replace(t, artist="the same" if t.genre == "jazz" else t.artist) for i, t in SHELF.tracks.items()}
    for _, others in neighbours(SHELF.index, SHELF.ids, crowd, n=10, max_per_artist=2):
        assert len(others) == 10
        assert max(Counter(other.artist for other, _ in others).values()) <= 2
        alike = [s for _, s in others]
        assert alike == sorted(alike, reverse=True)
