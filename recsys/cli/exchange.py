"""``recsys push`` and ``recsys pull``: playlists to a linked music server, likes and plays from it."""

from typing import Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import pluralise, print_json, print_status, track_label
from recsys.cli.ratings_import import show_entries, summary_lines
from recsys.cli.session import session
from recsys.cli.waiting import waiting_for
from recsys.errors import Hint, NotFound

_MAX_SHOWN = 20  # tracks that the server lacks


def push(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="LINK", show_default=False, help="The server.")],
    playlists: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLAYLIST...", show_default=False, help="Saved playlists (default: those pushed before)."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also replace a playlist of the server that has the same name.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    json: Json = False,
) -> None:
    """Write saved playlists to a linked music server."""
    given = session(context)
    waiting_for(f"writing to {to}")
    results = given.library().links.push(to, playlists or (), replace=replace, dry_run=dry_run)
    if not results:
        raise NotFound(f"no playlist was pushed to {to} before", hint=Hint.NAME_PLAYLIST)
    if json:
        print_json([result.to_dict() for result in results])
    for result in results:
        done = ("will be " if dry_run else "") + ("replaced" if result.replaced else "created")
        line = f"{result.playlist}: {done} on {result.link} with {pluralise(result.tracks, 'track')}"
        print_status(line + ("; nothing is changed (--dry-run)" if dry_run else ""), quiet=given.quiet)
        for track in result.missing[:_MAX_SHOWN]:
            print_status(f"  not on {result.link}: {track_label(track)}", quiet=given.quiet)
        if len(result.missing) > _MAX_SHOWN:
            print_status(f"  … {len(result.missing) - _MAX_SHOWN} more; --json lists all", quiet=given.quiet)


def pull(
    context: typer.Context,
    link: Annotated[str, typer.Option("--from", metavar="LINK", show_default=False, help="The server.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what each track would change, and store nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Store what the user of a linked music server likes, rates and plays there."""
    given = session(context)
    waiting_for(f"reading {link}")
    preview = given.library().links.pull(
        link, dry_run=dry_run, on_progress=lambda n: waiting_for(f"reading {link}: {pluralise(n, 'track')}")
    )
    if json:
        print_json({"stored": not dry_run, **preview.to_dict()})
    elif dry_run:
        show_entries(preview)
    for line in summary_lines(preview, stored=not dry_run):
        print_status(line, quiet=given.quiet)
