"""Who listens."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from recsys.web.records import RecordResponse, page_of, returns_list
from recsys.web.state import BoundOf, Forbidden, LibraryOf

router = APIRouter(tags=["listeners"])


class NewListener(BaseModel, extra="forbid"):
    """A listener to add."""

    name: str = Field(min_length=1, max_length=100)


@router.get("/listeners", responses=returns_list("ListenerRecord"))
def listeners(library: LibraryOf, bound: BoundOf) -> RecordResponse:
    """All listeners, the default one first; for a key that is bound to one that one alone."""
    found = [each for each in library.listeners.list() if bound in (None, each.name)]
    return RecordResponse(page_of(each.to_dict() for each in found))


@router.post("/listeners", status_code=201, responses=returns_list("ListenerRecord"))
def add_listener(library: LibraryOf, bound: BoundOf, body: NewListener) -> RecordResponse:
    """Add a listener; the answer has all of them."""
    if bound is not None:
        raise Forbidden("a key that is bound to a listener adds no others")
    library.listeners.add(body.name)
    return RecordResponse(page_of(each.to_dict() for each in library.listeners.list()), status_code=201)
