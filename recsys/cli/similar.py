"""``recsys similar``: what sounds alike."""

from typing import Annotated

import typer

from recsys.cli.options import Genres, Json, PerArtist, Reference
from recsys.cli.output import print_json, print_tracks, say
from recsys.cli.session import session


def similar(
    context: typer.Context,
    track: Reference,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many.")] = 10,
    genre: Genres = [],  # noqa: B006  (Typer wants a list; nobody changes it)
    per_artist: PerArtist = 2,
    json: Json = False,
) -> None:
    """Find the tracks that sound most like one."""
    found = session(context).service().similar(track, n=n, genres=genre, per_artist=per_artist)
    if json:
        from recsys.service import track_records

        print_json(track_records(found))
        return
    say(found.name, quiet=session(context).quiet)
    print_tracks(found.tracks, found.similarities)
