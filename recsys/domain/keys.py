"""Names of musical keys: in words ("A minor"), short ("Am"), as a Camelot code ("8A") and in Open Key notation ("1m").

The last two number the circle of fifths, so that neighbouring numbers are compatible keys: 8B is C major in Camelot's
numbers and 1d in those of Open Key; a fifth higher is the next number; the relative minor (A, m) has the same one.
"""

import re

from recsys.domain.audio import Key
from recsys.errors import InvalidRequest

_ALIASES = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb", "Cb": "B", "Fb": "E", "E#": "F", "B#": "C"}
_NAME = re.compile(r"([A-Ga-g])([#♯b♭]?)\s*(m|min|minor|moll|maj|major|dur)?", re.IGNORECASE)
_MINOR = ("min", "minor", "moll")
_CODE = re.compile(r"0?(1[0-2]|[1-9])([ABdm])", re.IGNORECASE)
_OF_C_MAJOR = {"camelot": 8, "open": 1}


def camelot(key: str | None) -> str | None:
    """The Camelot code of a key as tracks have it; None for None.

    Examples
    --------
    >>> camelot("A minor"), camelot("C major"), camelot("C# major"), camelot("E major")
    ('8A', '8B', '3B', '12B')
    """
    return None if key is None else _CAMELOT.get(key)


def key_with_code(key: str | None) -> str:
    """A key with its Camelot code, or the text if it has none.

    >>> key_with_code("A minor")
    'A minor (8A)'
    """
    code = camelot(key)
    return f"{key} ({code})" if code else key or ""


def parse_key(text: str) -> str:
    """The key "Am", "a minor", "C#", "Db major", of the Camelot code "8A" or of "1m" in Open Key notation.

    Returns
    -------
    str
        As tracks have it: "A minor", "F# major".

    Raises
    ------
    InvalidRequest
        The text does not name a key.

    Examples
    --------
    >>> parse_key("dbm"), parse_key("8A"), parse_key("08b"), parse_key("1m"), parse_key("1d")
    ('C# minor', 'A minor', 'C major', 'A minor', 'C major')
    """
    stripped = text.strip()
    if code := _CODE.fullmatch(stripped):
        letter = code[2]
        return _of_code(int(code[1]), letter.upper() if letter in "abAB" else letter.lower())
    if not (found := _NAME.fullmatch(stripped)):
        raise InvalidRequest("must be a musical key such as Am, C major, F#, 8A or 1m", field="keys", value=text)
    tonic = found[1].upper() + found[2].lower().replace("♯", "#").replace("♭", "b")
    mode = found[3] or ""
    return _name(Key.NAMES.index(_ALIASES.get(tonic, tonic)), minor=mode == "m" or mode.lower() in _MINOR)


def _name(tonic: int, *, minor: bool) -> str:
    return f"{Key.NAMES[tonic]} {'minor' if minor else 'major'}"


def _of_code(number: int, letter: str) -> str:
    """The key of a code; ``letter`` is A or B in Camelot's numbers, m or d in those of Open Key."""
    fifths = number - _OF_C_MAJOR["camelot" if letter in "AB" else "open"]
    minor = letter in "Am"
    return _name((7 * fifths + (9 if minor else 0)) % 12, minor=minor)


_CAMELOT = {_of_code(number, letter): f"{number}{letter}" for number in range(1, 13) for letter in "AB"}
