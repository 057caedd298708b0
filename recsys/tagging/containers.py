"""Read and write five tag fields in every container.

The content of a field is a list of *raw values*, which can be stored as JSON and restored exactly: for ID3 the frames
with their encodings, for Vorbis comments the keys with their spelling, for MP4 and ASF the types. An empty list is a
field that does not exist. Other tags are never changed; :meth:`Container.digest_of_other_tags` verifies that.

========  ==============  =============  ==============  =============  =================
field     ID3             Vorbis         MP4             APE            ASF
========  ==============  =============  ==============  =============  =================
genre     TCON            GENRE          ©gen            Genre          WM/Genre
comment   COMM            COMMENT        ©cmt            Comment        Description
custom    TXXX            RECSYS_GENRE   free form       RECSYS_GENRE   RECSYS_GENRE
bpm       TBPM            BPM            tmpo            BPM            WM/BeatsPerMinute
key       TKEY            INITIALKEY     free form       INITIALKEY     WM/InitialKey
========  ==============  =============  ==============  =============  =================
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import mutagen
from mutagen import aiff, apev2, asf, dsdiff, dsf, flac, id3, mp4, wave

from recsys.audio.sniff import sniff

FIELDS = ("genre", "comment", "custom", "bpm", "key")
CUSTOM = "RECSYS_GENRE"
#: The genre names of ID3, as ID3 spells them.
ID3_GENRES = tuple(id3.TCON.GENRES)

Raw = list[dict[str, Any]]
"""The raw values of a field."""
Padding = Callable[[Any], int]
"""A function from the PaddingInfo of mutagen to the bytes that stay free after the tags."""

_ID3V1_SIZE = 128  # bytes at the end of a file
_LATIN1, _UTF16, _UTF8 = 0, 1, 3  # encodings of ID3
_ID3V1_VERSION = (1, 1)  # of tags that mutagen reads from ID3v1


class Container:
    """The tags of one file. They are read on construction and written by :meth:`save`."""

    has_tags = True
    """Whether the file had tags when it was read."""

    def __init__(self, path: Path, file: Any) -> None:
        self.path = path
        self._file = file
        if file.tags is None:
            self.has_tags = False
            file.add_tags()
        self._tags = file.tags

    def raw(self, field: str) -> Raw:
        """The raw values of a field."""
        raise NotImplementedError

    def set_fields(self, fields: Mapping[str, Raw]) -> None:
        """Replace the raw values of some fields."""
        for field, raw in fields.items():
            self._set_field(field, raw)

    def _set_field(self, field: str, raw: Raw) -> None:
        raise NotImplementedError

    def make(self, field: str, text: str) -> Raw:
        """The raw values of a field with the text ``text``."""
        raise NotImplementedError

    def has_value(self, field: str, raw: Raw) -> bool:
        """Whether a field has these raw values."""
        return self.raw(field) == raw

    def display(self, field: str) -> list[str]:
        """The texts of a field."""
        return [value for item in self.raw(field) for value in item["text"] if value]

    def digest_of_other_tags(self) -> str:
        """A hash of all tags outside of the five fields: 32 hex digits."""
        digest = hashlib.blake2b(digest_size=16)
        for part in self._other_tags():
            digest.update(repr(part).encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _other_tags(self) -> Iterable[object]:
        raise NotImplementedError

    def save(self, padding: Padding) -> None:
        """Write the tags into the file."""
        self._file.save(padding=padding)

    def delete_tags(self) -> None:
        """Remove the tags."""
        self._file.delete()


class _ID3(Container):
    """ID3v2 in a chunk of the file. Versions 2.3 and 2.4 stay; the obsolete 2.2 becomes 2.3."""

    _FRAME_IDS: ClassVar = {"genre": "TCON", "bpm": "TBPM", "key": "TKEY", "comment": "COMM", "custom": "TXXX"}

    def raw(self, field: str) -> Raw:
        return [_frame_raw(frame) for frame in self._frames(field)]

    def _frames(self, field: str) -> list[Any]:
        frames = self._tags.getall(self._FRAME_IDS[field]) if self._tags else []
        if field == "comment":  # a comment with a description belongs to a program
            return [frame for frame in frames if not frame.desc]
        if field == "custom":
            return [frame for frame in frames if frame.desc.upper() == CUSTOM]
        return list(frames)

    def _set_field(self, field: str, raw: Raw) -> None:
        for frame in self._frames(field):
            del self._tags[frame.HashKey]
        for item in raw:
            self._tags.add(getattr(id3, self._FRAME_IDS[field])(**item))

    def make(self, field: str, text: str) -> Raw:
        encoding = _LATIN1 if text.isascii() else _UTF8 if self._version == 4 else _UTF16
        item: dict[str, Any] = {"encoding": encoding, "text": [text]}
        if field == "comment":
            first = next(iter(self.raw(field)), {"lang": "eng", "desc": ""})
            item |= {"lang": first["lang"], "desc": first["desc"]}
        elif field == "custom":
            item["desc"] = CUSTOM
        return [item]

    def display(self, field: str) -> list[str]:
        if field == "genre":
            return [name for frame in self._frames(field) for name in frame.genres]
        return super().display(field)

    @property
    def _version(self) -> int:
        major = self._tags.version[:2] if self.has_tags else (2, 4)
        return 3 if major in ((2, 3), (2, 2)) else 4

    def _other_tags(self) -> Iterable[object]:
        fields = {frame.HashKey for field in FIELDS for frame in self._frames(field)}
        yield from sorted((key, repr(frame)) for key, frame in self._tags.items() if key not in fields)
        yield from self._tags.unknown_frames

    def save(self, padding: Padding) -> None:
        self._file.save(v2_version=self._version, v23_sep=None, padding=padding)


class _PlainID3(_ID3):
    """ID3v2 at the start of a file. ID3v1 at its end stays unchanged."""

    def __init__(self, path: Path) -> None:
        try:
            tags: Any = id3.ID3(path, translate=False)
            self.has_tags = tags.version[:2] != _ID3V1_VERSION
        except id3.ID3NoHeaderError:
            tags, self.has_tags = id3.ID3(), False
        self.path, self._tags = path, tags

    def save(self, padding: Padding) -> None:
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _ID3V1_SIZE))
            id3v1 = file.read()
        self._tags.save(self.path, v2_version=self._version, v23_sep=None, padding=padding)
        if id3v1[:3] == b"TAG":
            with self.path.open("r+b") as file:
                file.seek(-_ID3V1_SIZE, os.SEEK_END)
                file.write(id3v1)

    def delete_tags(self) -> None:
        id3.delete(self.path, delete_v1=False)


def _frame_raw(frame: Any) -> dict[str, Any]:
    item = {"encoding": int(frame.encoding), "text": [str(text) for text in frame.text]}
    return item | {name: getattr(frame, name) for name in ("lang", "desc") if hasattr(frame, name)}


class _Vorbis(Container):
    _KEYS: ClassVar = {"genre": "GENRE", "comment": "COMMENT", "custom": CUSTOM, "bpm": "BPM", "key": "INITIALKEY"}

    def raw(self, field: str) -> Raw:
        return [
            {"key": key, "text": [value], "place": position}
            for position, (key, value) in enumerate(self._tags)
            if key.upper() == self._KEYS[field]
        ]

    def set_fields(self, fields: Mapping[str, Raw]) -> None:
        replaced = {self._KEYS[field] for field in fields}
        self._tags[:] = [pair for pair in self._tags if pair[0].upper() not in replaced]
        for item in sorted((item for raw in fields.values() for item in raw), key=lambda item: item["place"]):
            self._tags.insert(item["place"], (item["key"], item["text"][0]))

    def has_value(self, field: str, raw: Raw) -> bool:
        return [(item["key"], item["text"]) for item in self.raw(field)] == [(i["key"], i["text"]) for i in raw]

    def make(self, field: str, text: str) -> Raw:
        first = next(iter(self.raw(field)), {"key": self._KEYS[field], "place": len(self._tags)})
        return [first | {"text": [text]}]

    def _other_tags(self) -> Iterable[object]:
        yield from (pair for pair in self._tags if pair[0].upper() not in self._KEYS.values())
        if isinstance(self._file, flac.FLAC):
            # Pictures, seek points, cue sheets: all blocks except tags (4) and padding (1).
            yield from ((b.code, b.write()) for b in self._file.metadata_blocks if b.code not in (1, 4))


class _MP4(Container):
    _ATOMS: ClassVar = {
        "genre": "\xa9gen", "comment": "\xa9cmt", "bpm": "tmpo",
        "custom": f"----:com.apple.iTunes:{CUSTOM}", "key": "----:com.apple.iTunes:initialkey",
    }  # fmt: skip

    def raw(self, field: str) -> Raw:
        atom = self._ATOMS[field]
        if atom == "tmpo":
            return [{"text": [str(value)]} for value in self._tags.get(atom, ())]
        if not atom.startswith("----"):
            return [{"text": [value]} for value in self._tags.get(atom, ())]
        return [
            {"name": name, "text": [bytes(value).decode("utf-8", "surrogateescape")], "format": int(value.dataformat)}
            for name in self._atom_spellings(atom)
            for value in self._tags[name]
        ]

    def _atom_spellings(self, atom: str) -> list[str]:
        return [name for name in self._tags if name.casefold() == atom.casefold()]

    def _set_field(self, field: str, raw: Raw) -> None:
        atom = self._ATOMS[field]
        for name in self._atom_spellings(atom):
            del self._tags[name]
        for item in raw:
            (text,) = item["text"]
            value: Any = text
            if atom == "tmpo":
                value = int(text)
            elif atom.startswith("----"):
                value = mp4.MP4FreeForm(text.encode("utf-8", "surrogateescape"), item["format"])
            self._tags.setdefault(item.get("name", atom), []).append(value)

    def make(self, field: str, text: str) -> Raw:
        atom = self._ATOMS[field]
        if not atom.startswith("----"):
            return [{"text": [text]}]
        name = next(iter(self._atom_spellings(atom)), atom)
        return [{"name": name, "text": [text], "format": int(mp4.AtomDataType.UTF8)}]

    def _other_tags(self) -> Iterable[object]:
        fields = {name for atom in self._ATOMS.values() for name in self._atom_spellings(atom)}
        yield from sorted((key, repr(value)) for key, value in self._tags.items() if key not in fields)


class _APE(Container):
    _KEYS: ClassVar = {"genre": "Genre", "comment": "Comment", "custom": CUSTOM, "bpm": "BPM", "key": "INITIALKEY"}

    def raw(self, field: str) -> Raw:
        value = self._tags.get(self._KEYS[field])
        if value is None or value.kind != apev2.TEXT:
            return []
        [name] = [name for name in self._tags if name.casefold() == self._KEYS[field].casefold()]
        return [{"name": name, "text": list(value)}]

    def _set_field(self, field: str, raw: Raw) -> None:
        if self._KEYS[field] in self._tags:
            del self._tags[self._KEYS[field]]
        for item in raw:
            self._tags[item["name"]] = apev2.APETextValue("\0".join(item["text"]), apev2.TEXT)

    def make(self, field: str, text: str) -> Raw:
        names = [item["name"] for item in self.raw(field)]
        return [{"name": names[0] if names else self._KEYS[field], "text": [text]}]

    def _other_tags(self) -> Iterable[object]:
        fields = {key.casefold() for key in self._KEYS.values()}
        yield from sorted(
            (key, value.kind, repr(value)) for key, value in self._tags.items() if key.casefold() not in fields
        )

    def save(self, padding: Padding) -> None:
        self._tags.save(self.path)

    def delete_tags(self) -> None:
        apev2.delete(self.path)


class _ASF(Container):
    _KEYS: ClassVar = {
        "genre": "WM/Genre", "comment": "Description", "custom": CUSTOM, "bpm": "WM/BeatsPerMinute",
        "key": "WM/InitialKey",
    }  # fmt: skip

    def raw(self, field: str) -> Raw:
        return [
            {"text": [str(value)], "type": int(value.TYPE), "language": value.language, "stream": value.stream}
            for value in self._tags.get(self._KEYS[field], ())
        ]

    def _set_field(self, field: str, raw: Raw) -> None:
        key = self._KEYS[field]
        if key in self._tags:
            del self._tags[key]
        for item in raw:
            (text,) = item["text"]
            value: Any = int(text) if item["type"] in _ASF_NUMBERS else text
            self._tags.append(
                (key, asf.ASFValue(value, item["type"], language=item["language"], stream=item["stream"]))
            )

    def make(self, field: str, text: str) -> Raw:
        return [{"text": [text], "type": int(asf.UNICODE), "language": None, "stream": None}]

    def _other_tags(self) -> Iterable[object]:
        yield from sorted((key, repr(value)) for key, value in self._tags if key not in self._KEYS.values())


_ASF_NUMBERS = (asf.DWORD, asf.QWORD, asf.WORD)
_CHUNK_FORMATS = (wave.WAVE, aiff.AIFF, dsf.DSF, dsdiff.DSDIFF)
_APE_NAMES = ("Title", "Artist", "Album", "Genre")
_LEADING_ID3_TYPES = ("mp3", "aac", "tta")


class NoTags(Exception):
    """The container has no tags that recsys can write."""


def open_container(path: Path) -> Container:
    """Read the tags of a file.

    Raises
    ------
    NoTags
        The container has no tags that recsys can write.
    mutagen.MutagenError
        The file is damaged. For some damage mutagen raises ValueError, LookupError and others.
    OSError
        The file cannot be read.
    """
    with path.open("rb") as audio:
        if sniff(audio)[0] in _LEADING_ID3_TYPES:
            return _open_leading_id3(path)
    file: Any = mutagen.File(path)
    if isinstance(file, _CHUNK_FORMATS):
        return _ID3(path, type(file)(path, translate=False))
    if isinstance(file, mp4.MP4):
        return _MP4(path, file)
    if isinstance(file, asf.ASF):
        return _ASF(path, file)
    if isinstance(file, apev2.APEv2File):
        return _APE(path, file)
    if isinstance(file, flac.FLAC) or type(file).__module__.startswith("mutagen.ogg"):
        return _Vorbis(path, file)
    raise NoTags


def _open_leading_id3(path: Path) -> Container:
    """ID3v2; or APE in a file that has names only in APE tags, because new ID3 tags would hide those from players."""
    container = _PlainID3(path)
    if not container.has_tags:
        try:
            tags = apev2.APEv2(path)
        except apev2.APENoHeaderError:
            return container
        if any(name in tags for name in _APE_NAMES):  # not only ReplayGain
            return _APE(path, _FileOfTags(tags))
    return container


class _FileOfTags:
    """Tags with the interface of a file of mutagen, which has no class for MP3 with APE tags."""

    def __init__(self, tags: Any) -> None:
        self.tags = tags
