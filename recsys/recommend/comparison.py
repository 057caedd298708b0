"""What two tracks share, most unusual first, and where they differ most.

How unusual a shared fact is, its *rarity*, is measured in the library itself: minus the logarithm to base 2 of the
share of a sample of its tracks of which the same could be said (information in bits). So "classical" says nothing in a
library of classical music, and key, tempo, voice and loudness compare on one scale.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from recsys.recommend.traits import SCALES, ExplainedTrack, find_traits
from recsys.recommend.transitions import fifths

SAME_TEMPO = 0.04  # share by which two tempi may differ and still be felt as one
MAX_RARITY = math.log2(3)  # bits: said of less than a third of the library
MIN_DIFFERENCE = 1.0  # deviations of the reference by which two tracks differ audibly in a descriptor
MIN_TEMPO_DIFFERENCE = 0.25  # octaves (19 per cent) by which two tempi do
COMPARATIVES = {
    "level": ("quieter", "louder"),
    "density": ("sparser", "busier"),
    "colour": ("darker in sound", "brighter in sound"),
}
_ORDER = ("voice", "genre", "style", "instrument", "pace", "manner", "singing", *SCALES, "key", "tempo")  # if as rare
_OPPOSITES = ("singing", "genre", "voice")  # families in which two words are a difference, the most telling first


class Trait(NamedTuple):
    """What two tracks share: a word of a family, or how their tempi or keys lie; and its rarity in bits."""

    family: str
    word: str
    rarity: float


class Difference(NamedTuple):
    """In what a found track differs from the one asked for: in its family, this and not that; how much, in [0, 1]."""

    family: str
    this: str
    that: str
    size: float


class TraitSample:
    """Some tracks of a library, against which rarity is measured; without any, everything is rare."""

    def __init__(self, tracks: Sequence[ExplainedTrack]) -> None:
        self.tracks = tracks
        self._traits = [find_traits(track_data) for track_data in tracks]

    def with_word(self, family: str, word: str) -> float:
        """Rarity of a word."""
        return self._rarity(sum(each.get(family) == word for each in self._traits))

    def with_tag(self, tag: str) -> float:
        """Rarity of a tag."""
        return self._rarity(sum(tag in track_data.tags for track_data in self.tracks))

    def rarity(self, holds: Callable[[ExplainedTrack], bool]) -> float:
        """Rarity of what holds for some tracks."""
        return self._rarity(sum(map(holds, self.tracks)))

    def _rarity(self, count: int) -> float:
        return -math.log2((count + 1) / (len(self.tracks) + 2)) if self.tracks else MAX_RARITY

    def mean(self, holds: Iterable[bool]) -> float:
        """Share of the tracks for which something holds; 1 without any track."""
        return sum(holds) / len(self.tracks) if self.tracks else 1.0


def shared(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> list[Trait]:
    """All that both share, the rarest first."""
    mine, theirs = find_traits(seed), find_traits(pick)
    facts = [Trait(family, word, sample.with_word(family, word)) for family, word in mine.items()
             if theirs.get(family) == word]  # fmt: skip
    if relation := tempo_relation(seed.bpm, pick.bpm):
        facts.append(Trait("tempo", relation, sample.rarity(lambda h: tempo_relation(seed.bpm, h.bpm) == relation)))
    if near := key_relation(seed.key, pick.key):
        facts.append(Trait("key", near, sample.rarity(lambda h: key_relation(seed.key, h.key) == near)))
    return sorted(facts, key=lambda fact: (-fact.rarity, _ORDER.index(fact.family.split()[0]), fact.family))


def differences(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> list[Difference]:
    """Where the pick differs from the seed, the most telling first: in kind, then by how many tracks differ less."""
    mine, theirs = find_traits(seed), find_traits(pick)
    found = [Difference(family, theirs[family], mine[family], 1.0) for family in _OPPOSITES
             if family in mine and family in theirs and mine[family] != theirs[family]]  # fmt: skip
    return found + sorted(_by_degree(seed, pick, sample, mine, theirs), key=lambda each: -each.size)


def _by_degree(
    seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample, mine: dict[str, str], theirs: dict[str, str]
) -> Iterator[Difference]:
    def nearer(scale: Callable[[ExplainedTrack], float | None]) -> tuple[float, float]:
        """By how much the pick is above the seed, and the share of tracks that are nearer to it; 0 if not known."""
        here, there = scale(seed), scale(pick)
        if here is None or there is None:
            return 0.0, 0.0
        places = (scale(track_data) for track_data in sample.tracks)
        return there - here, sample.mean(
            place is not None and abs(place - here) < abs(there - here) for place in places
        )

    octaves, size = nearer(_octave)
    if (
        abs(octaves) >= MIN_TEMPO_DIFFERENCE
        and not tempo_relation(seed.bpm, pick.bpm)
        and not _same("pace", mine, theirs)
    ):
        yield Difference("tempo", "faster" if octaves > 0 else "slower", "", size)
    for family, (less, more) in COMPARATIVES.items():
        above, size = nearer(_scale(family))
        if abs(above) >= MIN_DIFFERENCE and not _same(family, mine, theirs):
            yield Difference(family, more if above > 0 else less, "", size)


def _octave(track_data: ExplainedTrack) -> float | None:
    return math.log2(track_data.bpm) if track_data.bpm else None


def _scale(family: str) -> Callable[[ExplainedTrack], float]:
    """The deviation of a track in a family of one descriptor."""
    return lambda track_data: track_data.deviation(SCALES[family][0])


def _same(family: str, mine: dict[str, str], theirs: dict[str, str]) -> bool:
    return family in mine and mine[family] == theirs.get(family)


def tempo_relation(one: float | None, other: float | None) -> str | None:
    """ "same", "double" or "half" the tempo of the first; None where it is another or not known."""
    if not one or not other:
        return None
    octaves, near = math.log2(other / one), math.log2(1 + SAME_TEMPO)
    for relation, wanted in (("same", 0), ("double", 1), ("half", -1)):
        if abs(octaves - wanted) <= near:
            return relation
    return None


def key_relation(one: str | None, other: str | None) -> str | None:
    """ "same", "relative" or "neighbouring" (a fifth apart); None where they are further apart or not known."""
    if not one or not other:
        return None
    if one == other:
        return "same"
    apart = abs(fifths(one) - fifths(other)) % 12
    return {0: "relative", 1: "neighbouring"}.get(min(apart, 12 - apart))
