"""Traits of a track: words for its genre, singing, pace, instruments and sound, so that two tracks can be compared.

A *trait* is a word in a *family*: "slow" in the family "pace", "instrumental" in "singing", "piano" in a family of its
own. A track has at most one word of each family, and none if the evidence is weak: average values have no word. Two
tracks share a trait if both have the word, and differ in a family if their words differ. A new kind of trait needs one
more function in ``_TRAIT_FINDERS`` and one more row in ``SCALES`` or in the wording of :mod:`recsys.recommend.phrases`.

Words come from MusiCNN's tags, from tempo and from named descriptors. "Loud", "bright" and the like mean one standard
deviation from the mean of the reference corpus, by which the features are normalised.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple, TypeAlias

from recsys.domain.arrays import FloatArray
from recsys.domain.tracks import UNKNOWN, Track
from recsys.features.scaling import reference
from recsys.features.schema import index_of

MIN_SIGMA = 1.0  # standard deviations from the mean of the reference corpus from which a descriptor has a word
SLOW, FAST = (
    85.0,
    140.0,
)  # BPM: the tenth and the ninetieth percentile of 650 pieces of the reference corpus with a pulse
MODERATE = 110.0  # BPM: limit for the words from the tags "slow" (not faster) and "fast" (not slower)
MIN_CONFIDENCE = {"tempo_confidence": 0.44, "key_confidence": 0.33}
"""The lowest quarter of the same pieces is below these; tempo and key are not stated there."""
MIN_SINGING_RATIO = 2.0  # least ratio of the probabilities of voice and no voice, or the reverse
MIN_TAG_PROBABILITY = 0.1  # from which a trait is stated
MIN_NAMED_PROBABILITY = 0.2
"""Probability from which a style or an instrument is stated. Of 100 clips of 4Q with it for a style, AllMusic has the
genre for 52 (blues), 54 (soul), 63 (jazz), 67 (country), 70 (hip hop) and 85 (rock); with 0.1 for 31 to 83."""
MIN_VOICE_RATIO = 4.0  # least ratio of the probabilities of a female and a male voice, or the reverse
MIN_GENRE_PROBABILITY = 0.5  # from which a genre is stated: it is then more likely right than wrong

INSTRUMENTS: dict[str, str] = {
    "guitar": "guitar", "piano": "piano", "strings": "strings", "violin": "violin", "cello": "cello", "flute": "flute",
    "harp": "harp", "harpsichord": "harpsichord", "sitar": "sitar", "synth": "synthesiser", "drums": "drums",
    "choir": "choir",
}  # fmt: skip
"""Tags of instruments, and their words."""
PLAYING_STYLES: dict[str, str] = {
    "acoustic": "acoustic", "ambient": "ambient", "experimental": "experimental", "mellow": "mellow", "solo": "solo",
}  # fmt: skip
"""Tags that are adjectives, without those of taste ("beautiful") and of decades, about which listeners disagree."""
STYLES: dict[str, str] = {
    "rock": "rock", "pop": "pop", "alternative": "alternative", "indie": "indie", "electronic": "electronic music",
    "dance": "dance music", "jazz": "jazz", "metal": "metal", "soul": "soul", "folk": "folk", "punk": "punk",
    "blues": "blues", "hard rock": "hard rock", "hip-hop": "hip hop", "country": "country", "funk": "funk",
    "progressive rock": "progressive rock", "r&b": "R&B", "house": "house", "techno": "techno", "opera": "opera",
    "new age": "new age", "chill": "chill-out", "easy listening": "easy listening",
}  # fmt: skip
"""Tags of styles. MagnaTagATune's "classical" and "indian" are left out: on 4Q they are no better than chance."""
PARENT_STYLES = {"techno": "electronic", "house": "electronic", "opera": "classical"}
"""Styles that are stated only within a genre: of 98 clips of 4Q that are tagged techno, 30 per cent are electronic."""

SCALES: dict[str, tuple[str, str, str]] = {
    "level": ("loudness_lufs", "quiet", "loud"),
    "density": ("onset_rate", "sparse", "busy"),
    "colour": ("centroid_mean", "a dark sound", "a bright sound"),
    "dynamics": ("rms_range_db", "evenly loud", "with strong contrasts of loudness"),
    "beat": ("pulse_clarity", "without a steady beat", "with a steady beat"),
}
"""Families with one descriptor: its name, the word for low values and the word for high values."""


