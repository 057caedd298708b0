"""Arguments and options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Genres = Annotated[
    list[str], typer.Option("--genre", metavar="GENRE", help="Only tracks of this genre; may be repeated.")
]
PerArtist = Annotated[
    int, typer.Option("--per-artist", metavar="N", help="At most N tracks of one artist; 0 for any number.")
]
Reference = Annotated[str, typer.Argument(metavar="TRACK", show_default=False, help="Which track.")]
References = Annotated[list[str], typer.Argument(metavar="TRACK...", show_default=False, help="Which tracks.")]
