"""Musical keys: parsing of their names, and compatible keys (same, relative, a fifth apart)."""

import re

from recsys.domain.audio import Key
from recsys.errors import InvalidRequest

_ALIASES = {"db": "C#", "d#": "Eb", "gb": "F#", "g#": "Ab", "a#": "Bb"}
_NAMED = re.compile(r"([A-Ga-g])([#♯b♭]?)\s*(m|min|minor|moll|maj|major|dur)?", re.IGNORECASE)
_CAMELOT = re.compile(r"(1[0-2]|[1-9])([AB])", re.IGNORECASE)


def parse_key(text: str) -> str:
    """The key that a text names, in the form of :class:`~recsys.domain.audio.Key`.

    Parameters
    ----------
    text : str
        A name such as "Am", "a minor", "C#", "Db major", or a Camelot code such as "8A".

    Raises
    ------
    InvalidRequest
        The text is not the name of a key.

    Examples
    --------
    >>> parse_key("dbm"), parse_key("8A"), parse_key("8B")
    ('C# minor', 'A minor', 'C major')
    """
    text = text.strip()
    if camelot := _CAMELOT.fullmatch(text):
        minor = camelot[2].upper() == "A"
        fifths = int(camelot[1]) - 8  # 8B is C major; the next number is a fifth higher
        return _key((7 * fifths + (9 if minor else 0)) % 12, minor)
    if not (match := _NAMED.fullmatch(text)):
        raise InvalidRequest("must be a musical key such as Am, C major, F# or 8A", field="keys", value=text)
    letter = match[1].upper() + match[2].lower().replace("♯", "#").replace("♭", "b")
    name = _ALIASES.get(letter.lower(), {"Cb": "B", "Fb": "E", "E#": "F", "B#": "C"}.get(letter, letter))
    mode = match[3] or ""
    return _key(Key.NAMES.index(name), mode == "m" or mode.lower() in ("min", "minor", "moll"))


def compatible_keys(text: str) -> list[str]:
    """The keys that are compatible with one: itself, its relative, and those a fifth above and below.

    Raises
    ------
    InvalidRequest
        The text is not the name of a key.

    Examples
    --------
    >>> compatible_keys("Am")
    ['A minor', 'C major', 'E minor', 'G major', 'D minor', 'F major']
    """
    tonic, mode = parse_key(text).split()
    minor, tonic_number = mode == "minor", Key.NAMES.index(tonic)
    relative = (tonic_number + (3 if minor else -3)) % 12
    steps = (0, 7, 5)  # the same, a fifth above, a fifth below
    return [_key((base + step) % 12, m) for step in steps for base, m in ((tonic_number, minor), (relative, not minor))]


def _key(tonic: int, minor: bool) -> str:
    return f"{Key.NAMES[tonic]} {'minor' if minor else 'major'}"
