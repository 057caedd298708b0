"""``recsys plot``: a picture of a recording, or a map of the library."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.output import print_status
from recsys.cli.session import session
from recsys.cli.waiting import waiting_for
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
            help="The picture: .png, .svg or .pdf; by default the name of the track with .png, in the current folder.",
        ),
    ] = None,
    library: Annotated[bool, typer.Option("--library", help="Draw a map of the library instead of a file.")] = False,
    projection: Annotated[
        str | None,
        typer.Option(
            metavar="pca|umap",
            show_default=False,
            help="The projection of the map; by default umap where umap-learn is installed, else pca.",
        ),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Use a dark background.")] = False,
) -> None:
    """Draw a recording, or with --library a map of all tracks with their genres and tempi."""
    if (file is None) == (not library):
        raise InvalidRequest("choose either an audio file (or a track) or --library; see recsys plot --help")
    if library and output is None:
        raise InvalidRequest("--library needs --output FILE.png")
    if projection and not library:
        raise InvalidRequest("--projection needs --library")
    given = session(context)
    if file:
        waiting_for(f"drawing {file}")
        written = given.library().plot(file, output, dark=dark)
        print_status(f"picture written to {written}", quiet=given.quiet)
    elif output:
        waiting_for("drawing the library")
        method = given.library().plot_library(output, projection=projection, dark=dark)
        print_status(f"picture written to {output}; projection: {method}", quiet=given.quiet)
