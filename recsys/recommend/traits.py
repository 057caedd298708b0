"""What can be said of one track in a listener's words, so that two tracks can be compared word by word.

A *trait* is a word in a *family*: "slow" in the family of pace, "instrumental" in that of singing, "piano" in a family
of its own. A track has at most one word of each family, and none where that is not sure: what is average has no word.
Two tracks share a trait if both have the word, and differ in a family where each has another. A new kind of trait is
one more function in ``_KINDS`` and one more row in ``SCALES`` or in the wording of :mod:`recsys.recommend.phrases`.

Words come from MusiCNN's tags, from tempo and from named descriptors. "Loud", "bright" and the like mean one deviation
beyond the mean of the reference corpus, on whose normalised features they stand.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from recsys.domain.arrays import FloatArray
from recsys.domain.tracks import UNKNOWN, Track
from recsys.features.scaling import reference
from recsys.features.schema import index_of

MIN_SIGMA = 1.0  # deviations from the mean of the reference from which a descriptor has a word
SLOW, FAST = 85.0, 140.0  # BPM: the tenth and the ninetieth percentile of 650 pieces of the reference that have a pulse
MODERATE = 110.0  # BPM: what tags call slow is not faster, what they call fast not slower
MIN_PULSE_CLARITY = {"tempo_confidence": 0.44, "key_confidence": 0.33}
"""Below these lies the less sure quarter of the same pieces: what is found there is not said."""
CLEARLY = 2.0  # times as probable must be that somebody sings as that nobody does, or the reverse
LIKELY = 0.1  # probability from which it is said
NAMED = 0.2
"""Probability from which a style or an instrument is named. Of the clips of 4Q where a style has it, AllMusic names the
genre for 52 (blues), 54 (soul), 63 (jazz), 67 (country), 70 (hip hop) and 85 (rock) of 100; with 0.1 for 31 to 83."""
MIN_CONFIDENT_PROBABILITY = 4.0  # times as probable must one voice be as the other
OF_A_GENRE = 0.5  # probability of the genre from which it is said: it is likelier right than wrong

INSTRUMENTS: dict[str, str] = {
    "guitar": "guitar", "piano": "piano", "strings": "strings", "violin": "violin", "cello": "cello", "flute": "flute",
    "harp": "harp", "harpsichord": "harpsichord", "sitar": "sitar", "synth": "synthesiser", "drums": "drums",
    "choir": "choir",
}  # fmt: skip
"""Tags that name what sounds, and what it is called."""
PLAYING_STYLES: dict[str, str] = {
    "acoustic": "acoustic", "ambient": "ambient", "experimental": "experimental", "mellow": "mellow", "solo": "solo",
}  # fmt: skip
"""Tags that are adjectives. Tags of taste ("beautiful") and of decades are left out: a listener may disagree."""
STYLES: dict[str, str] = {
    "rock": "rock", "pop": "pop", "alternative": "alternative", "indie": "indie", "electronic": "electronic music",
    "dance": "dance music", "jazz": "jazz", "metal": "metal", "soul": "soul", "folk": "folk", "punk": "punk",
    "blues": "blues", "hard rock": "hard rock", "hip-hop": "hip hop", "country": "country", "funk": "funk",
    "progressive rock": "progressive rock", "r&b": "R&B", "house": "house", "techno": "techno", "opera": "opera",
    "new age": "new age", "chill": "chill-out", "easy listening": "easy listening",
}  # fmt: skip
"""Tags that name a kind of music. MagnaTagATune's "classical" and "indian" are no better than chance on 4Q."""
PARENT_STYLES = {"techno": "electronic", "house": "electronic", "opera": "classical"}
"""Styles that are said within a genre alone: of 98 clips of 4Q that are tagged techno, 30 per cent are electronic."""

SCALES: dict[str, tuple[str, str, str]] = {
    "level": ("loudness_lufs", "quiet", "loud"),
    "density": ("onset_rate", "sparse", "busy"),
    "colour": ("centroid_mean", "a dark sound", "a bright sound"),
    "dynamics": ("rms_range_db", "evenly loud", "with strong contrasts of loudness"),
    "beat": ("pulse_clarity", "without a steady beat", "with a steady beat"),
}
"""Families of one descriptor each: its name, the word for little and the word for much of it."""


