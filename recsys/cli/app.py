"""The program and its global options."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.commands import Program
from recsys.cli.output import print_status
from recsys.cli.session import Session
from recsys.cli.waiting import start_waiting

app = typer.Typer(
    name="recsys",
    cls=Program,
    help="Analyses your music, predicts the genre of every track, finds similar tracks and makes playlists.",
    epilog="TRACK is an id, a path, a title, 'artist - title', or the beginning of one of them. "
    "The options above may also follow a command.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def recsys(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the library; environment: RECSYS_HOME.", show_default=False)
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="URL of the database; environment: RECSYS_DATABASE."),
    ] = None,
    listener: Annotated[
        str | None,
        typer.Option(
            metavar="LISTENER",
            help="Whose likes, stars, plays and saved playlists; environment: RECSYS_LISTENER.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only data and errors.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print more, and the traceback of an unexpected error.")
    ] = False,
    install_completion: Annotated[
        str | None,
        typer.Option(
            metavar="[SHELL]",
            show_default=False,
            help="Install completion for bash, zsh, fish or powershell; by default for the current shell.",
        ),
    ] = None,
    show_completion: Annotated[
        str | None,
        typer.Option(metavar="[SHELL]", show_default=False, help="Print the script that completion consists of."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Apply the global options."""
    if version:
        from recsys import __version__

        print(f"recsys {__version__}")
        raise typer.Exit
    if install_completion or show_completion:
        _completion(install_completion, show_completion)
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=logging.WARNING, format="recsys: %(message)s")
    for handler in logging.root.handlers:
        handler.addFilter(_is_no_interrupt)
    logging.getLogger("recsys").setLevel(level)
    start_waiting(f"{context.invoked_subcommand}: working", quiet=quiet)
    context.obj = Session(home=home, database=database, listener=listener, quiet=quiet, verbose=verbose)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """SQLAlchemy logs an interrupt that meets a connection which is given back, and raises it again."""
    return not (record.exc_info and record.exc_info[0] is KeyboardInterrupt)


def _completion(install_for: str | None, show_for: str | None) -> None:
    from recsys.cli import completion_scripts

    if show_for:
        print(completion_scripts.script(show_for), end="")
    if install_for:
        installed = completion_scripts.install(install_for)
        print_status(f"completion for {installed.shell} is installed in {installed.file}; open a new shell to use it")
