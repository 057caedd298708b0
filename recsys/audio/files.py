"""Open files for reading, and ranges of bytes in them; names of files as text."""

import errno
import io
import os
import stat
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from recsys.domain.catalogue import ACCESS_STAGE
from recsys.errors import UnreadableAudio

_ACCESS_ERRORS = frozenset(
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EIO", "ESTALE", "ENOTCONN", "ETIMEDOUT", "ENXIO", "ENODEV", "EHOSTDOWN")
    if hasattr(errno, name)
)


def open_file(path: str | os.PathLike[str]) -> FileIO:
    """Open a regular file for unbuffered reading, without blocking on pipes and devices.

    Raises UnreadableAudio if the file is missing, empty, not a regular file, or not readable.
    """
    name = printable_name(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableAudio(f"{name} is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableAudio(f"{name} is a pipe or a device, not a file")
        if status.st_size == 0:
            raise UnreadableAudio(f"{name} is empty (0 bytes)")
        return Path(path).open("rb", buffering=0)
    except FileNotFoundError as error:
        raise UnreadableAudio(f"there is no file {printable(os.fspath(path))}", stage=ACCESS_STAGE) from error
    except PermissionError as error:
        raise UnreadableAudio(f"no permission to read {name}: make the file readable", stage=ACCESS_STAGE) from error
    except OSError as error:
        raise UnreadableAudio(f"{name} cannot be opened: {error.strerror}", stage=ACCESS_STAGE) from error
    except ValueError as error:
        raise UnreadableAudio(f"{name} cannot be opened: {error}") from error


def is_access_error(error: OSError) -> bool:
    """Whether a disk or a network failed, rather than the content of a file asked for what cannot be read."""
    return error.errno in _ACCESS_ERRORS


class FileSlice(io.RawIOBase):
    """The bytes of an open file from ``begin`` to ``end`` as a file; closing it closes the file."""

    def __init__(self, file: BinaryIO, begin: int, end: int) -> None:
        self._file, self._begin = file, begin
        self._size = max(0, end - begin)
        self._position = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in the slice, as of any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"negative position {start + offset}")
        self._position = start + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes, or all."""
        rest = max(0, self._size - self._position)
        self._file.seek(self._begin + self._position)
        data = self._file.read(rest if size < 0 else min(size, rest))
        self._position += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` as far as the slice has bytes; return their number."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    @property
    def version(self) -> tuple[int, ...]:
        """As of :func:`version_of`."""
        return *version_of(self._file), self._begin, self._size

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._file.close()


AudioFile: TypeAlias = FileIO | FileSlice
"""An open file, or a part of one; both can be searched."""


def version_of(file: "BinaryIO | AudioFile") -> tuple[int, ...]:
    """Numbers that are the same for the same bytes of an unchanged file, each time it is opened."""
    if isinstance(file, FileSlice):
        return file.version
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def printable_name(path: str | os.PathLike[str]) -> str:
    """The name of a file as one line of text, with control characters and undecodable bytes escaped."""
    return printable(Path(path).name or os.fspath(path))


def printable(text: str) -> str:
    """Text with control characters and undecodable bytes escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
