"""Ids as players get them: a letter for what it is, and the id in the library, which stays for ever."""

from typing import Literal

from recsys.web.subsonic.errors import not_found

Kind = Literal["tr", "al", "ar", "pl"]
NAMES: dict[Kind, str] = {"tr": "song", "al": "album", "ar": "artist", "pl": "playlist"}
UNKNOWN_ARTIST, VARIOUS_ARTISTS = "ar-unknown", "ar-various"
"""Ids of what stands for the artist of tracks and albums that have none, and of albums by various artists."""

_LOOSE = "al-none-"
_MAX_DIGITS = 18


def write_id(kind: Kind, id: int) -> str:
    """The id of a track, album, artist or playlist.

    >>> write_id("al", 12)
    'al-12'
    """
    return f"{kind}-{id}"


def write_loose_id(artist_id: int | None) -> str:
    """The id of what stands for the album of tracks that have none: those of an artist, or without artist.

    >>> write_loose_id(7), write_loose_id(None)
    ('al-none-7', 'al-none-0')
    """
    return f"{_LOOSE}{artist_id or 0}"


def read_loose_id(text: str) -> int | None:
    """The artist of such an album, 0 for none; None if the id is another.

    >>> read_loose_id("al-none-7"), read_loose_id("al-7")
    (7, None)
    """
    digits = text.removeprefix(_LOOSE)
    if not text.startswith(_LOOSE) or not _is_number(digits):
        return None
    return int(digits)


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
        if prefix == kind and _is_number(digits) and int(digits):
            return kind, int(digits)
    raise not_found(" or ".join(NAMES[kind] for kind in kinds), text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
