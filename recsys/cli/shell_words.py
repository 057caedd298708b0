"""The words of a command line as a shell reads them, and words as a shell writes them."""

import re
from typing import NamedTuple

_QUOTES = "'\""
_SAFE = re.compile(r"[\w@%+,./~^:=-]", re.ASCII)  # and all characters beyond ASCII that are not spaces


class Word(NamedTuple):
    """A word: its text without quotes, the text as it was typed, and the quote that is still open."""

    value: str
    raw: str
    open_quote: str = ""


def split_line(line: str, *, escape: str = "\\") -> list[Word]:
    """The words of a line; the last one is that at the end of the line, which may be empty.

    >>> [word.value for word in split_line("recsys show 'So W")]
    ['recsys', 'show', 'So W']
    >>> split_line("recsys ")[-1]
    Word(value='', raw='', open_quote='')
    """
    words: list[Word] = []
    value = raw = quote = ""
    characters = iter(line)
    for character in characters:
        if character == escape and quote != "'":
            following = next(characters, "")
            keeps_escape = bool(quote) and following not in (quote, escape)  # in double quotes it is a character
            value += (escape if keeps_escape else "") + following
            raw += escape + following
        elif quote:
            quote, value, raw = _inside(character, quote, value, raw)
        elif character in _QUOTES:
            quote, raw = character, raw + character
        elif character.isspace():
            if raw:
                words.append(Word(value, raw))
            value = raw = ""
        else:
            value, raw = value + character, raw + character
    return [*words, Word(value, raw, quote)]


def _inside(character: str, quote: str, value: str, raw: str) -> tuple[str, str, str]:
    """The open quote, the value and the raw text after a character inside quotes."""
    return ("", value, raw + character) if character == quote else (quote, value + character, raw + character)


def quote_word(text: str, typed: Word, shell: str, word_breaks: str = "") -> str:
    """A candidate as the shell inserts it in the place of the ``typed`` word.

    bash inserts it as it is, behind an open quote or the last of its ``word_breaks``; fish and zsh quote it themselves.

    >>> quote_word("So What", Word("So", "So"), "bash")
    'So\\\\ What'
    >>> quote_word("So What", Word("So", "'So", "'"), "bash")
    'So What'
    >>> quote_word("--genre=jazz", Word("--genre=j", "--genre=j"), "bash", ":=")
    'jazz'
    """
    if shell == "powershell":
        return text if all(map(_is_safe, text)) else "'" + text.replace("'", "''") + "'"
    if shell != "bash":
        return text
    if typed.open_quote == "'":
        return text.replace("'", "'\\''")
    if typed.open_quote:
        return re.sub(r'[$`"\\]', r"\\\g<0>", text)
    start = max((typed.raw.rfind(each) for each in word_breaks if each in ":="), default=-1) + 1
    head, escaped = typed.raw[:start], start and typed.raw[start - 2 : start - 1] == "\\"
    if start and not escaped and text.casefold().startswith(head.casefold()):
        text = text[start:]
    return "".join(character if _is_safe(character) else f"\\{character}" for character in text)


def _is_safe(character: str) -> bool:
    return bool(_SAFE.fullmatch(character)) or (not character.isascii() and not character.isspace())
