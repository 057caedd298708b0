"""Pictures, checked and made smaller. What is not a valid picture, or decodes to too many pixels, is refused."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image, ImageOps
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from recsys.artwork.formats import picture_type, webp_size

MAX_PIXELS = 50_000_000
"""The largest covers of shops have 36 million. A picture takes 4 bytes for each while it is made smaller."""
_QUALITY = 85
_PROGRESSIVE_FROM = 300  # pixels: smaller files are smaller without

# The classes, rather than Image.open: what decides is the format of the bytes and the limit here.
_FORMATS: Mapping[str, Callable[[io.BytesIO], Image.Image]] = {
    "image/jpeg": JpegImageFile,
    "image/png": PngImageFile,
    "image/gif": GifImageFile,
    "image/webp": WebPImageFile,
}
_DAMAGE = (OSError, ValueError, SyntaxError, LookupError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises for damaged files."""


def is_picture(data: bytes) -> bool:
    """Whether the bytes are a picture that is served: of a known format, with a header, and not too large."""
    try:
        _open(data)
    except _DAMAGE:
        return False
    return True


def thumbnail(data: bytes, size: int) -> bytes | None:
    """A picture as JPEG, at most ``size`` pixels wide and high, never larger than it is; None if it is damaged."""
    try:
        image = _open(data)
        image.draft("RGB", (size, size))  # a JPEG is decoded at an eighth of its size, if that is enough
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        image = _flat(ImageOps.exif_transpose(image))
        output = io.BytesIO()
        image.save(output, "JPEG", quality=_QUALITY, optimize=True, progressive=size >= _PROGRESSIVE_FROM)
    except _DAMAGE:
        return None
    return output.getvalue()


def _open(data: bytes) -> Image.Image:
    """The picture, of which only the header is read."""
    kind = picture_type(data)
    if kind is None:
        raise ValueError("not a picture of a known format")
    if kind == "image/webp":
        _check_size(*webp_size(data))
    image = _FORMATS[kind](io.BytesIO(data))
    _check_size(image.width, image.height)
    return image


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError(f"{width} x {height} pixels")


def _flat(image: Image.Image) -> Image.Image:
    """The picture in RGB; what is transparent becomes white."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image.convert("RGB")
