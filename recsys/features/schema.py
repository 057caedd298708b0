"""Schema of the feature vector: name and group of every dimension.

A vector has the shape (D,) and consists of the groups of ``GROUPS`` in their order; every dimension has a unique name.
Four groups are computed descriptors (timbre, harmony, rhythm, dynamics), ``learned`` has the MusiCNN embeddings and
``tags`` the 100 MusiCNN tag probabilities. Other modules refer to dimensions by name or group, never by number.
"""

from typing import NamedTuple

from recsys.features.rhythm import RHYTHM_NAMES
from recsys.features.summary import COVARIANCE_NAMES, DYNAMICS_NAMES, FRAME_FEATURES, KEY_NAMES
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

__all__ = ["DIMENSIONS", "GROUPS", "Dimension", "index_of"]

EMBEDDING_SIZE = 200


class Dimension(NamedTuple):
    """Name and group of one dimension of the vector."""

    name: str
    group: str


def _feature_names(group: str) -> tuple[str, ...]:
    return tuple(name for feature in FRAME_FEATURES if feature.group == group for name in feature.names)


_NAMES: dict[str, tuple[str, ...]] = {
    "timbre": _feature_names("timbre") + COVARIANCE_NAMES,
    "harmony": _feature_names("harmony") + KEY_NAMES,
    "rhythm": RHYTHM_NAMES,
    "dynamics": _feature_names("dynamics") + DYNAMICS_NAMES,
    "learned": tuple(f"{m}_embedding_{i}" for m in ("msd", "mtt") for i in range(EMBEDDING_SIZE)),
    "tags": tuple(f"msd_tag_{t}" for t in MSD_TAGS) + tuple(f"mtt_tag_{t}" for t in MTT_TAGS),
}

DIMENSIONS = tuple(Dimension(name, group) for group, names in _NAMES.items() for name in names)


def _slices() -> dict[str, slice]:
    slices, start = {}, 0
    for group, names in _NAMES.items():
        slices[group] = slice(start, start + len(names))
        start += len(names)
    return slices


GROUPS: dict[str, slice] = _slices()
_INDEX = {dimension.name: i for i, dimension in enumerate(DIMENSIONS)}


def index_of(name: str) -> int:
    """Index of the dimension with this name; KeyError if there is none.

    >>> index_of("mfcc_0_mean")
    0
    """
    return _INDEX[name]
