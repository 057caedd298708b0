"""Names as they are compared: the same song under two spellings has one key, two recordings of a song have two.

What spellings differ in is left out: case, accents, punctuation, "&" for "and", guests ("feat. Jay-Z"), "The" before an
artist, and remarks that change nothing of the music ("2009 Remaster", "Album Version", "Mono"). What tells recordings
apart stays: "Live at Leeds", "Radio Edit", "Pt. 2". Words that differ by a slip of the pen are alike, unless they are
numbers, or words that a recording is told apart by.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_set_ratio

NOBODY = frozenset({"", "unknown", "unknown artist", "various", "various artists", "va", "artist unknown", "none"})
"""Keys of artists that are none."""

_APOSTROPHES = re.compile("['’‘`´ʼ′]")
_DROPPED_G = re.compile("(?<=[a-z]{2}in)['’](?!\\w)", re.IGNORECASE)
_LATIN_ACCENTS = re.compile("[\u0300-\u036f]")  # others tell letters apart: が is not か
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"})
_MARKS = re.compile(r"[^a-z0-9]+")
_WORDS = {"n": "and", "und": "and", "et": "and", "pt": "part", "pts": "part", "volume": "vol", "nr": "no",
          "number": "no", "featuring": "feat"}  # fmt: skip
_NUMBERED = frozenset({"part", "vol", "no", "op", "chapter", "act", "scene", "movement"})
_ROMAN = {
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
_GUESTS = re.compile(
    r"\s*[(\[]\s*(?:feat|ft|featuring)\b[^)\]]*[)\]]|\s+(?:feat|ft|featuring)\b.*?(?=\s[(\[]|\s-\s|$)", re.I
)
_REMARK = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]|\s+[-–—]\s+([^()\[\]]*?)(?=\s+[-–—]\s|\s*[(\[]|$)")
_REMASTER = re.compile(
    r"\b(?:(?:19|20)\d\d )?(?:\d\d bit )?(?:digital(?:ly)? )?re ?master(?:ed|ing)?"
    r"(?: (?:in|from)\b[a-z ]*)?(?: (?:19|20)\d\d)?(?: (?:version|edition|mix|recording))?\b"
)
_IDLE = frozenset(
    """album version, lp version, original mix, original version, original, explicit, explicit version, clean,
    clean version, mono, stereo, mono version, stereo version, mono mix, stereo mix, bonus, bonus track, official audio,
    official video, official music video, official, audio, lyrics, lyric video, hd, hq, deluxe, deluxe edition,
    deluxe version""".replace("\n    ", " ").split(", ")
) | {""}
_LIVE_ALBUM = re.compile(r"\blive (?:at|in|from|on|aus)\b|\bunplugged\b|\bin concert\b|[(\[]live\b|^live$", re.I)
_MEMBERS = re.compile(r"\s*[;,]\s+|\s+(?:&|\+|/|x|and|with|vs\.?|und|et)\s+", re.IGNORECASE)
_OTHER_RECORDING = frozenset(
    """live remix mix remixed rmx acoustic unplugged demo demos instrumental karaoke dub acapella cappella orchestral
    symphonic rehearsal outtake cover""".split()  # noqa: SIM905
)
_TELLING = _OTHER_RECORDING | frozenset(
    """edit extended version session sessions take reprise piano alternate alternative single radio club mashup bootleg
    vip remake intro outro interlude prelude finale slowed reverb stripped medley one two three four five six seven
    eight nine ten first second third fourth fifth sixth seventh eighth ninth tenth north south east west black white
    green brown major minor sharp flat""".split()  # noqa: SIM905
)
_SHORT, _LONG = 5, 8  # letters of a word in which a slip can be told from another word; in which two can
_UNLIKE = 60.0  # of 100: less of the words in common, and two names are of two songs


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """Text without case, accents and punctuation; as it is where nothing else would be left ("!!!")."""
    bare = _APOSTROPHES.sub("", _DROPPED_G.sub("g", text)).replace("&", " and ").replace("+", " and ")
    if bare.isascii():
        bare = _MARKS.sub(" ", bare.lower())
    else:
        bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
        bare = unicodedata.normalize("NFC", _LATIN_ACCENTS.sub("", bare))
        bare = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in bare.translate(_LETTERS))
    words = [_WORDS.get(word, word) for word in bare.split()]
    for i in range(1, len(words)):
        if words[i - 1] in _NUMBERED:
            words[i] = _ROMAN.get(words[i], words[i].lstrip("0") or "0")
    return " ".join(words) or text.strip().casefold()


@lru_cache(maxsize=1 << 14)
def artist_key(name: str) -> str:
    """What an artist is compared by, without guests and "The"."""
    key = plain(_GUESTS.sub("", name) or name)
    key = key.removesuffix(" the") if name.casefold().rstrip().endswith(", the") else key
    return key.removeprefix("the ") or key


@lru_cache(maxsize=1 << 14)
def lead_key(name: str) -> str:
    """The first of several artists: "Queen" of "Queen & David Bowie"."""
    return artist_key(_MEMBERS.split(name.strip(), maxsplit=1)[0])


@lru_cache(maxsize=1 << 14)
def title_key(title: str) -> str:
    """What a title is compared by, without guests and idle remarks."""
    return plain(_REMARK.sub(_telling, _GUESTS.sub("", title)).strip() or title) or plain(title)


def _telling(remark: "re.Match[str]") -> str:
    """What a remark in brackets or behind a dash says of the recording, if anything."""
    text = remark[1] if remark[1] is not None else remark[2]
    rest = " ".join(_REMASTER.sub(" ", plain(text)).split()) if text.strip() else ""
    return "" if rest in _IDLE else f" {rest}"


def is_live(album: str | None) -> bool:
    """Whether an album says that it is a concert: its songs need not say it too."""
    return album is not None and bool(_LIVE_ALBUM.search(album))


def slip(one: str, other: str, *, sure: bool) -> bool:
    """Whether two keys differ by no more than a slip of the pen in a word or two, or by where words are parted.

    Unless it is ``sure`` for another reason that it is the same song, a word and its longer form ("angel", "angels")
    are two words.
    """
    first, second = one.split(), other.split()
    if _digits(first) != _digits(second) or _telling_in(first) != _telling_in(second):
        return False
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    if len(first) != len(second):
        return False
    differing = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(differing) <= max(1, len(first) // 3) and all(_slip(*pair, sure=sure) for pair in differing)


def _slip(one: str, other: str, *, sure: bool) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORT or one[0] != other[0] or (longer.startswith(shorter) and not sure):
        return False
    return OSA.distance(one, other, score_cutoff=2) <= (1 if len(shorter) < _LONG else 2)


def _digits(words: list[str]) -> list[str]:
    return [word for word in words if any(c.isdigit() for c in word) or word in _ROMAN]


def _telling_in(words: list[str]) -> list[str]:
    return sorted(word for word in words if word in _TELLING)


def unlike(one: str, other: str) -> bool:
    """Whether two keys have so little in common that what else is alike is chance."""
    return one != other and token_set_ratio(one, other) < _UNLIKE


def contradict(one: str, other: str) -> bool:
    """Whether two keys of titles are of two songs, or of two recordings of one."""
    return unlike(one, other) or bool(_OTHER_RECORDING & (set(one.split()) ^ set(other.split())))
