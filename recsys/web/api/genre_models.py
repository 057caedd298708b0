"""Genre models: which there are, how good they are, and the labels that they doubt."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from recsys.web.api.bodies import Nothing
from recsys.web.records import RecordResponse, page_of, returns, returns_list
from recsys.web.state import LibraryOf

router = APIRouter(tags=["genre models"])

Name = Annotated[str, Path(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}


@router.get("/genre-models", responses=returns_list("GenreModelRecord"))
def genre_models(library: LibraryOf) -> RecordResponse:
    """The default genre model and every trained one."""
    return RecordResponse(page_of(library.genre_models.list()))


@router.get("/genre-models/{name}", responses=returns("GenreScorecardRecord", messages=TEXTS))
def genre_model(library: LibraryOf, name: Name) -> RecordResponse:
    """The cross-validated scores of a trained model, with its confusion matrix, and what they mean in sentences."""
    from recsys import genre_messages

    card = library.genre_models.evaluate(name)
    messages = genre_messages.rejection_message(card), genre_messages.context_message(card)
    return RecordResponse({**card, "messages": [each for each in messages if each]})


@router.get("/genre-models/{name}/suspects", responses=returns_list("LabelIssueRecord"))
def suspects(library: LibraryOf, name: Name, limit: Limit = 100, cursor: Offset = 0) -> RecordResponse:
    """Tracks whose label differs from what a trained model predicts, the most improbable label first."""
    found = library.genre_models.label_issues(name)
    next = cursor + limit if cursor + limit < len(found) else None
    return RecordResponse(page_of((each.to_dict() for each in found[cursor : cursor + limit]), next=next))


@router.post("/genre-models/{name}/activate", responses=returns_list("GenreModelRecord"))
def activate(library: LibraryOf, name: Name, body: Nothing) -> RecordResponse:
    """Let a model predict the genres of new tracks; the job "predict" applies it to all."""
    library.genre_models.activate(name)
    return RecordResponse(page_of(library.genre_models.list()))


@router.delete("/genre-models/{name}", status_code=204)
def delete(library: LibraryOf, name: Name) -> Response:
    """Delete a trained model that is not the active one."""
    library.genre_models.delete(name)
    return Response(status_code=204)
