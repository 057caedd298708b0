"""Keys as musicians name them, and which go together: the same, its relative, and the neighbours of both by a fifth."""

import re

from recsys.domain.audio import Key
from recsys.errors import InvalidRequest

_ALIASES = {"db": "C#", "d#": "Eb", "gb": "F#", "g#": "Ab", "a#": "Bb"}
_NAMED = re.compile(r"([A-Ga-g])([#♯b♭]?)\s*(m|min|minor|moll|maj|major|dur)?", re.IGNORECASE)
_CAMELOT = re.compile(r"(1[0-2]|[1-9])([AB])", re.IGNORECASE)


def parse_key(text: str) -> str:
    """The key of "Am", "a minor", "C#", "Db major" or Camelot's "8A", as :class:`~recsys.domain.audio.Key` writes it.

    Raises
    ------
    InvalidRequest

    Examples
    --------
    >>> parse_key("dbm"), parse_key("8A"), parse_key("8B")
    ('C# minor', 'A minor', 'C major')
    """
    text = text.strip()
    if camelot := _CAMELOT.fullmatch(text):
        minor = camelot[2].upper() == "A"
        fifths = int(camelot[1]) - 8  # 8B is C major, one hour is a fifth
        return _key((7 * fifths + (9 if minor else 0)) % 12, minor)
    if not (named := _NAMED.fullmatch(text)):
        raise InvalidRequest(f"{text!r} is no key; write it as Am, 'C major', F# or 8A")
    letter = named[1].upper() + named[2].lower().replace("♯", "#").replace("♭", "b")
    name = _ALIASES.get(letter.lower(), {"Cb": "B", "Fb": "E", "E#": "F", "B#": "C"}.get(letter, letter))
    mode = named[3] or ""
    return _key(Key.NAMES.index(name), mode == "m" or mode.lower() in ("min", "minor", "moll"))


def compatible_keys(text: str) -> list[str]:
    """The keys that go with one, itself first.

    Raises
    ------
    InvalidRequest

    Examples
    --------
    >>> compatible_keys("Am")
    ['A minor', 'C major', 'E minor', 'G major', 'D minor', 'F major']
    """
    tonic, mode = parse_key(text).split()
    minor, place = mode == "minor", Key.NAMES.index(tonic)
    relative = (place + (3 if minor else -3)) % 12
    steps = (0, 7, 5)  # here, a fifth up, a fifth down
    return [_key((base + step) % 12, m) for step in steps for base, m in ((place, minor), (relative, not minor))]


def _key(tonic: int, minor: bool) -> str:
    return f"{Key.NAMES[tonic]} {'minor' if minor else 'major'}"
