"""Run the server: its socket, its life, its log."""

import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from recsys import Library, TrackFilter
from recsys.errors import RecsysError
from recsys.web.app import guarded_app
from recsys.web.jobs.schedule import parse_sync
from recsys.web.options import ServeOptions
from recsys.web.security.access import refuses_start
from recsys.web.security.redaction import log_without_secrets
from recsys.web.security.slow_clients import TimedProtocol
from recsys.web.state import ServerState

STOP_SECONDS = 3
"""How long open connections may go on after the signal to stop."""
_KEEP_ALIVE_SECONDS = 30
_COLLECT_AFTER = 10_000  # objects: a search of them takes milliseconds, in which no player is answered
_TURN = 0.001  # seconds of a thread while others wait: a call takes many turns, each of which waits for a long list
_FIRST_PAGE = 101  # tracks that are read for the first page of a list
_ALL_ADDRESSES = ("0.0.0.0", "::")
_MAX_CONNECTIONS = 500
_MAX_HEAD = 32_768  # bytes of the first line and the headers of a request


class AddressInUse(RecsysError):
    """Another program listens on the address."""

    code = "address_in_use"


def serve(library: Library, options: ServeOptions, *, on_start: Callable[[str], None]) -> None:
    """Answer requests until the process gets SIGINT or SIGTERM; a library that does not exist begins empty.

    Parameters
    ----------
    library
        The library that the server is of.
    options
        The options of the server.
    on_start
        Called with the URL of the page once the server listens; on loopback with the one that logs in, once.

    Raises
    ------
    KeyNeeded
        Other machines would reach the server, and there is no key.
    AddressInUse
        Another program listens on the address.
    NotFound
        There is no link of a name.
    RecsysError
        The address cannot be used.
    """
    if (refusal := refuses_start(options, library.keys)) is not None:
        raise refusal
    library.create()
    gc.set_threshold(_COLLECT_AFTER)
    sys.setswitchinterval(_TURN)
    for text in options.sync:
        library.links.tracks(parse_sync(text)[0])  # which must exist
    listening = listen(options)
    try:
        state = ServerState(options=options, library=library)
        url = url_of(options, listening.getsockname()[1])
        if options.is_loopback:
            url += f"login?token={state.access.token.make()}"
        threading.Thread(target=_prepare, args=(library,), name="recsys-lists", daemon=True).start()
        run_server(
            guarded_app(state), listening, on_start=lambda: on_start(url), on_stop=state.jobs.end_streams, lifespan="on"
        )
    finally:
        listening.close()


def run_server(
    app: ASGIApp,
    listening: socket.socket,
    *,
    on_start: Callable[[], None],
    on_stop: Callable[[], None] = lambda: None,
    lifespan: Literal["on", "off"] = "off",
) -> None:
    """Answer requests of an application until the process gets SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app, log_config=None, access_log=log_without_secrets(), server_header=False,
        proxy_headers=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEAD, ws="none", lifespan=lifespan,
        http=TimedProtocol, limit_concurrency=_MAX_CONNECTIONS,
    )  # fmt: skip
    _Server(config, on_start, on_stop).run(sockets=[listening])


def _prepare(library: Library) -> None:
    """Ask what is asked most, and make what players browse and plugins of music servers search, if one may come.

    The first question of a kind loads packages and the index, and builds statements: that is a tenth of a second.
    """
    with suppress(RecsysError):
        tracks = library.tracks(limit=_FIRST_PAGE)
        if tracks and library.settings.index_path.exists():  # to build it takes long, and a job may be about to
            library.similar(tracks[0], n=1)
        library.tracks("the", limit=1)
    with suppress(RecsysError):
        if any(key.subsonic for key in library.keys.list()):
            library.browsing.artist_ids()
        if library.links.list():
            library.track_ids(filter=TrackFilter(moods=["calm"]))
        gc.freeze()  # a search of all memory would take a tenth of a second for a large library


def listen(options: ServeOptions) -> socket.socket:
    """The socket of a server; raises as :func:`serve` does."""
    where = f"{options.host}:{options.port}"
    try:
        [family, kind, protocol, _, address], *_ = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise RecsysError(f"there is no address {options.host!r} on this machine: {error.strerror}") from error
    made = socket.socket(family, kind, protocol)
    try:
        if hasattr(signal, "SIGHUP"):  # Windows gives an address in use to a second program with this option
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
        made.setblocking(False)
    except OSError as error:
        made.close()
        if isinstance(error, PermissionError):
            raise RecsysError(f"only an administrator may use {where}; choose a port from 1024 on") from error
        raise AddressInUse(f"{where} cannot be used: {error.strerror}; choose another port") from error
    return made


def url_of(options: ServeOptions, port: int) -> str:
    """The URL of the page: with an allowed name where the server listens on all addresses.

    >>> url_of(ServeOptions(host="::1", base_path="/recsys"), 8765)
    'http://[::1]:8765/recsys/'
    >>> url_of(ServeOptions(host="0.0.0.0", allowed_hosts=("music.home",)), 8765)
    'http://music.home:8765/'
    """
    host = f"[{options.host}]" if ":" in options.host else options.host
    if options.host in _ALL_ADDRESSES and options.allowed_hosts:
        host = options.allowed_hosts[0]
    return f"http://{host}:{port}{options.base_path}/"


class _Server(uvicorn.Server):
    """A server that reports when it listens and when it stops, and ends without an error on a signal."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start, self._on_stop = on_start, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()  # streams without an end would be waited for
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = signal.SIGINT, signal.SIGTERM
        before = {each: signal.signal(each, self.handle_exit) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
