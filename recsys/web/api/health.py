"""Whether the server answers."""

from typing import Any

from fastapi import APIRouter, Request

from recsys import __version__
from recsys.web.records import returns_values

router = APIRouter(tags=["server"])


@router.get("/health", responses=returns_values(status={"const": "ok"}))
def health(request: Request) -> dict[str, Any]:
    """Whether the server answers; for those who are logged in also its version."""
    return {"status": "ok"} | ({"version": __version__} if request.scope.get("recsys.authenticated") else {})
