"""``recsys keys``: by which browsers and programs log in to ``recsys serve``."""

from typing import Annotated

import typer

from recsys import AccessKey
from recsys.cli.options import Json
from recsys.cli.output import Column, print_json, print_status, print_table
from recsys.cli.session import session

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The name of the key.")]


@app.callback(invoke_without_command=True)
def keys(context: typer.Context, json: Json = False) -> None:
    """List the keys of recsys serve, by which browsers and programs log in."""
    if context.invoked_subcommand is not None:
        return
    found = session(context).library().keys.list()
    if json:
        print_json([key.to_dict() for key in found])
        return
    columns = [
        Column("key", shrinkable=True),
        Column("listener", shrinkable=True),
        Column("added"),
        Column("last used"),
        Column("for"),
    ]
    print_table(
        columns,
        [
            (each.name, each.listener or "all", _day(each.created_at), _day(each.last_used_at), _use(each))
            for each in found
        ],
    )


@app.command()
def add(
    context: typer.Context,
    name: Name,
    subsonic: Annotated[
        bool, typer.Option("--subsonic", help="For a player of Subsonic; the key itself is then stored.")
    ] = False,
    json: Json = False,
) -> None:
    """Add a key and print it, this once.

    With recsys --listener NAME keys add, it has access to the likes, stars, plays and playlists of that one alone.
    """
    given = session(context)
    store = given.library().keys
    plain = store.add(name, listener=given.listener, subsonic=subsonic)
    if json:
        [added] = [key for key in store.list() if key.name == name.strip()]
        print_json(added.to_dict() | {"key": plain})
        return
    print(plain)
    use = (
        f"log in to the player with the user name {name.strip()} and this password"
        if subsonic
        else "enter it in the page, or send it as a bearer token"
    )
    print_status(f"keep it: it cannot be shown again; {use}", quiet=given.quiet)


@app.command()
def revoke(context: typer.Context, name: Name, json: Json = False) -> None:
    """Revoke a key at once; what is logged in with it is logged out."""
    given = session(context)
    revoked = given.library().keys.revoke(name)
    if json:
        print_json(revoked.to_dict())
        return
    print_status(f"{revoked.name} is revoked", quiet=given.quiet)


def _day(at: str | None) -> str:
    return "never" if at is None else at[:10]


def _use(key: AccessKey) -> str:
    return "page, API, Subsonic" if key.subsonic else "page, API"
