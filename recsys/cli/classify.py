"""``recsys classify``: the genre of any file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import best, complain, escape, print_json
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys.service import Description


def classify(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False, help="Audio files.")],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="By which genre model; else by the one in use.")
    ] = None,
    json: Json = False,
) -> None:
    """Say the genre of audio files; nothing is stored."""
    from recsys.service import Unheard, genre_record

    records = []
    failed = 0
    for heard in session(context).service().classify(files, model=model):
        if isinstance(heard, Unheard):
            failed += 1
            complain(heard.reason)
        elif json:
            records.append(genre_record(heard.file, heard.prediction, heard.tags))
        else:
            print(f"{escape(heard.file)}: {best(heard.prediction.genres, 3)}")
            print(f"    {_in_words(heard.description)}")
    if json:
        print_json(records)
    if failed:
        raise typer.Exit(1 if failed == len(files) else 4)


def _in_words(description: "Description") -> str:
    words = [*description.moods, best(description.telling, 5)]
    return "; ".join(word for word in words if word)
