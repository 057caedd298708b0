"""Tags and containers written byte by byte, as the specifications have them, without the readers under test."""

import struct
import zlib
from collections.abc import Mapping, Sequence


def syncsafe(size: int) -> bytes:
    """Four bytes of seven bits."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(name: str, content: bytes, version: int = 4, flags: int = 0, *, plain_size: bool = False) -> bytes:
    """A frame of ID3v2."""
    if version == 2:
        return name.encode() + struct.pack(">I", len(content))[1:] + content
    size = syncsafe(len(content)) if version == 4 and not plain_size else struct.pack(">I", len(content))
    return name.encode("latin-1") + size + struct.pack(">H", flags) + content


def text(name: str, value: str, version: int = 4, encoding: int = 3) -> bytes:
    """A text frame; several values are separated by NUL."""
    codec = ("latin-1", "utf-16", "utf-16-be", "utf-8")[encoding]
    return frame(name, bytes([encoding]) + value.encode(codec), version)


def id3v2(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 0, footer: bool = False) -> bytes:
    """An ID3v2 tag."""
    body = b"".join(frames) + bytes(padding)
    flags |= 0x10 if footer else 0
    head = bytes([version, 0, flags]) + syncsafe(len(body))
    return b"ID3" + head + body + (b"3DI" + head if footer else b"")


def id3v1(
    title: bytes = b"", artist: bytes = b"", album: bytes = b"", year: bytes = b"", track: int = 0, genre: int = 255
) -> bytes:
    """An ID3v1 tag; texts are cut at 30 bytes."""
    texts = b"".join(each[:30].ljust(30, b"\0") for each in (title, artist, album))
    return b"TAG" + texts + year.ljust(4, b"\0") + bytes(29) + bytes([track, genre])


def ape(items: Mapping[str, bytes | str], *, header: bool = True, version: int = 2000) -> bytes:
    """An APE tag."""
    body = b""
    for name, value in items.items():
        data = value.encode() if isinstance(value, str) else value
        body += struct.pack("<II", len(data), 0) + name.encode() + b"\0" + data

    def edge(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack(
            "<IIIIQ", version, len(body) + 32, len(items), flags if version == 2000 else 0, 0
        )

    has_header = 0x80000000 if header else 0
    return (edge(has_header | 0x20000000) if header else b"") + body + edge(has_header)


def lyrics3(text: bytes = b"IND00002" + b"10") -> bytes:
    """A Lyrics3 block of version 2."""
    body = b"LYRICSBEGIN" + text
    return body + str(len(body)).zfill(6).encode() + b"LYRICS200"


def vorbis(pairs: Sequence[tuple[str, str | bytes]]) -> bytes:
    """Vorbis comments."""
    vendor = b"a program"
    data = struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(pairs))
    for name, value in pairs:
        entry = name.encode() + b"=" + (value.encode() if isinstance(value, str) else value)
        data += struct.pack("<I", len(entry)) + entry
    return data


def ogg_page(
    serial: int,
    number: int,
    packets: Sequence[bytes],
    *,
    first: bool = False,
    continued: bool = False,
    open_end: bool = False,
) -> bytes:
    """A page of whole packets; with ``open_end`` the last packet goes on in the next page."""
    lacing = b""
    for i, packet in enumerate(packets):
        full, rest = divmod(len(packet), 255)
        lacing += b"\xff" * full
        if not (open_end and i == len(packets) - 1):
            lacing += bytes([rest])
    flags = (2 if first else 0) | (1 if continued else 0)
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", 0, serial, number, 0) + bytes([len(lacing)])
    return head + lacing + b"".join(packets)


def chunk(name: bytes, content: bytes, order: str = "<", *, pad: bool = True) -> bytes:
    """A chunk of RIFF ("<") or IFF (">")."""
    return name + struct.pack(f"{order}I", len(content)) + content + (b"\0" if pad and len(content) % 2 else b"")


def info(fields: Mapping[str, bytes], *, pad: bool = True) -> bytes:
    """A chunk LIST INFO."""
    return chunk(
        b"LIST", b"INFO" + b"".join(chunk(name.encode(), value + b"\0", pad=pad) for name, value in fields.items())
    )


def atom(name: bytes, content: bytes) -> bytes:
    """An atom of MP4."""
    return struct.pack(">I", len(content) + 8) + name + content


def data_atom(content: bytes, kind: int = 1) -> bytes:
    """A value of an iTunes item: 1 is UTF-8, 2 UTF-16, 0 and 21 numbers."""
    return atom(b"data", struct.pack(">II", kind, 0) + content)


def ebml(identifier: int, content: bytes) -> bytes:
    """An element of Matroska, with a size of eight bytes."""
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | len(content)).to_bytes(8, "big") + content


def compressed(content: bytes) -> bytes:
    """The content of a compressed frame, with its size in front."""
    return struct.pack(">I", len(content)) + zlib.compress(content)
