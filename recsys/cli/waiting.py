"""A line on the terminal while a command is silent: what it does, and since when.

The line appears on stderr when a command has written nothing for a second, and is erased before the first output. A
command starts no thread and writes nothing here where stderr is no terminal, or with ``--quiet``.
"""

import shutil
import sys
import threading
import time
from contextlib import suppress
from typing import TextIO

from recsys.cli.output import escape, format_duration

_DELAY = 1.0  # seconds of silence before the line appears, and between its changes


class WaitingLine:
    """The line of one command, written to a terminal until :meth:`end`."""

    def __init__(self, terminal: TextIO, task: str, *, delay: float = _DELAY) -> None:
        self.task = task
        self._terminal, self._delay = terminal, delay
        self._start, self._width = time.monotonic(), 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self._run, name="recsys-waiting", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Erase the line; it does not appear again."""
        if not self._ended.is_set():
            with self._lock:
                self._ended.set()
                self._write("")

    def _run(self) -> None:
        while not self._ended.wait(self._delay):
            with self._lock:
                if not self._ended.is_set():
                    columns = shutil.get_terminal_size().columns - 1
                    self._write(escape(f"{self.task}, {format_duration(time.monotonic() - self._start)}")[:columns])

    def _write(self, text: str) -> None:
        if text or self._width:
            with suppress(OSError, ValueError):  # the terminal is closed
                self._terminal.write(f"\r{text.ljust(self._width)}" + ("" if text else "\r"))
                self._terminal.flush()
        self._width = len(text)


_line: WaitingLine | None = None


def start_waiting(task: str, *, quiet: bool) -> None:
    """Show the line from now on, if the command is silent; on a terminal, unless ``quiet``."""
    global _line
    stop_waiting()
    terminal = sys.__stderr__  # as it was before the streams were replaced, each write to which ends the line
    if not quiet and terminal is not None and terminal.isatty() and sys.stderr.isatty():
        _line = WaitingLine(terminal, task)


def waiting_for(task: str) -> None:
    """Change what the line shows."""
    if _line is not None:
        _line.task = task


def stop_waiting() -> None:
    """Erase the line: the command writes something itself, or has ended."""
    global _line
    if _line is not None:
        _line.end()
        _line = None
