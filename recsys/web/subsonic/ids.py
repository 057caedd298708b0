"""Ids as players get them: a letter for what it is, and the id in the library, which stays for ever."""

from typing import Literal

from recsys.web.subsonic.errors import not_found

Kind = Literal["tr", "al", "ar", "pl"]
NAMES: dict[Kind, str] = {"tr": "song", "al": "album", "ar": "artist", "pl": "playlist"}
_MAX_DIGITS = 18


def write_id(kind: Kind, id: int) -> str:
    """The id of a track, album, artist or playlist.

    >>> write_id("al", 12)
    'al-12'
    """
    return f"{kind}-{id}"


def read_id(text: str, *kinds: Kind) -> tuple[Kind, int]:
    """What an id is of, one of some kinds, and the id in the library.

    Raises
    ------
    SubsonicError
        It is no id of these kinds.

    Examples
    --------
    >>> read_id("ar-7", "ar", "al")
    ('ar', 7)
    """
    prefix, _, digits = text.partition("-")
    for kind in kinds:
        if prefix == kind and digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS and int(digits):
            return kind, int(digits)
    raise not_found(" or ".join(NAMES[kind] for kind in kinds), text)
