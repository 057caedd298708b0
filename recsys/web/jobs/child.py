"""The process of a job: ``python -m recsys.web.jobs.child``.

It reads its request, a line of JSON, from stdin, and writes its messages, a line of JSON each, to stdout. The job is
interrupted as by Ctrl-C when stdin ends: the server closes it to cancel the job, and it is closed when the server dies.
SIGINT and SIGTERM do the same.
"""

import json
import logging
import os
import queue
import signal
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from recsys import Library, Settings
from recsys.errors import RecsysError
from recsys.web.jobs import tasks

LOWEST_PRIORITY = 19
GO = b"go\n"
"""The line by which the server gives a job its turn."""
GRACE_SECONDS = 15.0
"""How long a job may take to end after its interrupt before its process ends without it."""

_log = logging.getLogger("recsys.web")


class Channel:
    """The two pipes to the server."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._turns: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._interrupted = False

    def request(self) -> dict[str, Any]:
        """The request of the server."""
        found: dict[str, Any] = json.loads(self._incoming.readline())
        return found

    def send(self, message: tasks.Message) -> None:
        """Send a message; the end of the server interrupts the job, and is no error here."""
        with suppress(BrokenPipeError):
            self._outgoing.write(json.dumps(message).encode() + b"\n")
            self._outgoing.flush()

    def wait_for_turn(self) -> None:
        """Wait until the server gives the job its turn."""
        while True:
            with suppress(queue.Empty):  # Windows interrupts no wait without an end
                return self._turns.get(timeout=1.0)

    def listen(self) -> None:
        """Read the lines of the server in another thread, and interrupt the job at their end."""
        threading.Thread(target=self._read, name="recsys-server", daemon=True).start()

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """The handler of signals; the first one interrupts the job.

        Raises
        ------
        KeyboardInterrupt
            The job has not ended.
        """
        if not self._ended.is_set() and not self._interrupted:
            self._interrupted = True
            raise KeyboardInterrupt

    def end(self, message: tasks.Message) -> None:
        """Send the last message."""
        self._ended.set()
        self.send(message)

    def _read(self) -> None:
        while self._incoming.readline() == GO:
            self._turns.put(None)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # ends a wait of the main thread
        else:
            signal.raise_signal(signal.SIGINT)
        if not self._ended.wait(GRACE_SECONDS):
            os._exit(1)


def run_job(channel: Channel) -> None:
    """Run the job of the request, and send how it ended."""
    request = channel.request()
    channel.listen()
    try:
        with Library(_settings(request["settings"])) as library:
            result = tasks.run(library, request["kind"], request["parameters"], channel)
        channel.end({"event": "done", "result": result})
    except tasks.Interrupted as interrupted:
        channel.end({"event": "cancelled", "result": interrupted.result})
    except KeyboardInterrupt:
        channel.end({"event": "cancelled", "result": None})
    except RecsysError as error:
        channel.end({"event": "failed", "error": tasks.described(error)})
    except Exception as error:  # noqa: BLE001 - the edge of the process: any failure becomes the end of the job
        _log.exception("the job %s failed", request["kind"])
        message = f"the job failed: {type(error).__name__}: {' '.join(str(error).split())}"
        channel.end({"event": "failed", "error": tasks.described(RecsysError(message))})


def main() -> None:
    """Run one job; what libraries print goes to stderr."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    channel = Channel(_taken(0, "rb"), _taken(1, "wb"))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, channel.interrupt)
    if hasattr(os, "nice"):  # on Windows the server chooses the priority
        os.nice(LOWEST_PRIORITY)
    with suppress(OSError):  # where the memory is used up, Linux ends a job rather than the server
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    run_job(channel)


def _taken(descriptor: int, mode: str) -> Any:
    """A standard stream for this process alone: workers inherit the number, and would keep a pipe open."""
    return os.fdopen(os.dup(descriptor), mode)


def _settings(values: dict[str, Any]) -> Settings:
    return Settings(**{**values, "home": Path(values["home"]), "ignore": tuple(values["ignore"])})


if __name__ == "__main__":
    main()
