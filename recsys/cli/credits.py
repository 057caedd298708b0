"""``recsys artists`` and ``recsys albums``: whom and what the tags of the library name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import TrackPair

Query = Annotated[list[str] | None, typer.Argument(metavar="[QUERY]...", show_default=False, help="Words in the name.")]
AlbumQuery = Annotated[
    list[str] | None,
    typer.Argument(metavar="[QUERY]...", show_default=False, help="Words in artist, title or year."),
]


def _check_no_query(query: list[str] | None) -> None:
    if query:
        raise InvalidRequest("cannot be combined with words to search for", field="like", value=" ".join(query))


def _pairs(pairs: "Sequence[TrackPair]") -> str:
    """The pair that is most similar: "So What ~ Naima"."""
    return f"{pairs[0].track.title} ~ {pairs[0].other.title}" if pairs else "–"


def artists(
    context: typer.Context,
    query: Query = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="ARTIST", help="The artists most similar to this one.")
    ] = None,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many, with --like.")] = 10,
    json: Json = False,
) -> None:
    """List the artists, search for them, or find similar ones; tracks lists their tracks with --artist."""
    if like is not None:
        _check_no_query(query)
        similar = session(context).library().similar_artists(like, n=n)
        if json:
            print_json([each.to_dict() for each in similar])
            return
        columns = [Column("id", right=True), Column("similarity", right=True), Column("artist", shrinkable=True)]
        columns += [Column("tracks", right=True), Column("most similar tracks", shrinkable=True)]
        artist_rows = [
            (each.artist.id, f"{each.similarity:.2f}", each.artist.name, each.artist.n_tracks, _pairs(each.pairs))
            for each in similar
        ]
        print_table(columns, artist_rows)
        return
    found = session(context).library().artists(" ".join(query or ()))
    if json:
        print_json([artist.to_dict() for artist in found])
        return
    columns = [Column("id", right=True), Column("artist", shrinkable=True)]
    columns += [Column("tracks", right=True), Column("albums", right=True)]
    print_table(columns, [(each.id, each.name, each.n_tracks, each.n_albums) for each in found])
    print_status(pluralise(len(found), "artist"), quiet=session(context).quiet)


def albums(
    context: typer.Context,
    query: AlbumQuery = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="ALBUM", help="The albums most similar to this one.")
    ] = None,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many, with --like.")] = 10,
    per_artist: Annotated[
        int, typer.Option(metavar="N", help="At most N albums of one artist, with --like; 0 is no limit.")
    ] = 2,
    json: Json = False,
) -> None:
    """List the albums, search for them, or find similar ones; tracks lists their tracks with --album."""
    if like is not None:
        _check_no_query(query)
        similar = session(context).library().similar_albums(like, n=n, max_per_artist=per_artist)
        if json:
            print_json([each.to_dict() for each in similar])
            return
        columns = [Column("id", right=True), Column("similarity", right=True), Column("artist", shrinkable=True)]
        columns += [Column("album", shrinkable=True), Column("tracks", right=True)]
        columns += [Column("most similar tracks", shrinkable=True)]
        album_rows = [
            (
                each.album.id, f"{each.similarity:.2f}", each.album.artist or "–", each.album.title,
                each.album.n_tracks, _pairs(each.pairs),
            )
            for each in similar
        ]  # fmt: skip
        print_table(columns, album_rows)
        return
    found = session(context).library().albums(" ".join(query or ()))
    if json:
        print_json([album.to_dict() for album in found])
        return
    columns = [Column("id", right=True), Column("artist", shrinkable=True), Column("album", shrinkable=True)]
    columns += [Column("year", right=True), Column("discs", right=True), Column("tracks", right=True)]
    rows = [(each.id, each.artist or "–", each.title, each.year or "–", each.n_discs, each.n_tracks) for each in found]
    print_table(columns, rows)
    print_status(pluralise(len(found), "album"), quiet=session(context).quiet)
