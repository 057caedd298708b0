"""Ids as players get them: a letter for what it is, and the id in the library, which stays for ever."""

from typing import Literal

from recsys.web.subsonic.errors import not_found

Kind = Literal["tr", "al", "ar", "pl"]
NAMES: dict[Kind, str] = {"tr": "song", "al": "album", "ar": "artist", "pl": "playlist"}
_NO_ARTISTS = {0: "ar-unknown", -1: "ar-various"}  # what stands for the artist of albums that have none, or several
_LOOSE = "al-none-"
_MAX_DIGITS = 10
_MAX_ID = 2**31 - 1  # that a database server has


def write_id(kind: Kind, id: int) -> str:
    """The id of a track, album, artist or playlist.

    >>> write_id("al", 12)
    'al-12'
    """
    return f"{kind}-{id}"


def write_album_id(id: int) -> str:
    """The id of an album; that of tracks without one is the negative id of their artist, or 0.

    >>> write_album_id(12), write_album_id(-7), write_album_id(0)
    ('al-12', 'al-none-7', 'al-none-0')
    """
    return write_id("al", id) if id > 0 else f"{_LOOSE}{-id}"


def read_album_id(text: str) -> int:
    """The id of an album in the library; raises as :func:`read_id`.

    >>> read_album_id("al-12"), read_album_id("al-none-7")
    (12, -7)
    """
    digits = text.removeprefix(_LOOSE)
    if text.startswith(_LOOSE) and _is_number(digits):
        return -int(digits)
    return read_id(text, "al")[1]


def write_artist_id(id: int) -> str:
    """The id of an artist, also of what stands for one.

    >>> write_artist_id(7), write_artist_id(0), write_artist_id(-1)
    ('ar-7', 'ar-unknown', 'ar-various')
    """
    return _NO_ARTISTS.get(id) or write_id("ar", id)


def read_artist_id(text: str) -> int:
    """The id of an artist in the library; raises as :func:`read_id`.

    >>> read_artist_id("ar-7"), read_artist_id("ar-various")
    (7, -1)
    """
    for id, name in _NO_ARTISTS.items():
        if text == name:
            return id
    return read_id(text, "ar")[1]


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
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and int(text) <= _MAX_ID
