"""A file of another program: what it is by its content, and its text, JSON or XML, damage told in one line."""

import codecs
import json
import sqlite3
import stat
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from recsys.errors import InvalidRequest, NotFound, RecsysError

MAX_BYTES = 1 << 28  # bytes that are read at once; XML, SQLite and archives are streamed, and may be larger
_HEAD = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class ImportSource:
    """A file that can be read again and again, also where it is a pipe."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._content: bytes | None = None
        try:
            kind = self.path.stat().st_mode
            if stat.S_ISDIR(kind):
                raise InvalidRequest(f"{path} is a folder; give a file that another program has exported")
            with self.path.open("rb") as file:
                if not stat.S_ISREG(kind):
                    self._content = self._all_of(file)
                self.head = self._content[:_HEAD] if self._content is not None else file.read(_HEAD)
        except FileNotFoundError:
            raise NotFound(f"{path} is not there; give a file that another program has exported") from None
        except (OSError, ValueError) as error:
            raise InvalidRequest(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error

    @cached_property
    def file_type(self) -> str:
        """ "xml", "json", "sqlite", "zip", "text", or "bytes" for anything else."""
        if self.head.startswith(b"SQLite format 3\0"):
            return "sqlite"
        if self.head.startswith(b"PK\x03\x04"):
            return "zip"
        begin = decoded(self.head).lstrip()
        if "\0" in begin or not begin:
            return "bytes"
        return "xml" if begin[0] == "<" else "json" if begin[0] in "{[" else "text"

    @property
    def path_on_disk(self) -> Path:
        """Where it lies, for those that need a file on the disk."""
        if self._content is not None:
            raise InvalidRequest(f"{self.path} is a pipe; save it as a file first")
        return self.path

    def open(self) -> BinaryIO:
        """Its bytes from the beginning."""
        return self.path.open("rb") if self._content is None else BytesIO(self._content)

    @cached_property
    def text(self) -> str:
        """All of it: UTF-8, or UTF-16 with its mark, or what Windows wrote before there was UTF-8."""
        with self.open() as file:
            return decoded(self._all_of(file))

    @cached_property
    def json(self) -> Any:
        """All of it; of JSON Lines a list."""
        with self.open() as file:
            text = decoded(self._all_of(file))  # not kept beside what is made of it
        try:
            try:
                return parse_json(text)
            except json.JSONDecodeError as error:
                if error.msg != "Extra data":
                    raise
                return [parse_json(line) for line in text.split("\n") if line.strip()]
        except ValueError as error:
            raise self.corrupt_error(str(error)) from error

    @cached_property
    def root(self) -> str:
        """The name of the outermost element of an XML file, without its namespace.

        Entities can be declared only before it: where none is, none can grow in what follows.
        """
        parser = expat.ParserCreate()
        found: list[str] = []

        def refuse(*_: object) -> None:
            raise InvalidRequest(f"{self.path} declares XML entities, as no music program does; it is not read")

        def begin(name: str, _: dict[str, str]) -> None:
            found.append(name.rpartition(":")[2])

        parser.EntityDeclHandler = refuse
        parser.StartElementHandler = begin
        with self.translate_errors(), self.open() as file:
            while not found and (chunk := file.read(_HEAD)):
                parser.Parse(chunk, False)
            if not found:
                parser.Parse(b"", True)
        return found[0]

    def elements(self, *paths: str) -> Iterator[tuple[str, ET.Element]]:
        """Elements at any of some paths ("plist/dict"), one after the other; what has been seen is let go."""
        wanted = {tuple(path.split("/")): path for path in paths}
        names: list[str] = []
        above: list[ET.Element] = []
        self.root  # noqa: B018 - refuses entities
        with self.translate_errors(), self.open() as file:
            for event, element in ET.iterparse(file, events=("start", "end")):
                if event == "start":
                    names.append(element.tag.rpartition("}")[2])
                    above.append(element)
                    continue
                path = wanted.get(tuple(names))
                if path is not None:
                    yield path, element
                    if len(above) > 1:
                        del above[-2][:]
                names.pop()
                above.pop()

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Errors of the system and of parsers become one line."""
        try:
            yield
        except RecsysError:
            raise
        except (OSError, sqlite3.OperationalError) as error:
            raise InvalidRequest(f"cannot read {self.path}: {getattr(error, 'strerror', None) or error}") from error
        except (ET.ParseError, expat.ExpatError, sqlite3.Error, LookupError, ValueError, EOFError) as error:
            raise self.corrupt_error(f"{error}") from error

    def corrupt_error(self, reason: str) -> InvalidRequest:
        """The error for a file that is not what it begins to be."""
        line = " ".join(reason.split())
        return InvalidRequest(f"{self.path} is damaged or cut off: {line}; nothing was imported, export it again")

    def _all_of(self, file: BinaryIO) -> bytes:
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InvalidRequest(f"{self.path} is larger than {MAX_BYTES >> 20} MB; export it in parts")
        return content


def parse_json(text: str | bytes) -> Any:
    """Any JSON; ValueError for what is none."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def decoded(content: bytes) -> str:
    """Text of unknown encoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 3 and error.reason == "unexpected end of data":  # a head may end anywhere
            return content[: error.start].decode("utf-8")
        return content.decode("cp1252", "replace")
