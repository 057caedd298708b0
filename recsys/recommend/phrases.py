"""English sentences for the shared traits of two tracks and for their differences."""

from collections.abc import Sequence

from recsys.domain.keys import camelot, key_with_code
from recsys.recommend.comparison import Difference, Trait
from recsys.recommend.traits import ExplainedTrack, find_traits

MAX_TRAITS = 5  # shared traits that are stated
MIN_TRAITS = 3  # up to this number, common traits are stated as well
MAX_DIFFERENCES = 2
MIN_STYLE_PROBABILITY = 0.3  # probability in both tracks from which a style is more than a touch
LOW_SIMILARITY = 0.1  # similarity below which two tracks are hardly similar
NOTHING_SHARED = "nothing unusual in common"
_MAX_PER_FAMILY = {"style": 2, "manner": 2, "instrument": 3}
_ADJECTIVE_FAMILIES = ("pace", "level", "density", "manner")  # in the order of the sentence
_TRAILING_FAMILIES = ("beat", "dynamics", "key", "tempo")
_COMMON = ("genre", "tempo", "key")  # stated if no trait is rare
_IMPLIED_BY = {  # traits that are not stated if one of these is shared
    "singing": ("voice",),
    "instrument strings": ("instrument violin", "instrument cello"),
    "density": ("pace",),
    "style rock": ("style hard rock", "style progressive rock"),
}
_ADJECTIVES = frozenset({"alternative", "classical", "electronic", "indie", "latin", "world"})  # genres: "latin music"


def select_traits(
    traits: Sequence[Trait], seed: ExplainedTrack, pick: ExplainedTrack, min_rarity: float
) -> list[Trait]:
    """The shared traits to state, rarest first; none if none is rare.

    A shared genre is always stated. Traits that are not rare are stated only while there are few others.
    """
    stated = [trait for trait in traits if not _is_implied(trait, traits, seed, pick)]
    genre = [trait for trait in stated if trait.family == "genre"]
    others = [trait for trait in stated if trait.family != "genre" and trait.word != "neighbouring"]
    kept: list[Trait] = []
    counts: dict[str, int] = {}
    for trait in (*others, *(trait for trait in stated if trait.word == "neighbouring")):
        family = trait.family.split()[0]
        max_traits = MAX_TRAITS if trait.rarity >= min_rarity and trait.word != "neighbouring" else MIN_TRAITS
        is_alone = trait.word == "neighbouring" and not (kept or genre)  # too little on its own
        if (
            not is_alone
            and len(kept) + len(genre) < max_traits
            and counts.get(family, 0) < _MAX_PER_FAMILY.get(family, 1)
        ):
            kept.append(trait)
            counts[family] = counts.get(family, 0) + 1
    if not any(trait.rarity >= min_rarity for trait in (*genre, *kept)):
        return []
    return sorted([*genre, *kept], key=lambda trait: -trait.rarity)


def _is_implied(trait: Trait, traits: Sequence[Trait], seed: ExplainedTrack, pick: ExplainedTrack) -> bool:
    """Whether another shared trait or a genre implies the trait.

    A style that is the genre of one of the tracks is left to the differences.
    """
    if {each.family for each in traits} & set(_IMPLIED_BY.get(trait.family, ())):
        return True
    genres = [each["genre"] for each in (find_traits(seed), find_traits(pick)) if "genre" in each]
    return trait.family.split()[0] in ("style", "manner") and any(_same_style(trait.word, genre) for genre in genres)


def sentence(
    seed: ExplainedTrack,
    pick: ExplainedTrack,
    similarity: float,
    traits: Sequence[Trait],
    shared: Sequence[Trait],
    differences: Sequence[Difference],
) -> str:
    """A sentence about what two tracks share, and where the pick differs from the seed.

    Parameters
    ----------
    seed, pick : ExplainedTrack
    similarity : float
    traits : sequence of Trait
        All shared traits.
    shared : sequence of Trait
        The shared traits that are stated.
    differences : sequence of Difference
    """
    overall = "hardly similar" if similarity < LOW_SIMILARITY else "similar overall"
    common = [trait for trait in traits if trait.family in _COMMON and trait.word != "neighbouring"]
    if not shared:
        text = f"{_both(seed, pick, common) if common and similarity >= LOW_SIMILARITY else overall}, {NOTHING_SHARED}"
    elif similarity < LOW_SIMILARITY or {trait.family for trait in shared} <= {"tempo", "key"}:
        text = f"{overall}, {_both(seed, pick, shared)}"
    else:
        text = _both(seed, pick, shared)
    if differences:
        text += f"; but {_join([difference(each, seed, pick) for each in differences])}"
    return text


