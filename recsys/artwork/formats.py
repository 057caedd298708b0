"""The formats of pictures, by their bytes. SVG is refused: it can have scripts and refer to other files."""

from typing import NamedTuple

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_LOSSY, _LOSSLESS, _EXTENDED = b"VP8 ", b"VP8L", b"VP8X"


def picture_type(data: bytes) -> str | None:
    """The media type of a picture; None if it has none of the formats that are served.

    >>> picture_type(b"GIF89a..."), picture_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    ('image/gif', None)
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


def webp_size(data: bytes) -> Size:
    """The size of a WebP picture, which its decoder allocates before it can be asked; 0 where it is damaged."""
    kind = data[12:16]
    if kind == _EXTENDED and len(data) >= 30:
        return Size(_number(data[24:27]) + 1, _number(data[27:30]) + 1)
    if kind == _LOSSLESS and len(data) >= 25:
        bits = _number(data[21:25])
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == _LOSSY and len(data) >= 30:
        return Size(_number(data[26:28]) & 0x3FFF, _number(data[28:30]) & 0x3FFF)
    return Size(0, 0)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
