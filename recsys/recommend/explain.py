"""Why this track? What each group of features gives to a similarity, and what a listener would say of it.

The numbers are exact: what the groups give, less what is taken for hubs, is the similarity. The sentence names the
groups that give most, the tags that both have, and how tempo and key lie to each other.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recsys.recommend.transitions import fifths
from recsys.recommend.vectors import contributions
from recsys.types import Explanation, FloatArray, Track

NAMES = {
    "learned": "kind of music",
    "timbre": "timbre",
    "rhythm": "rhythm",
    "harmony": "harmony",
    "dynamics": "dynamics",
}
SAME_TEMPO = 0.04  # share by which two tempi may differ and still be felt as one
MOST_TAGS = 4
_HARDLY = 0.1  # cosine below which two sounds have nothing in common worth naming
_GIVES = 0.15  # share of the similarity from which a group is named


class Heard(NamedTuple):
    """A track, its normalised features (D,), and the tags that tell of it, most unusual first."""

    track: Track
    features: FloatArray
    telling: tuple[str, ...]


def explain(seeds: Sequence[Heard], picks: Sequence[Heard], similarities: Sequence[float]) -> list[Explanation]:
    """An explanation for each pick; ``similarities`` are those before they are cut off at 0 and 1.

    With several seeds the numbers are means over all of them, and the sentence speaks of the nearest.
    """
    if not picks:
        return []
    others = np.stack([pick.features for pick in picks])
    given = [contributions(seed.features, others) for seed in seeds]
    cosines = np.stack([sum(groups.values(), np.zeros(len(picks))) for groups in given])
    mean = {group: np.mean([groups[group] for groups in given], axis=0) for group in given[0]}
    nearest = cosines.argmax(axis=0)
    explanations = []
    for i, (pick, similarity) in enumerate(zip(picks, similarities, strict=True)):
        seed = seeds[nearest[i]]
        groups = {group: float(values[i]) for group, values in mean.items()}
        tags = tuple(tag for tag in seed.telling if tag in pick.telling)[:MOST_TAGS]
        text = _sentence(groups, tags, seed.track, pick.track, len(seeds) > 1)
        explanations.append(
            Explanation(
                groups=groups,
                hubs=similarity - float(cosines[:, i].mean()),
                tags=tags,
                bpm=(seed.track.bpm, pick.track.bpm),
                key=(seed.track.key, pick.track.key),
                text=text,
            )
        )
    return explanations


def _sentence(groups: dict[str, float], tags: tuple[str, ...], seed: Track, pick: Track, several: bool) -> str:
    total = sum(value for value in groups.values() if value > 0)
    order = sorted(groups, key=lambda group: -groups[group])
    named = [NAMES[group] for group in order if total and groups[group] > _GIVES * total]
    against = [NAMES[group] for group in order if total and groups[group] < -_GIVES * total]
    parts = [f"alike in {_listed(named)}" if named and sum(groups.values()) > _HARDLY else "hardly alike"]
    if against and named:
        parts[0] += f", not in {_listed(against)}"
    if several:
        parts.append(f"nearest to {seed.title}")
    if tags:
        parts.append(f"both {_listed(list(tags))}")
    parts += [part for part in (_tempo(seed.bpm, pick.bpm), _key(seed.key, pick.key)) if part]
    return "; ".join(parts)


def _tempo(one: float | None, other: float | None) -> str | None:
    if not one or not other:
        return None
    octaves = math.log2(other / one)
    near = math.log2(1 + SAME_TEMPO)
    if abs(octaves) <= near:
        return f"same tempo ({other:.0f} BPM)"
    if abs(abs(octaves) - 1) <= near:
        return f"{'twice' if octaves > 0 else 'half'} the tempo ({other:.0f} and {one:.0f} BPM)"
    return f"{'faster' if octaves > 0 else 'slower'} ({other:.0f} and {one:.0f} BPM)"


def _key(one: str | None, other: str | None) -> str | None:
    if not one or not other:
        return None
    if one == other:
        return f"same key ({one})"
    apart = abs(fifths(one) - fifths(other)) % 12
    steps = min(apart, 12 - apart)
    if steps == 0:
        return f"relative keys ({other} and {one})"
    return f"neighbouring keys ({other} and {one})" if steps == 1 else f"keys apart ({other} and {one})"


def _listed(words: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
