"""``recsys link`` and ``recsys links``: music servers whose ids, likes and playlists recsys exchanges."""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table
from recsys.cli.session import Session, session
from recsys.cli.waiting import start_waiting, stop_waiting, waiting_for
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import LinkReport, Links

PASSWORD = "RECSYS_LINK_PASSWORD"
"""The environment variable with the password or key."""

_MAX_SHOWN = 20  # tracks that the library lacks
_METHODS = {
    "path": "path",
    "path ending": "end of the path",
    "musicbrainz": "MusicBrainz id",
    "name": "name",
    "similar name": "similar name",
}

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The name of the link.")]


def link(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", show_default=False, help="navidrome, subsonic, jellyfin, lyrion or plex."),
    ],
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False, help="The address of the server.")],
    user: Annotated[
        str | None, typer.Option(metavar="USER", help="A user of the server; none: the link has a key.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The name of the link (default: KIND).")] = None,
    json: Json = False,
) -> None:
    """Link a music server: read its tracks and find them in the library.

    The password or key is asked for, or read from the environment variable RECSYS_LINK_PASSWORD or from stdin. With
    --listener the link exchanges that listener's likes and playlists.
    """
    given = session(context)
    links = given.library().links
    waiting_for(f"reading {url}")
    report = links.add(
        kind, url, user=user, secret=lambda: _secret(kind, user, quiet=given.quiet), name=name,
        listener=given.listener, on_progress=lambda n: waiting_for(f"reading {url}: {pluralise(n, 'track')}"),
    )  # fmt: skip
    _show(report, links, given, json=json)


@app.callback(invoke_without_command=True)
def links(context: typer.Context, json: Json = False) -> None:
    """List the music servers that are linked."""
    if context.invoked_subcommand is not None:
        return
    found = session(context).library().links.list()
    if json:
        print_json([each.to_dict() for each in found])
        return
    columns = [Column("link", shrinkable=True), Column("kind"), Column("url", shrinkable=True)]
    columns += [Column("user", shrinkable=True), Column("listener", shrinkable=True), Column("tracks", right=True)]
    columns += [Column("in the library", right=True), Column("read")]
    rows = [
        (each.name, each.kind, each.url, each.user or "", each.listener or "", each.tracks, each.matched,
         (each.read_at or "never")[:10])
        for each in found
    ]  # fmt: skip
    print_table(columns, rows)


@app.command()
def refresh(context: typer.Context, name: Name, json: Json = False) -> None:
    """Read the tracks of a server again."""
    given = session(context)
    links = given.library().links
    waiting_for(f"reading {name}")
    report = links.refresh(name, on_progress=lambda n: waiting_for(f"reading {name}: {pluralise(n, 'track')}"))
    _show(report, links, given, json=json)


@app.command()
def unmatched(context: typer.Context, name: Name, json: Json = False) -> None:
    """List the tracks of a server that the library lacks."""
    found = session(context).library().links.unmatched(name)
    if json:
        print_json([track.to_dict() for track in found])
        return
    columns = [Column("id"), Column("artist", shrinkable=True), Column("title", shrinkable=True)]
    columns += [Column("album", shrinkable=True), Column("path", shrinkable=True)]
    print_table(
        columns,
        [(each.id, each.artist or "", each.title or "", each.album or "", each.path or "") for each in found],
    )


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Remove a link, its ids and its password; nothing changes on the server."""
    given = session(context)
    given.library().links.remove(name)
    print_status(f"the link {name} is removed", quiet=given.quiet)


def _secret(kind: str, user: str | None, *, quiet: bool) -> str:
    """The password or key: of the environment, of stdin, or typed where it is not shown."""
    what = "key" if user is None else "password"
    if found := os.environ.get(PASSWORD):
        return found
    if sys.stdin is not None and sys.stdin.isatty():
        stop_waiting()
        found = getpass.getpass(f"{what} of {user or kind}: ")
        start_waiting("reading the server", quiet=quiet)
    else:
        found = "" if sys.stdin is None else sys.stdin.readline().rstrip("\r\n")
    if not found:
        raise InvalidRequest(f"a {what} is needed: type it, or give it on stdin or in {PASSWORD}")
    return found


def _show(report: "LinkReport", links: "Links", given: Session, *, json: bool) -> None:
    if json:
        print_json(report.to_dict())
    found, quiet = report.link, given.quiet
    counts = ", ".join(
        f"{report.matched[each]} by {name}" for each, name in _METHODS.items() if report.matched.get(each)
    )
    line = f"{found.name}: {found.matched} of {pluralise(found.tracks, 'track')} found in the library"
    print_status(f"{line}: {counts}" if counts else line, quiet=quiet)
    if report.ids_changed:
        print_status(f"the server has given its tracks new ids: {report.removed} were replaced", quiet=quiet)
    elif report.removed and report.added:
        print_status(f"new on the server: {report.added}; no longer there: {report.removed}", quiet=quiet)
    missing = found.tracks - found.matched
    if missing and not json and not quiet:
        for track in links.unmatched(found.name)[:_MAX_SHOWN]:
            print_status(f"  not found: {track}")
        if missing > _MAX_SHOWN:
            print_status(f"  … {missing - _MAX_SHOWN} more: recsys links unmatched {found.name}")
