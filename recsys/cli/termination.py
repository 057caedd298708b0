"""SIGTERM ends a command as Ctrl-C does: what is finished is stored, and a message is printed. The exit status differs.

A service manager, a container runtime, ``kill`` and ``timeout`` send SIGTERM. Windows ends a process without it.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
TERMINATED = 143  # 128 + SIGTERM


class Termination:
    """Whether SIGTERM was received."""

    def __init__(self) -> None:
        self.received = False

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """The handler of the signal.

        Raises
        ------
        KeyboardInterrupt
            Always.
        """
        self.received = True
        raise KeyboardInterrupt

    def exit_status(self, code: int) -> int:
        """The exit status of a command that ended with ``code``."""
        return TERMINATED if code == INTERRUPTED and self.received else code


@contextmanager
def terminable() -> Iterator[Termination]:
    """While the block runs, SIGTERM raises KeyboardInterrupt, unless the process was started to ignore it.

    Has no effect outside the main thread, in which alone Python handles signals.
    """
    termination = Termination()
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        yield termination
        return
    before = signal.signal(signal.SIGTERM, termination.interrupt)
    try:
        yield termination
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
