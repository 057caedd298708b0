"""All routes of the interface."""

from fastapi import APIRouter

from recsys.web.audiomuse import browse, map, server, similar, tasks, text_search

ROUTERS: tuple[APIRouter, ...] = (
    similar.router,
    browse.router,
    tasks.router,
    text_search.router,
    map.router,
    server.router,
)
"""Those below ``/api``."""

CHAT: APIRouter = server.chat_router
"""Those below ``/chat``."""
