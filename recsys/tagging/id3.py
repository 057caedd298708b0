"""ID3v2 tags: the frames of five fields are replaced, all others stay byte for byte.

Versions 2.2, 2.3 and 2.4 stay what they are, with their unsynchronisation, extended header, checksum, footer, padding,
and with frames that are unknown, compressed or encrypted. Sources: the informal standards at https://id3.org.
"""

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from recsys.tagging.blocks import CUSTOM, Entry, Item, Names, Raw, TagBlock, TagsNotWritable
from recsys.tagging.splices import Splice, apply_to_bytes, growth

_LATIN1, _UTF16, _UTF16BE, _UTF8 = range(4)  # encodings of ID3
_CODECS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10  # flags of the header
_FRAME_ID = re.compile(rb"[A-Z][A-Z0-9]{2}[A-Z0-9 \0]?")
_FRAMES = {"genre": b"TCON", "bpm": b"TBPM", "key": b"TKEY", "comment": b"COMM", "custom": b"TXXX"}
_FRAMES_22 = {"genre": b"TCO", "bpm": b"TBP", "key": b"TKE", "comment": b"COM", "custom": b"TXX"}
_NAMES = {b"TIT2", b"TPE1", b"TALB", b"TCON", b"TT2", b"TP1", b"TAL", b"TCO"}
_NEW_FRAMES = Names(b"TIT2", b"TPE1", b"TALB", b"TDRC", b"TRCK", b"TCON", b"COMM", b"TCOM", b"TCOP", b"TSSE", b"TENC")
_DATE = re.compile(rb"\d{4}(-\d\d(-\d\d)?)?")
_MAX_TEXT = 1 << 20  # bytes of a frame that is compressed
_NEW_PADDING = 1024  # bytes


