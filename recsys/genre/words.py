"""How a track sounds, in words that people and other programs read."""

from typing import Any

from recsys.features.layout import GROUPS
from recsys.features.tagnames import MSD_TAGS, MTT_TAGS
from recsys.genre.tags import moods, telling
from recsys.types import Description, FloatArray

STRONG_MOOD = 0.5  # standard deviations above the usual; weaker moods are not told
MOST_MOODS = 2
MOST_TAGS = 5


def describe(tags: FloatArray) -> Description:
    """The description of a track from its tags (100,)."""
    strong = [mood for mood, strength in moods(tags).items() if strength >= STRONG_MOOD]
    return Description(strong[:MOST_MOODS], {name: round(p, 4) for name, p in telling(tags, MOST_TAGS)})


def by_name(tags: FloatArray) -> dict[str, float]:
    """Tag probabilities (100,) by name, most probable first; of a name that both models know, the larger."""
    named: dict[str, float] = {}
    for name, probability in zip((*MSD_TAGS, *MTT_TAGS), tags.tolist(), strict=True):
        named[name] = max(round(probability, 4), named.get(name, 0.0))
    return dict(sorted(named.items(), key=lambda item: -item[1]))


def describe_vector(vector: FloatArray | None) -> Description | None:
    """The description of a track from its raw vector (D,); None before it has been listened to."""
    return None if vector is None else describe(vector[GROUPS["tags"]])


def in_full(vector: FloatArray | None) -> dict[str, Any]:
    """Moods, telling tags and all tags of a raw vector (D,); all empty before the track has been listened to."""
    if vector is None:
        return {"moods": [], "telling": {}, "tags": {}}
    tags = vector[GROUPS["tags"]]
    return {**describe(tags)._asdict(), "tags": by_name(tags)}
