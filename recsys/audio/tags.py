"""Tags of audio files: one set of field names for ID3, Vorbis, APE, MP4 and ASF tags.

Many files have invalid tags, so a tag that cannot be read is treated as missing and is not an error. In text, control
characters are replaced, white space is normalised and the length is limited; values of a field are joined by "; ".
"""

import io
import os
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO

import mutagen
import soundfile as sf
from mutagen import aac, apev2, asf, id3, mp4

from recsys.audio.decode import open_file
from recsys.audio.sniff import sniff
from recsys.domain.audio import Tags

_MAX_LENGTH = 500  # characters of one field; some files have very long texts
_MAX_VALUES = 10  # of one field

_FIELDS: dict[str, tuple[str, ...]] = {  # names in lower case, preferred ones first
    "title": ("title", "tit2", "\xa9nam", "name"),
    "artist": ("artist", "author", "tpe1", "\xa9art"),
    "album_artist": ("albumartist", "album artist", "album_artist", "wm/albumartist", "tpe2", "aart"),
    "album": ("album", "wm/albumtitle", "talb", "\xa9alb"),
    "track_number": ("tracknumber", "track", "wm/tracknumber", "trck", "trkn"),
    "year": ("date", "year", "wm/year", "tdrc", "tdrl", "tyer", "\xa9day", "originaldate", "tdor"),
    "genre": ("genre", "wm/genre", "tcon", "\xa9gen"),
    "musicbrainz_recording": ("musicbrainz_trackid", "musicbrainz/track id", "musicbrainz track id"),
    "musicbrainz_album": ("musicbrainz_albumid", "musicbrainz/album id", "musicbrainz album id"),
    "musicbrainz_artist": ("musicbrainz_artistid", "musicbrainz/artist id", "musicbrainz artist id"),
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Exceptions that mutagen raises on damaged files, in addition to its own.
_READ_ERRORS = (
    mutagen.MutagenError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError,
    OSError, MemoryError, RecursionError, struct.error, zlib.error,
)  # fmt: skip


def read_tags(path: str | os.PathLike[str]) -> Tags:
    """Tags of a file; fields that are missing or cannot be read are None.

    Raises UnreadableAudio if the file cannot be opened.
    """
    with open_file(path) as raw_file, io.BufferedReader(raw_file) as file:
        raw = _read(file)
        if not raw:
            raw = _read_chunks(file)
    values = {
        field: next((cleaned for name in names if (cleaned := _clean_all(raw.get(name, ())))), [])
        for field, names in _FIELDS.items()
    }
    return Tags(
        title=_join(values["title"]),
        artists=tuple(values["artist"]),
        album_artists=tuple(values["album_artist"]),
        album=_join(values["album"]),
        track_number=_number(values["track_number"], r"\s*(\d{1,4})(?!\d)"),
        year=_number(values["year"], r"\D*(\d{4})"),
        genres=tuple(_genres(values["genre"])),
        musicbrainz_recording=_uuid(values["musicbrainz_recording"]),
        musicbrainz_album=_uuid(values["musicbrainz_album"]),
        musicbrainz_artist=_uuid(values["musicbrainz_artist"]),
    )


def clean(text: str) -> str:
    """Text as one printable line of at most 500 characters.

    Control characters and runs of white space become one space; white space at both ends is removed.

    >>> clean("  two\\nlines\\x00 ")
    'two lines'
    """
    text = text[: 4 * _MAX_LENGTH].encode("utf-8", "replace").decode()
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(text.split())[:_MAX_LENGTH].strip()


def _read(file: BinaryIO) -> dict[str, list[str]]:
    """Values by the name that the container uses, in lower case."""
    tags: Any = None
    try:
        file.seek(0)
        found = mutagen.File(file)
        # mutagen reads no tags of raw AAC, which has ID3 or APE tags before or after its frames
        tags = None if isinstance(found, aac.AAC) else getattr(found, "tags", None)
    except _READ_ERRORS:
        pass  # the tags may be valid although the stream is not
    for alone in (id3.ID3, apev2.APEv2):
        if not tags:
            try:
                file.seek(0)
                tags = alone(file)
            except _READ_ERRORS:
                continue
    try:
        return _named(tags) if tags else {}
    except _READ_ERRORS:
        return {}


def _named(tags: Any) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    if isinstance(tags, id3.ID3):
        for frame in tags.values():
            if isinstance(frame, id3.UFID):
                if "musicbrainz" in frame.owner.lower():
                    raw["musicbrainz_trackid"] = [frame.data.decode("ascii", "replace")]
            elif isinstance(frame, id3.TXXX):
                raw[frame.desc.lower()] = [str(text) for text in frame.text]
            elif isinstance(frame, id3.TextFrame):
                raw[frame.FrameID.lower()] = [str(text) for text in frame.text]
    elif isinstance(tags, mp4.MP4Tags):
        for name, values in tags.items():
            if name == "trkn":
                raw["trkn"] = [str(number) for number, _ in values]
            elif name.startswith("----:"):
                raw[name.rpartition(":")[2].lower()] = [bytes(value).decode("utf-8", "replace") for value in values]
            elif isinstance(values, list):
                raw[name.lower()] = [str(value) for value in values]
    elif isinstance(tags, apev2.APEv2):
        for name, value in tags.items():
            if value.kind == apev2.TEXT:
                raw[name.lower()] = list(value)
    elif isinstance(tags, asf.ASFTags):
        for name, value in tags:
            raw.setdefault(name.lower(), []).append(str(value))
    else:  # Vorbis comments
        for name, value in tags:
            raw.setdefault(name.lower(), []).append(str(value))
    return raw


def _read_chunks(file: BinaryIO) -> dict[str, list[str]]:
    """Text chunks of WAV (LIST INFO) and AIFF (NAME, AUTH), which mutagen does not read."""
    try:
        if sniff(file)[0] not in ("wav", "aiff"):
            return {}
        file.seek(0)
        with sf.SoundFile(file) as sound:
            return {name: [text] for name, text in sound.copy_metadata().items()}
    except (sf.SoundFileError, *_READ_ERRORS):
        return {}


def _clean_all(values: Iterable[str]) -> list[str]:
    cleaned = (clean(value) for value in list(values)[:_MAX_VALUES])
    return list(dict.fromkeys(value for value in cleaned if value))


def _join(values: list[str]) -> str | None:
    return "; ".join(values)[:_MAX_LENGTH] or None


def _genres(values: list[str]) -> list[str]:
    """Genre names, with the numbers of ID3 ("17", "(17)", "(4)Eurodisco") replaced; other containers use them too."""
    return _clean_all(id3.TCON(encoding=3, text=values).genres) if values else []


def _number(values: list[str], pattern: str) -> int | None:
    found = re.match(pattern, values[0]) if values else None
    return int(found[1]) or None if found else None


def _uuid(values: list[str]) -> str | None:
    found = next((match for value in values if (match := _UUID.search(value))), None)
    return found[0].lower() if found else None
