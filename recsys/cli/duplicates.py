"""``recsys duplicates``: one performance in several files."""

from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import (
    Column,
    escape,
    format_duration,
    pluralise,
    print_json,
    print_status,
    table_lines,
    terminal_width,
)
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import DuplicateGroup

_RATINGS = {1: " (liked)", -1: " (disliked)", 0: ""}


def duplicates(
    context: typer.Context,
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="How many groups; all by default.")] = None,
    json: Json = False,
) -> None:
    """List files that are one performance: other encodings, copies with more silence, copies that are cut off.

    Lists have each performance once, as the preferred file (*): lossless before lossy, then by sample rate or bit rate.
    Likes and dislikes belong to all of its files. Nothing is changed or removed.
    """
    given = session(context)
    groups = given.library().duplicates(n=n)
    if json:
        print_json([group.to_dict() for group in groups])
        return
    for group in groups:
        name = f"{group.artist} - {group.title}" if group.artist else group.title
        print(f"{escape(name)}{_RATINGS[group.rating]}")
        for line in _table(group):
            print(f"  {line}")
    files = sum(len(group.files) for group in groups)
    print_status(
        f"{pluralise(len(groups), 'performance')} in {pluralise(files, 'file')}" if groups else "no duplicates",
        quiet=given.quiet,
    )


def _table(group: "DuplicateGroup") -> list[str]:
    columns = [Column(""), Column("id", right=True), Column("codec", spare=1), Column("kbit/s", right=True, spare=3)]
    columns += [Column("Hz", right=True, spare=4), Column("time", right=True), Column("MB", right=True, spare=2)]
    columns += [Column("path", shrinkable=True)]
    rows = [
        (
            "*" if file.preferred else "",
            file.id,
            file.codec,
            round(file.bit_rate / 1000),
            file.sample_rate,
            format_duration(file.duration),
            f"{file.size / 1e6:.1f}",
            file.path,
        )
        for file in group.files
    ]
    width = terminal_width()
    return list(table_lines(columns, rows, None if width is None else width - 2))
