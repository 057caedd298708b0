"""What the routes of one server share, and how they get it."""

from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request

from recsys import Library, TrackFilter
from recsys.errors import RecsysError
from recsys.web.jobs.queue import JobQueue
from recsys.web.map_maker import MapMaker
from recsys.web.options import ServeOptions
from recsys.web.security.access import Access
from recsys.web.subsonic.now_playing import NowPlaying

N = TypeVar("N", int, float)

_LAST_YEAR = 9999
_FASTEST = 1000.0  # BPM


class Forbidden(RecsysError):
    """The request is authenticated, but may not do this."""

    code = "forbidden"


@dataclass(frozen=True, slots=True)
class ServerState:
    """The library and everything else that lives as long as the server."""

    options: ServeOptions
    library: Library
    jobs: JobQueue = field(init=False)
    access: Access = field(init=False)
    maps: MapMaker = field(default_factory=MapMaker)
    playing: NowPlaying = field(default_factory=NowPlaying)

    def __post_init__(self) -> None:
        object.__setattr__(self, "jobs", JobQueue(self.library.settings))
        object.__setattr__(self, "access", Access(self.library.keys))


async def state_of(request: Request) -> ServerState:
    """The state of the server that answers a request."""
    state: ServerState = request.app.state.server
    return state


StateOf = Annotated[ServerState, Depends(state_of)]


async def bound_of(request: Request) -> str | None:
    """The listener that the key of a request is bound to; None: it may ask for any."""
    bound: str | None = request.scope.get("recsys.listener")
    return bound


BoundOf = Annotated[str | None, Depends(bound_of)]


async def listener_of(
    bound: BoundOf,
    listener: Annotated[
        str | None, Query(max_length=100, description="Whose likes, plays and playlists; by default those of the key.")
    ] = None,
) -> str | None:
    """The listener of a request: that of its key, else the one that it names, else the default one."""
    if bound is not None and listener is not None and listener.strip().casefold() != bound.casefold():
        raise Forbidden(f"this key belongs to the listener {bound!r}")
    return bound or listener or None


ListenerOf = Annotated[str | None, Depends(listener_of)]


async def library_of(state: StateOf, listener: ListenerOf) -> Library:
    """The library for the listener of a request."""
    return state.library if listener is None else state.library.for_listener(listener)


LibraryOf = Annotated[Library, Depends(library_of)]

Texts = Annotated[list[str], Query(max_length=100)]
Share = Annotated[float | None, Query(ge=0, le=1)]
NO_TEXTS: list[str] = []


async def filter_of(
    genres: Texts = NO_TEXTS,
    excluded_genres: Texts = NO_TEXTS,
    tagged_genres: Texts = NO_TEXTS,
    excluded_tagged_genres: Texts = NO_TEXTS,
    keys: Texts = NO_TEXTS,
    tags: Texts = NO_TEXTS,
    moods: Texts = NO_TEXTS,
    folders: Texts = NO_TEXTS,
    excluded_folders: Texts = NO_TEXTS,
    year_min: Annotated[int | None, Query(ge=0, le=_LAST_YEAR)] = None,
    year_max: Annotated[int | None, Query(ge=0, le=_LAST_YEAR)] = None,
    bpm_min: Annotated[float | None, Query(ge=0, le=_FASTEST)] = None,
    bpm_max: Annotated[float | None, Query(ge=0, le=_FASTEST)] = None,
    valence_min: Share = None,
    valence_max: Share = None,
    arousal_min: Share = None,
    arousal_max: Share = None,
) -> TrackFilter:
    """The filter of a request; of a range one end may be absent."""
    return TrackFilter(
        genres=genres, excluded_genres=excluded_genres, tagged_genres=tagged_genres,
        excluded_tagged_genres=excluded_tagged_genres, keys=keys, tags=tags, moods=moods, folders=folders,
        excluded_folders=excluded_folders,
        year_range=_range(year_min, year_max, 0, _LAST_YEAR), bpm_range=_range(bpm_min, bpm_max, 0.0, _FASTEST),
        valence_range=_range(valence_min, valence_max, 0.0, 1.0),
        arousal_range=_range(arousal_min, arousal_max, 0.0, 1.0),
    )  # fmt: skip


FilterOf = Annotated[TrackFilter, Depends(filter_of)]


def _range(low: N | None, high: N | None, minimum: N, maximum: N) -> tuple[N, N] | None:
    if low is None and high is None:
        return None
    return minimum if low is None else low, maximum if high is None else high
