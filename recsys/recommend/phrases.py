"""What two tracks share and where they differ, as a sentence of plain English."""

from collections.abc import Sequence

from recsys.recommend.comparison import Difference, Trait
from recsys.recommend.traits import ExplainedTrack, find_traits

MAX_REASONS = 5  # facts of what is shared
MIN_REASONS = 3  # with fewer that are rare, others are told besides
MAX_DIFFERENCES = 2  # differences
LARGE_DIFFERENCE = 0.3  # probability of a style in both from which it is more than a touch
LOW_SIMILARITY = 0.1  # similarity below which it is said that there is little
NO_REASON = "nothing unusual in common"
_MAX_PER_FAMILY = {"style": 2, "manner": 2, "instrument": 3}
_BEFORE = ("pace", "level", "density", "manner")  # adjectives, in their order
_AFTER = ("beat", "dynamics", "key", "tempo")
_PLAIN = ("genre", "tempo", "key")  # what is told where nothing is rare
_IMPLIED_BY = {  # what goes without saying where something else is shared
    "singing": ("voice",),
    "instrument strings": ("instrument violin", "instrument cello"),
    "density": ("pace",),
    "style rock": ("style hard rock", "style progressive rock"),
}
_ADJECTIVES = frozenset({"alternative", "classical", "electronic", "indie", "latin", "world"})  # genres: "latin music"


def select_facts(facts: Sequence[Trait], seed: ExplainedTrack, pick: ExplainedTrack, rare: float) -> list[Trait]:
    """The facts to tell, the rarest first; none if none is rare.

    The genre is among them if it is shared, and so are facts that are not rare while there are few others.
    """
    told = [fact for fact in facts if not _is_implied(fact, facts, seed, pick)]
    genre = [fact for fact in told if fact.family == "genre"]
    rest = [fact for fact in told if fact.family != "genre" and fact.word != "neighbouring"]
    kept: list[Trait] = []
    counts: dict[str, int] = {}
    for fact in (*rest, *(fact for fact in told if fact.word == "neighbouring")):
        kind = fact.family.split()[0]
        room = MAX_REASONS if fact.rarity >= rare and fact.word != "neighbouring" else MIN_REASONS
        if fact.word == "neighbouring" and not (kept or genre):
            continue  # of itself it says too little
        if len(kept) + len(genre) < room and counts.get(kind, 0) < _MAX_PER_FAMILY.get(kind, 1):
            kept.append(fact)
            counts[kind] = counts.get(kind, 0) + 1
    if not any(fact.rarity >= rare for fact in (*genre, *kept)):
        return []
    return sorted([*genre, *kept], key=lambda fact: -fact.rarity)


def _is_implied(fact: Trait, facts: Sequence[Trait], seed: ExplainedTrack, pick: ExplainedTrack) -> bool:
    """Whether another fact says it, or a genre does; a style that is the genre of one of both is left to differ."""
    if {each.family for each in facts} & set(_IMPLIED_BY.get(fact.family, ())):
        return True
    genres = [each["genre"] for each in (find_traits(seed), find_traits(pick)) if "genre" in each]
    return fact.family.split()[0] in ("style", "manner") and any(_same_style(fact.word, genre) for genre in genres)


def sentence(
    seed: ExplainedTrack,
    pick: ExplainedTrack,
    similarity: float,
    facts: Sequence[Trait],
    shared: Sequence[Trait],
    apart: Sequence[Difference],
) -> str:
    """What both share, of all ``facts`` those worth being ``shared``, and where the pick differs."""
    overall = "hardly similar" if similarity < LOW_SIMILARITY else "similar overall"
    plain = [fact for fact in facts if fact.family in _PLAIN and fact.word != "neighbouring"]
    if not shared:
        text = f"{_both(seed, pick, plain) if plain and similarity >= LOW_SIMILARITY else overall}, {NO_REASON}"
    elif similarity < LOW_SIMILARITY or {fact.family for fact in shared} <= {"tempo", "key"}:
        text = f"{overall}, {_both(seed, pick, shared)}"
    else:
        text = _both(seed, pick, shared)
    if apart:
        text += f"; but {_listed([difference(each, seed, pick) for each in apart])}"
    return text


