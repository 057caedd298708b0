"""``recsys backup`` and ``restore``: a library as one file."""

import shlex
from typing import Annotated

import typer

from recsys.cli.output import pluralise, print_status
from recsys.cli.session import session
from recsys.cli.waiting import waiting_for
from recsys.errors import InvalidRequest


def backup(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", show_default=False,
            help="The file, or a folder for one with a name of this time; by default the current folder.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
) -> None:  # fmt: skip
    """Write database, genre models and settings to one file; an ingest may be running. The index is not in it."""
    _check(file)
    given = session(context)
    waiting_for("writing the backup")
    written = given.library().backup(file, force=force)
    has = f"{pluralise(written.tracks, 'track')}, {pluralise(written.models, 'genre model')}"
    print_status(f"written to {written.file}: {has}, {written.size / 1e6:.1f} MB", quiet=given.quiet)
    print_status(f"restore it with: recsys restore {shlex.quote(str(written.file))}", quiet=given.quiet)


def restore(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="A file of: recsys backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a present library, which is kept under other names.")
    ] = False,
) -> None:
    """Check a backup and make it the library; the next query builds the index again."""
    _check(file)
    given = session(context)
    waiting_for("checking and copying the backup")
    restored = given.library().restore(file, force=force)
    has = f"{pluralise(restored.tracks, 'track')}, {pluralise(restored.models, 'genre model')}"
    print_status(f"restored to {restored.database}: {has}", quiet=given.quiet)
    for path in restored.replaced:
        print_status(f"the former library is kept in {path}", quiet=given.quiet)
    if restored.settings is not None:
        state = "in use" if restored.settings_in_use else "not in use; compare them with yours"
        print_status(f"the settings of the backup are in {restored.settings}, {state}", quiet=given.quiet)


def _check(file: str | None) -> None:
    if file is not None and not file.strip():
        raise InvalidRequest("FILE is empty; check the variables of your shell")
