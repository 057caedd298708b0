"""Tracks with known traits, for explanations and comparisons."""

from typing import Any

import numpy as np
from synthetic_library import make_track

from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.traits import ExplainedTrack


def explained(
    number: int = 1,
    tags: dict[str, float] | None = None,
    voices: tuple[float, float, float, float] = (0, 0, 0, 0),
    *,
    deviations: dict[str, float] | None = None,
    **fields: Any,
) -> ExplainedTrack:
    """A track with average features but for these deviations by name, and with these probabilities of tags."""
    vector = np.zeros(len(DIMENSIONS), np.float32)
    for name, deviation in (deviations or {}).items():
        vector[index_of(name)] = deviation
    return ExplainedTrack(
        make_track(number, **{"genre": None, "bpm": None, "key": None, **fields}), vector, tags or {}, voices
    )
