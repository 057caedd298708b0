"""``recsys playlist``: a list to listen to, from likes or from given tracks."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.options import Bpm, Genres, Json, PerArtist, Years, only
from recsys.cli.output import clock, print_json, print_tracks, say
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
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.m3u8", help="Write it as M3U8.")
    ] = None,
    absolute: Annotated[
        bool, typer.Option("--absolute", help="Absolute paths in the file, not relative to its folder.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a playlist from what you like, or from given tracks; these are not in it."""
    quiet = session(context).quiet
    service = session(context).service()
    made = service.playlist(
        n=n, minutes=minutes, only=only(genre, year, bpm), seeds=start, per_artist=per_artist, seed=seed
    )
    if output is not None:
        service.write_playlist(made, output, absolute=absolute)
    if json:
        from recsys.service import playlist_record

        print_json(playlist_record(made))
    else:
        length = clock(sum(track.duration for track in made.tracks))
        say(f"{made.name}: {len(made.tracks)} tracks, {length}", quiet=quiet)
        print_tracks(made.tracks, made.similarities)
        for line in made.gave_way:
            say(f"gave way: {line}", quiet=quiet)
    if output is not None:
        say(f"written to {output}", quiet=quiet)
