"""Calls of a player to the server, in the same process, with a key for /rest."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
from guarded_client import GuardedClient

_NAMESPACE = "{http://subsonic.org/restapi}"


class SubsonicCalls:
    """Calls to the server of a home folder; the key may be bound to a listener."""

    def __init__(self, home: Path, *, listener: str | None = None, **options: Any) -> None:
        self.client = GuardedClient(home, keep_open=True, **options)
        self.library = self.client.library
        self.library.create()
        if listener is not None:
            self.library.listeners.add(listener)
        self._key = self.library.keys.add("player", subsonic=True, listener=listener)

    def answer(self, call: str, **parameters: Any) -> dict[str, Any]:
        """The whole answer as JSON."""
        query = urlencode({"apiKey": self._key, "f": "json", "c": "test", **parameters}, doseq=True)
        answer = self.client.get(f"/rest/{call}?{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["subsonic-response"]
        return found

    def get(self, call: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a call that succeeds."""
        found = self.answer(call, **parameters)
        assert found["status"] == "ok", found
        return found

    def error(self, call: str, **parameters: Any) -> int:
        """The code of the error of a call that fails."""
        found = self.answer(call, **parameters)
        assert found["status"] == "failed", found
        assert found["error"]["message"]
        return int(found["error"]["code"])

    def media(
        self, call: str, *, method: str = "GET", headers: dict[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        """The answer as it is, whatever its status."""
        query = urlencode({"apiKey": self._key, "f": "json", **parameters}, doseq=True)
        return self.client.request(method, f"/rest/{call}?{query}", headers or {})

    def xml(self, call: str, **parameters: Any) -> ElementTree.Element:
        """The answer as XML, whose names are without the namespace."""
        query = urlencode({"apiKey": self._key, **parameters}, doseq=True)
        root = ElementTree.fromstring(self.client.get(f"/rest/{call}.view?{query}").content)
        for element in root.iter():
            element.tag = element.tag.removeprefix(_NAMESPACE)
        return root
