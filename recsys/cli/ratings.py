"""``recsys like``, ``dislike``, ``rate``, ``forget``, ``played`` and ``likes``: ratings and plays."""

from collections.abc import Callable, Collection, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli import ratings_import
from recsys.cli.options import Json, Reference
from recsys.cli.output import (
    Column,
    pluralise,
    print_json,
    print_status,
    print_table,
    print_tracks,
    track_label,
)
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Ratings

app = typer.Typer()
app.command("import")(ratings_import.import_ratings)

Tracks = Annotated[list[str] | None, typer.Argument(metavar="[TRACK]...", show_default=False, help="The tracks.")]
Albums = Annotated[
    list[str],
    typer.Option("--album", metavar="ALBUM", help="An album: title, 'artist - title' or id; may be repeated."),
]
Artists = Annotated[
    list[str], typer.Option("--artist", metavar="ARTIST", help="An artist: name or id; may be repeated.")
]


def like(
    context: typer.Context, tracks: Tracks = None, album: Albums = [], artist: Artists = [], json: Json = False
) -> None:
    """Like tracks, albums or artists; playlists are made from likes."""
    _rate(context, tracks, album, artist, lambda ratings, names: ratings.set(names, 1), "liked", json=json)


def dislike(
    context: typer.Context, tracks: Tracks = None, album: Albums = [], artist: Artists = [], json: Json = False
) -> None:
    """Dislike tracks, albums or artists; playlists exclude them, and what is similar to a disliked track."""
    _rate(context, tracks, album, artist, lambda ratings, names: ratings.set(names, -1), "disliked", json=json)


def forget(
    context: typer.Context, tracks: Tracks = None, album: Albums = [], artist: Artists = [], json: Json = False
) -> None:
    """Remove likes, dislikes and stars of tracks, albums or artists."""
    _rate(
        context, tracks, album, artist, lambda ratings, names: ratings.clear(names), "rating removed", json=json,
        before=lambda ratings, names: ratings.rated(names), otherwise="had no rating",
    )  # fmt: skip


def rate(
    context: typer.Context,
    tracks: Tracks = None,
    stars: Annotated[
        int | None,
        typer.Argument(metavar="STARS", min=0, max=5, show_default=False, help="1 to 5; 0 removes the stars."),
    ] = None,  # after tracks, which are optional; it takes the last word
    album: Albums = [],
    artist: Artists = [],
    json: Json = False,
) -> None:
    """Rate tracks, albums or artists with stars: 4 and 5 count as a like, 1 and 2 as a dislike."""
    if stars is None:
        raise InvalidRequest("is missing", field="stars")
    done = pluralise(stars, "star") if stars else "stars removed"
    _rate(
        context, tracks, album, artist, lambda ratings, names: ratings.set_stars(names, stars), done, json=json,
        before=None if stars else lambda ratings, names: ratings.rated(names, with_stars_only=True),
        otherwise="had no stars",
    )  # fmt: skip


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
    if json:
        print_json([found.to_dict()])
    else:
        print_status(f"{'skipped' if skipped else 'played'}: {track_label(found)}", quiet=session(context).quiet)


@app.callback(invoke_without_command=True)
def likes(
    context: typer.Context,
    albums: Annotated[bool, typer.Option("--albums", help="Only albums.")] = False,
    artists: Annotated[bool, typer.Option("--artists", help="Only artists.")] = False,
    json: Json = False,
) -> None:
    """List likes and dislikes, also by stars; or import them from other programs. JSON has tracks, unless chosen."""
    if context.invoked_subcommand is not None:
        return
    if albums and artists:
        raise InvalidRequest("cannot be combined with {artists}", field="albums", others=["artists"])
    ratings = session(context).library().ratings
    if json:
        print_json(_records(ratings, "albums" if albums else "artists" if artists else "tracks"))
        return
    if not albums and not artists:
        _list_tracks(context, ratings)
    if not artists:
        _list_groups("albums", ratings.albums.list(), only=albums)
    if not albums:
        _list_groups("artists", ratings.artists.list(), only=artists)


def _records(ratings: "Ratings", kind: str) -> list[dict[str, Any]]:
    group: Any = {"albums": ratings.albums, "artists": ratings.artists}.get(kind)
    rated, values = (ratings.tracks(), ratings.values()) if group is None else (group.list(), group.values())
    found: list[dict[str, Any]] = []
    for each in (*rated.likes, *rated.dislikes):
        if each.id in values:
            record = {**each.to_dict(), **values[each.id].to_dict()}
            if group is not None:
                del record["plays"]  # of tracks
            found.append(record)
    return found


def _list_tracks(context: typer.Context, ratings: "Ratings") -> None:
    rated = ratings.tracks()
    if rated.likes:
        print_tracks(rated.likes)
    else:
        print_status("no track is liked yet; like some with: recsys like TRACK", quiet=session(context).quiet)
    if rated.dislikes:
        print("\ndisliked")
        print_tracks(rated.dislikes)


def _list_groups(noun: str, rated: Any, *, only: bool) -> None:
    """Print liked and disliked albums or artists with their ids and numbers of tracks."""
    label = attrgetter("name") if noun == "artists" else str
    for found, heading in ((rated.likes, noun), (rated.dislikes, f"disliked {noun}")):
        if found:
            print(heading if only else f"\n{heading}")
            columns = [Column("id", right=True), Column("name", shrinkable=True), Column("tracks", right=True)]
            print_table(columns, [(each.id, label(each), each.n_tracks) for each in found])


def _rate(
    context: typer.Context,
    tracks: list[str] | None,
    albums: list[str],
    artists: list[str],
    change: Callable[[Any, list[str]], Sequence[Any]],
    done: str,
    *,
    json: bool,
    before: Callable[[Any, list[str]], Collection[int]] | None = None,
    otherwise: str = "",
) -> None:
    """Change the ratings of tracks, albums or artists: of one kind, so that all are changed or none.

    ``before`` returns the ids of those that will change; of the others the message is ``otherwise``.
    """
    ratings = session(context).library().ratings
    given = [
        (names, of_kind, label)
        for names, of_kind, label in (
            (tracks, ratings, track_label),
            (albums, ratings.albums, str),
            (artists, ratings.artists, attrgetter("name")),
        )
        if names
    ]
    if len(given) != 1:
        raise InvalidRequest(
            "or {album} or {artist} is needed, and only one of them", field="tracks", others=["album", "artist"]
        )
    [(names, of_kind, label)] = given
    changing = before(of_kind, names or []) if before else None
    rated = change(of_kind, names or [])
    if json:
        print_json([each.to_dict() for each in rated])
        return
    for each in rated:
        verb = done if changing is None or each.id in changing else otherwise
        print_status(f"{verb}: {label(each)}", quiet=session(context).quiet)
