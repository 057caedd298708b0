"""``recsys blissmixer``: the server that the plugin BlissMixer of Lyrion asks."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session


def blissmixer(
    context: typer.Context,
    port: Annotated[int, typer.Option(metavar="N", help="Port of 127.0.0.1; 0 is any free one.")] = 12000,
    music_folder: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The music folder of Lyrion (default: found by the paths).", show_default=False
        ),
    ] = None,
    lyrion: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="The Lyrion server that gets the port of this one.", show_default=False),
    ] = None,
) -> None:
    """Answer the plugin BlissMixer of Lyrion in the place of bliss-mixer, until Ctrl-C.

    Only programs of this machine reach it; it needs no key, and changes nothing.
    """
    from recsys.web.blissmixer.server import serve

    given = session(context)

    def started(number: int) -> None:
        print_status(f"the mixer is at http://127.0.0.1:{number}/api (stop it with Ctrl-C)", quiet=given.quiet)

    library = given.library(keep_open=True)
    library.upgrade_database()
    serve(library, port=port, music_folder=music_folder, lyrion=lyrion, on_start=started)
