"""The commands and the global options."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from recsys.cli import (
    backups,
    blissmixer,
    classify,
    credits,
    database,
    demo,
    duplicates,
    evaluate,
    exchange,
    genre,
    ingest,
    keys,
    links,
    listeners,
    maintenance,
    mpd,
    path,
    playlist,
    plot,
    radio,
    ratings,
    serve,
    similar,
    statistics,
    tracks,
)
from recsys.cli.groups import add_group
from recsys.cli.output import print_status
from recsys.cli.query_command import QueryCommand
from recsys.cli.session import Session
from recsys.cli.waiting import start_waiting

LIBRARY, QUERIES, PLAYLISTS, OTHER = "Library", "Queries", "Likes and playlists", "More"

app = typer.Typer(
    name="recsys",
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


app.command(rich_help_panel=LIBRARY)(ingest.ingest)
app.command(rich_help_panel=LIBRARY)(ingest.failures)
app.command(rich_help_panel=LIBRARY)(maintenance.watch)
app.command(rich_help_panel=LIBRARY)(maintenance.prune)
app.command(rich_help_panel=LIBRARY)(maintenance.doctor)
app.command(rich_help_panel=LIBRARY)(backups.backup)
app.command(rich_help_panel=LIBRARY)(backups.restore)
app.command(cls=QueryCommand, rich_help_panel=QUERIES)(tracks.tracks)
app.command(rich_help_panel=QUERIES)(tracks.show)
app.command(rich_help_panel=QUERIES)(statistics.stats)
app.command(rich_help_panel=QUERIES)(credits.artists)
app.command(rich_help_panel=QUERIES)(credits.albums)
app.command(rich_help_panel=QUERIES)(duplicates.duplicates)
app.command(rich_help_panel=QUERIES)(similar.similar)
app.command(rich_help_panel=QUERIES)(classify.classify)
app.command(rich_help_panel=QUERIES)(plot.plot)
app.command(rich_help_panel=PLAYLISTS)(ratings.like)
app.command(rich_help_panel=PLAYLISTS)(ratings.dislike)
app.command(rich_help_panel=PLAYLISTS)(ratings.forget)
app.command(rich_help_panel=PLAYLISTS)(ratings.rate)
add_group(app, playlist.app, "playlist", PLAYLISTS)
app.command(rich_help_panel=PLAYLISTS)(path.path)
app.command(rich_help_panel=OTHER)(serve.serve)
app.command(rich_help_panel=QUERIES)(radio.radio)
app.command(rich_help_panel=OTHER)(mpd.mpd)
app.command(rich_help_panel=OTHER)(radio.quodlibet)
app.command(rich_help_panel=OTHER)(blissmixer.blissmixer)
add_group(app, keys.app, "keys", OTHER)
app.command(rich_help_panel=OTHER)(links.link)
add_group(app, links.app, "links", OTHER)
app.command(rich_help_panel=OTHER)(exchange.push)
app.command(rich_help_panel=OTHER)(exchange.pull)
app.command(rich_help_panel=OTHER)(demo.demo)
app.command(rich_help_panel=OTHER)(evaluate.evaluate)
add_group(app, ratings.app, "likes", PLAYLISTS)
app.command(rich_help_panel=PLAYLISTS)(ratings.played)
add_group(app, listeners.app, "listeners", PLAYLISTS)
add_group(app, evaluate.export, "export", OTHER)
add_group(app, genre.app, "genre", OTHER)
add_group(app, database.app, "db", LIBRARY)
