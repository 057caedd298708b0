"""Keys to compare titles and artists by: two spellings of a song have one key, two recordings of a song have two.

A key ignores what differs between spellings: case, accents, punctuation, "&" for "and", guests ("feat. Jay-Z"), "The"
before an artist, and remarks that do not distinguish a recording ("2009 Remaster", "Album Version", "Mono"). It keeps
remarks that do: "Live at Leeds", "Radio Edit", "Pt. 2".
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from recsys.metadata import placeholders

if TYPE_CHECKING:
    from recsys.domain.tracks import Track, TrackCredits

_APOSTROPHES = re.compile("['’‘`´ʼ′]")
_DROPPED_G = re.compile("(?<=[a-z]{2}in)['’](?!\\w)", re.IGNORECASE)
_LATIN_ACCENTS = re.compile("[\u0300-\u036f]")  # in other scripts a mark changes the letter: が is not か
LATIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not decompose, with what they are compared as; for :meth:`str.translate`."""
_MARKS = re.compile(r"[^a-z0-9]+")
_WORDS = {"n": "and", "und": "and", "et": "and", "pt": "part", "pts": "part", "volume": "vol", "nr": "no",
          "number": "no", "featuring": "feat"}  # fmt: skip
_NUMBERED = frozenset({"part", "vol", "no", "op", "chapter", "act", "scene", "movement"})
_CHANGED_WORDS = _NUMBERED.union(_WORDS)  # words that normalisation replaces, or that change those after them
ROMAN_NUMERALS = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_FEATURED = re.compile(
    r"\s*[(\[]\s*(?:feat|ft|featuring)\b[^)\]]*[)\]]|\s+(?:feat|ft|featuring)\b.*?(?=\s[(\[]|\s-\s|$)", re.I
)
_REMARK = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]|\s+[-–—]\s+([^()\[\]]*?)(?=\s+[-–—]\s|\s*[(\[]|$)")
_REMARK_MARKS = frozenset("([-–—")  # every remark has one
_REMASTER = re.compile(
    r"\b(?:(?:19|20)\d\d )?(?:\d\d bit )?(?:digital(?:ly)? )?re ?master(?:ed|ing)?"
    r"(?: (?:in|from)\b[a-z ]*)?(?: (?:19|20)\d\d)?(?: (?:version|edition|mix|recording))?\b"
)
_FILLER_WORDS = frozenset(
    """album version, lp version, original mix, original version, original, explicit, explicit version, clean,
    clean version, mono, stereo, mono version, stereo version, mono mix, stereo mix, bonus, bonus track, official audio,
    official video, official music video, official, audio, lyrics, lyric video, hd, hq, deluxe, deluxe edition,
    deluxe version""".replace("\n    ", " ").split(", ")
) | {""}
_LIVE_ALBUM = re.compile(r"\blive (?:at|in|from|on|aus)\b|\bunplugged\b|\bin concert\b|[(\[]live\b|^live$", re.I)
_ARTICLE_LAST = re.compile(
    r"^(.+),\s+(the|an?|die|der|das|les?|la|los|las|el|il|gli|de|het|os|as)\s*$", re.IGNORECASE
)  # "Beatles, The"
_NO_NAME = re.compile(r"[\s?_.–—-]*")  # what is left of a name in another encoding, or stands for none
_MEMBERS = re.compile(r"\s*[;,]\s+|\s+(?:&|\+|/|x|and|with|vs\.?|und|et)\s+", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def normalise(text: str) -> str:
    """Text without case, accents and punctuation; stripped and in lower case if nothing else would be left ("!!!").

    >>> normalise("Rock & Röll, Pt. II")
    'rock and roll part 2'
    """
    if text.isascii() and text.replace(" ", "").isalpha() and _CHANGED_WORDS.isdisjoint(words := text.lower().split()):
        return " ".join(words)  # most titles: no other rule applies
    bare = (
        text if text.isascii() and not ("'" in text or "`" in text) else _APOSTROPHES.sub("", _DROPPED_G.sub("g", text))
    )
    bare = bare.replace("&", " and ").replace("+", " and ")
    if bare.isascii():
        bare = _MARKS.sub(" ", bare.lower())
    else:
        bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
        bare = unicodedata.normalize("NFC", _LATIN_ACCENTS.sub("", bare))
        bare = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in bare.translate(LATIN_LETTERS))
    words = [_WORDS.get(word, word) for word in bare.split()]
    if not _NUMBERED.isdisjoint(words):
        for i in range(1, len(words)):
            if words[i - 1] in _NUMBERED:
                words[i] = ROMAN_NUMERALS.get(words[i], words[i].lstrip("0") or "0")
    return " ".join(words) or text.strip().casefold()


@lru_cache(maxsize=1 << 14)
def artist_key(name: str) -> str:
    """The key of an artist, without guests and "The".

    >>> artist_key("Beatles, The") == artist_key("The Beatles feat. Billy Preston")
    True
    """
    key = normalise(article_first(without_guests(name)))
    return key.removeprefix("the ") or key


def article_first(name: str) -> str:
    """A name with its article before it.

    >>> article_first("Beatles, The")
    'The Beatles'
    """
    return _ARTICLE_LAST.sub(r"\2 \1", name)


def without_guests(artist: str) -> str:
    """The name of an artist without guests.

    >>> without_guests("Santana feat. Rob Thomas")
    'Santana'
    """
    return _FEATURED.sub("", artist).strip() or artist


VARIOUS_ARTISTS = frozenset(map(artist_key, placeholders.names(placeholders.VARIOUS)))
"""Keys of names that stand for the artists of a compilation."""

PLACEHOLDER_ARTISTS = VARIOUS_ARTISTS | {"", *map(artist_key, placeholders.names(placeholders.UNKNOWN))}
"""Keys of names that do not name an artist."""

_PLACEHOLDER_ALBUMS = frozenset(map(normalise, placeholders.names(placeholders.UNKNOWN_ALBUMS)))


def names_artist(name: str) -> bool:
    """Whether a name is that of an artist, and not "Various Artists", "<Unknown>" or a question mark.

    >>> names_artist("Who, The"), names_artist("[unknown]"), names_artist("V/A")
    (True, False, False)
    """
    return artist_key(name) not in PLACEHOLDER_ARTISTS and not _NO_NAME.fullmatch(name)


def names_album(title: str) -> bool:
    """Whether a title is that of an album, and not "Unknown Album" or a question mark."""
    return normalise(title) not in _PLACEHOLDER_ALBUMS and not _NO_NAME.fullmatch(title)


@lru_cache(maxsize=1 << 14)
def first_artist_key(name: str) -> str:
    """The key of the first of several artists.

    >>> first_artist_key("Queen & David Bowie")
    'queen'
    """
    return artist_key(_MEMBERS.split(name.strip(), maxsplit=1)[0])


@lru_cache(maxsize=1 << 14)
def title_key(title: str) -> str:
    """The key of a title, without guests and remarks that do not distinguish a recording.

    >>> title_key("Come Together (2009 Remaster)"), title_key("Come Together (Live)")
    ('come together', 'come together live')
    """
    lower = title.lower()  # most titles have neither guests nor remarks, and a library has a million of them
    bare = _FEATURED.sub("", title) if "feat" in lower or "ft" in lower else title
    if not _REMARK_MARKS.isdisjoint(bare):
        bare = _REMARK.sub(_distinguishing, bare)
    return normalise(bare.strip() or title) or normalise(title)


def _distinguishing(remark: "re.Match[str]") -> str:
    """The part of a remark in brackets or after a dash that distinguishes the recording; "" if there is none."""
    text = remark[1] if remark[1] is not None else remark[2]
    rest = " ".join(_REMASTER.sub(" ", normalise(text)).split()) if text.strip() else ""
    return "" if rest in _FILLER_WORDS else f" {rest}"


def is_live(album: str | None) -> bool:
    """Whether the title of an album is that of a concert recording."""
    return album is not None and bool(_LIVE_ALBUM.search(album))


@lru_cache(maxsize=1 << 14)
def title_without_guests(title: str) -> str:
    """A normalised title without guests; all remarks ("Live", "Remastered") stay."""
    return normalise(_FEATURED.sub("", title))


def track_artist_keys(track: "Track | TrackCredits") -> tuple[str, ...]:
    """The keys of a track's artists, else of its album artists; empty if neither names an artist.

    >>> track_artist_keys(lib.track("So What"))
    ('miles davis',)
    """
    for names, text in ((track.artists, track.artist), (track.album_artists, track.album_artist)):
        if keys := artist_keys(names or ([text] if text else ())):
            return keys
    return ()


def artist_keys(names: Iterable[str]) -> tuple[str, ...]:
    """The keys of those names that name an artist, each once.

    >>> artist_keys(["Foo", "Cee", "FOO", "Various Artists"])
    ('foo', 'cee')
    """
    return tuple(dict.fromkeys(artist_key(name) for name in names if names_artist(name)))


def track_artist_key(track: "Track | TrackCredits") -> str | None:
    """The key of a track's first artist, else of its first album artist; None if neither names an artist."""
    return next(iter(track_artist_keys(track)), None)


@lru_cache(maxsize=1 << 12)
def genre_key(genre: str) -> str:
    """The key of a genre: letters and digits in lower case.

    >>> genre_key("Hip-Hop")
    'hiphop'
    """
    return "".join(letter for letter in genre.casefold() if letter.isalnum())
