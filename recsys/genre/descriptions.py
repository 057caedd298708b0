"""The description of a track: mood words and distinctive tags, for people and other programs."""

from typing import Any

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.tracks import Description
from recsys.features.schema import GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.moods import describe_moods
from recsys.genre.tags import distinctive_tags

MAX_TAGS = 5


def describe_sound(vector: FloatArray) -> Description:
    """The description of a track from its raw vector (D,)."""
    return describe_sounds(vector[None])[0]


def describe_sounds(vectors: FloatArray, plane: DoubleArray | None = None) -> list[Description]:
    """The descriptions of tracks from raw vectors (n, D), and valence and arousal (n, 2) where these are known."""
    tags = distinctive_tags(vectors[:, GROUPS["tags"]], MAX_TAGS)
    return [
        Description(moods, {name: round(p, 4) for name, p in found.items()})
        for moods, found in zip(describe_moods(vectors, plane), tags, strict=True)
    ]


def tag_probabilities(tags: FloatArray) -> dict[str, float]:
    """Tag probabilities (100,) by name, most probable first; the larger of the two where both networks have the tag."""
    named: dict[str, float] = {}
    for name, probability in zip((*MSD_TAGS, *MTT_TAGS), tags.tolist(), strict=True):
        named[name] = max(round(probability, 4), named.get(name, 0.0))
    return dict(sorted(named.items(), key=lambda item: -item[1]))


def describe_all(vector: FloatArray | None) -> dict[str, Any]:
    """Moods, distinctive tags and all tags of a raw vector (D,); all empty if the track is not analysed."""
    if vector is None:
        return {"moods": [], "distinctive_tags": {}, "tags": {}}
    tags = vector[GROUPS["tags"]]
    return {**describe_sound(vector)._asdict(), "tags": tag_probabilities(tags)}
