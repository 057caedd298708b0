"""``recsys mpd``: keep the queue of an MPD server filled."""

import os
from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session
from recsys.cli.syntax import expand_home
from recsys.errors import InvalidRequest


def mpd(
    context: typer.Context,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            help="Name, address or socket of MPD (/path or @name); environment: MPD_HOST.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="Port; environment: MPD_PORT.", show_default="6600")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the password of MPD.", show_default=False)
    ] = None,
    music_folder: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="The music folder of MPD (default: MPD states it, or it is found by the paths).",
            show_default=False,
        ),
    ] = None,
    ahead: Annotated[int, typer.Option(metavar="N", help="With fewer songs after the current one, add songs.")] = 5,
    per_artist: Annotated[int, typer.Option(metavar="N", help="Songs of one artist among 20; 0 is any number.")] = 1,
) -> None:
    """Keep the queue of MPD filled with songs similar to what plays, until Ctrl-C.

    Songs that end are plays of the listener, songs that are skipped are skips, stickers are likes and stars.
    """
    from recsys.mpd.address import address_of
    from recsys.mpd.daemon import RadioOptions, run

    given = session(context)
    options = RadioOptions(ahead=ahead, max_per_artist=per_artist, music_folder=music_folder)
    address = address_of(os.environ, host=host, port=port, password=_password(password_file))
    with given.library(keep_open=True) as library:
        library.upgrade_database()
        run(library, address, options, report=lambda line: print_status(line, quiet=given.quiet))


def _password(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return expand_home(str(file)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidRequest(f"cannot be read: {reason}", field="password_file", value=str(file)) from error
