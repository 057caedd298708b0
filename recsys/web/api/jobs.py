"""Jobs: what takes longer than a request."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from recsys.errors import InvalidRequest
from recsys.web.api.settings import known_folders
from recsys.web.folders import is_inside
from recsys.web.jobs.requests import IngestRequest, JobRequest, PruneRequest, WatchRequest
from recsys.web.records import RecordResponse, page_of, returns, returns_list
from recsys.web.state import Forbidden, ListenerOf, ServerState, StateOf

router = APIRouter(tags=["jobs"])

JobId = Annotated[str, PathParameter(pattern="^[0-9a-f]{8}$")]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)]


@router.get("/jobs", responses=returns_list("JobRecord"))
async def jobs(state: StateOf) -> RecordResponse:
    """Jobs that wait, run, or have ended, newest first."""
    return RecordResponse(page_of(state.jobs.list()))


@router.post("/jobs", status_code=202, responses=returns("JobRecord", status=202))
async def add_job(state: StateOf, listener: ListenerOf, body: JobRequest) -> RecordResponse:
    """Add a job; it runs when those before it have ended."""
    parameters: dict[str, Any] = body.parameters()
    if isinstance(body, IngestRequest | WatchRequest | PruneRequest):
        parameters["folders"] = [_absolute(folder) for folder in body.folders]
    if isinstance(body, IngestRequest | WatchRequest) and not state.options.allow_ingest:
        await run_in_threadpool(_ensure_known, state, body.folders)
    if body.kind == "refresh":
        parameters["listener"] = listener
    return RecordResponse(state.jobs.add(body.kind, parameters), status_code=202)


@router.get("/jobs/events", response_class=EventSourceResponse)
async def job_events(state: StateOf, last_event_id: LastEvent = None) -> AsyncIterator[ServerSentEvent]:
    """Every job as it is now, then as it changes, as server-sent events; after a reconnect only what has changed."""
    run_id, _, sequence = (last_event_id or "").partition("-")
    after = int(sequence) if run_id == state.jobs.run_id and sequence.isascii() and sequence.isdigit() else 0
    async for number, record in state.jobs.changes(after):
        yield ServerSentEvent(event="job", data=record, id=f"{state.jobs.run_id}-{number}")


@router.get("/jobs/{id}", responses=returns("JobRecord"))
async def job(state: StateOf, id: JobId) -> RecordResponse:
    """A job."""
    return RecordResponse(state.jobs.get(id))


@router.post("/jobs/{id}/cancel", responses=returns("JobRecord"))
async def cancel_job(state: StateOf, id: JobId) -> RecordResponse:
    """Cancel a job; what it has finished is stored. One that has ended stays as it is."""
    return RecordResponse(state.jobs.cancel(id))


def _absolute(folder: str) -> str:
    """A folder of the server; raises InvalidRequest if it is relative, as a page has no current folder."""
    if not Path(folder).is_absolute() or "\0" in folder:
        raise InvalidRequest("must be an absolute path", field="folders", value=folder)
    return str(Path(folder))


def _ensure_known(state: ServerState, folders: list[str]) -> None:
    """Raise Forbidden if a folder was not ingested before."""
    known = known_folders(state)
    for folder in folders:
        if not is_inside(folder, known):
            raise Forbidden(f"this server scans only folders that it has already, not {folder}")
