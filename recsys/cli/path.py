"""``recsys path``: a walk from one track to another."""

from typing import Annotated

import typer

from recsys.cli.options import (
    Absolute,
    Arousal,
    Bpm,
    FormatName,
    Genres,
    Json,
    Longest,
    MapPath,
    Moods,
    Output,
    PerArtist,
    RelativeTo,
    Shortest,
    Valence,
    Years,
    seconds,
    track_filter,
)
from recsys.cli.playlist_output import parse_destination, write_and_show
from recsys.cli.session import session


def path(
    context: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", show_default=False, help="Where it begins.")],
    b: Annotated[
        str, typer.Argument(metavar="B", show_default=False, help="Where it ends; files need not be in the library.")
    ],
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many tracks, with both ends.")] = 12,
    genre: Genres = [],
    year: Years = None,
    bpm: Bpm = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    shortest: Shortest = "0:30",
    longest: Longest = "30:00",
    per_artist: PerArtist = 2,
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],
    json: Json = False,
) -> None:
    """Walk from one track to another in even steps; what is asked for holds for the tracks between them."""
    service = session(context).service()
    to = parse_destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    made = service.path(
        a,
        b,
        n=n,
        filter=track_filter(genre, year, bpm, moods=mood, valence=valence, arousal=arousal),
        max_per_artist=per_artist,
        min_duration=seconds("--shortest", shortest),
        max_duration=seconds("--longest", longest),
    )
    write_and_show(service, made, to, json=json, quiet=session(context).quiet)