class ID3v2(TagBlock):
    """An ID3v2 tag: ``data`` at ``start`` of the file."""

    item_key = "encoding"

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data, start)
        self.version, self._flags = data[3], data[5]
        if self.version not in (2, 3, 4) or (self.version == 2 and self._flags & _EXTENDED):
            raise TagsNotWritable(f"its tags are in an unknown version of ID3 (2.{self.version})")
        body_end = len(data) - (10 if self._flags & _FOOTER and self.version == 4 else 0)
        self._footer = data[body_end:]
        body = data[10:body_end]
        # Before 2.4 the whole tag is unsynchronised: a zero byte follows each 0xFF and is not part of the content.
        whole = self._flags & _UNSYNCHRONISED and self.version < 4
        removed = [match.end() - 1 for match in re.finditer(rb"\xff\0", body)] if whole else []
        self._removed = [position - number for number, position in enumerate(removed)]  # in the content
        self._body = body.replace(b"\xff\0", b"\xff") if whole else body
        self._frames_start, self._crc, self._crc_end = self._extended_header()
        if self._frames_start > len(self._body):
            raise TagsNotWritable("its tags are damaged (an ID3 header is longer than its tag)")
        self._frames_end = self._frames_start
        self._plain_sizes = self.version == 4 and self._has_plain_sizes()
        self._read_frames()

    @property
    def _frame_header(self) -> int:
        return 6 if self.version == 2 else 10

    def _place(self, position: int) -> int:
        """Position in the file of a position in the content."""
        return self.start + 10 + position + bisect_right(self._removed, position)

    def _extended_header(self) -> tuple[int, int, int]:
        """Where the frames start, where the checksum stands (0: nowhere), and where the data end that it covers."""
        body = self._body
        if not self._flags & _EXTENDED or _FRAME_ID.fullmatch(body[:4]):
            return 0, 0, 0  # some programs set the flag without writing the header
        if self.version == 3:
            size = 4 + int.from_bytes(body[:4], "big")
            has_crc = size >= 14 and body[4] & 0x80
            padding = int.from_bytes(body[6:10], "big")
            return size, 10 if has_crc else 0, max(size, len(body) - padding)
        size, flags, position = _synchsafe(body[:4]), int.from_bytes(body[5:6], "big"), 6
        if flags & 0x40:
            position += 1
        has_crc = flags & 0x20 and body[position : position + 1] == b"\x05"
        return size, position + 1 if has_crc else 0, len(body)

    def _has_plain_sizes(self) -> bool:
        """Whether sizes of frames of a 2.4 tag are plain integers, as old versions of iTunes write them."""
        return self._has_rest(plain=False) and not self._has_rest(plain=True)

    def _has_rest(self, *, plain: bool) -> bool:
        """Whether anything other than zeros follows the last frame."""
        end = max((end for _, _, end in self._walk(plain=plain)), default=self._frames_start)
        return bool(self._body[end:].strip(b"\0"))

    def _walk(self, *, plain: bool) -> Iterator[tuple[bytes, int, int]]:
        """Id, start and end of each frame in the content."""
        position, header = self._frames_start, self._frame_header
        id_length = 3 if self.version == 2 else 4
        while (head := self._body[position : position + header]) and _FRAME_ID.fullmatch(head[:id_length]):
            size = head[id_length : 2 * id_length]
            length = _synchsafe(size) if self.version == 4 and not plain else int.from_bytes(size, "big")
            end = position + header + length
            if end > len(self._body):
                return
            yield head[:id_length], position, end
            position = end

    def _read_frames(self) -> None:
        fields = {frame: field for field, frame in (_FRAMES_22 if self.version == 2 else _FRAMES).items()}
        seen = set()
        self._frames: list[bytes] = []
        for frame, start, end in self._walk(plain=self._plain_sizes):
            field = fields.get(frame)
            items: tuple[Item, ...] = ()
            if field is not None:
                item = self._read_item(field, self._body[start:end])
                text_of_others = item is None or item.get("desc", "").upper() != (CUSTOM if field == "custom" else "")
                if text_of_others or (field == "comment" and field in seen):
                    field = None  # a comment with a description belongs to a program
                elif item is not None:
                    items = (item,)
                    seen.add(field)
            self.has_names |= frame in _NAMES
            self.entries.append(Entry(self._place(start), self._place(end), field, items))
            self._frames.append(self._body[start:end])
            self._frames_end = end
        self.insert_at = self._place(self._frames_end)

    def _read_item(self, field: str, frame: bytes) -> Item | None:
        """The content of a text frame; None if it has a description that cannot be read."""
        described = field in ("comment", "custom")
        data = self._content(frame)
        if not data:
            return None if described else {"encoding": _LATIN1, "text": []}
        encoding, data = min(data[0], _UTF8), data[1:]
        item: Item = {"encoding": encoding}
        if field == "comment":
            item["lang"], data = data[:3].decode("latin-1"), data[3:]
        texts = _split(data, encoding)
        if described:
            item["desc"], texts = texts[0], texts[1:]
        return item | {"text": texts}

    def _content(self, frame: bytes) -> bytes:
        """The content of a frame without its header, decompressed; empty where it is encrypted or damaged."""
        data, flags = frame[self._frame_header :], frame[9] if self.version > 2 else 0
        if self.version == 4:
            grouped, compressed, encrypted, unsynchronised = flags & 0x40, flags & 8, flags & 4, flags & 2
            data = data[(1 if grouped else 0) + (4 if flags & 1 else 0) :]
            if unsynchronised or self._flags & _UNSYNCHRONISED:
                data = data.replace(b"\xff\0", b"\xff")
        else:
            compressed, encrypted, grouped = flags & 0x80, flags & 0x40, flags & 0x20
            data = data[(4 if compressed else 0) + (1 if grouped else 0) :]
        if encrypted:
            return b""
        try:
            return zlib.decompressobj().decompress(data, _MAX_TEXT) if compressed else data
        except zlib.error:
            return b""

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the language and the description of the present one."""
        encoding = _LATIN1 if text.isascii() else _UTF8 if self.version == 4 else _UTF16
        first = next(iter(self.items(field)), {"encoding": encoding, "lang": "eng"})
        if field == "comment" and first["encoding"] == _LATIN1 and all(ord(letter) < 256 for letter in text):
            encoding = _LATIN1  # the bytes of the present text, which may have another encoding, stay
        item: Item = {"encoding": encoding, "text": [text]}
        if field == "comment":
            item |= {"lang": first["lang"], "desc": ""}
        elif field == "custom":
            item["desc"] = CUSTOM
        return item

    def render(self, field: str, item: Item) -> bytes:
        """An item as a frame."""
        frame = (_FRAMES_22 if self.version == 2 else _FRAMES)[field]
        encoding = item["encoding"] if self.version == 4 or item["encoding"] < _UTF16BE else _UTF16
        texts = [item["desc"], *item["text"]] if "desc" in item else item["text"]
        content = bytes([encoding]) + item.get("lang", "").encode("latin-1").ljust(3)[:3] * ("lang" in item)
        content += _terminator(encoding).join(_encode(text, encoding) for text in texts)
        return self._render_frame(frame, content)

    def _render_frame(self, frame: bytes, content: bytes) -> bytes:
        if self.version == 2:
            data = frame + len(content).to_bytes(3, "big") + content
        elif self.version == 3:
            data = frame + len(content).to_bytes(4, "big") + bytes(2) + content
        else:
            flags = 0
            if self._flags & _UNSYNCHRONISED and (stuffed := _unsynchronise(content)) != content:
                content, flags = stuffed, 2
            size = len(content).to_bytes(4, "big") if self._plain_sizes else _to_synchsafe(len(content))
            return frame + size + bytes([0, flags]) + content
        return _unsynchronise(data) if self._flags & _UNSYNCHRONISED else data

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the frames, of the size in header and footer, and of the checksum."""
        frames = super().edit(changes)
        splices = [*frames, *self._checksum(frames)]
        size = _to_synchsafe(_synchsafe(self.data[6:10]) + growth(splices))
        splices.append(Splice(self.start + 6, self.start + 10, size))
        if self._footer:
            splices.append(Splice(self.end - 4, self.end, size))
        return splices

    def _checksum(self, frames: Sequence[Splice]) -> list[Splice]:
        """The splice of the checksum in the extended header, if there is one and it is right."""
        if not self._crc or self._frames_end > self._crc_end:
            return []
        size = 4 if self.version == 3 else 5
        covered = self._body[self._frames_start : self._crc_end]
        if self._body[self._crc : self._crc + size] != self._render_checksum(covered):
            return []
        start, end = self._place(self._frames_start), self._place(self._crc_end)
        covered = apply_to_bytes(self.data[start - self.start : end - self.start], frames, start)
        unsynchronised = self.version == 3 and self._flags & _UNSYNCHRONISED
        checksum = self._render_checksum(covered.replace(b"\xff\0", b"\xff") if unsynchronised else covered)
        if unsynchronised:
            checksum = _unsynchronise(checksum)
        return [Splice(self._place(self._crc), self._place(self._crc + size), checksum)]

    def _render_checksum(self, covered: bytes) -> bytes:
        crc = zlib.crc32(covered)
        return crc.to_bytes(4, "big") if self.version == 3 else _to_synchsafe(crc, 5)

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Version, flags, extended header, other frames, and what follows the frames."""
        crc = slice(self._crc, self._crc + (4 if self.version == 3 else 5))
        extended = bytearray(self._body[: self._frames_start])
        if self._crc:
            extended[crc] = b""
        pairs = zip(self.entries, self._frames, strict=True)
        return [
            ("ID3v2 header", self.data[3:6] + self._footer[:6]),
            ("ID3v2 extended header", bytes(extended)),
            *(("ID3v2 frame", frame) for entry, frame in pairs if entry.field not in fields),
            ("ID3v2 padding", self._body[self._frames_end :]),
        ]


def id3_size(head: bytes) -> int:
    """Size of the ID3v2 tag that starts with these ten bytes, with header and footer; 0 if none does."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    return 10 + _synchsafe(head[6:10]) + (10 if head[5] & _FOOTER else 0)


