"""Plays and skips, as players report them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from recsys.web.api.tracks import Id
from recsys.web.records import RecordResponse, page_of, returns, returns_list
from recsys.web.state import LibraryOf

router = APIRouter(tags=["ratings"])


class PlayReport(BaseModel, extra="forbid"):
    """That a track was played, or skipped, at a time or now."""

    skipped: bool = False
    at: datetime | None = None


@router.post("/tracks/{id}/plays", status_code=201, responses=returns("TrackRecord", status=201))
def add_play(library: LibraryOf, id: Id, body: PlayReport) -> RecordResponse:
    """Store a play or a skip; a play reported twice, with its time, is stored once."""
    store = library.plays.skip if body.skipped else library.plays.add
    return RecordResponse(store(id, at=body.at).to_dict(), status_code=201)


@router.get("/plays", responses=returns_list("PlayRecord"))
def plays(library: LibraryOf, n: Annotated[int, Query(ge=1, le=1000)] = 50) -> RecordResponse:
    """The last plays and skips, newest first."""
    return RecordResponse(page_of(play.to_dict() for play in library.plays.recent(n)))
