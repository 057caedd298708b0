"""The application: routes, errors and what guards them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from recsys.web import problems, records
from recsys.web.api import (
    credits,
    genre_models,
    health,
    jobs,
    listeners,
    map,
    media,
    playlists,
    plays,
    ratings,
    session,
    settings,
    similar,
    statistics,
    tracks,
)
from recsys.web.audiomuse import routes as audiomuse
from recsys.web.jobs.life import running
from recsys.web.page_files import page_files, page_router
from recsys.web.security.guard import guard
from recsys.web.state import ServerState
from recsys.web.subsonic import routes as subsonic

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
    map.router,
    jobs.router,
    session.router,
    settings.router,
)


def make_app(state: ServerState) -> FastAPI:
    """The routes of a server, without what guards them; the base path is that of the scope."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        options = state.options
        async with running(state.jobs, watch=options.watch, refresh=options.refresh, sync=options.sync):
            with state.library:
                yield

    app = FastAPI(
        lifespan=lifespan, openapi_url=f"{API}/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.server = state
    app.router.routes.extend(subsonic.ROUTES)  # first, as players call most often, and routes are tried in order
    problems.add_handlers(app)
    records.add_openapi(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    for router in audiomuse.ROUTERS:
        app.include_router(router, prefix="/api")
    app.include_router(audiomuse.CHAT)
    app.include_router(session.login_router)
    app.include_router(page_router(state.options.base_path, page_files()))
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    return app


def guarded_app(state: ServerState) -> ASGIApp:
    """The routes behind all checks of :mod:`recsys.web.security`: what a server runs."""
    return guard(make_app(state), state.options, state.access)
