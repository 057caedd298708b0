"""Numbers, flags and identifiers in the texts of tags."""

import math
import re
import unicodedata

R128_OFFSET = 5.0
"""dB from the reference of R128 gains (-23 LUFS, RFC 7845) to that of ReplayGain 2.0 (-18 LUFS)."""
_NUMBER = re.compile(r"\s*(\d{1,4})(?!\d)(?:\s*(?:[/\\]|of\b)\s*(\d{1,4})(?!\d))?", re.IGNORECASE)
_TOTAL = re.compile(r"\s*(?:\d*\s*[/\\]\s*)?(\d{1,4})(?!\d)")
_DECIMAL = re.compile(r"\s*([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)\s*(?:db|lu)?\s*$", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_FLAGS = {"1": True, "true": True, "yes": True, "y": True, "t": True,
          "0": False, "false": False, "no": False, "n": False, "f": False}  # fmt: skip
_MAX_GAIN = 64.0  # dB; what exceeds it is damage
_MAX_PEAK = 64.0


def number_and_total(text: str) -> tuple[int | None, int | None]:
    """The number of a track or disc, and how many there are; 0 is no number.

    >>> number_and_total("03/12"), number_and_total("7"), number_and_total("A1")
    ((3, 12), (7, None), (None, None))
    """
    found = _NUMBER.match(unicodedata.normalize("NFKC", text))
    return (int(found[1]) or None, int(found[2] or 0) or None) if found else (None, None)


def total_of(text: str) -> int | None:
    """How many tracks or discs there are, "12" or "3/12"."""
    found = _TOTAL.match(unicodedata.normalize("NFKC", text))
    return int(found[1]) or None if found else None


def flag_of(text: str) -> bool | None:
    """Whether a flag is set; None where the text is no flag."""
    return _FLAGS.get(text.strip().lower())


def isrc_of(text: str) -> str | None:
    """The ISRC in a text: 12 letters and digits without hyphens.

    >>> isrc_of("us-rc1-76-07839")
    'USRC17607839'
    """
    bare = re.sub(r"[\s-]", "", text.upper().removeprefix("ISRC")).lstrip(":")
    return bare if _ISRC.fullmatch(bare) else None


def gain_of(text: str) -> float | None:
    """A gain in dB, also with a decimal comma.

    >>> gain_of("-7,30 dB")
    -7.3
    """
    gain = _decimal(text)
    return gain if gain is not None and abs(gain) <= _MAX_GAIN else None


def r128_gain_of(text: str) -> float | None:
    """The gain of ReplayGain for one of EBU R128, which is a count of 1/256 dB.

    >>> r128_gain_of("-512")
    3.0
    """
    try:
        gain = int(text) / 256
    except ValueError:
        return None
    return gain + R128_OFFSET if abs(gain) <= 128 else None


def peak_of(text: str) -> float | None:
    """A peak, relative to full scale; negative ones are damage."""
    peak = _decimal(text)
    return peak if peak is not None and 0 <= peak <= _MAX_PEAK else None


def uuids_of(text: str) -> list[str]:
    """All UUIDs in a text, in lower case."""
    return [found.lower() for found in _UUID.findall(text)]


def _decimal(text: str) -> float | None:
    found = _DECIMAL.match(unicodedata.normalize("NFKC", text).replace("−", "-"))
    number = float(found[1].replace(",", ".")) if found else math.nan
    return number if math.isfinite(number) else None
