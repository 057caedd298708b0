"""Tags of audio files: for each field, the first value in the tag blocks of the file that is valid.

Which blocks a file has, and which count first, is in :mod:`recsys.tagblocks.containers`; which of their names have
which field in :mod:`recsys.tagblocks.fields`; what the texts mean in :mod:`recsys.metadata`. A field that one block
lacks is taken from the next one, so that a value of ID3v1, cut at 30 letters, counts only where no other block has it.

Many files have invalid tags, so a tag that cannot be read is treated as missing and is not an error. In text, control
characters are replaced, white space is normalised and the length is limited.
"""

import io
import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from recsys.audio.files import is_access_error, open_file, printable_name
from recsys.audio.sniff import sniff
from recsys.domain.audio import Tags
from recsys.domain.catalogue import ACCESS_STAGE
from recsys.errors import UnreadableAudio
from recsys.metadata.credits import artists_of, distinct
from recsys.metadata.dates import year_of
from recsys.metadata.encodings import decode_together, repaired
from recsys.metadata.genre_tags import genres_of
from recsys.metadata.tag_values import (
    flag_of,
    gain_of,
    isrc_of,
    number_and_total,
    peak_of,
    r128_gain_of,
    total_of,
    uuids_of,
)
from recsys.tagblocks.block import Block
from recsys.tagblocks.containers import read_blocks
from recsys.tagblocks.fields import NAMES, Field

_MAX_LENGTH = 500  # characters of one value; some files have very long texts
_MAX_VALUES = 32  # of one field
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}

T = TypeVar("T")


def read_tags(path: str | os.PathLike[str]) -> Tags:
    """Tags of a file; fields that are missing or cannot be read are None.

    Raises UnreadableAudio if the file cannot be opened or read.
    """
    return _tags_of(_Values(read_file_blocks(path)))


def read_file_blocks(path: str | os.PathLike[str]) -> list[Block]:
    """The tag blocks of a file, in the order in which they count; none where they are damaged.

    Raises UnreadableAudio if the file cannot be opened or read.
    """
    with open_file(path) as raw_file, io.BufferedReader(raw_file) as file:
        try:
            container, start = sniff(file)
            return read_blocks(file, container, start)
        except OSError as error:
            if is_access_error(error):
                reason = f"{printable_name(path)} cannot be read: {error.strerror}"
                raise UnreadableAudio(reason, stage=ACCESS_STAGE) from error
            return []


def clean(text: str) -> str:
    """Text as one printable line of at most 500 characters.

    Control characters and runs of white space become one space; white space at both ends is removed. The control
    characters of Latin-1 are those of Windows-1252, which many programs write instead.

    >>> clean("  two\\nlines\\x00 "), clean("Don\\x92t")
    ('two lines', 'Don’t')
    """
    text = text[: 4 * _MAX_LENGTH].encode("utf-8", "replace").decode().translate(_WINDOWS_1252)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(text.split())[:_MAX_LENGTH].strip()


class _Values:
    """The texts of each field, of one name of one block after the other."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        named = [
            (field, [repaired(value[: 4 * _MAX_LENGTH]) for value in block.fields[name][:_MAX_VALUES]])
            for block in blocks
            for field, names in NAMES[block.kind].items()
            for name in names
            if name in block.fields
        ]
        unknown = [value for _, values in named for value in values if isinstance(value, bytes)]
        texts = dict(zip(unknown, decode_together(unknown), strict=True))
        self._texts: dict[Field, list[list[str]]] = {}
        for field, values in named:
            cleaned = (clean(texts[value] if isinstance(value, bytes) else value) for value in values)
            self._texts.setdefault(field, []).append([text for text in cleaned if text])

    def all(self, field: Field) -> list[str]:
        """The texts of the first name that has any, each once."""
        return next((distinct(texts) for texts in self._texts.get(field, ()) if texts), [])

    def first(self, field: Field, parse: Callable[[str], T | None]) -> T | None:
        """The first value that is valid."""
        texts = (text for texts in self._texts.get(field, ()) for text in texts)
        return next((value for text in texts if (value := parse(text)) is not None), None)

    def identifiers(self, field: Field) -> list[str]:
        """The UUIDs of the first name that has any."""
        found = (uuids_of(" ".join(texts)) for texts in self._texts.get(field, ()))
        return next((uuids for uuids in found if uuids), [])

    def number_and_total(self, number: Field, total: Field) -> tuple[int | None, int | None]:
        """A number, and the total behind it ("3/12") or in a field of its own."""
        pairs = [number_and_total(text) for texts in self._texts.get(number, ()) for text in texts]
        own = next((pair for pair in pairs if pair[0] is not None), (None, None))
        # The total of another block is that of another numbering if its number differs.
        behind = next((pair[1] for pair in pairs if pair[1] and (own[0] is None or pair[0] in (own[0], None))), None)
        return own[0], behind or self.first(total, total_of)


def _tags_of(values: _Values) -> Tags:
    titles, albums = values.all(Field.TITLE), values.all(Field.ALBUM)
    artist_ids, album_artist_ids = values.identifiers(Field.ARTIST_ID), values.identifiers(Field.ALBUM_ARTIST_ID)
    track_number, track_total = values.number_and_total(Field.TRACK, Field.TRACK_TOTAL)
    disc_number, disc_total = values.number_and_total(Field.DISC, Field.DISC_TOTAL)
    original_year = values.first(Field.ORIGINAL_DATE, year_of)
    track_gain, album_gain = values.first(Field.TRACK_GAIN, gain_of), values.first(Field.ALBUM_GAIN, gain_of)
    if track_gain is None:
        track_gain = values.first(Field.R128_TRACK_GAIN, r128_gain_of)
    if album_gain is None:
        album_gain = values.first(Field.R128_ALBUM_GAIN, r128_gain_of)
    return Tags(
        title=_joined(titles),
        artists=tuple(artists_of(values.all(Field.ARTIST), values.all(Field.ARTISTS), len(artist_ids))),
        album_artists=tuple(
            artists_of(values.all(Field.ALBUM_ARTIST), values.all(Field.ALBUM_ARTISTS), len(album_artist_ids))
        ),
        album=_joined(albums),
        track_number=track_number,
        track_total=track_total,
        disc_number=disc_number,
        disc_total=disc_total,
        year=values.first(Field.DATE, year_of) or original_year,
        original_year=original_year,
        genres=tuple(genres_of(values.all(Field.GENRE))),
        composers=tuple(values.all(Field.COMPOSER)),
        compilation=values.first(Field.COMPILATION, flag_of),
        isrc=values.first(Field.ISRC, isrc_of),
        track_gain=track_gain,
        track_peak=values.first(Field.TRACK_PEAK, peak_of),
        album_gain=album_gain,
        album_peak=values.first(Field.ALBUM_PEAK, peak_of),
        musicbrainz_recording=next(iter(values.identifiers(Field.RECORDING_ID)), None),
        musicbrainz_album=next(iter(values.identifiers(Field.ALBUM_ID)), None),
        musicbrainz_artist=next(iter(artist_ids), None),
    )


def _joined(texts: Sequence[str]) -> str | None:
    """Several titles of one track or album, which few files have, as one text."""
    return "; ".join(texts)[:_MAX_LENGTH] or None
