"""Ids as a server of music has them: what plugins send, and what they get.

Without a link to a server the ids are those of the library, as decimal numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from recsys import Library, Track
from recsys.errors import InvalidRequest, NotFound

_MAX_DIGITS = 18
_CHUNK = 500  # tracks whose ids are looked up at once


class Ids(Protocol):
    """The ids of a server, in both directions; :class:`recsys.LinkedIds` is one."""

    def track_ids(self, foreign_ids: Iterable[str]) -> Mapping[str, int]:
        """The tracks by those of some ids of the server that have one."""

    def foreign_ids(self, track_ids: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server of those of some tracks that it has."""

    def artist_id(self, foreign_id: str) -> int | None:
        """The artist with an id of the server."""

    def foreign_artist_ids(self, artist_ids: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server of those of some artists that it has."""


class OwnIds:
    """The ids of the library itself.

    >>> OwnIds().track_ids(["7", "x7"]), OwnIds().foreign_ids([7])
    ({'7': 7}, {7: '7'})
    """

    def track_ids(self, foreign_ids: Iterable[str]) -> Mapping[str, int]:
        """The numbers that texts are."""
        return {
            each: int(each) for each in foreign_ids if each.isascii() and each.isdecimal() and len(each) <= _MAX_DIGITS
        }

    def foreign_ids(self, track_ids: Iterable[int]) -> Mapping[int, str]:
        """All ids as texts."""
        return {i: str(i) for i in track_ids}

    def artist_id(self, foreign_id: str) -> int | None:
        """The number that a text is."""
        return self.track_ids([foreign_id]).get(foreign_id)

    def foreign_artist_ids(self, artist_ids: Iterable[int]) -> Mapping[int, str]:
        """All ids as texts."""
        return {i: str(i) for i in artist_ids}


@dataclass(frozen=True, slots=True)
class WireIds:
    """The ids of one request.

    Parameters
    ----------
    library : Library
    servers : sequence of Ids
        Where the ids of the request are looked up; the ids of the answer are those of the first one that has such an
        id, or else of the first one.
    """

    library: Library
    servers: Sequence[Ids]

    @classmethod
    def of(cls, library: Library, server: str | None) -> "WireIds":
        """The ids of the link of a name, else of all links, else of the library.

        Raises
        ------
        InvalidRequest
            There is no such link.
        """
        links = library.links.list()
        if server is None:
            return cls(library, [library.links.tracks(link.name) for link in links] or [OwnIds()])
        if not any(link.name.casefold() == server.casefold() for link in links):
            names = ", ".join(link.name for link in links) or "there is none"
            raise InvalidRequest(f"must be the name of a link ({names})", field="server", value=server)
        return cls(library, [library.links.tracks(server)])

    def with_track(self, foreign_id: str) -> "WireIds":
        """The same for the server that has a track with this id, if one has it."""
        found = next((each for each in self.servers if each.track_ids([foreign_id])), self.servers[0])
        return WireIds(self.library, [found])

    def track(self, foreign_id: str) -> Track:
        """The track with an id of the server.

        Raises
        ------
        NotFound
            The server has no such id, or the library lacks its track.
        """
        found = self.tracks([foreign_id])
        if not found:
            raise NotFound(f"the library has no track with the id {foreign_id[:100]!r}")
        return found[foreign_id]

    def tracks(self, foreign_ids: Iterable[str]) -> dict[str, Track]:
        """The tracks by these ids; ids that are unknown are left out."""
        wanted = list(foreign_ids)
        numbers = self.servers[0].track_ids(wanted)
        tracks = {track.id: track for track in self.library.tracks_by_id(numbers.values())}
        return {each: tracks[numbers[each]] for each in wanted if numbers.get(each) in tracks}

    def artist(self, text: str, *, is_name: bool) -> int:
        """The artist of a name or of an id, where plugins send one for the other; ``is_name``: names come first.

        Raises
        ------
        NotFound
            It is neither.
        """
        by_id = next((i for each in self.servers if (i := each.artist_id(text)) is not None), None)
        if by_id is not None and not is_name:
            return self.library.artist(by_id).id
        try:
            found = self.library.artist(text)
        except NotFound:
            if by_id is None:
                raise
            return self.library.artist(by_id).id
        is_own_id = text.isdecimal() and found.name.casefold() != text.casefold()  # the library takes numbers for ids
        if not is_own_id:
            return found.id
        if by_id is None:
            raise NotFound(f"no artist has the name or id {text[:100]!r}")
        return self.library.artist(by_id).id

    def with_artist(self, foreign_id: str) -> "WireIds":
        """The same for the server that has an artist with this id, if one has it."""
        found = next((each for each in self.servers if each.artist_id(foreign_id) is not None), self.servers[0])
        return WireIds(self.library, [found])

    def foreign_ids(self, tracks: Iterable[Track]) -> Mapping[int, str]:
        """The ids of the server of those of these tracks that it has."""
        return self.servers[0].foreign_ids([track.id for track in tracks])

    def foreign_artist_ids(self, artists: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server of those of these artists that it has."""
        return self.servers[0].foreign_artist_ids(artists)

    def known(self, ids: Sequence[int], start: int, end: int) -> list[Track]:
        """The tracks from ``start`` to ``end`` of those of ``ids`` that the server has."""
        found: list[int] = []
        for first in range(0, len(ids), _CHUNK):
            chunk = ids[first : first + _CHUNK]
            has = self.servers[0].foreign_ids(chunk)
            found += [i for i in chunk if i in has]
            if len(found) >= end:
                break
        return list(self.library.tracks_by_id(found[start:end]))
