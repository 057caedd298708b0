"""Text of unknown encoding: the bytes of tags that are marked as Latin-1, or that have no mark.

Programs wrote the encoding of their system into such tags. Valid UTF-8 is UTF-8. Everything else is decoded in each
encoding that is in use, and the one in which all texts of a file together are the most probable is taken; see
:mod:`recsys.metadata.letter_costs`. Windows-1252, of which Latin-1 is a part, is assumed unless another is far more
probable, because a Western name that becomes Chinese is worse than a Chinese name that stays unreadable.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from recsys.metadata.letter_costs import cost_of

_MAX_SAMPLE = 2000  # bytes of a file that are compared
_OTHER_TEXT = 8.0  # cost of a text of Windows-1252 among texts of another encoding


_SCARCE = 14.0
_ISO_2022 = b"\x1b$"  # begins Japanese text
_LATIN = frozenset({"western", "central", "turkish", "baltic"})
_ASIAN = frozenset({"japanese", "simplified", "traditional", "korean"})


class _Encoding(NamedTuple):
    name: str
    script: str
    prior: float
    """Bits by which it must be more probable than Windows-1252; more for those that are rare."""


_WESTERN = _Encoding("cp1252", "western", 0)
_OTHERS = (
    _Encoding("cp1250", "central", 16),
    _Encoding("iso8859-2", "central", 18),
    _Encoding("cp1254", "turkish", 10),
    _Encoding("cp1257", "baltic", 16),
    _Encoding("mac_roman", "western", 22),
    _Encoding("cp850", "western", 18),
    _Encoding("cp1251", "cyrillic", 12),
    _Encoding("koi8-r", "cyrillic", 16),
    _Encoding("koi8-u", "cyrillic", 17),
    _Encoding("cp866", "cyrillic", 16),
    _Encoding("mac_cyrillic", "cyrillic", 18),
    _Encoding("iso8859-5", "cyrillic", 18),
    _Encoding("cp1253", "greek", 14),
    _Encoding("iso8859-7", "greek", 15),
    _Encoding("cp1255", "hebrew", 14),
    _Encoding("cp1256", "arabic", 14),
    _Encoding("cp874", "thai", 14),
    _Encoding("cp932", "japanese", 12),
    _Encoding("euc_jp", "japanese", 12),
    _Encoding("gbk", "simplified", 12),
    _Encoding("cp950", "traditional", 12),
    _Encoding("cp949", "korean", 12),
)


def decode_together(texts: Sequence[bytes]) -> list[str]:
    """The texts of one file, decoded; those that are not valid UTF-8 in the encoding in which all are most probable.

    No byte is dropped: one that has no character in the encoding becomes U+FFFD.

    >>> decode_together(["Motörhead".encode(), "Björk".encode("latin-1"), b"AC/DC"])
    ['Motörhead', 'Björk', 'AC/DC']
    >>> decode_together(["Кино".encode("cp1251"), "Группа крови".encode("cp1251")])
    ['Кино', 'Группа крови']
    """
    decoded = [_from_utf8(text) for text in texts]
    unknown = [text for text, found in zip(texts, decoded, strict=True) if found is None]
    if unknown:
        encoding = _most_probable(unknown)
        for i, (text, found) in enumerate(zip(texts, decoded, strict=True)):
            # One character of two bytes that is valid UTF-8 can be chance in encodings of two bytes a character.
            if found is None or (encoding.script in _ASIAN and _is_weak(found)):
                decoded[i] = _decoded(text, encoding)
    return [text or "" for text in decoded]


def repaired(text: str | bytes) -> str | bytes:
    """The bytes of a text that was read as Latin-1 before it was stored as Unicode, as its control characters show.

    The text itself where nothing shows that; bytes as they are. A text that was UTF-8 before is decoded.

    >>> repaired("BjÃ¶rk"), repaired("Björk"), repaired("Don\\x92t")
    ('Björk', 'Björk', b'Don\\x92t')
    """
    if isinstance(text, bytes) or text.isascii():
        return text
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    if max(text) <= "\xff" and any("\x80" <= c < "\xa0" for c in text):
        return text.encode("latin-1")
    return text


def _from_utf8(text: bytes) -> str | None:
    """Valid UTF-8, of which the last character may be cut, or ISO 2022; None for other text."""
    try:
        return text.decode("iso2022_jp" if _ISO_2022 in text else "utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or not error.start:
            return None
        cut = text.decode("utf-8", "replace")
        return None if text[: error.start].isascii() or _is_weak(cut[:-1]) else cut


def _is_weak(text: str) -> bool:
    """Whether only one character shows that a text is UTF-8, one of two bytes."""
    return sum(c >= "\x80" for c in text) == 1 and max(text) < "\u0800"


def _most_probable(texts: Sequence[bytes]) -> _Encoding:
    sample, size = [], 0
    for text in dict.fromkeys(texts):
        sample.append(text[: _MAX_SAMPLE - size])
        size += len(text)
        if size >= _MAX_SAMPLE:
            break
    western = {text: _cost(text, _WESTERN) for text in sample}

    def total(encoding: _Encoding) -> float:
        costs = (
            min(_cost(text, encoding), own + _OTHER_TEXT) if _differs(text, encoding) else own
            for text, own in western.items()
        )
        return encoding.prior + _scarcity(western, encoding) + sum(costs)

    best = min(_OTHERS, key=total)
    return best if total(best) < sum(western.values()) else _WESTERN


def _cost(text: bytes, encoding: _Encoding) -> float:
    return cost_of(_decode(text, encoding.name), encoding.script)


def _scarcity(sample: Iterable[bytes], encoding: _Encoding) -> float:
    """A cost for too few letters to show a script that is not Latin."""
    if encoding.script in _LATIN:
        return 0.0
    letters = [c for text in sample for c in _decode(text, encoding.name) if c.isalpha()]
    own = [c for c in letters if c >= "\x80"]
    enough = 4 if encoding.script not in _ASIAN else 3 if len(own) < len(letters) else 2
    return 0.0 if len(own) >= enough and len(set(own)) > 1 else _SCARCE


def _differs(text: bytes, encoding: _Encoding) -> bool:
    return _decode(text, encoding.name) != _decode(text, _WESTERN.name)


def _decoded(text: bytes, encoding: _Encoding) -> str:
    """A text in the encoding of its file, or in Windows-1252 if that is far more probable."""
    if encoding != _WESTERN and _cost(text, _WESTERN) + _OTHER_TEXT < _cost(text, encoding):
        encoding = _WESTERN
    return _decode(text, encoding.name)


def _decode(text: bytes, encoding: str) -> str:
    return text.decode(encoding, "replace")
