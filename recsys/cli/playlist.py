"""``recsys playlist``: a list to listen to, from likes or from given tracks."""

from typing import Annotated

import typer

from recsys.cli.delivery import deliver, destination
from recsys.cli.options import (
    Absolute,
    Bpm,
    FormatName,
    Genres,
    InKey,
    Json,
    MapPath,
    NotGenres,
    Output,
    PerArtist,
    RelativeTo,
    Within,
    Without,
    WithTags,
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
    start: Annotated[
        list[str],
        typer.Option("--from", metavar="TRACK", help="Sounding like this track; may be repeated."),
    ] = [],  # noqa: B006  (Typer wants a list; nobody changes it)
    genre: Genres = [],  # noqa: B006
    not_genre: NotGenres = [],  # noqa: B006
    tag: WithTags = [],  # noqa: B006
    year: Years = None,
    bpm: Bpm = None,
    key: InKey = None,
    within: Within = [],  # noqa: B006
    without: Without = [],  # noqa: B006
    quota: Annotated[
        list[str],
        typer.Option(metavar="GENRE=SHARE", help="So much of a genre: jazz=30%, or jazz=5 tracks; may be repeated."),
    ] = [],  # noqa: B006
    variety: Annotated[
        float, typer.Option(metavar="0..10", help="From alike to as unlike each other as can be.")
    ] = 2.0,
    adventure: Annotated[
        float, typer.Option(metavar="0..10", help="From what is nearest to your likes to the edge of your taste.")
    ] = 0.0,
    energy: Annotated[
        str | None, typer.Option(metavar="CURVE", help="How it shall go on: rising, falling, arc or flat.")
    ] = None,
    per_artist: PerArtist = 2,
    per_album: Annotated[int, typer.Option(metavar="N", help="At most N tracks of one album; 0 for any number.")] = 0,
    artist_gap: Annotated[
        int, typer.Option(metavar="N", help="At least N tracks between two of one artist; 0: as many as can be.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, another playlist.")] = 0,
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Make a playlist from what you like, or from given tracks; these are not in it."""
    from recsys.service import Recipe

    service = session(context).service()
    to = destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    wanted = only(genre, year, bpm, not_genres=not_genre, key=key, tags=tag, within=within, without=without)
    made = service.playlist(
        Recipe(
            n=n, minutes=minutes, seeds=tuple(start), only=wanted, quotas=tuple(quota), variety=variety,
            adventure=adventure, energy=energy, per_artist=per_artist, per_album=per_album, artist_gap=artist_gap,
            seed=seed,
        )
    )  # fmt: skip
    deliver(service, made, to, json=json, quiet=session(context).quiet)