def phrase(trait: Trait, seed: ExplainedTrack, pick: ExplainedTrack) -> str:
    """One shared trait as a phrase."""
    if trait.family == "tempo":
        one, other = f"{seed.bpm:.0f}", f"{pick.bpm:.0f}"
        if trait.word != "same":
            return f"at {one} and {other} BPM ({trait.word} time)"
        return f"at {one} BPM" if one == other else f"at {one} and {other} BPM"
    if trait.family == "key":
        if trait.word == "same":
            return f"in {key_with_code(seed.key)}"
        return f"in {trait.word} keys ({seed.key} {camelot(seed.key)} and {pick.key} {camelot(pick.key)})"
    if trait.family.startswith("style") and not _is_strong(trait, seed, pick):
        return f"a touch of {trait.word}"
    return f"{trait.word} music" if trait.word in _ADJECTIVES else trait.word


def difference(each: Difference, seed: ExplainedTrack, pick: ExplainedTrack) -> str:
    """One difference as a phrase."""
    match each.family:
        case "tempo":
            return f"{each.this} ({pick.bpm:.0f} against {seed.bpm:.0f} BPM)"
        case "voice":
            return f"with a {each.this}, not a {each.that.split()[0]} one"
    return f"{each.this}, not {each.that}" if each.that else each.this


def _both(seed: ExplainedTrack, pick: ExplainedTrack, traits: Sequence[Trait]) -> str:
    """ "both slow, instrumental folk with guitar, in A minor"."""

    def of(*families: str) -> list[Trait]:
        return [trait for family in families for trait in traits if trait.family.split()[0] == family]

    instruments = [trait.word for trait in of("instrument")]
    adjectives = [trait.word for trait in of(*_ADJECTIVE_FAMILIES)]
    adjectives += ["instrumental"] if any(trait.word == "instrumental" for trait in traits) else []
    if "solo" in adjectives and instruments:
        adjectives.remove("solo")
        instruments = [f"solo {instruments[0]}"] if _is_solo(seed) and _is_solo(pick) else instruments
    styles = [trait for trait in of("style") if _is_strong(trait, seed, pick)]
    weak_styles = [trait.word for trait in of("style") if trait not in styles]
    noun = _join([phrase(trait, seed, pick) for trait in of("genre") or styles]) or ("music" if adjectives else "")
    if of("genre") and styles:
        noun += f" ({', '.join(trait.word for trait in styles)})"
    contents = [trait.word for trait in of("voice")] or ["vocals" for trait in of("singing") if trait.word == "sung"]
    contents += instruments + [trait.word for trait in of("colour")]
    contents += [f"a touch of {_join(weak_styles)}"] if weak_styles else []
    text = " ".join(
        part for part in (", ".join(adjectives), noun, f"with {_join(contents)}" if contents else "") if part
    )
    return "both " + ", ".join(
        part for part in (text, *(phrase(trait, seed, pick) for trait in of(*_TRAILING_FAMILIES))) if part
    )


def _is_solo(track_data: ExplainedTrack) -> bool:
    """Whether a track has one instrument and no voice."""
    words = find_traits(track_data)
    return sum(family.startswith("instrument") for family in words) == 1 and words.get("singing") != "sung"


def _is_strong(trait: Trait, seed: ExplainedTrack, pick: ExplainedTrack) -> bool:
    tag = trait.family.removeprefix("style ")
    return min(seed.tags.get(tag, 0.0), pick.tags.get(tag, 0.0)) >= MIN_STYLE_PROBABILITY


def _same_style(style: str, genre: str) -> bool:
    """Whether a style adds nothing to a genre: "hip hop" and "hiphop", "classical music" and "classical"."""
    one, other = ("".join(filter(str.isalnum, name.casefold().removesuffix(" music"))) for name in (style, genre))
    return one in other or (one, other) == ("rock", "metal")


def _join(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
