"""``recsys artists`` and ``recsys albums``: whom and what the tags of the library name."""

from typing import Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table
from recsys.cli.session import session

Query = Annotated[list[str] | None, typer.Argument(metavar="[QUERY]...", show_default=False, help="Words in the name.")]
AlbumQuery = Annotated[
    list[str] | None,
    typer.Argument(metavar="[QUERY]...", show_default=False, help="Words in artist, title or year."),
]


def artists(context: typer.Context, query: Query = None, json: Json = False) -> None:
    """List the artists, or search for them; tracks lists their tracks with --artist."""
    found = session(context).library().artists(" ".join(query or ()))
    if json:
        print_json([artist.to_dict() for artist in found])
        return
    columns = [Column("id", right=True), Column("artist", shrinkable=True)]
    columns += [Column("tracks", right=True), Column("albums", right=True)]
    print_table(columns, [(each.id, each.name, each.n_tracks, each.n_albums) for each in found])
    print_status(pluralise(len(found), "artist"), quiet=session(context).quiet)


def albums(context: typer.Context, query: AlbumQuery = None, json: Json = False) -> None:
    """List the albums, or search for them; tracks lists their tracks with --album."""
    found = session(context).library().albums(" ".join(query or ()))
    if json:
        print_json([album.to_dict() for album in found])
        return
    columns = [Column("id", right=True), Column("artist", shrinkable=True), Column("album", shrinkable=True)]
    columns += [Column("year", right=True), Column("discs", right=True), Column("tracks", right=True)]
    rows = [(each.id, each.artist or "–", each.title, each.year or "–", each.n_discs, each.n_tracks) for each in found]
    print_table(columns, rows)
    print_status(pluralise(len(found), "album"), quiet=session(context).quiet)