class ExplainedTrack(NamedTuple):
    """A track with what its explanation needs.

    Attributes
    ----------
    track : Track
    features : (D,)
        Normalised features.
    tags : mapping of str to float
        Probabilities of the tags that are likely and unusual.
    voices : tuple of float
        The largest probabilities of tags for a female voice, a male voice, any voice, and no voice.
    """

    track: Track
    features: FloatArray
    tags: Mapping[str, float]
    voices: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def deviation(self, name: str) -> float:
        """The normalised value of a named descriptor, in standard deviations of the reference corpus."""
        return float(self.features[index_of(name)])

    def is_confident(self, name: str) -> bool:
        """Whether tempo or key is not in the least confident quarter; ``name`` is the descriptor of its confidence."""
        mean, deviation = _reference(name)
        return self.deviation(name) * deviation + mean >= MIN_CONFIDENCE[name]

    @property
    def bpm(self) -> float | None:
        """The tempo, if it is confident."""
        return self.track.bpm if self.track.bpm and self.is_confident("tempo_confidence") else None

    @property
    def key(self) -> str | None:
        """The key, if it is confident."""
        return self.track.key if self.track.key and self.is_confident("key_confidence") else None


def find_traits(track_data: ExplainedTrack) -> dict[str, str]:
    """The words of a track by family."""
    return {family: word for find in _TRAIT_FINDERS for family, word in find(track_data)}


@cache
def _reference(name: str) -> tuple[float, float]:
    fitted, i = reference(), index_of(name)
    return float(fitted.mean[i]), float(fitted.std[i])


def _genre(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    track = track_data.track
    if track.genre and track.genre != UNKNOWN and (track.genre_probability or 0) >= MIN_GENRE_PROBABILITY:
        yield "genre", track.genre


def _singing(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    """Singing, and a female or male voice.

    By this rule 91 per cent of 33 rap, 82 of 22 country and 100 of 12 R&B clips are sung, and 5 of 431 pieces of game
    music; 58 of those and 75 per cent of 72 classical clips are instrumental, and 2 of 131 pop and rock clips.
    """
    female, male, voice, no_voice = track_data.voices
    singing = max(female, male, voice)
    if singing >= MIN_TAG_PROBABILITY and singing > MIN_SINGING_RATIO * no_voice:
        yield "singing", "sung"
        if max(female, male) >= MIN_TAG_PROBABILITY and max(female, male) > MIN_VOICE_RATIO * min(female, male):
            yield "voice", "female voice" if female > male else "male voice"
    elif no_voice >= MIN_TAG_PROBABILITY and no_voice > MIN_SINGING_RATIO * singing:
        yield "singing", "instrumental"


def _pace(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    """Slow or fast, by tempo and onset rate, or by the tags if nothing contradicts them: a tempo may be halved.

    The word must not contradict the tempo of the track, which is displayed even if it is not confident.
    """
    bpm, slow, fast = track_data.bpm, track_data.tags.get("slow", 0.0), track_data.tags.get("fast", 0.0)
    onset_deviation, track_bpm = track_data.deviation("onset_rate"), track_data.track.bpm
    if slow > fast and onset_deviation < 0 and (not track_bpm or track_bpm <= MODERATE):
        yield "pace", "slow"
    elif fast > slow and onset_deviation > 0 and (not track_bpm or track_bpm >= MODERATE):
        yield "pace", "fast"
    elif bpm and bpm <= SLOW and onset_deviation < 0 and not fast:
        yield "pace", "slow"
    elif bpm and bpm >= FAST and onset_deviation > 0 and not slow:
        yield "pace", "fast"


def _scales(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    for family, (name, low_word, high_word) in SCALES.items():
        deviation = track_data.deviation(name)
        if deviation >= MIN_SIGMA:
            yield family, high_word
        elif deviation <= -MIN_SIGMA and not (family == "beat" and track_data.track.bpm):  # with a tempo it has a beat
            yield family, low_word


def _tags(track_data: ExplainedTrack) -> Iterator[tuple[str, str]]:
    genre = dict(_genre(track_data)).get("genre")
    for family_prefix, names, min_probability in (
        ("instrument", INSTRUMENTS, MIN_NAMED_PROBABILITY),
        ("manner", PLAYING_STYLES, MIN_TAG_PROBABILITY),
        ("style", STYLES, MIN_NAMED_PROBABILITY),
    ):
        for tag, word in names.items():
            if track_data.tags.get(tag, 0.0) >= min_probability and PARENT_STYLES.get(tag, genre) == genre:
                yield f"{family_prefix} {tag}", word


_TraitFinder: TypeAlias = Callable[[ExplainedTrack], Iterator[tuple[str, str]]]
_TRAIT_FINDERS: tuple[_TraitFinder, ...] = (_genre, _singing, _pace, _scales, _tags)
