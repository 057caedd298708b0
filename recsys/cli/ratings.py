"""``recsys like``, ``dislike``, ``forget`` and ``likes``: what its owner thinks of a track."""

import typer

from recsys.cli import ratings_import
from recsys.cli.options import Json, References
from recsys.cli.output import print_json, print_status, print_tracks
from recsys.cli.session import session

app = typer.Typer()
app.command("import")(ratings_import.import_likes)


def like(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Like tracks: playlists are made from them."""
    _rate(context, tracks, 1, "liked", json)


def dislike(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Dislike tracks: playlists keep away from them and from what sounds like them."""
    _rate(context, tracks, -1, "disliked", json)


def forget(context: typer.Context, tracks: References, json: Json = False) -> None:
    """Take back likes and dislikes."""
    _rate(context, tracks, 0, "forgotten", json)


@app.callback(invoke_without_command=True)
def likes(context: typer.Context, json: Json = False) -> None:
    """List what is liked and disliked, or take it from another program."""
    if context.invoked_subcommand is not None:
        return
    service = session(context).service()
    ratings = service.ratings.tracks()
    if json:
        said = service.ratings.values()
        tracks = (*ratings.likes, *ratings.dislikes)
        print_json([{**track.to_dict(), **said[track.id].to_dict()} for track in tracks if track.id in said])
        return
    if ratings.likes:
        print_tracks(ratings.likes)
    else:
        print_status("nothing is liked yet; begin with: recsys like TRACK", quiet=session(context).quiet)
    if ratings.dislikes:
        print("\ndisliked")
        print_tracks(ratings.dislikes)


def _rate(context: typer.Context, references: list[str], value: int, done: str, json: bool) -> None:
    rated = session(context).service().ratings.set(references, value)
    if json:
        print_json([track.to_dict() for track in rated])
        return
    for track in rated:
        by = f"{track.artist} - " if track.artist else ""
        print_status(f"{done}: {by}{track.title}", quiet=session(context).quiet)
