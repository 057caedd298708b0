"""Calls of plugins to the interface of AudioMuse-AI, in the same process, with a key as bearer token."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from guarded_client import GuardedClient

from recsys import Library, ServerTrack
from recsys.domain.links import Link


class AudioMuseCalls:
    """Calls to the server of a home folder; the key may be bound to a listener."""

    def __init__(self, home: Path, *, listener: str | None = None, **options: Any) -> None:
        self.client = GuardedClient(home, **options)
        self.library = self.client.library
        self.library.create()
        if listener is not None:
            self.library.listeners.add(listener)
        self.client.key = self.library.keys.add("plugin", listener=listener)

    def get(self, path: str, **parameters: Any) -> Any:
        """The answer to a GET request that succeeds."""
        answer = self.client.get(f"/api/{path}?{urlencode(parameters)}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        """The answer to a POST request that succeeds."""
        answer = self.client.post(f"/api/{path}", body)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    def error(self, path: str, body: object = None, **parameters: Any) -> int:
        """The status of a request that fails: a POST if there is a body."""
        url = f"/api/{path}?{urlencode(parameters)}"
        answer = self.client.get(url) if body is None else self.client.post(url, body)
        assert list(answer.json()) == ["error"], answer.text
        assert isinstance(answer.json()["error"], str)
        return answer.status_code


def link(library: Library, name: str, kind: str, tracks: Mapping[str, int | None], artists: Mapping[str, int]) -> None:
    """Link a server that has these tracks and artists of the library under these ids."""
    with library._context.open() as catalogue:
        catalogue.links.save(Link(name, kind, "http://music.example"))
        catalogue.links.replace_ids(name, [ServerTrack(id, track_id=track) for id, track in tracks.items()], artists)


def ids_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of rows, in their order."""
    return [row["item_id"] for row in rows]