def new_id3(names: Names, changes: Mapping[str, str]) -> bytes:
    """A new ID3v2.4 tag with the fields ``changes`` and the texts of ``names``; its length is even."""
    empty = ID3v2(b"ID3\x04\0\0\0\0\0\0", 0)
    frames = []
    for field, frame in _NEW_FRAMES._asdict().items():
        text = getattr(names, field)
        if field == "date" and (date := _DATE.match(text)):
            text = date[0]
        if text and field not in changes:
            encoding = _UTF8 if not text.isascii() and _is_utf8(text) else _LATIN1  # Latin-1 keeps all bytes
            prefix = bytes([encoding]) + (b"eng\0" if field == "comment" else b"")
            frames.append(empty._render_frame(frame, prefix + text))
    frames += [empty.render(field, empty.make(field, text)) for field, text in changes.items()]
    body = b"".join(frames)
    body += bytes(_NEW_PADDING + len(body) % 2)
    return b"ID3\x04\0\0" + _to_synchsafe(len(body)) + body


def _split(data: bytes, encoding: int) -> list[str]:
    """Texts that are separated by zeros."""
    if encoding in (_LATIN1, _UTF8):
        parts = data.split(b"\0")
    else:
        units = [data[i : i + 2] for i in range(0, len(data) - 1, 2)]
        parts = [b""]
        for unit in units:
            if unit == b"\0\0":
                parts.append(b"")
            else:
                parts[-1] += unit
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    errors = "surrogateescape" if encoding == _UTF8 else "surrogatepass"
    return [part.decode(_CODECS[encoding], errors) for part in parts]


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _terminator(encoding: int) -> bytes:
    return b"\0" if encoding in (_LATIN1, _UTF8) else b"\0\0"


def _encode(text: str, encoding: int) -> bytes:
    if encoding == _UTF16:
        return b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")
    return text.encode(_CODECS[encoding], "surrogateescape" if encoding == _UTF8 else "strict")


def _unsynchronise(data: bytes) -> bytes:
    """A zero byte after each 0xFF that is followed by a zero byte or could start a frame of MPEG audio."""
    return re.sub(rb"\xff(?=[\xe0-\xff\0]|\Z)", b"\xff\0", data)


def _synchsafe(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _to_synchsafe(value: int, length: int = 4) -> bytes:
    if not 0 <= value < 1 << 7 * length:
        raise TagsNotWritable("its ID3 tag has no room for another value")
    return bytes(value >> 7 * shift & 0x7F for shift in reversed(range(length)))
