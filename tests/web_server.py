"""The state of a server for tests."""

import recsys
from recsys.web.options import ServeOptions
from recsys.web.state import ServerState


def make_state(library: recsys.Library, **options: object) -> ServerState:
    """The state of a server on loopback."""
    return ServerState(options=ServeOptions(**options), library=library)  # type: ignore[arg-type]
