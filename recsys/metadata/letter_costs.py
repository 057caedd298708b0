"""How improbable a text is in a script: the sum of the costs of its letters in bits.

A cost is the negative binary logarithm of a probability. Alphabets have the probability of each letter after another;
Chinese, Japanese and Korean that of each character. The same bytes in two encodings, as texts of two scripts, can be
compared by their costs. The tables are made by scripts/make_letter_costs.py.
"""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).parent / "data" / "letters.json"
_ASCII_LETTER, _ASCII_MARK = 6.5, 2.0
_UNSEEN = 15.5  # of a pair of letters; the largest cost in the tables
_FOREIGN_ACCENT = 10.0
_RARE_CHARACTER = 18.0
_CAPITAL, _CAPITAL_INSIDE = 1.0, 6.0
_MIXED_SCRIPTS = 14.0  # an ASCII letter beside a letter of another script
_BESIDE_ASCII = 8.0  # a Chinese, Japanese or Korean character beside an ASCII letter
_ASCII_BESIDE_ASIAN = re.compile(r"(?<=[A-Za-z])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[A-Za-z])")
_EDGE = "^"
_LANGUAGES = {
    "western": "en fr de es pt it nl sv da nb fi is ca",
    "central": "pl cs sk hu ro sh sl",
    "turkish": "tr",
    "baltic": "lt lv",
    "cyrillic": "ru uk bg mk",
    "greek": "el",
    "hebrew": "he",
    "arabic": "ar fa ur",
    "thai": "th",
}
"""Those of each script that has an alphabet; the first four are Latin."""
_LATIN = frozenset(list(_LANGUAGES)[:4])
_CASED = frozenset({"cyrillic", "greek"})
_LOWER_CASE_START = 3.0  # of a name or title in these scripts
_RANGES = {
    "cyrillic": range(0x400, 0x500), "greek": range(0x370, 0x400), "hebrew": range(0x590, 0x600),
    "arabic": range(0x600, 0x700), "thai": range(0xE00, 0xE80),
}  # fmt: skip
_MARKS = {
    **dict.fromkeys("–—‘“”„…«»•", 8.0),
    "·": 14.0,
    **dict.fromkeys("’¡¿°№´", 9.0),
    **dict.fromkeys("ªº²³½¼¾§©®™£€¥±×†", 12.0),
}
_APOSTROPHE = 5.0  # after a letter
_OTHER_MARK, _WRONG = 16.0, 60.0
_BESIDE_LETTER = 6.0  # a mark that is not common, beside a letter
_INSIDE = 10.0  # a mark between two letters
_ALONE = 8.0  # a quotation mark between two spaces
_AFTER_LETTER = 22.0  # an opening mark after a letter
_CUT = 8.0  # the first byte of a character, at the end of a text
_ASIAN_MARKS = frozenset("・ー々〜～、。「」『』（）！？：　")


def cost_of(text: str, script: str) -> float:
    """The cost in bits of a text in a script, or in the best of its languages; see :mod:`recsys.metadata.encodings`."""
    if script in _LANGUAGES:
        return min(_alphabetic_cost(text, language, script) for language in _LANGUAGES[script].split())
    characters = _tables()["characters"][script]
    if text.endswith("\ufffd") and not text[:-1].isascii():
        return _CUT + cost_of(text[:-1], script)
    total = sum(_ascii(c) if c < "\x80" else characters.get(c) or _asian_mark(c) for c in text)
    return total + _BESIDE_ASCII * len(_ASCII_BESIDE_ASIAN.findall(text))


def _alphabetic_cost(text: str, language: str, script: str) -> float:
    costs = _tables()["alphabets"][language]
    latin, own = script in _LATIN, _RANGES.get(script, range(0x250))
    total, before, previous = 0.0, _EDGE, " "
    if script in _CASED and text[:1].islower() and text[0] >= "\x80":
        total += _LOWER_CASE_START
    for c, following in zip(text + " ", text[1:] + "  ", strict=True):
        letter = c.lower()[:1].replace("ς", "σ")
        is_own = c.isalpha() if c < "\x80" else ord(letter) in own and _is_letter(c)
        if is_own and (latin or c >= "\x80"):
            mixed = not latin and before < "\x80" and before != _EDGE
            total += _pair(costs, _EDGE if mixed else before, letter) + (_MIXED_SCRIPTS if mixed else 0.0)
            before = letter
        elif is_own:
            total += _ascii(c) + (_MIXED_SCRIPTS if before >= "\x80" else 0.0)
            before = letter
        else:
            ends_word = before != _EDGE and (latin or before >= "\x80")
            total += _pair(costs, before, _EDGE) if ends_word else 0.0
            total += _ascii(c) if c < "\x80" else _mark(c, previous, following)
            before = _EDGE
        if c != letter and c.isupper():
            inside = previous.islower() and (c >= "\x80" or previous >= "\x80")
            total += _CAPITAL_INSIDE if inside else _CAPITAL if c >= "\x80" else 0.0
        previous = c
    return total


def _pair(costs: dict[str, float], first: str, second: str) -> float:
    """The cost of a letter after another. An accent that the language does not have is that of a foreign name."""
    cost = costs.get(first + second)
    if cost is None:
        bare = [unicodedata.normalize("NFD", letter)[0] for letter in (first, second)]
        cost = min(_UNSEEN, costs.get("".join(bare), _UNSEEN) + _FOREIGN_ACCENT)
    return cost


def _ascii(c: str) -> float:
    """The cost of ASCII; letters are fewer in texts of a script that is not Latin."""
    return _ASCII_LETTER if c.isalpha() else _ASCII_MARK


def _mark(c: str, previous: str, following: str) -> float:
    """The cost of what is no letter of the script."""
    if unicodedata.category(c) in ("Cc", "Cn", "Co"):
        return _WRONG
    beside = _is_letter(previous) + _is_letter(following)
    if (c == "’" and _is_letter(previous)) or (c == "·" and previous in "lL" and following in "lL"):
        return _APOSTROPHE
    if c in "¡¿" and _is_letter(previous):
        return _AFTER_LETTER
    cost = _MARKS.get(c, _OTHER_MARK + (_BESIDE_LETTER if beside else 0.0))
    if c == "·":
        return cost
    return cost + (_INSIDE if beside == 2 else _ALONE if c in "‘“”„«»’" and previous + following == "  " else 0.0)


def _asian_mark(c: str) -> float:
    if c in _ASIAN_MARKS:
        return 8.0
    return _WRONG if c == "\ufffd" or unicodedata.category(c) in ("Cc", "Cn", "Co") else _RARE_CHARACTER


def _is_letter(c: str) -> bool:
    return unicodedata.category(c)[0] in "LM"


@cache
def _tables() -> dict[str, dict[str, dict[str, float]]]:
    """Costs of pairs of letters, by alphabet, and of characters, by language."""
    tables = json.loads(_TABLES.read_text(encoding="utf-8"))
    return {
        "alphabets": {
            script: {
                first + second: int(digit, 32) / 2
                for first, row in zip(table["letters"], table["costs"], strict=True)
                for second, digit in zip(table["letters"], row, strict=True)
            }
            for script, table in tables["alphabets"].items()
        },
        "characters": {
            script: {c: float(cost) for cost, characters in table.items() for c in characters}
            for script, table in tables["characters"].items()
        },
    }
