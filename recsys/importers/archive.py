"""The files of an export: of a ZIP archive, or of the folder that it was unpacked to.

A small archive can expand to any size, so what it expands to counts against the budget of the file, and may be at most
``MAX_RATIO`` times its size.
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from recsys.errors import InvalidRequest
from recsys.importers.budget import MAX_BYTES, MAX_STREAMED_BYTES, Budget

MAX_FILES = 20_000
"""Files of an archive or a folder."""

MAX_RATIO = 250
"""Of expanded to compressed size: JSON with long field names is compressed to a thirtieth, zeros to a thousandth."""

_MIN_EXPANDED = 1 << 24  # bytes that may be read whatever the ratio is
_MAX_DEPTH = 4  # folders inside of a folder
_MAX_LINE = 1 << 22  # bytes of a record in JSON Lines
_CHUNK = 1 << 20
_MAX_NAME = 200  # bytes in the list of files for each, on average
_END = struct.Struct("<4s4H2LH")  # the record at the end of an archive
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")


class Archive(Protocol):
    """The files of an export."""

    names: list[str]
    """Paths in the archive, with slashes, sorted."""
    max_expanded: int
    """Bytes that may be read of all files together."""

    def open(self, name: str) -> IO[bytes]:
        """A binary stream."""


class _Folder:
    max_expanded = MAX_STREAMED_BYTES

    def __init__(self, path: Path) -> None:
        self.names: list[str] = []
        self._path = path
        for folder, folders, files in os.walk(path):
            below = Path(folder).relative_to(path)
            if len(below.parts) >= _MAX_DEPTH:
                folders.clear()
            folders.sort()
            self.names += [(below / name).as_posix() for name in files if (path / below / name).is_file()]
            if len(self.names) > MAX_FILES:
                raise InvalidRequest(f"{path} has more than {MAX_FILES:,} files; choose the folder of an export")
        self.names.sort()

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self._archive = archive
        self.names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
        self.max_expanded = max(_MIN_EXPANDED, MAX_RATIO * size)

    def open(self, name: str) -> IO[bytes]:
        if self._archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError  # of other methods, some take as much memory as the archive demands
        return self._archive.open(name)


@contextmanager
def open_folder(path: Path) -> Iterator[Archive]:
    """The files of a folder and of the folders in it."""
    yield _Folder(path)


@contextmanager
def open_zip(path: Path, file: BinaryIO) -> Iterator[Archive]:
    """The files of a ZIP archive.

    Raises
    ------
    InvalidRequest
        The archive has too many files, is encrypted, or is compressed by a method that is not supported.
    zipfile.BadZipFile, zlib.error, EOFError
        The archive is damaged.
    """
    size, list_size = _sizes(file)
    if list_size > MAX_FILES * _MAX_NAME:
        raise InvalidRequest(f"{path} has more than {MAX_FILES:,} files; choose the archive of an export")
    try:
        with zipfile.ZipFile(file) as archive:
            yield _Zip(archive, size)
    except (NotImplementedError, RuntimeError) as error:
        reason = "is encrypted" if "encrypted" in str(error) else "is compressed by an unusual method"
        raise InvalidRequest(f"{path} {reason}; unpack it, and choose its files") from error
    except zlib.error as error:
        raise zipfile.BadZipFile(str(error)) from error


def read_whole(archive: Archive, name: str, budget: Budget) -> bytes:
    """The content of a file."""
    content = bytearray()
    for chunk in _chunks(archive, name, budget):
        content += chunk
        if len(content) > MAX_BYTES:
            raise InvalidRequest(f"{name} in {budget.path} is larger than {MAX_BYTES >> 20} MB; export it in parts")
    return bytes(content)


def read_lines(archive: Archive, name: str, budget: Budget) -> Iterator[bytes]:
    """The lines of a file that are not blank."""
    rest = b""
    for chunk in _chunks(archive, name, budget):
        *lines, rest = (rest + chunk.lstrip() if not rest else rest + chunk).split(b"\n")
        if len(rest) > _MAX_LINE:
            raise InvalidRequest(f"{budget.path} has a line of more than {_MAX_LINE >> 20} MB; it is not read")
        yield from (line for line in lines if line and not line.isspace())
    if rest.strip():
        yield rest


def _chunks(archive: Archive, name: str, budget: Budget) -> Iterator[bytes]:
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            budget.spend_bytes(len(chunk))
            if budget.n_bytes > archive.max_expanded:
                raise InvalidRequest(f"{budget.path} expands to more than {MAX_RATIO} times its size; it is not read")
            yield chunk


def _sizes(file: BinaryIO) -> tuple[int, int]:
    """The size of an archive, and of its list of files, which is read as a whole; 0 if there is none."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - _END.size))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        return size, 0
    found = int(_END.unpack_from(tail, at)[5])
    if found == 0xFFFFFFFF and at >= _LOCATOR_64.size:
        signature, _, offset, _ = _LOCATOR_64.unpack_from(tail, at - _LOCATOR_64.size)
        if signature == b"PK\x06\x07" and offset + _END_64.size <= size:
            file.seek(offset)
            found = int(_END_64.unpack(file.read(_END_64.size))[8])
    return size, found
