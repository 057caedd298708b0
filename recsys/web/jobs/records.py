"""Records of jobs: the JSON values that the API returns."""

from typing import Annotated, Any, Literal, TypedDict

JobKind = Literal["ingest", "retry", "prune", "refresh", "train", "tune", "predict", "evaluate", "watch", "sync"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobRecord(TypedDict):
    """A job of the server."""

    id: str
    kind: JobKind
    state: JobState
    parameters: Annotated[dict[str, Any], "of the request, by kind"]
    done: Annotated[int, "files, fits or parts that are finished"]
    total: Annotated[int | None, "of how many; null while that is unknown"]
    failed: Annotated[int, "files that failed so far"]
    rate: Annotated[float | None, "finished per second, lately"]
    seconds_left: float | None
    message: Annotated[str, "what it does now, or why it was cancelled"]
    created_at: Annotated[str, "UTC in ISO 8601"]
    started_at: str | None
    ended_at: str | None
    result: Annotated[dict[str, Any] | None, "the record of the command of this kind"]
    error: Annotated[dict[str, Any] | None, "why it failed, as a problem"]
