"""Pace: how lively music is, from the tags that MusiCNN gives it.

A beat at 170 a minute and one at 85 with something between are often the same sound; that the one is metal and the
other a ballad says which of them people count. ``pace`` compares the tags of stirring music with those of calm music.
"""

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

AROUSING_TAGS = (
    *(MSD_TAGS.index(tag) for tag in ("metal", "hard rock", "party", "dance", "punk")),
    *(len(MSD_TAGS) + MTT_TAGS.index(tag) for tag in ("loud", "fast", "drums", "beat", "techno", "rock")),
)
CALM_TAGS = (
    *(MSD_TAGS.index(tag) for tag in ("Mellow", "chill", "ambient", "acoustic", "sad")),
    *(len(MSD_TAGS) + MTT_TAGS.index(tag) for tag in ("slow", "quiet", "soft", "ambient", "solo")),
)
#: Mean and deviation of the difference over 274 songs and 433 pieces of game music.
_MEAN, _DEVIATION = -0.117, 1.494
_MIN_PACE, _MAX_PACE = 1e-3, 3.0  # of a probability, and of the pace


def pace(tags: FloatArray) -> float:
    """Mean log probability of stirring tags less that of calm ones, in deviations from the mean of a library.

    Parameters
    ----------
    tags
        Probabilities (100,) of the tags, MSD's before MTT's.

    Returns
    -------
    float
        -3 to 3; metal is at about 2, a lullaby at -1.5.
    """
    logs = np.log(np.maximum(tags, _MIN_PACE))
    difference = float(logs[list(AROUSING_TAGS)].mean() - logs[list(CALM_TAGS)].mean())
    return float(np.clip((difference - _MEAN) / _DEVIATION, -_MAX_PACE, _MAX_PACE))
