"""Pictures for what has no cover."""

import io
from colorsys import hls_to_rgb
from hashlib import sha256

from PIL import Image, ImageOps

_QUALITY = 85


def generated_cover(text: str, size: int) -> bytes:
    """A square JPEG that goes from one colour to another, both chosen by a text.

    >>> generated_cover("al-1", 64) == generated_cover("al-1", 64) != generated_cover("al-2", 64)
    True
    """
    first, apart = sha256(text.encode()).digest()[:2]
    dark, light = _colour(first / 256, 0.28), _colour((first + 24 + apart / 4) / 256 % 1.0, 0.62)
    image = ImageOps.colorize(Image.linear_gradient("L").resize((size, size)), dark, light)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=_QUALITY)
    return output.getvalue()


def _colour(hue: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = (round(255 * value) for value in hls_to_rgb(hue, lightness, 0.4))
    return red, green, blue
