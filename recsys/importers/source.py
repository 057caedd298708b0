"""A file of another program: its type, detected by its content, and its text, JSON or XML.

Errors of the operating system and of parsers become an InvalidRequest of one line.
"""

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

MAX_BYTES = 1 << 28  # of a file that is read as a whole; XML, SQLite and archives are streamed, and may be larger
_HEAD = 1 << 16  # bytes that detect the type
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class ImportSource:
    """A file that can be read several times, even if it is a pipe.

    Raises
    ------
    NotFound
        The file does not exist.
    InvalidRequest
        The path is a folder, the file cannot be read, or a pipe has more than ``MAX_BYTES``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._content: bytes | None = None
        try:
            kind = self.path.stat().st_mode
            if stat.S_ISDIR(kind):
                raise InvalidRequest(f"{path} is a folder; choose a file that another program exported")
            with self.path.open("rb") as file:
                if not stat.S_ISREG(kind):
                    self._content = self._read_all(file)
                self.head = self._content[:_HEAD] if self._content is not None else file.read(_HEAD)
        except RecsysError:  # some are a ValueError as well
            raise
        except FileNotFoundError:
            raise NotFound(f"{path} does not exist; choose a file that another program exported") from None
        except (OSError, ValueError) as error:
            raise InvalidRequest(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error

    @cached_property
    def file_type(self) -> str:
        """ "xml", "json", "sqlite", "zip", "text", or "bytes" for anything else."""
        if self.head.startswith(b"SQLite format 3\0"):
            return "sqlite"
        if self.head.startswith(b"PK\x03\x04"):
            return "zip"
        start = decode(self.head).lstrip()
        if "\0" in start or not start:
            return "bytes"
        return "xml" if start[0] == "<" else "json" if start[0] in "{[" else "text"

    @property
    def path_on_disk(self) -> Path:
        """The path, for libraries that open the file themselves.

        Raises
        ------
        InvalidRequest
            The file is a pipe.
        """
        if self._content is not None:
            raise InvalidRequest(f"{self.path} is a pipe; save it as a file first")
        return self.path

    def open(self) -> BinaryIO:
        """A binary stream from the start of the file."""
        return self.path.open("rb") if self._content is None else BytesIO(self._content)

    @cached_property
    def text(self) -> str:
        """The whole text: UTF-8, UTF-16 with a byte order mark, or Windows-1252."""
        with self.open() as file:
            return decode(self._read_all(file))

    @cached_property
    def json(self) -> Any:
        """The parsed JSON; a list for JSON Lines."""
        with self.open() as file:
            text = decode(self._read_all(file))  # not self.text, which would stay in memory
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
        """The name of the outermost XML element, without its namespace.

        Entities can only be declared before this element, so a file without declarations here cannot expand any later.

        Raises
        ------
        InvalidRequest
            The file declares entities, is not XML, or cannot be read.
        """
        parser = expat.ParserCreate()
        found: list[str] = []

        def refuse(*_: object) -> None:
            raise InvalidRequest(f"{self.path} declares XML entities, which no music program writes; it is not read")

        def start(name: str, _: dict[str, str]) -> None:
            found.append(name.rpartition(":")[2])

        parser.EntityDeclHandler = refuse
        parser.StartElementHandler = start
        with self.translate_errors(), self.open() as file:
            while not found and (chunk := file.read(_HEAD)):
                parser.Parse(chunk, False)
            if not found:
                parser.Parse(b"", True)
        return found[0]

    def elements(self, *paths: str) -> Iterator[tuple[str, ET.Element]]:
        """Iterate over the elements at some paths ("plist/dict"), with their path. Memory is freed after each step."""
        wanted = {tuple(path.split("/")): path for path in paths}
        names: list[str] = []
        ancestors: list[ET.Element] = []
        self.root  # noqa: B018 - refuses entities
        with self.translate_errors(), self.open() as file:
            for event, element in ET.iterparse(file, events=("start", "end")):
                if event == "start":
                    names.append(element.tag.rpartition("}")[2])
                    ancestors.append(element)
                    continue
                path = wanted.get(tuple(names))
                if path is not None:
                    yield path, element
                    if len(ancestors) > 1:
                        del ancestors[-2][:]
                names.pop()
                ancestors.pop()

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn errors of the operating system and of parsers into an InvalidRequest of one line."""
        try:
            yield
        except RecsysError:
            raise
        except (OSError, sqlite3.OperationalError) as error:
            raise InvalidRequest(f"cannot read {self.path}: {getattr(error, 'strerror', None) or error}") from error
        except (ET.ParseError, expat.ExpatError, sqlite3.Error, LookupError, ValueError, EOFError) as error:
            raise self.corrupt_error(f"{error}") from error

    def corrupt_error(self, reason: str) -> InvalidRequest:
        """The error for a file whose content does not fit its start."""
        line = " ".join(reason.split())
        return InvalidRequest(
            f"{self.path} is damaged or truncated: {line}; nothing was imported, export the file again"
        )

    def _read_all(self, file: BinaryIO) -> bytes:
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InvalidRequest(f"{self.path} is larger than {MAX_BYTES >> 20} MB; export it in parts")
        return content


def parse_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises
    ------
    ValueError
        The text is not JSON, or is nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def decode(content: bytes) -> str:
    """Text in UTF-16 with a byte order mark, in UTF-8, or else in Windows-1252; never an error."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 3 and error.reason == "unexpected end of data":  # cut in a character
            return content[: error.start].decode("utf-8")
        return content.decode("cp1252", "replace")