class ExplainedTrack(NamedTuple):
    """A track, its normalised features (D,), and the probabilities of tags in it that are likely and unusual.

    ``voices`` are the largest probabilities of tags for a female voice, a male voice, any voice, and none.
    """

    track: Track
    features: FloatArray
    tags: Mapping[str, float]
    voices: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def deviation(self, name: str) -> float:
        """Deviations of the reference from its mean by which the track has more of a named descriptor."""
        return float(self.features[index_of(name)])

    def sure(self, name: str) -> bool:
        """Whether tempo or key is not among the less sure quarter; ``name`` is that of its confidence."""
        mean, deviation = _reference(name)
        return self.deviation(name) * deviation + mean >= MIN_PULSE_CLARITY[name]

    @property
    def bpm(self) -> float | None:
        """The tempo, where it is sure."""
        return self.track.bpm if self.track.bpm and self.sure("tempo_confidence") else None

    @property
    def key(self) -> str | None:
        """The key, where it is sure."""
        return self.track.key if self.track.key and self.sure("key_confidence") else None


def find_traits(track_data: ExplainedTrack) -> dict[str, str]:
    """The words of a track by family."""
    return {family: word for kind in _KINDS for family, word in kind(track_data)}


@cache
def _reference(name: str) -> tuple[float, float]:
    fitted, i = reference(), index_of(name)
    return float(fitted.mean[i]), float(fitted.std[i])


def _genre(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    track = track_data.track
    if track.genre and track.genre != UNKNOWN and (track.genre_probability or 0) >= OF_A_GENRE:
        yield "genre", track.genre


def _singing(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    """Whether somebody sings; if so, whether a woman or a man.

    By this rule 91 per cent of 33 rap, 82 of 22 country and 100 of 12 R&B clips are sung, and 5 of 431 pieces of game
    music; 58 of those and 75 per cent of 72 classical clips are instrumental, and 2 of 131 pop and rock clips.
    """
    female, male, voice, none = track_data.voices
    sung = max(female, male, voice)
    if sung >= LIKELY and sung > CLEARLY * none:
        yield "singing", "sung"
        if max(female, male) >= LIKELY and max(female, male) > MIN_CONFIDENT_PROBABILITY * min(female, male):
            yield "voice", "female voice" if female > male else "male voice"
    elif none >= LIKELY and none > CLEARLY * sung:
        yield "singing", "instrumental"


def _pace(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    """Slow or fast by tempo and number of notes, or by the tags, where nothing contradicts: a tempo may be halved.

    What is said must not contradict the tempo that is shown beside it, sure or not.
    """
    bpm, slow, fast = track_data.bpm, track_data.tags.get("slow", 0.0), track_data.tags.get("fast", 0.0)
    notes, shown = track_data.deviation("onset_rate"), track_data.track.bpm
    if slow > fast and notes < 0 and (not shown or shown <= MODERATE):
        yield "pace", "slow"
    elif fast > slow and notes > 0 and (not shown or shown >= MODERATE):
        yield "pace", "fast"
    elif bpm and bpm <= SLOW and notes < 0 and not fast:
        yield "pace", "slow"
    elif bpm and bpm >= FAST and notes > 0 and not slow:
        yield "pace", "fast"


def _scales(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    for family, (name, little, much) in SCALES.items():
        deviation = track_data.deviation(name)
        if family == "beat" and deviation < 0 and track_data.track.bpm:
            continue  # a tempo is shown beside it
        if abs(deviation) >= MIN_SIGMA:
            yield family, much if deviation > 0 else little


def _tags(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    genre = dict(_genre(track_data)).get("genre")
    for kind, names, least in (
        ("instrument", INSTRUMENTS, NAMED),
        ("manner", PLAYING_STYLES, LIKELY),
        ("style", STYLES, NAMED),
    ):
        for tag, word in names.items():
            if track_data.tags.get(tag, 0.0) >= least and PARENT_STYLES.get(tag, genre) == genre:
                yield f"{kind} {tag}", word


_KINDS: tuple[Callable[[ExplainedTrack], Iterator[tuple[str, str]]], ...] = (_genre, _singing, _pace, _scales, _tags)
