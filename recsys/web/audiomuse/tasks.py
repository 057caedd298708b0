"""Analyses as tasks: the jobs of the server."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from recsys.errors import NotFound, pluralise
from recsys.web.api.settings import known_folders
from recsys.web.jobs.history import ENDED
from recsys.web.jobs.records import JobRecord
from recsys.web.records import RecordResponse
from recsys.web.state import StateOf

router = APIRouter(include_in_schema=False)

ANALYSIS = "main_analysis"
_ANALYSES = ("ingest", "retry")
_NO_TASK = {"task_id": None, "task_type": None, "status": "NO_PREVIOUS_MAIN_TASK", "details": {"log": ["no task yet"]}}
_STATES = {"waiting": "PENDING", "running": "PROGRESS", "done": "SUCCESS", "failed": "FAILURE", "cancelled": "REVOKED"}


@router.get("/active_tasks")
async def active_tasks(state: StateOf) -> RecordResponse:
    """The task that runs or waits; an empty object without one."""
    active = [job for job in jobs_of(state.jobs.list()) if job["state"] not in ENDED]
    chosen = next((job for job in active if job["state"] == "running"), active[-1] if active else None)
    return RecordResponse({} if chosen is None else task_of(chosen))


@router.get("/last_task")
async def last_task(state: StateOf) -> RecordResponse:
    """The last task that was started."""
    last = next(iter(jobs_of(state.jobs.list())), None)
    return RecordResponse(_NO_TASK if last is None else task_of(last))


@router.get("/status/{id}")
async def status(state: StateOf, id: str) -> RecordResponse:
    """A task."""
    task = task_of(state.jobs.get(id))
    more = {
        "state": task["status"],
        "status_message": task["details"]["message"],
        "task_type_from_db": task["task_type"],
    }
    return RecordResponse({**task, **more})


@router.post("/analysis/start")
async def start_analysis(state: StateOf) -> RecordResponse:
    """Analyse what is new in all folders of the library; the parameters of AudioMuse-AI's analysis have no effect."""
    folders = await run_in_threadpool(known_folders, state)
    if not folders:
        raise NotFound("the library has no folders; add one on the page of recsys or with its commands")
    task = task_of(state.jobs.add("ingest", {"folders": folders}))
    return RecordResponse(task, 202)


@router.post("/cancel/{id}")
async def cancel(state: StateOf, id: str) -> RecordResponse:
    """Cancel a task; what it has finished is stored."""
    state.jobs.cancel(id)
    return RecordResponse({"message": f"Task {id} is cancelled.", "task_id": id})


@router.post("/cancel_all/{type}")
async def cancel_all(state: StateOf, type: str) -> RecordResponse:
    """Cancel all tasks of a type."""
    found = [job["id"] for job in jobs_of(state.jobs.list()) if job["state"] not in ENDED and type == type_of(job)]
    if not found:
        raise NotFound(f"there is nothing to cancel of the type {type[:100]!r}")
    for id in found:
        state.jobs.cancel(id)
    return RecordResponse({"message": f"{pluralise(len(found), 'task')} cancelled.", "cancelled_main_tasks": found})


def jobs_of(jobs: list[JobRecord]) -> list[JobRecord]:
    """The jobs that are tasks: all but the watch of folders, which never ends by itself."""
    return [job for job in jobs if job["kind"] != "watch"]


def type_of(job: JobRecord) -> str:
    """The type of a task: an ingest is an analysis.

    >>> type_of({"kind": "ingest"}), type_of({"kind": "train"})
    ('main_analysis', 'train')
    """
    return ANALYSIS if job["kind"] in _ANALYSES else job["kind"]


def task_of(job: JobRecord) -> dict[str, Any]:
    """A job as AudioMuse-AI describes a task; ``progress`` in per cent."""
    error = job["error"]
    message = str(error["detail"]) if error else job["message"]
    has_ended, total = job["state"] in ENDED, job["total"]
    progress = 100 if job["state"] == "done" else round(100 * job["done"] / total) if total else 0
    return {
        "task_id": job["id"], "parent_task_id": None, "task_type": type_of(job), "sub_type_identifier": None,
        "status": _STATES[job["state"]], "progress": progress,
        "running_time_seconds": _seconds(job["started_at"], job["ended_at"] if has_ended else None),
        "details": {"message": message, "log": [message] if message else []},
    }  # fmt: skip


def _seconds(start: str | None, end: str | None) -> float:
    if start is None:
        return 0.0
    last = datetime.now(UTC) if end is None else datetime.fromisoformat(end)
    return max(0.0, round((last - datetime.fromisoformat(start)).total_seconds(), 3))
