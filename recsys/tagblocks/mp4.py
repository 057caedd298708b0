"""Tags of MP4, 3GP and QuickTime files: iTunes items (ilst), QuickTime keys (mdta), and texts of user data (udta).

Names of iTunes items are those of their atoms ("©nam"); a free item is "----:" and its name in lower case. QuickTime
keys are in lower case without "com.apple.quicktime.". Numbers become text: a track and its total "3/12", a genre the
number that ID3v1 has for it.
"""

from collections.abc import Iterator
from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Block, Fields, Kind, Value, read_at, utf8, utf16

_PAIRS = ("trkn", "disk")
_NUMBERS = ("cpil", "tmpo")
_TEXTS = ("aART",)  # beside all that begin with ©
_3GP_TEXTS = ("titl", "perf", "auth", "gnre", "albm")
_UTF16, _UTF16BE_SORT = 2, 5  # types of a value
_QUICKTIME = "com.apple.quicktime."
_LAST_MACINTOSH_LANGUAGE = 0x3FF
_MAX_KEYS = 1000

Atom = tuple[str, int, int]
"""Name, and where its content starts and ends."""


def read_mp4(file: BinaryIO, start: int) -> list[Block]:
    """The blocks of the file: ilst, mdta and udta; those of single tracks are left."""
    ilst, mdta, udta = Fields(), Fields(), Fields()
    for name, first, end in _atoms(file, start, None):
        if name != "moov":
            continue
        for inner in _atoms(file, first, end):
            if inner[0] == "meta":
                _read_meta(file, inner, ilst, mdta)
            elif inner[0] == "udta":
                for atom in _atoms(file, inner[1], inner[2]):
                    if atom[0] == "meta":
                        _read_meta(file, atom, ilst, mdta)
                    else:
                        _add_user_data(udta, file, atom)
        break
    return [Block(Kind.ILST, ilst), Block(Kind.MDTA, mdta), Block(Kind.UDTA, udta)]


def _atoms(file: BinaryIO, position: int, end: int | None) -> Iterator[Atom]:
    for _ in range(MAX_PARTS):
        if end is not None and position + 8 > end:
            return
        head = read_at(file, position, 16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        if len(head) < 8 or size < header:  # a size of 0: up to the end of the file, which is no atom of tags
            return
        yield head[4:8].decode("latin-1"), position + header, min(position + size, end or position + size)
        position += size


def _read_meta(file: BinaryIO, meta: Atom, ilst: Fields, mdta: Fields) -> None:
    """Items with names, or with numbers in a list of keys. The atom has a version of 4 bytes, except in QuickTime."""
    _, first, end = meta
    keys: list[str] = []
    for name, start, stop in _atoms(file, first if read_at(file, first + 4, 4) == b"hdlr" else first + 4, end):
        if name == "keys":
            keys = list(_keys(file, start + 8, stop))
        elif name == "ilst":
            for item in _atoms(file, start, stop):
                number = int.from_bytes(item[0].encode("latin-1"), "big")
                if keys and 0 < number <= len(keys):
                    for kind, data in _values(file, item):
                        mdta.add(keys[number - 1], _text(kind, data))
                else:
                    _add_item(ilst, file, item)


def _keys(file: BinaryIO, start: int, end: int) -> Iterator[str]:
    for (_, first, stop), _ in zip(_atoms(file, start, end), range(_MAX_KEYS), strict=False):
        yield read_at(file, first, min(stop - first, 256)).decode("utf-8", "replace").lower().removeprefix(_QUICKTIME)


def _values(file: BinaryIO, item: Atom) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each value."""
    for name, start, end in _atoms(file, item[1], item[2]):
        if name == "data":
            head = read_at(file, start, 8)
            yield int.from_bytes(head[1:4], "big"), read_at(file, start + 8, min(end - start - 8, MAX_TEXT))


def _text(kind: int, data: bytes) -> Value:
    if kind in (_UTF16, _UTF16BE_SORT):
        return utf16(data, "be")
    return utf8(data.rstrip(b"\0"))


def _add_item(fields: Fields, file: BinaryIO, item: Atom) -> None:
    name = item[0]
    if name == "----":
        parts = {part: read_at(file, start + 4, min(end - start - 4, 256)) for part, start, end in
                 _atoms(file, item[1], item[2]) if part == "name"}  # fmt: skip
        name = f"----:{parts.get('name', b'').decode('utf-8', 'replace').lower()}"
    elif name not in (*_PAIRS, *_NUMBERS, *_TEXTS, "gnre") and not name.startswith("\xa9"):
        return
    for kind, data in _values(file, item):
        if name in _PAIRS:
            fields.add(name, f"{int.from_bytes(data[2:4], 'big')}/{int.from_bytes(data[4:6], 'big')}")
        elif name in _NUMBERS:
            fields.add(name, str(int.from_bytes(data, "big")))
        elif name == "gnre":
            fields.add(name, str(int.from_bytes(data[:2], "big") - 1))
        else:
            fields.add(name, _text(kind, data))


def _add_user_data(fields: Fields, file: BinaryIO, atom: Atom) -> None:
    """Texts of 3GP (version, language, text) and of QuickTime (length, language, text)."""
    name, start, end = atom
    data = read_at(file, start, min(end - start, MAX_TEXT, MAX_BLOCK))
    if name == "yrrc":
        fields.add(name, str(int.from_bytes(data[4:6], "big")))
    elif name in _3GP_TEXTS:
        fields.add(name, _text_3gp(data[6:]))
        if name == "albm" and len(data) > 7 and data[-2] == 0 and data[-1]:
            fields.add("track", str(data[-1]))
    elif name.startswith("\xa9"):
        while len(data) > 4:
            length, language = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
            text = utf8(data[4 : 4 + length])
            if isinstance(text, bytes) and language <= _LAST_MACINTOSH_LANGUAGE:
                text = text.decode("mac-roman")
            fields.add(name, text)
            data = data[4 + length :]


def _text_3gp(data: bytes) -> Value:
    if data[:2] == b"\xfe\xff":
        return utf16(data, "be").partition("\0")[0]
    return utf8(data.partition(b"\0")[0])
