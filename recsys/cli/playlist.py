"""``recsys playlist``: a list to listen to, from likes or from given tracks."""

from typing import Annotated

import typer

from recsys.cli.delivery import deliver, destination
from recsys.cli.options import (
    Absolute,
    Bpm,
    FormatName,
    Genres,
    Json,
    MapPath,
    Output,
    PerArtist,
    RelativeTo,
    Years,
    only,
)
from recsys.cli.session import session


def playlist(
    context: typer.Context,
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="How many tracks [default: 25].")] = None,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help="How long, within half a minute; instead of -n.")
    ] = None,
    genre: Genres = [],  # noqa: B006  (Typer wants a list; nobody changes it)
    year: Years = None,
    bpm: Bpm = None,
    start: Annotated[
        list[str],
        typer.Option("--from", metavar="TRACK", help="Sounding like this track; may be repeated."),
    ] = [],  # noqa: B006
    per_artist: PerArtist = 2,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, another playlist.")] = 0,
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Make a playlist from what you like, or from given tracks; these are not in it."""
    service = session(context).service()
    to = destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    made = service.playlist(
        n=n, minutes=minutes, only=only(genre, year, bpm), seeds=start, per_artist=per_artist, seed=seed
    )
    deliver(service, made, to, json=json, quiet=session(context).quiet)
