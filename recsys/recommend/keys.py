"""Compatible musical keys: the same, the relative key, and those a fifth apart."""

from recsys.domain.audio import Key
from recsys.domain.keys import parse_key

_FIFTH = 7  # semitones
_MODES = ("major", "minor")


def compatible_keys(key: str) -> list[str]:
    """The keys that are compatible with one: itself, its relative, and those a fifth above and below.

    Parameters
    ----------
    key : str
        A key such as "A minor", "F#", "8A" (Camelot) or "1m" (Open Key).

    Raises
    ------
    InvalidRequest
        The text is not the name of a key.

    Examples
    --------
    >>> compatible_keys("A minor")
    ['A minor', 'C major', 'E minor', 'G major', 'D minor', 'F major']
    >>> compatible_keys("8A") == compatible_keys("A minor")
    True
    """
    name, mode = parse_key(key).split()
    minor, tonic = mode == "minor", Key.NAMES.index(name)
    relative = tonic + (3 if minor else -3)
    steps = (0, _FIFTH, -_FIFTH)
    return [_key(base + step, m) for step in steps for base, m in ((tonic, minor), (relative, not minor))]


def _key(tonic: int, minor: bool) -> str:
    return f"{Key.NAMES[tonic % 12]} {_MODES[minor]}"
