"""The jobs of a server: one at a time, in order, each in its own process.

Everything here runs in the event loop of the server. A watch runs beside the others; each of its ingests is a job that
waits for its turn. It is shown when there is something to ingest, as most scans find nothing.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from recsys import Settings
from recsys.errors import NotFound, RecsysError
from recsys.web.jobs.history import FILE_NAME, MAX_JOBS, History
from recsys.web.jobs.job import Job, JobCrashed, JobFailed, JobLost, TooManyJobs, new_record
from recsys.web.jobs.process import COMMAND, JobProcess, settings_values
from recsys.web.jobs.records import JobKind, JobRecord

MAX_WAITING = 50
_CHANGES = ("new", "reanalysed", "updated", "reread", "moved", "duplicates", "removed")
_log = logging.getLogger("recsys.web")
_STOPPED = "the server was stopped; what was finished is stored"


class JobQueue:
    """Jobs that wait, run, and have ended.

    Parameters
    ----------
    settings
        The settings of the library; the history is in its home.
    command
        The command of the process of a job.
    """

    def __init__(self, settings: Settings, *, command: Sequence[str] = COMMAND) -> None:
        self.run_id = secrets.token_hex(4)
        self._settings, self._command = settings, command
        self._history = History(settings.home / FILE_NAME)
        self._jobs: dict[str, Job] = {}
        self._waiting: deque[Job] = deque()
        self._turns: dict[Job, asyncio.Event] = {}
        self._sequence = 0
        self._changed = asyncio.Event()
        self._added = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Read the history, and begin to run jobs."""
        for record in self._history.load():
            job = Job(record)
            self._jobs[record["id"]] = job
            if not job.has_ended:
                lost = (
                    "while the job ran; what it had finished is stored"
                    if record["started_at"]
                    else "before the job ran"
                )
                job.end("failed", error=JobLost(f"the server ended {lost}"))
                self._history.add(record)
            job.ended.set()
            self._change(job)
        self._spawn(self._run_in_order())

    async def stop(self) -> None:
        """Cancel all jobs, wait for their processes, and end all streams of changes."""
        self.end_streams()
        for job in list(self._jobs.values()):
            if job.parent is None:
                self._cancel(job, _STOPPED)
        self._added.set()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def end_streams(self) -> None:
        """Let every :meth:`changes` end, as the server stops."""
        self._stopping = True
        self._wake()

    def add(self, kind: JobKind, parameters: dict[str, Any]) -> JobRecord:
        """Add a job; one that waits and is asked to do the same is returned instead.

        Raises
        ------
        TooManyJobs
            Too many jobs wait.
        """
        for waiting in self._waiting:
            if (waiting.record["kind"], waiting.record["parameters"]) == (kind, parameters):
                return waiting.record
        if len(self._waiting) >= MAX_WAITING:
            raise TooManyJobs(f"{MAX_WAITING} jobs wait already; cancel some, or wait until they have run")
        job = Job(new_record(secrets.token_hex(4), kind, parameters))
        self._store(job)
        if kind == "watch":
            self._spawn(self._run(job))
        else:
            self._enqueue(job)
        return job.record

    def list(self) -> list[JobRecord]:
        """All jobs, newest first."""
        return [job.record for job in reversed(self._jobs.values())]

    def get(self, id: str) -> JobRecord:
        """A job.

        Raises
        ------
        NotFound
            There is no job with this id.
        """
        return self._find(id).record

    async def ended(self, id: str) -> JobRecord:
        """A job when it has ended; raises as :meth:`get`."""
        job = self._find(id)
        await job.ended.wait()
        return job.record

    def cancel(self, id: str) -> JobRecord:
        """Cancel a job that waits or runs; one that has ended stays as it is. That of a watch ends the watch too.

        Raises
        ------
        NotFound
            There is no job with this id.
        """
        job = self._find(id)
        self._cancel(job.parent or job, "cancelled; what was finished is stored")
        return job.record

    async def changes(self, after: int = 0) -> AsyncIterator[tuple[int, JobRecord]]:
        """Every job whose last change is after a number, with the number of that change; then each change.

        Of several changes that come before the next value is taken, only the last one of a job is returned.
        """
        while not self._stopping:
            changed = self._changed
            for job in sorted(self._jobs.values(), key=lambda job: job.sequence):
                if job.sequence > after and not self._stopping:
                    after = job.sequence
                    yield after, job.record
                    if changed is not self._changed:
                        break
            else:
                await changed.wait()

    # Running

    async def _run_in_order(self) -> None:
        while not self._stopping:
            self._added.clear()
            while self._waiting:
                job = self._waiting.popleft()
                if turn := self._turns.get(job):
                    turn.set()
                    await job.ended.wait()
                else:
                    await self._run(job)
            if not self._stopping:
                await self._added.wait()

    async def _run(self, job: Job) -> None:
        """Run a job in its process until it has ended, however that is."""
        request = {
            "settings": settings_values(self._settings), "kind": job.record["kind"],
            "parameters": job.record["parameters"],
        }  # fmt: skip
        job.start()
        self._store(job)
        try:
            process = await JobProcess.start(request, self._command)
        except OSError as error:
            job.end("failed", error=JobCrashed(f"no process can be started: {error.strerror}"))
            self._store(job)
            return
        interrupting = asyncio.create_task(self._interrupt(job, process))
        try:
            async for message in process.messages():
                self._receive(job, process, message)
            crashed = await process.ended()
        finally:
            interrupting.cancel()
        if not job.has_ended:
            if job.cancelling.is_set():
                job.end("cancelled", message=job.record["message"])
            else:
                job.end("failed", error=crashed)
        if job.record["error"]:
            _log.warning("the job %s failed: %s", job.record["kind"], job.record["error"]["detail"])
        for turn in [each for each in self._turns if each.parent is job]:
            self._end_turn(turn, None, crashed)
        self._store(job)

    async def _interrupt(self, job: Job, process: JobProcess) -> None:
        await job.cancelling.wait()
        process.interrupt()

    def _receive(self, job: Job, process: JobProcess, message: dict[str, Any]) -> None:
        shown = next((each for each in self._turns if each.parent is job and not each.is_waiting), job)
        match message["event"]:
            case "progress":
                if not job.cancelling.is_set():
                    shown.show(message)
                if shown.sequence or message["total"]:
                    self._store(shown, history=not shown.sequence)
            case "turn":
                self._spawn(self._wait_for_turn(job, process, message["folder"]))
            case "turn_ended":
                error = JobFailed(message["error"]) if "error" in message else None
                if shown is not job:
                    self._end_turn(shown, message.get("result"), error)
            case "done":
                job.end("done", result=message["result"])
            case "cancelled":
                job.end("cancelled", result=message["result"], message=job.record["message"])
            case "failed":
                job.end("failed", error=JobFailed(message["error"]))

    async def _wait_for_turn(self, watch: Job, process: JobProcess, folder: str) -> None:
        job = Job(new_record(secrets.token_hex(4), "ingest", {"folders": [folder], "watched": True}), parent=watch)
        turn = self._turns[job] = asyncio.Event()
        self._enqueue(job)
        await turn.wait()
        if not job.has_ended:
            job.start()
            await process.give_turn()

    def _end_turn(self, job: Job, result: dict[str, Any] | None, error: RecsysError | None) -> None:
        turn = self._turns.pop(job)
        with suppress(ValueError):
            self._waiting.remove(job)
        if job.parent is not None and job.parent.cancelling.is_set():
            job.end("cancelled", result=result, message=job.parent.record["message"])
        elif error is not None:
            job.end("failed", error=error)
        else:
            job.end("done", result=result)
        turn.set()
        if job.sequence or (result and (result["failures"] or any(result[name] for name in _CHANGES))):
            self._store(job)

    # State

    def _find(self, id: str) -> Job:
        job = self._jobs.get(id)
        if job is None:
            raise NotFound(f"there is no job {id!r}")
        return job

    def _enqueue(self, job: Job) -> None:
        self._waiting.append(job)
        self._added.set()

    def _cancel(self, job: Job, message: str) -> None:
        if job.has_ended or job.cancelling.is_set():
            return
        job.cancelling.set()
        if job in self._waiting:
            self._waiting.remove(job)
            job.end("cancelled", message=message)
        else:
            job.record["message"] = message
        self._store(job, history=job.has_ended)

    def _store(self, job: Job, *, history: bool = True) -> None:
        self._jobs[job.record["id"]] = job
        if history and job.record["kind"] != "watch":
            self._history.add(job.record)
        self._change(job)
        if len(self._jobs) > MAX_JOBS:
            for id in [id for id, each in self._jobs.items() if each.has_ended][: len(self._jobs) - MAX_JOBS]:
                del self._jobs[id]

    def _change(self, job: Job) -> None:
        self._sequence += 1
        job.sequence = self._sequence
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
