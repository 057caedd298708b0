"""Candidates of a playlist: what a wider search could still find."""

import numpy as np
import pytest
from synthetic_library import make_synthetic_tracks

from recsys.domain.requests import Quota
from recsys.recommend import pool
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.pool import Pool, WeightedTracks, build_candidates, fit_user_model

TRACKS = make_synthetic_tracks()


@pytest.mark.parametrize(
    ("limit", "is_complete", "exhausted"), [(4096, True, True), (30, False, True), (5, False, False)]
)
def test_candidates_are_complete_if_those_of_the_likes_and_of_each_quota_are(
    monkeypatch: pytest.MonkeyPatch, limit: int, is_complete: bool, exhausted: bool
) -> None:
    """There are 80 tracks, 20 of them metal."""
    monkeypatch.setattr(pool, "_EXHAUSTIVE_LIMIT", limit)
    likes, rng = WeightedTracks.of([TRACKS.tracks[1]]), np.random.default_rng(0)
    quota = Quota("metal", share=0.5)
    found: Pool = build_candidates(
        TRACKS.index, fit_user_model(TRACKS.index, likes, rng), likes, WeightedTracks.of([]),
        PlaylistConstraints(n=10, quotas=(quota,)), n=10, search_depth=6, allowed=None, excluded=np.array([1]),
        quotas={"metal": np.arange(21, 41)}, tracks=TRACKS.lookup, rng=rng,
    )  # fmt: skip
    assert found.is_complete == is_complete
    assert found.quota_exhausted == (exhausted,)
