"""The feature vector, dimension by dimension.

A vector is (D,): the groups of ``GROUPS`` one after the other, every dimension with a name of its own. Five groups
describe the sound by hand-made descriptors or by what MusiCNN learned; ``tags`` holds MusiCNN's 100 tag
probabilities. Nothing else in recsys knows a dimension by its number.
"""

from typing import NamedTuple

from recsys.features.rhythm import RHYTHM_NAMES
from recsys.features.summary import COVARIANCE_NAMES, DYNAMICS_NAMES, FRAME_FEATURES, KEY_NAMES
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

__all__ = ["DIMENSIONS", "GROUPS", "Dimension", "index_of"]

EMBEDDING_SIZE = 200


class Dimension(NamedTuple):
    """Name and group of one number of the vector."""

    name: str
    group: str


def _family_names(group: str) -> tuple[str, ...]:
    return tuple(name for family in FRAME_FEATURES if family.group == group for name in family.names)


_NAMES: dict[str, tuple[str, ...]] = {
    "timbre": _family_names("timbre") + COVARIANCE_NAMES,
    "harmony": _family_names("harmony") + KEY_NAMES,
    "rhythm": RHYTHM_NAMES,
    "dynamics": _family_names("dynamics") + DYNAMICS_NAMES,
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
    """Number of the dimension with this name; KeyError where there is none."""
    return _INDEX[name]
