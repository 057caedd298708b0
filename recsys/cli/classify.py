"""``recsys classify``: the genre of any audio file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import escape, format_duration, format_top, print_error, print_json
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import Description, Segment

NOT_FOUND = 3  # exit status where none of the files exists


def classify(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False, help="Audio files.")],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The genre model; by default the active one.")
    ] = None,
    segments: Annotated[bool, typer.Option("--segments", help="Show how the genre changes along the file.")] = False,
    json: Json = False,
) -> None:
    """Classify audio files by genre; nothing is stored."""
    from recsys import ClassificationFailure

    records = []
    failed = absent = 0
    for result in session(context).library().classify(files, model=model, segments=segments):
        if isinstance(result, ClassificationFailure):
            failed += 1
            absent += not Path(result.file).exists()
            print_error(result.reason)
        elif json:
            records.append(result.to_dict())
        else:
            print(f"{escape(result.file)}: {format_top(result.genres, 3)}")
            print(f"    {_describe(result.description)}")
            for line in _segment_lines(result.segments or ()):
                print(f"    {line}")
    if json:
        print_json(records)
    if failed:
        raise typer.Exit(4 if failed < len(files) else NOT_FOUND if absent == failed else 1)


def _segment_lines(segments: "Sequence[Segment]") -> Iterator[str]:
    """Lines such as "0:00–1:12  jazz 81%", with aligned genres."""
    times = [f"{format_duration(segment.start)}–{format_duration(segment.end)}" for segment in segments]
    width = max(map(len, times), default=0)
    for time, segment in zip(times, segments, strict=True):
        yield f"{time:<{width}}  {escape(segment.genre)} {segment.probability:.0%}"


def _describe(description: "Description") -> str:
    """The moods and distinctive tags of a description."""
    words = [*description.moods, format_top(description.distinctive_tags, 5)]
    return "; ".join(word for word in words if word)
