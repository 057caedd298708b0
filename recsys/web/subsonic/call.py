"""What the function of a call gets."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from recsys import Library
from recsys.web.security.sessions import Login
from recsys.web.state import ServerState
from recsys.web.subsonic.parameters import Parameters

Payload = Mapping[str, Any]
"""The fields of an answer besides those that every answer has."""

Handler = Callable[["Call"], Payload | Response | Awaitable[Payload | Response]]
"""The function of a call: it is called in a thread, and what it awaits, if it is ``async``, in the event loop."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a player.

    Parameters
    ----------
    request : Request
        The request itself, for ranges and other headers of media.
    parameters : Parameters
        From query and form.
    state : ServerState
        The server.
    login : Login
        As which key; of a call that needs no login, an empty one.
    """

    request: Request
    parameters: Parameters
    state: ServerState
    login: Login

    @property
    def library(self) -> Library:
        """The library for the listener of the key."""
        library = self.state.library
        return library if self.login.listener is None else library.for_listener(self.login.listener)

    @property
    def user(self) -> str:
        """The name by which the player has logged in: that of its key."""
        return self.login.key or ""
