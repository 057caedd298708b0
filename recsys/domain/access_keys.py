"""Keys by which programs and browsers log in to the server of a library."""

from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict


class AccessKeyRecord(TypedDict):
    """A key of the server."""

    name: str
    listener: Annotated[str | None, "the listener that the key is bound to"]
    created_at: Annotated[str, "UTC, ISO 8601"]
    last_used_at: Annotated[str | None, "UTC, ISO 8601; to the hour"]
    subsonic: Annotated[bool, "whether it is stored as it is, so that players may log in with a digest of it"]
    key: NotRequired[Annotated[str, "the key itself; only when it is added"]]


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key, without its secret.

    Parameters
    ----------
    name : str
        What the key is called, such as the device that has it.
    listener : str or None
        The listener whose likes, plays and playlists the key has access to; None: those of all listeners.
    created_at : str
        UTC, ISO 8601.
    last_used_at : str or None
        The same; to the hour. None: never.
    subsonic : bool
        Whether the key is stored as it is, so that players of Subsonic may log in with a salted digest of it.
    """

    name: str
    listener: str | None
    created_at: str
    last_used_at: str | None = None
    subsonic: bool = False

    def to_dict(self) -> AccessKeyRecord:
        """The record as JSON values."""
        return {
            "name": self.name,
            "listener": self.listener,
            "created_at": self.created_at,
            "last_used_at": self.last_used_at,
            "subsonic": self.subsonic,
        }