def phrase(fact: Trait, seed: ExplainedTrack, pick: ExplainedTrack) -> str:
    """A shared fact by itself."""
    if fact.family == "tempo":
        one, other = f"{seed.bpm:.0f}", f"{pick.bpm:.0f}"
        if fact.word != "same":
            return f"at {one} and {other} BPM ({fact.word} time)"
        return f"at {one} BPM" if one == other else f"at {one} and {other} BPM"
    if fact.family == "key":
        return f"in {seed.key}" if fact.word == "same" else f"in {fact.word} keys ({seed.key} and {pick.key})"
    if fact.family.startswith("style") and not _degree(fact, seed, pick):
        return f"a touch of {fact.word}"
    return f"{fact.word} music" if fact.word in _ADJECTIVES else fact.word


def difference(each: Difference, seed: ExplainedTrack, pick: ExplainedTrack) -> str:
    """A difference by itself."""
    match each.family:
        case "tempo":
            return f"{each.this} ({pick.bpm:.0f} against {seed.bpm:.0f} BPM)"
        case "voice":
            return f"with a {each.this}, not a {each.that.split()[0]} one"
    return f"{each.this}, not {each.that}" if each.that else each.this


def _both(seed: ExplainedTrack, pick: ExplainedTrack, facts: Sequence[Trait]) -> str:
    """ "both slow, instrumental folk with guitar, in A minor"."""

    def of(*kinds: str) -> list[Trait]:
        return [fact for kind in kinds for fact in facts if fact.family.split()[0] == kind]

    instruments = [fact.word for fact in of("instrument")]
    before = [fact.word for fact in of(*_BEFORE)]
    before += ["instrumental"] if any(fact.word == "instrumental" for fact in facts) else []
    if "solo" in before and instruments:
        before.remove("solo")
        instruments = [f"solo {instruments[0]}"] if _alone(seed) and _alone(pick) else instruments
    styles = [fact for fact in of("style") if _degree(fact, seed, pick)]
    touches = [fact.word for fact in of("style") if fact not in styles]
    noun = _listed([phrase(fact, seed, pick) for fact in of("genre") or styles]) or ("music" if before else "")
    if of("genre") and styles:
        noun += f" ({', '.join(fact.word for fact in styles)})"
    inside = [fact.word for fact in of("voice")] or ["vocals" for fact in of("singing") if fact.word == "sung"]
    inside += instruments + [fact.word for fact in of("colour")]
    inside += [f"a touch of {_listed(touches)}"] if touches else []
    text = " ".join(part for part in (", ".join(before), noun, f"with {_listed(inside)}" if inside else "") if part)
    return "both " + ", ".join(part for part in (text, *(phrase(fact, seed, pick) for fact in of(*_AFTER))) if part)


def _alone(track_data: ExplainedTrack) -> bool:
    """Whether a track has one instrument and no voice."""
    words = find_traits(track_data)
    return sum(family.startswith("instrument") for family in words) == 1 and words.get("singing") != "sung"


def _degree(fact: Trait, seed: ExplainedTrack, pick: ExplainedTrack) -> bool:
    tag = fact.family.removeprefix("style ")
    return min(seed.tags.get(tag, 0.0), pick.tags.get(tag, 0.0)) >= LARGE_DIFFERENCE


def _same_style(style: str, genre: str) -> bool:
    """Whether a style says no more than a genre does: "hip hop" and "hiphop", "classical music" and "classical"."""
    one, other = ("".join(filter(str.isalnum, name.casefold().removesuffix(" music"))) for name in (style, genre))
    return one in other or (one, other) == ("rock", "metal")


def _listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
