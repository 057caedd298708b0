"""How the terminal shows a plan of ``recsys genre tag``: equal changes together, or every file."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from recsys.cli.output import Column, escape, pluralise, print_table

if TYPE_CHECKING:
    from recsys import FileChange, TagWritePlan

_MAX_GROUPS = 25  # that are shown; the others are counted
_GENRE_FIELDS = ("genre", "comment", "custom")


def show_plan(plan: "TagWritePlan", *, files: bool) -> None:
    """Print the changes, then what keeps a value of the user that differs from what would be written."""
    if files:
        _print_files(plan.changes)
    else:
        _print_groups(plan.changes)
    if plan.kept:
        print(("\n" if plan.changes else "") + "kept, because recsys has not written it:")
        if files:
            _print_files(plan.kept, new="predicted")
        else:
            _print_groups(plan.kept, new="predicted")


def agreement(plan: "TagWritePlan") -> str:
    """In how many files the predicted genre is the one that the file has; empty if none has a genre."""
    differing = [
        change.field == "genre" and bool(change.old) for file in (*plan.changes, *plan.kept) for change in file.changes
    ]
    if not (compared := plan.agreeing + sum(differing)):
        return ""
    verb = "has" if plan.agreeing == 1 else "have"
    return f"{plan.agreeing} of {pluralise(compared, 'file')} with a genre {verb} the predicted one"


def _print_files(files: "Iterable[FileChange]", *, new: str = "new") -> None:
    columns = [Column("file", shrinkable=True), Column("field"), Column("current", shrinkable=True)]
    columns += [Column(new, shrinkable=True), Column("%", right=True)]
    rows = [
        [file.path, change.field, change.old or "–", change.new, _percent(file, change.field)]
        for file in files
        for change in file.changes
    ]
    if rows:
        print_table(columns, rows)


def _percent(file: "FileChange", field: str) -> str:
    """The probability of the genre in per cent; "label" for one of the user."""
    if field not in _GENRE_FIELDS:
        return ""
    return "label" if file.probability is None else f"{100 * file.probability:.0f}"


def _print_groups(files: "Iterable[FileChange]", *, new: str = "new") -> None:
    """Print a line for each field and pair of values: files, folders, probabilities and one of the files."""
    groups: dict[tuple[str, str, str], list[FileChange]] = {}
    for file in files:
        for change in file.changes:
            text = change.new if change.field in ("genre", "custom") else "…"  # tempi and comments differ in every file
            old = change.old if change.field in ("genre", "custom") else ("…" if change.old else "")
            groups.setdefault((change.field, old, text), []).append(file)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    columns = [Column("files", right=True), Column("folders", right=True, spare=3), Column("field", spare=4)]
    columns += [Column("current", shrinkable=True), Column(new, shrinkable=True)]
    columns += [Column("lowest %", right=True, spare=1), Column("median %", right=True, spare=2)]
    columns += [Column("such as", shrinkable=True, spare=5)]
    rows = [
        [
            len(found), len({Path(file.path).parent for file in found}), field, old or "–", text,
            *_lowest_and_median(found, field), "/".join(Path(found[0].path).parts[-2:]),
        ]
        for (field, old, text), found in ranked[:_MAX_GROUPS]
    ]  # fmt: skip
    if rows:
        print_table(columns, rows)
    if len(ranked) > _MAX_GROUPS:
        rest = sum(len(found) for _, found in ranked[_MAX_GROUPS:])
        changes = pluralise(len(ranked) - _MAX_GROUPS, "other change")
        print(escape(f"… and {changes} in {pluralise(rest, 'file')}; --files lists all"))


def _lowest_and_median(files: "list[FileChange]", field: str) -> tuple[str, str]:
    """The probabilities of the genres in per cent; "label" for genres of the user."""
    if field not in _GENRE_FIELDS:
        return "", ""
    known = [100 * file.probability for file in files if file.probability is not None]
    return (f"{min(known):.0f}", f"{median(known):.0f}") if known else ("label", "")
