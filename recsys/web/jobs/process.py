"""The process of a job, as the server sees it: started, followed, interrupted, killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from recsys import Settings
from recsys.web.jobs.child import GO
from recsys.web.jobs.job import JobCrashed

COMMAND = (sys.executable, "-P", "-m", "recsys.web.jobs.child")
"""-P: a file in the current folder is no module."""
_MAX_MESSAGE = 1 << 24  # bytes of a line
_KILL_SECONDS = 20.0  # longer than a process takes to end by itself after its interrupt


class JobProcess:
    """A running process. The block of ``async with`` ends when the process and its workers have ended."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, request: dict[str, Any], command: Sequence[str]) -> "JobProcess":
        """Start a process and send its request.

        Raises
        ------
        OSError
            The system starts no process.
        """
        # A group of its own gets no Ctrl-C of the terminal; not a session: Linux shares the processor by sessions
        # first, and the low priority would have no effect.
        own_group: dict[str, Any] = {"process_group": 0}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NEW_PROCESS_GROUP}
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=None if _has_stderr() else DEVNULL,
            limit=_MAX_MESSAGE,
            **own_group,
        )
        started = cls(process)
        await started._write(json.dumps(request).encode() + b"\n")
        return started

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """The messages of the process, until it ends."""
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                yield json.loads(line)
        except ValueError:  # a line is too long, or torn, as the last one of a process that was killed
            self.kill()

    async def give_turn(self) -> None:
        """Let the process go on that waits for its turn."""
        await self._write(GO)

    def interrupt(self) -> None:
        """Interrupt the job as Ctrl-C does; it is killed if it does not end soon."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        killing = asyncio.get_running_loop().call_later(_KILL_SECONDS, self.kill)
        task = asyncio.ensure_future(self._process.wait())
        task.add_done_callback(lambda _: killing.cancel())

    def kill(self) -> None:
        """End the process and its workers at once."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)

    async def ended(self) -> JobCrashed:
        """Wait for the end; the error of a process that did not send how its job ended."""
        status = await self._process.wait()
        if status < 0:
            how = f"was ended by {signal.Signals(-status).name}"
            if -status == getattr(signal, "SIGKILL", 0):
                how += ", perhaps because the memory was used up"
        else:
            how = f"ended with status {status}"
        self.kill()  # workers that are left
        return JobCrashed(f"the process of the job {how}; what it had finished is stored")

    async def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended, which its messages show
            self._process.stdin.write(data)
            await self._process.stdin.drain()


def settings_values(settings: Settings) -> dict[str, Any]:
    """Settings as JSON values."""
    return {**asdict(settings), "home": str(settings.home)}


def _has_stderr() -> bool:
    try:
        os.fstat(2)
    except OSError:
        return False
    return True
