"""Case and accent folding; this module imports quickly."""

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """Text without case, accents and character width, and with single spaces.

    >>> fold("  Björk  \u3000Guðmundsdóttir")
    'bjork guðmundsdottir'
    """
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.casefold().split())


def name_key(name: str) -> str:
    """The form of a name that a user has chosen, by which it is compared: without case, in one normalisation.

    >>> name_key(" Zoë ") == name_key("ZOE\u0308")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())
