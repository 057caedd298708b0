"""The server that BlissMixer asks, on the loopback interface alone: paths in, paths out, no login.

It is a listener of its own, so that nothing of ``recsys serve`` is reached without a login. What its requests can do is
search for similar tracks: nothing is changed, and no file is read. Checks of Host and Origin keep pages of other sites
out, as those of the main server do.
"""

import json
import logging
import random
import urllib.request
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from urllib.error import URLError

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from recsys import Library, Track
from recsys.errors import NotAnalysed, NotFound, RecsysError
from recsys.web.blissmixer.choice import POOL, list_tracks, mix_tracks
from recsys.web.blissmixer.requests import ListRequest, MixRequest
from recsys.web.options import ServeOptions
from recsys.web.security.bodies import BoundedBody, BoundedHead
from recsys.web.security.headers import SecurityHeaders
from recsys.web.security.hosts import AllowedHosts
from recsys.web.security.origin import SameOrigin
from recsys.web.server import listen, run_server

DEFAULT_PORT = 12000
LYRION_PORT = 9000
_NEAREST = 4  # times the pool: candidates, of which the rules leave some
_LYRION_SECONDS = 10
_log = logging.getLogger("recsys.web")


class Mixer:
    """Answers requests for paths with paths of similar tracks."""

    def __init__(self, library: Library, music_folder: Path | None = None) -> None:
        self._library = library
        self._files = library.music_folder(music_folder)

    def mix(self, request: MixRequest) -> str:
        """The paths of a mix, a line each; none if no seed is in the library."""
        known = self._files.tracks([*request.tracks, *request.previous])
        seeds = list({known[path].id: known[path] for path in request.tracks if path in known}.values())
        previous = [known[path] for path in request.previous if path in known]
        try:
            found = self._library.radio(
                *seeds, n=_NEAREST * POOL * request.n + len(previous), after=previous, filter=self._files.filter,
                max_per_artist=0,
            )  # fmt: skip
        except (NotAnalysed, NotFound) as error:
            _log.info("%s", error)
            return ""
        chosen = mix_tracks(found, seeds, previous, request, rng=random.Random(), today=date.today())
        return self._lines(chosen)

    def list(self, request: ListRequest) -> str:
        """The paths of similar tracks, most similar first, a line each."""
        seed = self._files.tracks([request.track]).get(request.track)
        if seed is None or not seed.analysed:
            _log.info("%s is not in the library", request.track)
            return ""
        try:
            found = self._of_artist(seed) if request.byartist else self._library.similar(
                seed, n=_NEAREST * POOL * request.n, filter=self._files.filter, max_per_artist=0
            )  # fmt: skip
        except (NotAnalysed, NotFound) as error:
            _log.info("%s", error)
            return ""
        return self._lines(list_tracks(found, seed, request))

    def _of_artist(self, seed: Track) -> Sequence[Track]:
        """The other tracks of an artist, most similar first."""
        if not seed.artists:
            return ()
        others = [each for each in self._library.tracks(artist=seed.artists[0]) if each.analysed and each.id != seed.id]
        vectors = self._library.vectors([seed, *others], kind="similarity").vectors
        order = (-vectors[1:] @ vectors[0]).argsort(kind="stable")
        return [others[i] for i in order.tolist()]

    def _lines(self, tracks: Sequence[Track]) -> str:
        paths = self._files.paths(tracks)
        return "".join(f"{paths[track.id]}\n" for track in tracks if track.id in paths)


def make_app(library: Library, music_folder: Path | None = None, options: ServeOptions | None = None) -> ASGIApp:
    """The three routes behind their checks."""
    mixer = Mixer(library, music_folder)

    async def ready(_: Request) -> Response:
        return PlainTextResponse("1")

    async def mix(request: Request) -> Response:
        return await _answer(request, MixRequest, mixer.mix)

    async def similar(request: Request) -> Response:
        return await _answer(request, ListRequest, mixer.list)

    app: ASGIApp = Starlette(
        routes=[
            Route("/api/ready", ready),
            Route("/api/mix", mix, methods=["POST"]),
            Route("/api/list", similar, methods=["POST"]),
        ]
    )
    app = BoundedBody(app)
    app = SameOrigin(app)
    app = AllowedHosts(app, options or ServeOptions(port=DEFAULT_PORT))
    app = BoundedHead(app)
    return SecurityHeaders(app)


def serve(
    library: Library,
    *,
    port: int = DEFAULT_PORT,
    music_folder: Path | None = None,
    lyrion: str | None = None,
    on_start: Callable[[int], None],
) -> None:
    """Answer requests of this machine until the process gets SIGINT or SIGTERM.

    Parameters
    ----------
    port : int
        0 is any free one.
    music_folder : Path or None
        The music folder of Lyrion; None: it is found by the ends of paths.
    lyrion : str or None
        The host of a Lyrion server that gets the port, as its plugin needs when it has started the program.
    on_start : callable
        Called with the port once the server listens.

    Raises
    ------
    AddressInUse, RecsysError
        The port cannot be used.
    """
    options = ServeOptions(port=port)
    listening = listen(options)
    number = listening.getsockname()[1]

    def started() -> None:
        if lyrion is not None:
            report_port(lyrion, number)
        on_start(number)

    try:
        with library:
            run_server(make_app(library, music_folder, options), listening, on_start=started)
    finally:
        listening.close()


def report_port(host: str, number: int, *, lyrion_port: int = LYRION_PORT) -> None:
    """Send the port to the plugin of a Lyrion server.

    Raises
    ------
    RecsysError
        The server does not answer.
    """
    command = {"id": 1, "method": "slim.request", "params": ["", ["blissmixer", "port", f"number:{number}"]]}
    url = f"http://{f'[{host}]' if ':' in host else host}:{lyrion_port}/jsonrpc.js"
    sent = urllib.request.Request(url, json.dumps(command).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(sent, timeout=_LYRION_SECONDS):
            pass
    except (URLError, OSError, ValueError) as error:
        raise RecsysError(f"Lyrion at {host}:{lyrion_port} does not take the port of the mixer: {error}") from error


async def _answer(
    request: Request, model: type[MixRequest] | type[ListRequest], compute: Callable[..., str]
) -> Response:
    try:
        parsed = model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return PlainTextResponse(f"{place}: {first['msg']}" if place else first["msg"], 400)
    try:
        text = await run_in_threadpool(compute, parsed)
    except RecsysError as error:
        _log.warning("%s: %s", request.url.path, error)
        return PlainTextResponse(str(error), 500)
    return Response(text.encode("utf-8", "surrogateescape"), media_type="text/plain; charset=utf-8")
