"""``recsys listeners``: who has likes, stars, plays and saved playlists of their own."""

from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Listener

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="LISTENER", show_default=False, help="The name of a listener.")]
NewName = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="A new name.")]


@app.callback(invoke_without_command=True)
def listeners(context: typer.Context, json: Json = False) -> None:
    """List the listeners, each with likes, stars, plays and saved playlists; --listener chooses one."""
    if context.invoked_subcommand is not None:
        return
    found = session(context).library().listeners.list()
    if json:
        print_json([listener.to_dict() for listener in found])
        return
    headings = ("likes", "dislikes", "stars", "plays", "playlists")
    columns = [Column("listener", shrinkable=True), *(Column(heading, right=True) for heading in headings)]
    rows = [
        (f"{each.name} (default)" if each.is_default else each.name, *(getattr(each, name) for name in headings))
        for each in found
    ]
    print_table(columns, rows)


@app.command()
def add(context: typer.Context, name: NewName) -> None:
    """Add a listener; the first like, rating or import with a new --listener does it too."""
    given = session(context)
    given.library().listeners.add(name)
    print_status(f"added; like tracks with: recsys --listener {name} like TRACK", quiet=given.quiet)


@app.command()
def rename(context: typer.Context, name: Name, new_name: NewName) -> None:
    """Give a listener another name; everything else stays."""
    given = session(context)
    given.library().listeners.rename(name, new_name)
    print_status(f"{name} is called {new_name} now", quiet=given.quiet)


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this, only name what it has.")] = False,
) -> None:
    """Remove a listener with all likes, stars, plays and saved playlists; playlist files are kept."""
    given = session(context)
    manager = given.library().listeners
    found = next((each for each in manager.list() if each.name.casefold() == name.strip().casefold()), None)
    if found is not None and not found.is_default and not yes:
        raise InvalidRequest(f"is needed: {_contents(found)} of {found.name} would be removed", field="yes")
    removed = manager.remove(name)
    print_status(f"{removed.name} is removed, with {_contents(removed)}", quiet=given.quiet)


def _contents(listener: "Listener") -> str:
    return (
        f"{pluralise(listener.likes, 'like')}, {pluralise(listener.dislikes, 'dislike')}, "
        f"{pluralise(listener.stars, 'rating')}, {pluralise(listener.plays, 'play')} and "
        f"{pluralise(listener.playlists, 'saved playlist')}"
    )
