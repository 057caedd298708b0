"""What a route gets: the values of its request, the library, and the ids of the server that asks."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from recsys import Library
from recsys.web.audiomuse.ids import WireIds
from recsys.web.audiomuse.values import Values, ValuesOf
from recsys.web.state import LibraryOf, ServerState, StateOf


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a plugin; ``library`` is that of the listener of its key."""

    values: Values
    library: Library
    state: ServerState

    @property
    def ids(self) -> WireIds:
        """The ids of the server that the request names, else of all that are linked."""
        return WireIds.of(self.library, self.values.text("server"))


def call_of(values: ValuesOf, library: LibraryOf, state: StateOf) -> Call:
    """The call of a request."""
    return Call(values, library, state)


CallOf = Annotated[Call, Depends(call_of)]
