"""``recsys plot``: what a recording looks like."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.output import say
from recsys.cli.session import session


def plot(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="An audio file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.png", show_default=False, help="Where to; or .svg, .pdf.")
    ],
    dark: Annotated[bool, typer.Option("--dark", help="On a dark ground.")] = False,
) -> None:
    """Draw a recording: waveform, mel spectrogram, chromagram, MFCC, tempogram with beats and key."""
    given = session(context)
    given.service().plot(file, output, dark=dark)
    say(f"picture written to {output}", quiet=given.quiet)
