"""Bodies that several routes have."""

from pydantic import BaseModel


class Nothing(BaseModel, extra="forbid"):
    """An empty body."""
