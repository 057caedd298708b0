"""The jobs of the past, in a file of JSON Lines: each state of a job is a line, and the last one of a job counts.

A line is written at once, so that a server that dies leaves at most one torn line, which is skipped. A file with too
many lines is replaced by one with the last jobs alone.
"""

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, cast, get_args, get_type_hints

from recsys.web.jobs.records import JobKind, JobRecord, JobState

FILE_NAME = "jobs.jsonl"
MAX_JOBS = 100
ENDED: tuple[JobState, ...] = ("done", "failed", "cancelled")

_MAX_LINES = 5 * MAX_JOBS
_KEYS = frozenset(get_type_hints(JobRecord))
_log = logging.getLogger("recsys.web")


class History:
    """The file of the last jobs. A file that cannot be read or written is logged, and stops no job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = 0

    def load(self) -> list[JobRecord]:
        """The last jobs, oldest first; also those that had not ended."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("cannot read the history of jobs %s: %s", self.path, error.strerror)
            return []
        found = latest(map(parse, lines))
        self._lines = len(lines)
        if len(lines) > _MAX_LINES:
            self._replace(found)
        return found

    def add(self, record: JobRecord) -> None:
        """Store the present state of a job."""
        line = _line(record)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                file.write(line if _ends_a_line(file) else b"\n" + line)
        except OSError as error:
            _log.warning("cannot write the history of jobs %s: %s", self.path, error.strerror)
            return
        self._lines += 1
        if self._lines > _MAX_LINES:
            self.load()

    def _replace(self, records: Iterable[JobRecord]) -> None:
        made = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        lines = [_line(record) for record in records]
        try:
            made.write_bytes(b"".join(lines))
            made.replace(self.path)
        except OSError as error:
            made.unlink(missing_ok=True)
            _log.warning("cannot write the history of jobs %s: %s", self.path, error.strerror)
            return
        self._lines = len(lines)


def latest(records: Iterable[JobRecord | None]) -> list[JobRecord]:
    """The last record of each job, of the last jobs, in the order in which they were added."""
    by_id = {record["id"]: record for record in records if record is not None}
    return list(by_id.values())[-MAX_JOBS:]


def parse(line: bytes) -> JobRecord | None:
    """The record of a line; None if it has none."""
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value.keys() >= _KEYS or not isinstance(value["id"], str):
        return None
    if value["kind"] not in get_args(JobKind) or value["state"] not in get_args(JobState):
        return None
    return cast(JobRecord, {key: value[key] for key in _KEYS})


def _line(record: JobRecord) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _ends_a_line(file: IO[bytes]) -> bool:
    """Whether a file is empty, or ends with a line that was written as a whole."""
    if not file.seek(0, os.SEEK_END):
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
