"""A job: what it is asked to do, how far it is, and how it ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recsys.errors import Hint, RecsysError
from recsys.web.jobs.history import ENDED
from recsys.web.jobs.records import JobKind, JobRecord, JobState
from recsys.web.problems import problem_of


@dataclass(eq=False, slots=True)
class Job:
    """A job of the queue. ``sequence`` grows with each change of any job; it is 0 before the job is shown."""

    record: JobRecord
    sequence: int = 0
    parent: "Job | None" = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    cancelling: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_waiting(self) -> bool:
        """Whether it has not begun."""
        return self.record["state"] == "waiting"

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.record["state"] in ENDED

    def start(self) -> None:
        """Record that it begins."""
        self.record["state"], self.record["started_at"] = "running", now()

    def show(self, progress: dict[str, Any]) -> None:
        """Record its progress."""
        self.record["message"] = str(progress["message"])
        self.record["done"], self.record["total"] = progress["done"], progress["total"]
        self.record["failed"] = progress.get("failed", 0)
        self.record["rate"], self.record["seconds_left"] = progress.get("rate"), progress.get("seconds_left")

    def end(
        self, state: JobState, *, result: dict[str, Any] | None = None, error: RecsysError | None = None,
        message: str = "",
    ) -> None:  # fmt: skip
        """Record how it ended."""
        self.record["state"], self.record["ended_at"], self.record["message"] = state, now(), message
        self.record["result"], self.record["error"] = result, None if error is None else problem_of(error)
        self.record["rate"] = self.record["seconds_left"] = None
        self.ended.set()


def new_record(id: str, kind: JobKind, parameters: dict[str, Any]) -> JobRecord:
    """The record of a job that waits."""
    return {
        "id": id, "kind": kind, "state": "waiting", "parameters": parameters, "done": 0, "total": None, "failed": 0,
        "rate": None, "seconds_left": None, "message": "", "created_at": now(), "started_at": None, "ended_at": None,
        "result": None, "error": None,
    }  # fmt: skip


def now() -> str:
    """This moment, in UTC in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class JobFailed(RecsysError):
    """An error of the process of a job, with the code that it has there."""

    def __init__(self, described: dict[str, Any]) -> None:
        hint = described["hint"] and Hint(described["hint"])
        super().__init__(
            described["message"], field=described["field"], hint=hint, hint_values=described["hint_values"]
        )
        self.code = described["code"]

    def describe(self, label: Callable[[str], str] = str) -> str:
        """The message, which names the field already."""
        return self.message


class JobCrashed(RecsysError):
    """The process of a job ended without a result."""

    code = "job_crashed"


class JobLost(RecsysError):
    """The server ended while a job waited or ran."""

    code = "job_lost"


class TooManyJobs(RecsysError):
    """So many jobs wait that no other is accepted."""

    code = "too_many_requests"
