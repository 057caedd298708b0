"""What the server was started with, and folders to choose from."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from recsys import __version__
from recsys.errors import LibraryNotFound
from recsys.web.folders import list_folders
from recsys.web.jobs.schedule import Schedule
from recsys.web.records import RecordResponse, returns_values
from recsys.web.state import Forbidden, LibraryOf, ServerState, StateOf

router = APIRouter(tags=["server"])

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_OPTIONAL = {"type": ["string", "null"]}
_FOLDER = {"type": "object", "properties": {"name": _TEXT, "path": _TEXT}, "required": ["name", "path"]}


@router.get(
    "/settings",
    responses=returns_values(
        version=_TEXT, database=_TEXT, folders=_TEXTS, watch=_TEXTS, schedule=_TEXTS, next_refresh=_OPTIONAL,
        allow_ingest={"type": "boolean"},
    ),
)  # fmt: skip
def settings(state: StateOf, library: LibraryOf) -> RecordResponse:
    """The version, the database, the folders that were ingested, what is watched, and when playlists are refreshed."""
    schedules = [Schedule.parse(text) for text in state.options.refresh]
    now = datetime.now(UTC)
    due = min((schedule.next_after(now) for schedule in schedules), default=None)
    file = library.settings.database_file
    found: dict[str, Any] = {
        "version": __version__,
        "database": "a database server" if file is None else str(file),
        "folders": known_folders(state),
        "watch": list(state.options.watch),
        "schedule": [str(schedule) for schedule in schedules],
        "next_refresh": due and due.isoformat(timespec="seconds"),
        "allow_ingest": state.options.allow_ingest,
    }
    return RecordResponse(found)


@router.get(
    "/folders",
    responses=returns_values(
        path=_TEXT, parent=_OPTIONAL, items={"type": "array", "items": _FOLDER}, truncated={"type": "boolean"},
        places=_TEXTS,
    ),
)  # fmt: skip
def folders(
    state: StateOf,
    path: Annotated[str | None, Query(min_length=1, max_length=4096, description="an absolute path")] = None,
) -> RecordResponse:
    """The folders in a folder of the server, by default in the home folder of its user; no files, no hidden ones."""
    if not state.options.allow_ingest:
        raise Forbidden("this server was started without the choice of folders")
    return RecordResponse(list_folders(path, known_folders(state)))


def known_folders(state: ServerState) -> list[str]:
    """The folders that were ingested."""
    try:
        return state.library.folders()
    except LibraryNotFound:
        return []
