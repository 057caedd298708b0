"""File type by content, independent of the file name.

``offset`` is the byte at which the audio container starts: any container may follow one or more ID3v2 tags, and the
zeros that some programs write behind them.
"""

from typing import BinaryIO

from recsys.tagblocks.block import read_at
from recsys.tagblocks.ends import ID3V1_SIZE, LONGEST_END, ends_with_id3v1

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (8, b"WAVE", "wav"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (4, b"ftyp", "mp4"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"wvpk", "wavpack"),
    (0, b"MAC ", "ape"),
    (0, b"TTA1", "tta"),
    (0, b"TTA2", "tta"),
    (0, b"MPCK", "musepack"),
    (0, b"MP+", "musepack"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"dns.", "au"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", "w64"),
    (0, b"DSD ", "dsf"),
    (0, b"FRM8", "dff"),
    (0, b"\x0b\x77", "ac3"),
    (0, b"\x7f\xfe\x80\x01", "dts"),
    (0, b"\xfe\x7f\x01\x80", "dts"),
    (0, b"\x1f\xff\xe8\x00", "dts"),
    (0, b"\xff\x1f\x00\xe8", "dts"),
    (0, b"DTSHDHDR", "dts"),
    (0, b"tBaK", "tak"),
    (0, b"#!AMR", "amr"),
    (4, b"\xf8\x72\x6f\xba", "truehd"),
    (4, b"\xf8\x72\x6f\xbb", "truehd"),
    (0, b"ajkg", "shorten"),
    (0, b".ra\xfd", "realaudio"),
    (0, b".RMF", "realaudio"),
    (0, b"EA3", "atrac"),
    (0, b"ea3", "atrac"),
    (0, b"TWIN97012000", "twinvq"),
    (0, b"Creative Voice File\x1a", "voc"),
    (0, b"OFR ", "optimfrog"),
    (0, b"LA0", "la"),
    (4, b"\x57\x90\x75\x36", "audible"),
    *((4, atom, "mp4") for atom in (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")),  # QuickTime without ftyp
)
_OGG = {b"OpusH": "opus", b"\x7fFLAC": "ogg-flac"}  # by the first packet of the first page
_MAX_ZEROS = 1 << 20
_MAX_LEADING_ZEROS = 3  # of the length with which an MP4 file begins
_DTS_SEARCH = 1 << 14  # bytes: more than two frames


def sniff(file: BinaryIO) -> tuple[str | None, int]:
    """Kind of container ("mp3", "flac", "ogg", "opus", "wav" …; None if unknown) and its offset in bytes."""
    offset = skip_id3v2(file)
    kind = kind_at(file, offset)
    if kind is None and offset:
        after = _skip_zeros(file, offset)
        for start in range(after, max(offset, after - _MAX_LEADING_ZEROS) - 1, -1):
            behind = kind_at(file, start)
            if behind not in (None, "mp3"):
                return behind, start
    return kind or ("mp3" if offset else None), offset


def skip_id3v2(file: BinaryIO) -> int:
    """Offset of the first byte after all ID3v2 tags at the start of a file; 0 without tags."""
    offset = 0
    while True:
        file.seek(offset)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:]):
            return offset
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        footer = 10 if head[5] & 0x10 else 0
        offset += 10 + size + footer


def kind_at(file: BinaryIO, offset: int) -> str | None:
    """Kind of the container that starts at ``offset``; None if it is unknown."""
    file.seek(offset)
    head = file.read(36)
    if head[:4] == b"OggS":
        return _OGG.get(head[28:33], "ogg")
    for position, magic, kind in _MAGIC:
        if head[position : position + len(magic)] == magic:
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # Layer bits 00 are reserved in MPEG audio and used by raw AAC (ADTS).
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    if len(head) > 1 and head[0] == 0x56 and head[1] & 0xE0 == 0xE0:
        return "latm"
    return None


def variant(file: BinaryIO, kind: str | None, offset: int) -> str | None:
    """The kind, or "wav-dts" and "mp3-free", which need other decoders than their containers.

    The PCM data of a WAV file of a CD with surround sound is DTS. A header of MPEG audio with bit rate 0 is of the free
    format, in which the length of a frame is not declared.
    """
    if kind == "wav":
        file.seek(offset)
        head = file.read(_DTS_SEARCH)
        return "wav-dts" if any(sync in head for sync in (b"\xfe\x7f\x01\x80", b"\xff\x1f\x00\xe8")) else kind
    if kind == "mp3":
        head = _at(file, offset, 4)
        return "mp3-free" if len(head) == 4 and head[:1] == b"\xff" and not head[2] >> 4 else kind
    return kind


def _skip_zeros(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    block = file.read(_MAX_ZEROS)
    return offset + len(block) - len(block.lstrip(b"\0"))


def before_trailers(file: BinaryIO, start: int, end: int) -> int:
    """Offset at which the tags at the end of a file start: ID3v1, APEv2 and Lyrics3, in any order."""
    while True:
        before = end
        if ends_with_id3v1(read_at(file, first := max(0, end - LONGEST_END), end - first)):
            end -= ID3V1_SIZE
        footer = _at(file, end - 32, 32)
        if footer[:8] == b"APETAGEX":
            size = int.from_bytes(footer[12:16], "little") + (32 if footer[23] & 0x80 else 0)
            end -= max(size, 32)
        if _at(file, end - 9, 9) == b"LYRICS200" and (digits := _at(file, end - 15, 6)).isdigit():
            end -= 15 + int(digits)
        if not start <= end < before:
            return before


def _at(file: BinaryIO, position: int, length: int) -> bytes:
    if position < 0:
        return b""
    file.seek(position)
    return file.read(length)
