"""``recsys classify``: the genre of any file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import escape, format_duration, format_top, print_error, print_json
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import Description, Segment


def classify(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False, help="Audio files.")],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="By which genre model; else by the one in use.")
    ] = None,
    segments: Annotated[bool, typer.Option("--segments", help="Show how the genre changes along the track.")] = False,
    json: Json = False,
) -> None:
    """Say the genre of audio files; nothing is stored."""
    from recsys import ClassificationFailure

    records = []
    failed = 0
    for heard in session(context).service().classify(files, model=model, segments=segments):
        if isinstance(heard, ClassificationFailure):
            failed += 1
            print_error(heard.reason)
        elif json:
            records.append(heard.to_dict())
        else:
            print(f"{escape(heard.file)}: {format_top(heard.prediction.genres, 3)}")
            print(f"    {_in_words(heard.description)}")
            for line in _lines(heard.segments or ()):
                print(f"    {line}")
    if json:
        print_json(records)
    if failed:
        raise typer.Exit(1 if failed == len(files) else 4)


def _lines(segments: "Sequence[Segment]") -> Iterator[str]:
    """ "0:00–1:12  jazz 81%", the genres one under the other."""
    times = [f"{format_duration(segment.start)}–{format_duration(segment.end)}" for segment in segments]
    width = max(map(len, times), default=0)
    for time, segment in zip(times, segments, strict=True):
        yield f"{time:<{width}}  {escape(segment.genre)} {segment.probability:.0%}"


def _in_words(description: "Description") -> str:
    words = [*description.moods, format_top(description.distinctive_tags, 5)]
    return "; ".join(word for word in words if word)
