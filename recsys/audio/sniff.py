"""File type by content, independent of the file name.

``offset`` is the byte at which the audio container starts: any container may follow one or more ID3v2 tags.
"""

from typing import BinaryIO

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
    (0, b"MPCK", "musepack"),
    (0, b"MP+", "musepack"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", "w64"),
    (0, b"DSD ", "dsf"),
    (0, b"FRM8", "dff"),
    (0, b"tBaK", "tak"),
    (0, b"OFR ", "optimfrog"),
    *((4, atom, "mp4") for atom in (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")),  # QuickTime without ftyp
)
_OGG = {b"OpusH": "opus", b"\x7fFLAC": "ogg-flac"}  # by the first packet of the first page


def sniff(file: BinaryIO) -> tuple[str | None, int]:
    """Kind of container ("mp3", "flac", "ogg", "opus", "wav" …; None if unknown) and its offset in bytes."""
    offset = skip_id3v2(file)
    file.seek(offset)
    head = file.read(36)
    if head[:4] == b"OggS":
        return _OGG.get(head[28:33], "ogg"), offset
    for position, magic, kind in _MAGIC:
        if head[position : position + len(magic)] == magic:
            return kind, offset
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # Layer bits 00 are reserved in MPEG audio and used by raw AAC (ADTS).
        return ("aac" if head[1] & 0x06 == 0 else "mp3"), offset
    return ("mp3" if offset else None), offset


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
