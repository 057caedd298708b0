"""``recsys like``, ``dislike``, ``rate``, ``forget``, ``played`` and ``likes``: ratings and plays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli import ratings_import
from recsys.cli.options import Json, Reference, References
from recsys.cli.output import pluralise, print_json, print_status, print_tracks, track_label
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import Track

app = typer.Typer()
app.command("import")(ratings_import.import_ratings)


def like(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Like tracks; playlists are made from likes."""
    _rate(context, tracks, 1, "liked", json=json)


def dislike(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Dislike tracks; playlists exclude them and what is similar to them."""
    _rate(context, tracks, -1, "disliked", json=json)


def forget(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Remove likes, dislikes and stars of tracks."""
    _show(context, session(context).library().unrate(*tracks), "rating removed", json=json)


def rate(
    context: typer.Context,
    tracks: References,
    stars: Annotated[
        int, typer.Argument(metavar="STARS", min=0, max=5, show_default=False, help="1 to 5; 0 removes the stars.")
    ],
    json: Json = False,
) -> None:
    """Rate tracks with stars: 4 and 5 count as a like, 1 and 2 as a dislike, unless a track is liked or disliked."""
    rated = session(context).library().ratings.set_stars(tracks, stars)
    _show(context, rated, pluralise(stars, "star") if stars else "stars removed", json=json)


def played(
    context: typer.Context,
    track: Reference,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, in ISO 8601; UTC without a zone. By default now.")
    ] = None,
    skipped: Annotated[bool, typer.Option("--skipped", help="It was skipped.")] = False,
    json: Json = False,
) -> None:
    """Store that a track was played, or skipped: a hook for players. Plays strengthen a like."""
    plays = session(context).library().plays
    found = plays.skip(track, at=at) if skipped else plays.add(track, at=at)
    _show(context, [found], "skipped" if skipped else "played", json=json)


@app.callback(invoke_without_command=True)
def likes(context: typer.Context, json: Json = False) -> None:
    """List likes and dislikes, also by stars, or import them from other programs."""
    if context.invoked_subcommand is not None:
        return
    library = session(context).library()
    rated = library.ratings.tracks()
    if json:
        ratings = library.ratings.values()
        tracks = (*rated.likes, *rated.dislikes)
        print_json([{**track.to_dict(), **ratings[track.id].to_dict()} for track in tracks if track.id in ratings])
        return
    if rated.likes:
        print_tracks(rated.likes)
    else:
        print_status("no track is liked yet; like some with: recsys like TRACK", quiet=session(context).quiet)
    if rated.dislikes:
        print("\ndisliked")
        print_tracks(rated.dislikes)


def _rate(context: typer.Context, references: list[str], value: int, done: str, *, json: bool) -> None:
    _show(context, session(context).library().ratings.set(references, value), done, json=json)


def _show(context: typer.Context, rated: "Sequence[Track]", done: str, *, json: bool) -> None:
    if json:
        print_json([track.to_dict() for track in rated])
        return
    for track in rated:
        print_status(f"{done}: {track_label(track)}", quiet=session(context).quiet)
