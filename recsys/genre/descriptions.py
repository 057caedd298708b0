"""How a track sounds, in words that people and other programs read."""

from typing import Any

from recsys.domain.arrays import FloatArray
from recsys.domain.tracks import Description
from recsys.features.schema import GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.moods import shown
from recsys.genre.tags import telling

MOST_TAGS = 5


def describe(vector: FloatArray) -> Description:
    """The description of a track from its raw vector (D,)."""
    told = telling(vector[GROUPS["tags"]], MOST_TAGS)
    return Description(shown(vector), {name: round(p, 4) for name, p in told})


def by_name(tags: FloatArray) -> dict[str, float]:
    """Tag probabilities (100,) by name, most probable first; of a name that both models know, the larger."""
    named: dict[str, float] = {}
    for name, probability in zip((*MSD_TAGS, *MTT_TAGS), tags.tolist(), strict=True):
        named[name] = max(round(probability, 4), named.get(name, 0.0))
    return dict(sorted(named.items(), key=lambda item: -item[1]))


def describe_vector(vector: FloatArray | None) -> Description | None:
    """The description of a track from its raw vector (D,); None before it has been listened to."""
    return None if vector is None else describe(vector)


def in_full(vector: FloatArray | None) -> dict[str, Any]:
    """Moods, telling tags and all tags of a raw vector (D,); all empty before the track has been listened to."""
    if vector is None:
        return {"moods": [], "telling": {}, "tags": {}}
    tags = vector[GROUPS["tags"]]
    return {**describe(vector)._asdict(), "tags": by_name(tags)}
