"""``recsys like``, ``dislike``, ``forget`` and ``likes``: ratings."""

import typer

from recsys.cli import ratings_import
from recsys.cli.options import Json, References
from recsys.cli.output import print_json, print_status, print_tracks, track_label
from recsys.cli.session import session

app = typer.Typer()
app.command("import")(ratings_import.import_ratings)


def like(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Like tracks; playlists are made from likes."""
    _rate(context, tracks, 1, "liked", json=json)


def dislike(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Dislike tracks; playlists exclude them and what is similar to them."""
    _rate(context, tracks, -1, "disliked", json=json)


def forget(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Remove likes and dislikes of tracks."""
    _rate(context, tracks, 0, "rating removed", json=json)


@app.callback(invoke_without_command=True)
def likes(context: typer.Context, json: Json = False) -> None:
    """List likes and dislikes, or import them from other programs."""
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
    rated = session(context).library().ratings.set(references, value)
    if json:
        print_json([track.to_dict() for track in rated])
        return
    for track in rated:
        print_status(f"{done}: {track_label(track)}", quiet=session(context).quiet)
