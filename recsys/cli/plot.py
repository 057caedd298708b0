"""``recsys plot``: what a recording, or the whole library, looks like."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session
from recsys.errors import InvalidRequest


def plot(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE|TRACK]", show_default=False, help="An audio file, or a track of the library."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.png",
            show_default=False,
            help="Where to; or .svg, .pdf (default: the name of what is drawn with .png, in the current folder).",
        ),
    ] = None,
    library: Annotated[bool, typer.Option("--library", help="Draw the library instead of a file.")] = False,
    projection: Annotated[
        str | None,
        typer.Option(
            metavar="pca|umap",
            show_default=False,
            help="How the map of the library is made; else UMAP where umap-learn is installed.",
        ),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="On a dark ground.")] = False,
) -> None:
    """Draw a recording, or with --library a map of all tracks, their genres and tempi."""
    if (file is None) == (not library):
        raise InvalidRequest("give either an audio file (or a track) or --library; see recsys plot --help")
    if library and output is None:
        raise InvalidRequest("say where to draw the library: --output FILE.png")
    if projection and not library:
        raise InvalidRequest("--projection is for --library; a recording has no map")
    given = session(context)
    if file:
        written = given.service().plot(file, output, dark=dark)
        print_status(f"picture written to {written}", quiet=given.quiet)
    elif output:
        how = given.service().plot_library(output, projection=projection, dark=dark)
        print_status(f"picture written to {output}; the map is made by {how}", quiet=given.quiet)
