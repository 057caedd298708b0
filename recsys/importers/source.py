"""A file of another program: its type, detected by its content, and its text, JSON, XML or files.

Errors of the operating system and of parsers become an InvalidRequest of one line, and what is read counts against the
budget of the file.
"""

import json
import re
import sqlite3
import stat
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from recsys.errors import InvalidRequest, NotFound, RecsysError
from recsys.importers.archive import Archive, open_folder, open_zip
from recsys.importers.budget import MAX_BYTES, MAX_JSON_VALUES, Budget
from recsys.importers.encoding import decode, split_mark
from recsys.importers.xml_stream import iter_elements, root_name

_HEAD = 1 << 16  # bytes that detect the type
_N_FIRST_LINES = 2
_WHITE_SPACE = " \t\r\n"
_LINE = re.compile(r"[^\r\n]++")
_INI_SECTION = re.compile(r"\[[a-z][^\],\r\n]*\]\s*[\r\n]", re.IGNORECASE)  # starts as a JSON array does


class ImportSource:
    """A file that can be read several times, even if it is a pipe, or a folder of files.

    Raises
    ------
    NotFound
        The file does not exist.
    InvalidRequest
        The file cannot be read, or a pipe has more than ``MAX_BYTES``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.budget = Budget(self.path)
        self.is_folder = False
        self.head = b""
        self._content: bytes | None = None
        try:
            kind = self.path.stat().st_mode
            self.is_folder = stat.S_ISDIR(kind)
            if self.is_folder:
                return
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
        """ "folder", "xml", "json", "sqlite", "zip", "text", or "bytes" for anything else."""
        if self.is_folder:
            return "folder"
        if self.head.startswith(b"SQLite format 3\0"):
            return "sqlite"
        if self.head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return "zip"
        start = decode(self.head, is_cut=True).lstrip()
        if "\0" in start or not start:
            return "bytes"
        if _INI_SECTION.match(start):
            return "text"
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
        """The whole text: UTF-8, UTF-16, Windows-1252 or Mac Roman."""
        with self.translate_errors(), self.open() as file:
            return decode(self._read_all(file))

    @cached_property
    def first_lines(self) -> list[str]:
        """The first lines that are not blank, without their ends."""
        lines = lines_of(decode(self.head, is_cut=True))
        return list(islice((line for line in lines if line.strip()), _N_FIRST_LINES))

    @cached_property
    def json(self) -> Any:
        """The parsed JSON; a list for JSON Lines."""
        with self.translate_errors(), self.open() as file:
            text = decode(self._read_all(file))  # not self.text, which would stay in memory
            try:
                return self.parse_json(text)
            except json.JSONDecodeError as error:
                if error.msg != "Extra data":
                    raise
                return [self.parse_json(line) for line in self.budget.rows(lines_of(text)) if line.strip()]

    def parse_json(self, text: str) -> Any:
        """Parse JSON.

        Raises
        ------
        ValueError
            The text is not JSON, or is nested too deeply.
        InvalidRequest
            It has more than ``MAX_JSON_VALUES`` values.
        """
        if len(text) > MAX_JSON_VALUES and sum(map(text.count, ",[{")) > MAX_JSON_VALUES:
            raise InvalidRequest(f"{self.path} has more than {MAX_JSON_VALUES:,} values; export it in parts")
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except json.JSONDecodeError:
            raise
        except ValueError:  # of Python, whose advice does not help here
            raise ValueError("a number has too many digits") from None

    @cached_property
    def root(self) -> str:
        """The name of the outermost XML element, without its namespace.

        Raises
        ------
        InvalidRequest
            The file declares entities, is not XML, or cannot be read.
        """
        with self.translate_errors():
            return root_name(self.path, self._xml_chunks())

    def elements(self, *paths: str, ignore_case: bool = False) -> Iterator[tuple[str, ET.Element]]:
        """Iterate over the elements at some paths ("plist/dict"), with their path. Memory is freed after each step."""
        self.root  # noqa: B018 - refuses entities
        with self.translate_errors():
            yield from iter_elements(self._xml_chunks(), paths, self.budget, ignore_case=ignore_case)

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The files of a ZIP archive or of a folder."""
        with self.translate_errors():
            if self.is_folder:
                with open_folder(self.path) as folder:
                    yield folder
            else:
                with self.open() as file, open_zip(self.path, file) as archive:
                    yield archive

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn errors of the operating system and of parsers into an InvalidRequest of one line."""
        try:
            yield
        except RecsysError:
            raise
        except (OSError, sqlite3.OperationalError) as error:
            raise InvalidRequest(f"cannot read {self.path}: {getattr(error, 'strerror', None) or error}") from error
        except LookupError as error:
            raise self.corrupt_error("its encoding is unknown") from error
        except (
            ET.ParseError, expat.ExpatError, sqlite3.Error, zipfile.BadZipFile, ValueError, EOFError,
        ) as error:  # fmt: skip
            raise self.corrupt_error(f"{error}") from error

    def corrupt_error(self, reason: str) -> InvalidRequest:
        """The error for a file whose content does not fit its start."""
        line = " ".join(reason.split())
        return InvalidRequest(
            f"{self.path} is damaged or truncated: {line}; nothing was imported, export the file again"
        )

    def _xml_chunks(self) -> Iterator[bytes]:
        """The file in parts, without white space before the first element, which XML does not allow."""
        with self.open() as file:
            yield _trim_start(file.read(_HEAD))
            while chunk := file.read(_HEAD):
                yield chunk

    def _read_all(self, file: BinaryIO) -> bytes:
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InvalidRequest(f"{self.path} is larger than {MAX_BYTES >> 20} MB; export it in parts")
        return content


def lines_of(text: str) -> Iterator[str]:
    r"""The lines of a text that are not empty, without their ends: "\n", "\r\n", or "\r" as on old Macs.

    >>> list(lines_of("a\rb\r\n\r\nc"))
    ['a', 'b', 'c']
    """
    return (found[0] for found in _LINE.finditer(text))


def _trim_start(head: bytes) -> bytes:
    """XML without white space in front of it; a byte order mark stays."""
    content, encoding = split_mark(head)
    mark = head[: len(head) - len(content)]
    width = 1 if encoding == "utf-8" else 2
    for at in range(0, len(content), width):
        if content[at : at + width].decode(encoding, "replace") not in _WHITE_SPACE:
            return mark + content[at:]
    return head
