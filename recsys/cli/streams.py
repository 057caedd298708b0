"""stdout and stderr of the program: closed by their reader, closed from the beginning, or on a full disk.

Data that cannot be written ends a command: without an error if the reader of a pipe has closed it (``recsys tracks |
head``), else with one. Messages on stderr are dropped if they cannot be written; the work goes on.
"""

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from recsys.cli.waiting import stop_waiting

_REPLACE = "recsys-replace"
_PLAIN = {"–": "-", "—": "-", "…": "...", "→": "->", "“": '"', "”": '"', "’": "'", "·": "."}
"""What the program prints itself, for terminals that cannot encode it."""


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace the signs of the program by plain ones, and other characters by escapes."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] in _PLAIN:
        return _PLAIN[error.object[error.start]], error.start + 1
    if isinstance(error, UnicodeEncodeError):
        one = UnicodeEncodeError(error.encoding, error.object, error.start, error.start + 1, error.reason)
        return codecs.backslashreplace_errors(one)
    raise error


codecs.register_error(_REPLACE, _replace)


class OutputError(Exception):
    """stdout cannot be written. ``closed`` is whether the reader of the pipe has closed it.

    It is no OSError, which the parser of the command line would catch.
    """

    def __init__(self, reason: str, *, closed: bool = False) -> None:
        super().__init__(f"cannot write to stdout: {reason}")
        self.closed = closed


class _Stdout:
    """stdout, whose errors are an :class:`OutputError`; everything else is passed on."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> "_Stdout":
        return _Stdout(self._stream.buffer)

    def write(self, data: Any) -> Any:
        stop_waiting()
        with _output_errors():
            return self._stream.write(data)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        with _output_errors():
            self._stream.flush()


class _Stderr(_Stdout):
    """stderr, whose errors are ignored; everything else is passed on."""

    def write(self, data: Any) -> Any:
        stop_waiting()
        with suppress(OSError):
            self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


class _Closed(_Stdout):
    """stdout of a program that was started without one."""

    encoding, errors, closed = "utf-8", "backslashreplace", False

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def buffer(self) -> "_Closed":
        return self

    def isatty(self) -> bool:
        return False

    def write(self, data: Any) -> Any:
        if data:
            raise OutputError("it is closed")
        return 0

    def flush(self) -> None:
        pass


@contextmanager
def _output_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise OutputError("the pipe is closed", closed=True) from error
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


@contextmanager
def checked_streams() -> Iterator[None]:
    """stdout and stderr as this module describes them, while the block runs.

    Where a standard stream is closed, its descriptor is opened on the null device, so that no file that the program
    opens gets it.
    """
    stdout, stderr = sys.stdout, sys.stderr
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor
    for stream in (stdout, stderr):
        if hasattr(stream, "reconfigure"):  # names that the terminal cannot encode are escaped
            stream.reconfigure(errors=_REPLACE)
    sys.stdout = cast(TextIO, _Stdout(stdout) if stdout else _Closed())
    sys.stderr = cast(TextIO, _Stderr(stderr)) if stderr else open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        yield
    finally:
        stop_waiting()
        sys.stdout, sys.stderr = stdout, stderr
        for stream in (stdout, stderr):
            _discard_unwritten(stream)


def _discard_unwritten(stream: TextIO | None) -> None:
    """Write what a stream cannot write to the null device, or Python would complain when it exits."""
    if stream is None or stream.closed:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):  # it may have no descriptor
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
