"""Calls that look for changed files, and return how far that is."""

from anyio import to_thread

from recsys.errors import NotFound
from recsys.web.api.settings import known_folders
from recsys.web.jobs.records import JobRecord
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.records import utc


async def get_scan_status(call: Call) -> Payload:
    """Whether folders are being scanned; the files of that scan, else the tracks of the library."""
    return await _status(call)


async def start_scan(call: Call) -> Payload:
    """Ingest what is new or changed in the folders of the library, unless an ingest waits or runs already."""
    folders = await to_thread.run_sync(known_folders, call.state)
    if not folders:
        raise NotFound("no folder has been ingested yet")
    if not _active(call):
        call.state.jobs.add("ingest", {"folders": folders})
    return await _status(call)


def _ingests(call: Call) -> list[JobRecord]:
    """The ingests that the server has run or will run, the newest first."""
    return [job for job in call.state.jobs.list() if job["kind"] == "ingest"]


def _active(call: Call) -> list[JobRecord]:
    return [job for job in _ingests(call) if job["state"] in ("waiting", "running")]


async def _status(call: Call) -> Payload:
    active = _active(call)
    last = next((job["ended_at"] for job in _ingests(call) if job["ended_at"]), None)
    n = next((job["done"] for job in active if job["state"] == "running"), None)
    if n is None:
        n = await to_thread.run_sync(lambda: len(call.library.browsing.track_ids()))
    folders = await to_thread.run_sync(known_folders, call.state)
    return {"scanStatus": {"scanning": bool(active), "count": n, "folderCount": len(folders), "lastScan": utc(last)}}


CALLS: dict[str, Handler] = {"getScanStatus": get_scan_status, "startScan": start_scan}
