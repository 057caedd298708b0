"""What ``recsys serve`` is started with."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from recsys.errors import InvalidRequest
from recsys.web.jobs.schedule import Schedule, parse_sync

DEFAULT_PORT = 8765
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?(:[0-9]{1,5})?")
_LOOPBACK_NAMES = frozenset({"localhost"})


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of a server.

    Parameters
    ----------
    host : str
        The address that it listens on.
    port : int
        0 is any free one.
    base_path : str
        Where it is behind a proxy, such as "/recsys"; empty at the root. Stored without a slash at the end.
    allowed_hosts : sequence of str
        Names, besides those of the loopback interface and ``host``, by which browsers may address it.
    trusted_proxies : sequence of str
        Addresses and networks whose forwarded headers are used.
    watch : sequence of str
        Folders whose changes are ingested.
    refresh : sequence of str
        When saved playlists are refreshed, such as "daily@04:00".
    sync : sequence of str
        Which links exchange likes and playlists, and when, such as "navidrome@daily@04:30".
    allow_ingest : bool or None
        Whether users choose any folder of the machine to ingest; if not, only those that were ingested before. None:
        if the server is reached from this machine alone.

    Raises
    ------
    InvalidRequest
        A value has another form.

    Examples
    --------
    >>> ServeOptions(base_path="recsys/").base_path
    '/recsys'
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    base_path: str = ""
    allowed_hosts: Sequence[str] = ()
    trusted_proxies: Sequence[str] = ()
    watch: Sequence[str] = ()
    refresh: Sequence[str] = ()
    sync: Sequence[str] = ()
    allow_ingest: bool | None = None

    def __post_init__(self) -> None:
        for name in ("allowed_hosts", "trusted_proxies", "watch", "refresh", "sync"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not 0 <= self.port <= 65535:
            raise InvalidRequest("must be from 0 to 65535", field="port", value=self.port)
        path = self.base_path.strip("/")
        if not path.isascii() or any(not (c.isalnum() or c in "-._~/") for c in path) or ".." in path or "//" in path:
            raise InvalidRequest("must be a path such as /recsys", field="base_path", value=self.base_path)
        object.__setattr__(self, "base_path", f"/{path}" if path else "")
        if self.allow_ingest is None:
            object.__setattr__(self, "allow_ingest", self.is_loopback)
        for text in self.refresh:
            Schedule.parse(text)
        for text in self.sync:
            parse_sync(text)
        for name in self.allowed_hosts:
            if not _HOST.fullmatch(name):
                raise InvalidRequest("must be a name such as music.home", field="allowed_hosts", value=name)
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                raise InvalidRequest("must be an address or a network", field="trusted_proxies", value=proxy) from None

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine reach the server.

        >>> ServeOptions().is_loopback, ServeOptions(host="0.0.0.0").is_loopback
        (True, False)
        """
        if self.host in _LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
