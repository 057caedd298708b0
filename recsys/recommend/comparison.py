"""Shared traits of two tracks, rarest first, and their largest differences.

The *rarity* of a shared trait is measured in the library itself: minus the logarithm to base 2 of the share of a sample
of its tracks that have the trait (information in bits). "classical" thus has no rarity in a library of classical
music, and key, tempo, voice and loudness are compared on one scale.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from recsys.recommend.traits import SCALES, ExplainedTrack, find_traits
from recsys.recommend.transitions import fifths

SAME_TEMPO = 0.04  # largest relative difference of two tempi that are perceived as the same
MIN_RARITY = math.log2(3)  # bits from which a trait is rare: less than a third of the library has it
MIN_DIFFERENCE = 1.0  # standard deviations of the reference corpus: an audible difference in a descriptor
MIN_TEMPO_DIFFERENCE = 0.25  # octaves (19 per cent): an audible difference in tempo
COMPARATIVES = {
    "level": ("quieter", "louder"),
    "density": ("sparser", "busier"),
    "colour": ("darker in sound", "brighter in sound"),
}
#: The order of equally rare traits.
_ORDER = ("voice", "genre", "style", "instrument", "pace", "manner", "singing", *SCALES, "key", "tempo")
_OPPOSITES = ("singing", "genre", "voice")  # families whose words exclude each other, most important first


class Trait(NamedTuple):
    """A trait that two tracks share: a word of a family, or the relation of their tempi or keys; rarity in bits."""

    family: str
    word: str
    rarity: float


class Difference(NamedTuple):
    """A difference: in ``family`` the pick is ``this`` and the seed is ``that``; ``size`` in [0, 1]."""

    family: str
    this: str
    that: str
    size: float


class TraitSample:
    """A sample of the library, against which rarity is measured; if it is empty, every trait is rare."""

    def __init__(self, tracks: Sequence[ExplainedTrack]) -> None:
        self.tracks = tracks
        self._traits = [find_traits(track_data) for track_data in tracks]

    def word_rarity(self, family: str, word: str) -> float:
        """Rarity in bits of a word of a family."""
        return self._bits(sum(each.get(family) == word for each in self._traits))

    def tag_rarity(self, tag: str) -> float:
        """Rarity in bits of a tag."""
        return self._bits(sum(tag in track_data.tags for track_data in self.tracks))

    def rarity(self, predicate: Callable[[ExplainedTrack], bool]) -> float:
        """Rarity in bits of a predicate."""
        return self._bits(sum(map(predicate, self.tracks)))

    def _bits(self, count: int) -> float:
        return -math.log2((count + 1) / (len(self.tracks) + 2)) if self.tracks else MIN_RARITY

    def share(self, flags: Iterable[bool]) -> float:
        """Share of the tracks whose flag is set; 1 for an empty sample."""
        return sum(flags) / len(self.tracks) if self.tracks else 1.0


def shared(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> list[Trait]:
    """All shared traits, rarest first."""
    seed_traits, pick_traits = find_traits(seed), find_traits(pick)
    traits = [Trait(family, word, sample.word_rarity(family, word)) for family, word in seed_traits.items()
             if pick_traits.get(family) == word]  # fmt: skip
    if relation := tempo_relation(seed.bpm, pick.bpm):
        traits.append(Trait("tempo", relation, sample.rarity(lambda h: tempo_relation(seed.bpm, h.bpm) == relation)))
    if key := key_relation(seed.key, pick.key):
        traits.append(Trait("key", key, sample.rarity(lambda h: key_relation(seed.key, h.key) == key)))
    return sorted(traits, key=lambda trait: (-trait.rarity, _ORDER.index(trait.family.split()[0]), trait.family))


def differences(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> list[Difference]:
    """Differences of the pick from the seed, most important first.

    Differences of words come first, then those of degree, by the share of tracks that are nearer to the seed.
    """
    seed_traits, pick_traits = find_traits(seed), find_traits(pick)
    found = [
        Difference(family, pick_traits[family], seed_traits[family], 1.0)
        for family in _OPPOSITES
        if family in seed_traits and family in pick_traits and seed_traits[family] != pick_traits[family]
    ]
    return found + sorted(_by_degree(seed, pick, sample, seed_traits, pick_traits), key=lambda each: -each.size)


def _by_degree(
    seed: ExplainedTrack,
    pick: ExplainedTrack,
    sample: TraitSample,
    seed_traits: dict[str, str],
    pick_traits: dict[str, str],
) -> Iterator[Difference]:
    def nearer(scale: Callable[[ExplainedTrack], float | None]) -> tuple[float, float]:
        """How much larger the pick is, and the share of tracks nearer to the seed; zeros if it is not known."""
        here, there = scale(seed), scale(pick)
        if here is None or there is None:
            return 0.0, 0.0
        values = (scale(track_data) for track_data in sample.tracks)
        return there - here, sample.share(
            value is not None and abs(value - here) < abs(there - here) for value in values
        )

    octaves, size = nearer(_octave)
    if (
        abs(octaves) >= MIN_TEMPO_DIFFERENCE
        and not tempo_relation(seed.bpm, pick.bpm)
        and not _same("pace", seed_traits, pick_traits)
    ):
        yield Difference("tempo", "faster" if octaves > 0 else "slower", "", size)
    for family, (less, more) in COMPARATIVES.items():
        above, size = nearer(_scale(family))
        if abs(above) >= MIN_DIFFERENCE and not _same(family, seed_traits, pick_traits):
            yield Difference(family, more if above > 0 else less, "", size)


def _octave(track_data: ExplainedTrack) -> float | None:
    return math.log2(track_data.bpm) if track_data.bpm else None


def _scale(family: str) -> Callable[[ExplainedTrack], float]:
    """A function that returns the deviation of a track in the descriptor of a family."""
    return lambda track_data: track_data.deviation(SCALES[family][0])


def _same(family: str, seed_traits: dict[str, str], pick_traits: dict[str, str]) -> bool:
    return family in seed_traits and seed_traits[family] == pick_traits.get(family)


def tempo_relation(one: float | None, other: float | None) -> str | None:
    """ "same", "double" or "half" the first tempo; None if the second is another or one is not known.

    Examples
    --------
    >>> tempo_relation(120, 122), tempo_relation(120, 60), tempo_relation(120, 90)
    ('same', 'half', None)
    """
    if not one or not other:
        return None
    octaves, near = math.log2(other / one), math.log2(1 + SAME_TEMPO)
    for relation, wanted in (("same", 0), ("double", 1), ("half", -1)):
        if abs(octaves - wanted) <= near:
            return relation
    return None


def key_relation(one: str | None, other: str | None) -> str | None:
    """ "same", "relative" or "neighbouring" (a fifth apart); None if it is another or one is not known.

    Examples
    --------
    >>> key_relation("C major", "A minor"), key_relation("C major", "G major"), key_relation("C major", "F# major")
    ('relative', 'neighbouring', None)
    """
    if not one or not other:
        return None
    if one == other:
        return "same"
    apart = abs(fifths(one) - fifths(other))
    return {0: "relative", 1: "neighbouring"}.get(min(apart, 12 - apart))
