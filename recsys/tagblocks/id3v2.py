"""ID3v2 tags of the versions 2.2, 2.3 and 2.4.

Names are those of the frames in version 2.3 and 2.4 ("TIT2"); a free text frame is "TXXX:" and its description in lower
case, the MusicBrainz identifier of a recording "UFID:musicbrainz", relative volumes "RVA2:track_gain" and so on.
Lyrics are "USLT:" and their language; those with times (SYLT) become the text of the format LRC. Frames that are not
text are skipped without being read. Values of one frame are separated by NUL in all versions, as TagLib and mutagen
read them; "/" is a letter.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Fields, Value, read_at, utf8, utf16

HEADER = 10  # bytes
_OLD_NAMES = {  # version 2.2
    "TT2": "TIT2", "TP1": "TPE1", "TP2": "TPE2", "TAL": "TALB", "TRK": "TRCK", "TPA": "TPOS", "TYE": "TYER",
    "TOR": "TORY", "TCO": "TCON", "TCM": "TCOM", "TCP": "TCMP", "TRC": "TSRC", "TXX": "TXXX", "UFI": "UFID",
    "COM": "COMM", "ULT": "USLT", "SLT": "SYLT",
}  # fmt: skip
_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}[A-Z0-9 \0]?")
_LATIN1, _UTF16, _UTF16BE, _UTF8 = range(4)
_COMMENT_HEAD = 4  # encoding and language
_MASTER_VOLUME = 1
_MILLISECONDS = b"\x02"


def tag_size(file: BinaryIO, start: int) -> int:
    """Size in bytes, with header and footer, of the tag that starts at ``start``; 0 if none starts there."""
    head = read_at(file, start, HEADER)
    if len(head) < HEADER or head[:3] != b"ID3" or head[3] not in (2, 3, 4) or any(byte & 0x80 for byte in head[6:]):
        return 0
    footer = HEADER if head[3] == 4 and head[5] & 0x10 else 0
    return HEADER + _syncsafe(head[6:]) + footer


def read_id3v2(file: BinaryIO, start: int) -> Fields:
    """The text frames of the tag that starts at ``start``."""
    fields = Fields()
    head = read_at(file, start, HEADER)
    if not tag_size(file, start):
        return fields
    version, flags = head[3], head[5]
    first, end = start + HEADER, start + HEADER + _syncsafe(head[6:])
    if flags & 0x80 and version < 4:  # the whole tag is unsynchronised
        data = _synchronised(read_at(file, first, min(end - first, MAX_BLOCK)))
        file, first, end = io.BytesIO(data), 0, len(data)
    if flags & 0x40 and version > 2:  # extended header; its size is without itself in 2.3, with itself in 2.4
        size = read_at(file, first, 4)
        if not _NAME.fullmatch(size):  # some programs set the flag but write no header
            first += 4 + int.from_bytes(size, "big") if version == 3 else max(4, _syncsafe(size))
    for name, data in _frames(file, first, end, version, bool(flags & 0x80)):
        _add(fields, name, data)
    return fields


def _frames(file: BinaryIO, position: int, end: int, version: int, unsynchronised: bool) -> Iterator[tuple[str, bytes]]:
    """Name and content of every frame of text."""
    length = 3 if version == 2 else 4
    header = 6 if version == 2 else 10
    for _ in range(MAX_PARTS):
        head = read_at(file, position, header)
        name = head[:length]
        if len(head) < header or not _NAME.fullmatch(name) or position >= end:
            return
        size = _frame_size(file, position, end, version, head[length:])
        known = name.decode("ascii").rstrip(" \0")  # iTunes wrote names of version 2.2 into tags of version 2.3
        known = _OLD_NAMES.get(known, known)
        if known[0] == "T" or known in ("UFID", "COMM", "RVA2", "USLT", "SYLT"):
            data = read_at(file, position + header, min(size, end - position - header, MAX_TEXT))
            flags = int.from_bytes(head[8:], "big")
            if version > 2:
                data = _plain(data, flags, version, unsynchronised and version == 4)
            yield known, data
        position += header + size


def _frame_size(file: BinaryIO, position: int, end: int, version: int, head: bytes) -> int:
    """Bytes of the content. In 2.4 the size is synchsafe, but iTunes wrote it plain, as the next frame then shows."""
    if version == 2:
        return int.from_bytes(head[:3], "big")
    plain = int.from_bytes(head[:4], "big")
    if version == 3 or plain < 0x80:
        return plain
    if any(byte & 0x80 for byte in head[:4]):
        return plain

    def fits(size: int) -> bool:
        following = position + HEADER + size
        name = read_at(file, following, 4)
        return following == end or (following < end and (not any(name) or _NAME.fullmatch(name) is not None))

    safe = _syncsafe(head[:4])
    return plain if not fits(safe) and fits(plain) else safe


def _plain(data: bytes, flags: int, version: int, unsynchronised: bool) -> bytes:
    """The content of a frame without grouping, encryption (of which nothing is read) and compression."""
    compressed, encrypted, grouped = (0x80, 0x40, 0x20) if version == 3 else (0x08, 0x04, 0x40)
    if flags & encrypted:
        return b""
    has_length = flags & (compressed if version == 3 else 0x01)
    skipped = (4 if has_length else 0) + (1 if flags & grouped else 0)
    data = data[skipped:]
    if version == 4 and (unsynchronised or flags & 0x02):
        data = _synchronised(data)
    if not flags & compressed:
        return data
    try:
        return zlib.decompressobj().decompress(data, MAX_TEXT)
    except zlib.error:
        return b""


def _add(fields: Fields, name: str, data: bytes) -> None:
    if name == "UFID":
        owner, _, identifier = data.partition(b"\0")
        if b"musicbrainz" in owner.lower():
            fields.add("UFID:musicbrainz", identifier)
    elif name == "RVA2":
        _add_volume(fields, data)
    elif name == "COMM":
        for text in _texts(data[:1], data[_COMMENT_HEAD:])[1:]:
            fields.add(name, text)
    elif name == "USLT":
        for text in _texts(data[:1], data[_COMMENT_HEAD:])[1:]:
            fields.add(f"USLT:{_language(data)}", text)
    elif name == "SYLT":
        if data[4:5] == _MILLISECONDS:
            fields.add(f"SYLT:{_language(data)}", _timed_text(data[:1], data[6:]))
    elif name == "TXXX":
        description, *texts = _texts(data[:1], data[1:])
        for text in texts:
            fields.add(f"TXXX:{_latin1(description).strip().lower()}", text)
    else:
        for text in _texts(data[:1], data[1:]):
            fields.add(name, text)


def _texts(encoding: bytes, data: bytes) -> list[Value]:
    """The texts of a frame, separated by NUL; those marked as Latin-1 as bytes."""
    mark = encoding[0] if encoding else _LATIN1
    if mark in (_UTF16, _UTF16BE):
        order = "be" if mark == _UTF16BE else _byte_order(data)
        texts = utf16(data, order).split("\0")
        other = {"le": "be", "be": "le"}[order]
        # A mark of the other order, before one of several texts.
        swapped = [t.encode(f"utf-16-{order}").decode(f"utf-16-{other}") if t[:1] == "\ufffe" else t for t in texts]
        return [text.removeprefix("\ufeff") for text in swapped]
    if mark > _UTF8:  # not an encoding: the text starts here
        data = encoding + data
    parts = data.split(b"\0")
    return [utf8(part) for part in parts] if mark == _UTF8 else list[Value](parts)


def _language(data: bytes) -> str:
    return data[1:4].decode("latin-1").strip(" \0").lower()


def _timed_text(encoding: bytes, data: bytes) -> Value:
    """Texts that are each followed by a time, after a description, as lines of LRC.

    Where a text begins with a line break the others are syllables, which belong to the line before.
    """
    is_wide = encoding in (bytes([_UTF16]), bytes([_UTF16BE]))
    entries: list[tuple[Value, int]] = []
    position = _end_of_text(data, 0, is_wide)
    while position < len(data):
        end = _end_of_text(data, position, is_wide)
        if end + 4 > len(data):
            break
        text = _texts(encoding, data[position : end - (2 if is_wide else 1)])[0]
        entries.append((text, int.from_bytes(data[end : end + 4], "big")))
        position = end + 4
    has_lines = any(text[:1] in ("\n", "\r", b"\n", b"\r") for text, _ in entries)
    parts: list[Value] = []
    for number, (text, ms) in enumerate(entries):
        begins = not has_lines or number == 0 or text[:1] in ("\n", "\r", b"\n", b"\r")
        time = f"\n[{ms // 60_000:02}:{ms // 1000 % 60:02}.{ms % 1000:03}]" if begins else ""
        parts += [time.encode("ascii"), text.strip(b"\r\n")] if isinstance(text, bytes) else [time, text.strip("\r\n")]
    if all(isinstance(part, bytes) for part in parts):
        return b"".join(part for part in parts if isinstance(part, bytes))
    return "".join(_latin1(part) for part in parts)


def _end_of_text(data: bytes, start: int, is_wide: bool) -> int:
    """The position after the NUL that ends a text."""
    if not is_wide:
        found = data.find(b"\0", start)
        return len(data) if found < 0 else found + 1
    return next((i + 2 for i in range(start, len(data) - 1, 2) if data[i : i + 2] == b"\0\0"), len(data))


def _byte_order(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "le" if data[:2] == b"\xff\xfe" else "be"
    return "le" if data[1::2].count(0) >= data[::2].count(0) else "be"


def _add_volume(fields: Fields, data: bytes) -> None:
    """RVA2: a name, then for each channel its type, gain in 1/512 dB, and peak of as many bits as stated."""
    name, _, data = data.partition(b"\0")
    which = "album" if b"album" in name.lower() else "track"
    while len(data) >= 4:
        gain, bits = int.from_bytes(data[1:3], "big", signed=True), data[3]
        peak = data[4 : 4 + (bits + 7) // 8]
        if data[0] == _MASTER_VOLUME:
            fields.add(f"RVA2:{which}_gain", f"{gain / 512:.4f}")
            if peak:
                fields.add(f"RVA2:{which}_peak", f"{int.from_bytes(peak, 'big') / 2 ** (8 * len(peak) - 1):.6f}")
        data = data[4 + (bits + 7) // 8 :]


def _latin1(value: Value) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _syncsafe(data: bytes) -> int:
    size = 0
    for byte in data:
        size = size << 7 | byte & 0x7F
    return size


def _synchronised(data: bytes) -> bytes:
    return data.replace(b"\xff\x00", b"\xff")
