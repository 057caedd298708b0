"""What two tracks share and where they differ, as a sentence of plain English."""

from collections.abc import Sequence

from recsys.recommend.comparison import Difference, Fact
from recsys.recommend.traits import Heard

MOST = 5  # facts of what is shared
MOST_APART = 2  # differences
_MOST_OF = {"style": 2, "manner": 2, "instrument": 3}
_BEFORE = ("pace", "level", "density", "colour", "dynamics", "manner")  # adjectives, in their order
_SAID_BY = {  # what is said already where something else is shared
    "singing": ("voice",),
    "instrument strings": ("instrument violin", "instrument cello"),
    "density": ("pace",),
    "style rock": ("style hard rock", "style progressive rock"),
}
NOTHING = "nothing unusual in common"


def chosen(facts: Sequence[Fact], rare: float) -> list[Fact]:
    """The facts to tell, the rarest first: the rare ones without repetition, and the genre; none if none is rare."""
    there = {fact.family for fact in facts}
    genre = next((fact for fact in facts if fact.family == "genre"), None)
    kept: list[Fact] = []
    counts: dict[str, int] = {}
    for fact in facts:
        kind = fact.family.split()[0]
        if fact.rarity < rare or fact is genre or there & set(_SAID_BY.get(fact.family, ())):
            continue
        if kind == "style" and genre and _alike(fact.word, genre.word):
            continue
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= _MOST_OF.get(kind, 1) and len(kept) < MOST - (genre is not None):
            kept.append(fact)
    if genre and (kept or genre.rarity >= rare):
        kept = sorted([*kept, genre], key=lambda fact: -fact.rarity)
    return kept


def sentence(
    seed: Heard, pick: Heard, facts: Sequence[Fact], telling: Sequence[Fact], apart: Sequence[Difference]
) -> str:
    """What both share, of all ``facts`` those worth ``telling``, and where the pick differs."""
    if telling:
        text = _both(seed, pick, telling)
    else:
        plain = [
            fact for fact in facts if fact.family in ("genre", "tempo", "key") and fact.word not in ("neighbouring",)
        ]
        text = f"{_both(seed, pick, plain)}, {NOTHING}" if plain else f"similar overall, {NOTHING}"
    if apart:
        text += f"; but {_listed([difference(each, seed, pick) for each in apart[:MOST_APART]])}"
    return text


def phrase(fact: Fact, seed: Heard, pick: Heard) -> str:
    """A shared fact by itself."""
    match fact.family:
        case "tempo":
            return _tempo(fact.word, seed, pick)
        case "key":
            return _key(fact.word, seed, pick)
    return fact.word


def _both(seed: Heard, pick: Heard, facts: Sequence[Fact]) -> str:
    """ "both slow folk with female voice, in A minor"."""
    words = {fact.family: fact.word for fact in facts}
    before = [word for kind in _BEFORE for family, word in words.items() if family.split()[0] == kind]
    if "singing" in words:
        before.append(words["singing"])
    inside = [words["voice"]] if "voice" in words else []
    inside += [word for family, word in words.items() if family.startswith("instrument")]
    touches = [word for family, word in words.items() if family.startswith("style")]
    if touches:
        inside.append(f"a touch of {_listed(touches)}")
    text = ", ".join(before)
    if "genre" in words:
        text = f"{text} {words['genre']}".strip()
    if inside:
        text = f"{text} with {_listed(inside)}".strip()
    after = [words["beat"]] if "beat" in words else []
    after += [phrase(fact, seed, pick) for fact in facts if fact.family in ("tempo", "key")]
    return "both " + ", ".join(part for part in (text, *after) if part)


def _tempo(relation: str, seed: Heard, pick: Heard) -> str:
    one, other = f"{seed.bpm:.0f}", f"{pick.bpm:.0f}"
    if relation != "same":
        return f"at {one} and {other} BPM ({relation} time)"
    return f"at {one} BPM" if one == other else f"at {one} and {other} BPM"


def _key(relation: str, seed: Heard, pick: Heard) -> str:
    return f"in {seed.key}" if relation == "same" else f"in {relation} keys ({seed.key} and {pick.key})"


def difference(each: Difference, seed: Heard, pick: Heard) -> str:
    """A difference by itself."""
    match each.family:
        case "tempo":
            return f"{each.this} ({pick.bpm:.0f} against {seed.bpm:.0f} BPM)"
        case "voice":
            return f"with a {each.this}, not a {each.that.split()[0]} one"
    return f"{each.this}, not {each.that}" if each.that else each.this


def _alike(style: str, genre: str) -> bool:
    """Whether a style says no more than a genre does: "hip hop" and "hiphop", "electronic music" and "electronic"."""
    one, other = ("".join(filter(str.isalnum, name.casefold().removesuffix(" music"))) for name in (style, genre))
    return one in other or other in one


def _listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
