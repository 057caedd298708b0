"""Files put together from pieces, of which a change of tags must keep all that are :class:`Kept`, byte for byte.

Nothing here uses the parsers of recsys. Numbers that follow from a change (sizes, counts, checksums) are pieces that
are not kept.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Sequence

from mutagen.ogg import OggPage

from recsys.tagging.containers import find_layout
from recsys.tagging.splices import apply_to_bytes, decode_splices, encode_splices, inverse

Pieces = list[bytes]


class Kept(bytes):
    """Bytes that must stand in the file after a change."""


class Of(bytes):
    """An entry of a field: it must stand in the file after a change of other fields."""

    field: str

    def __new__(cls, field: str, data: bytes) -> "Of":
        entry = super().__new__(cls, data)
        entry.field = field
        return entry


def like(piece: bytes, data: bytes) -> bytes:
    """Other bytes that are kept under the same condition."""
    return Of(piece.field, data) if isinstance(piece, Of) else Kept(data) if isinstance(piece, Kept) else data


def join(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)


def length(pieces: Iterable[bytes]) -> int:
    return sum(map(len, pieces))


def change(pieces: Sequence[bytes], target: dict[str, str]) -> bytes:
    """The file with other fields, after a check that all kept pieces stand in it, and that the undo is exact."""
    data = join(pieces)
    file = io.BytesIO(data)
    layout = find_layout(file)
    splices = layout.change(target)
    new = apply_to_bytes(data, splices)
    position = 0
    for piece in pieces:
        if isinstance(piece, Kept) or (isinstance(piece, Of) and piece.field not in target):
            found = new.find(piece, position)
            assert found >= 0, f"{piece[:60]!r} ({len(piece)} bytes) is gone"
            position = found + len(piece)
    written = find_layout(io.BytesIO(new))
    parts = iter(written.remains(tuple(target)))
    assert all(part in parts for part in layout.remains(tuple(target)))
    assert {field: written.texts(field)[:1] for field in target} == {field: [text] for field, text in target.items()}
    undo = decode_splices(encode_splices(inverse(file, splices)))
    assert apply_to_bytes(new, undo) == data
    return new


def synchsafe(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))


def unsynchronise(data: bytes) -> bytes:
    out = bytearray()
    for i, byte in enumerate(data):
        out.append(byte)
        following = data[i + 1] if i + 1 < len(data) else 0xFF
        if byte == 0xFF and (following == 0 or following >= 0xE0):
            out.append(0)
    return bytes(out)


def id3_frame(id: str, content: bytes, version: int = 4, flags: int = 0) -> bytes:
    if version == 2:
        return id.encode() + len(content).to_bytes(3, "big") + content
    size = synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
    return id.encode() + size + struct.pack(">H", flags) + content


def id3(
    frames: Sequence[bytes], version: int = 4, *, padding: int = 0, unsynchronised: bool = False, crc: bool = False,
    footer: bool = False,
) -> Pieces:  # fmt: skip
    """An ID3v2 tag of frames in that version."""
    stuffed = unsynchronise if unsynchronised and version < 4 else bytes
    body = join(frames)
    extended: Pieces = []
    if crc and version == 3:
        head = struct.pack(">IHI", 10, 0x8000, padding)
        extended = [Kept(head), unsynchronise_next(stuffed, zlib.crc32(body).to_bytes(4, "big"))]
    elif crc and version == 4:
        value = zlib.crc32(body + bytes(padding))
        extended = [Kept(synchsafe(12) + b"\1\x20\5"), bytes(value >> shift & 0x7F for shift in (28, 21, 14, 7, 0))]
    parts = [*extended, *(like(frame, stuffed(frame)) for frame in frames), Kept(bytes(padding))]
    flags = 0x80 * unsynchronised | 0x40 * bool(extended) | 0x10 * footer
    size = synchsafe(length(parts))
    end = [Kept(b"3DI" + bytes([version, 0, flags])), size] if footer else []
    return [Kept(b"ID3" + bytes([version, 0, flags])), size, *parts, *end]


def unsynchronise_next(stuffed: type[bytes] | object, data: bytes) -> bytes:
    return unsynchronise(data) if stuffed is unsynchronise else data


def ape(items: Sequence[tuple[str, str | bytes]], *, header: bool = True) -> Pieces:
    """An APEv2 tag of keys and values."""
    body: Pieces = []
    for key, value in items:
        data = value.encode() if isinstance(value, str) else value
        item = struct.pack("<II", len(data), 0 if isinstance(value, str) else 2) + key.encode() + b"\0" + data
        body.append(Of(key.lower(), item) if key.lower() in ("genre", "comment", "bpm") else Kept(item))
    flags = 0x80000000 * header
    numbers = struct.pack("<II", length(body) + 32, len(items))
    ends = [
        [Kept(b"APETAGEX" + struct.pack("<I", 2000)), numbers, Kept(struct.pack("<I8x", flags | is_header))]
        for is_header in (0x20000000, 0)
    ]
    return [*(ends[0] if header else []), *body, *ends[1]]


def id3v1(title: str = "Old title", genre: int = 17, track: int | None = None) -> bytes:
    comment = b"a comment".ljust(28, b"\0") + bytes([0, track]) if track else b"a comment".ljust(30, b"\0")
    fields = title.encode("latin-1").ljust(30, b"\0"), b"Old artist".ljust(30), b"Old album".ljust(30, b"\0"), b"1999"
    return Kept(b"TAG" + join(fields) + comment + bytes([genre]))


def enhanced() -> bytes:
    """The extended tag that stands before ID3v1."""
    return Kept(
        b"TAG+" + b"long title".ljust(60, b"\0") + bytes(120) + b"\2" + b"Fusion".ljust(30, b"\0") + b"000:00001:00"
    )


def lyrics3v1(text: str) -> bytes:
    return Kept(b"LYRICSBEGIN" + text.encode("latin-1") + b"LYRICSEND")


def lyrics3v2(text: str) -> bytes:
    body = b"LYRICSBEGININD0000210LYR" + b"%05d" % len(text) + text.encode("latin-1")
    return Kept(body + b"%06d" % len(body) + b"LYRICS200")


def comments(entries: Sequence[str], *, vendor: str = "a vendor", rest: bytes = b"") -> Pieces:
    """A list of Vorbis comments, and what follows it."""
    lines: Pieces = []
    for comment in entries:
        data = struct.pack("<I", len(comment.encode())) + comment.encode()
        field = comment.partition("=")[0].lower()
        further = field == "comment" and any(isinstance(line, Of) and line.field == field for line in lines)
        is_field = field in ("genre", "comment", "bpm") and not further
        lines.append(Of(field, data) if is_field else Kept(data))
    head = struct.pack("<I", len(vendor)) + vendor.encode()
    return [Kept(head), struct.pack("<I", len(entries)), *lines, Kept(rest)]


def flac(blocks: Sequence[tuple[int, Pieces]], frames: bytes = b"\xff\xf8" + bytes(range(200))) -> Pieces:
    """A FLAC stream of metadata blocks, each a type and its content."""
    pieces: Pieces = [Kept(b"fLaC")]
    for i, (kind, content) in enumerate(blocks):
        last = 0x80 * (i == len(blocks) - 1)
        pieces += [bytes([kind | last]), length(content).to_bytes(3, "big"), *content]
    return [*pieces, Kept(frames)]


def chunk(id: bytes, content: Sequence[bytes], *, big: bool = False, wide: bool = False, padded: bool = True) -> Pieces:
    size = length(content).to_bytes(8 if wide else 4, "big" if big else "little")
    pad = [b"\0"] if padded and length(content) % 2 else []
    return [Kept(id), size, *content, *pad]


def riff(chunks: Sequence[Pieces], kind: bytes = b"RIFF", form: bytes = b"WAVE", behind: bytes = b"") -> Pieces:
    big, wide = kind in (b"FORM", b"FRM8"), kind == b"FRM8"
    body = [piece for each in chunks for piece in each]
    size = (4 + length(body)).to_bytes(8 if wide else 4, "big" if big else "little")
    return [Kept(kind), size, Kept(form), *body, Kept(behind)]


def atom(kind: bytes, content: Sequence[bytes] = (), *, wide: bool = False) -> Pieces:
    if wide:
        return [struct.pack(">I", 1), Kept(kind), struct.pack(">Q", 16 + length(content)), *content]
    return [struct.pack(">I", 8 + length(content)), Kept(kind), *content]


def ogg(packets: Sequence[bytes], serial: int, *, page_size: int = 4096) -> list[OggPage]:
    """Pages of a stream: the first packet alone, then the headers, then each 100 bytes a page of their own."""
    pages: list[OggPage] = OggPage.from_packets([packets[0]], 0)
    pages += OggPage.from_packets(list(packets[1:3]), len(pages), default_size=page_size)
    for number, packet in enumerate(packets[3:]):
        pages += OggPage.from_packets([packet], len(pages), default_size=page_size)
        pages[-1].position = 1000 * (number + 1)
    for page in pages:
        page.serial = serial
    pages[0].first = pages[-1].last = True
    return pages


def pages_of(data: bytes) -> list[OggPage]:
    """The pages of a file. Their checksums are verified."""
    file, pages = io.BytesIO(data), []
    while file.tell() < len(data):
        start = file.tell()
        pages.append(OggPage(file))
        assert pages[-1].write() == data[start : file.tell()]
    return pages
