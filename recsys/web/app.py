"""The application: routes, errors and what guards them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from recsys.web import problems, records
from recsys.web.api import (
    credits,
    genre_models,
    health,
    jobs,
    listeners,
    media,
    playlists,
    plays,
    ratings,
    similar,
    statistics,
    tracks,
)
from recsys.web.jobs.life import running
from recsys.web.state import ServerState

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    tracks.router,
    similar.router,
    playlists.router,
    ratings.router,
    plays.router,
    credits.router,
    genre_models.router,
    listeners.router,
    statistics.router,
    media.router,
    jobs.router,
)


def make_app(state: ServerState) -> FastAPI:
    """The ASGI application of a server."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        options = state.options
        async with running(state.jobs, watch=options.watch, refresh=options.refresh):
            with state.library:
                yield

    app = FastAPI(
        lifespan=lifespan, openapi_url=f"{API}/openapi.json", docs_url=None, redoc_url=None,
        root_path=state.options.base_path, redirect_slashes=False,
    )  # fmt: skip
    app.state.server = state
    problems.add_handlers(app)
    records.add_openapi(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    return app
