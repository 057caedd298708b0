"""``recsys genre tag`` and ``undo``: write genres, tempo and key into the tags of files, and restore them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import ExcludedFolders, Folders, Json, track_filter
from recsys.cli.output import Column, pluralise, print_errors, print_json, print_status, print_table
from recsys.cli.progress import count_progress
from recsys.cli.session import session
from recsys.cli.syntax import join_terms
from recsys.cli.tag_plan import agreement, show_plan

if TYPE_CHECKING:
    from recsys import SkippedFile, TagWritePlan, TagWriteResult


class Field(StrEnum):
    """The tag field that gets the genre."""

    genre = "genre"
    comment = "comment"
    custom = "custom"
    none = "none"


def tag(
    context: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]", show_default=False, help="Only tracks that match, as in: recsys tracks."),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write; by default the changes are only shown.")] = False,
    field: Annotated[Field, typer.Option(help="The field that gets the genre.")] = Field.genre,
    bpm: Annotated[bool, typer.Option("--bpm", help="Also write the tempo.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Also write the key.")] = False,
    skip_non_empty: Annotated[bool, typer.Option("--skip-non-empty", help="Keep fields that have a value.")] = False,
    min_probability: Annotated[
        float, typer.Option(metavar="P", help="Write only genres that are at least this probable.")
    ] = 0.5,
    override_labels: Annotated[
        bool, typer.Option("--override-labels", help="Write the predicted genre where your genre label differs.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace values that recsys has not written; by default they are kept."),
    ] = False,
    folder: Folders = [],
    not_folder: ExcludedFolders = [],
    files: Annotated[bool, typer.Option("--files", help="Show every file; by default equal changes together.")] = False,
    json: Json = False,
) -> None:
    """Write genres, tempo and key into the tags of the files; "recsys genre undo" restores them.

    Without --write nothing is written: look at the changes first, they are grouped. Values that you or another program
    have written are kept.
    """
    from recsys import TagWriteOptions

    given = session(context)
    tags = given.library().tags
    options = TagWriteOptions(
        None if field is Field.none else field.value, bpm, key, skip_non_empty, min_probability, override_labels,
        overwrite,
    )  # fmt: skip
    chosen = track_filter([], None, None, folder=folder, not_folder=not_folder)
    try:
        with count_progress("reading", quiet=given.quiet) as progress:
            plan = tags.plan(join_terms(query or ()) or None, options, filter=chosen, progress=progress)
    except KeyboardInterrupt:
        print_status("no file was written")
        raise
    result = None
    if not json:
        show_plan(plan, files=files)
    if plan.hard_links:
        print_status(_hard_link_message(plan.hard_links), quiet=given.quiet)
    if write and plan.changes:
        print_status(f"writing {_extent(plan)}", quiet=given.quiet)
        with count_progress("writing", quiet=given.quiet) as progress:
            result = tags.apply(plan.changes, progress=progress)
    skipped = [*plan.skipped, *(result.skipped if result else ())]
    if json:
        written = {"run": result.run, "written": result.written} if result else {"run": None, "written": 0}
        print_json({**written, **plan.to_dict(), "skipped": [file.to_dict() for file in skipped]})
    _print_skipped(skipped)
    if line := agreement(plan):
        print_status(line, quiet=given.quiet)
    if plan.label_conflicts:
        print_status(_label_conflict_message(plan.label_conflicts, override=override_labels), quiet=given.quiet)
    summary = _summary(plan, result, overwrite=overwrite or skip_non_empty)
    print_status(summary, quiet=given.quiet and not (result and result.interrupted))
    if result and result.interrupted:
        raise KeyboardInterrupt
    _exit(skipped, result.written if result else len(plan.changes) + plan.unchanged + plan.kept_existing)


def undo(
    context: typer.Context,
    when: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHEN]",
            show_default=False,
            help="The number of a run, or a date, since which all runs are undone; "
            "by default the last run that can be undone.",
        ),
    ] = None,
    runs: Annotated[bool, typer.Option("--list", help="List the runs.")] = False,
    json: Json = False,
) -> None:
    """Restore the tags that "recsys genre tag --write" replaced."""
    given = session(context)
    tags = given.library().tags
    if runs:
        found = tags.history()
        if json:
            print_json([run.to_dict() for run in found])
        elif not found:
            print_status("no run has written tags yet", quiet=given.quiet)
        else:
            columns = [Column("run", right=True), Column("at (UTC)"), Column("files", right=True)]
            columns += [Column("still applied", right=True)]
            print_table(columns, [[r.number, r.at[:19].replace("T", " "), r.files, r.still_applied] for r in found])
        return
    with count_progress("restoring", quiet=given.quiet) as progress:
        result = tags.undo(when, progress=progress)
    if json:
        record = result.to_dict()
        keys = ("byte_identical", "fields_only", "skipped")
        print_json({"restored": record["written"], **{key: record[key] for key in keys}})
    _print_skipped(result.skipped)
    for path, reason in result.fields_only:
        print_status(f"warning: of {path} only the fields are restored: {reason}")
    print_status(_undo_summary(result), quiet=given.quiet and not result.interrupted)
    if result.interrupted:
        raise KeyboardInterrupt
    _exit(result.skipped, result.written)


def _undo_summary(result: "TagWriteResult") -> str:
    if not result.written:
        return "no file was restored"
    state = f" to the state before run {result.run}" if result.run else ""
    if not result.fields_only:
        return f"{pluralise(result.written, 'file')} restored{state}, byte for byte"
    counts = f"{result.byte_identical} byte for byte, {len(result.fields_only)} in the written fields only"
    return f"{pluralise(result.written, 'file')} restored{state}: {counts}"


def _label_conflict_message(n_tracks: int, *, override: bool) -> str:
    message = f"the predicted genre of {pluralise(n_tracks, 'track')} differs from your genre label"
    if override:
        return f"warning: {message}, and replaces it"
    return f"{message}; the label is kept, unless --override-labels"


def _hard_link_message(paths: "Sequence[str]") -> str:
    files = pluralise(len(paths), "file has", "files have")
    return f"{files} hard links of other names, which keep the former content, such as {paths[0]}"


def _extent(plan: "TagWritePlan") -> str:
    return f"{pluralise(len(plan.changes), 'file')} in {pluralise(plan.folders, 'folder')}"


def _summary(plan: "TagWritePlan", result: "TagWriteResult | None", *, overwrite: bool) -> str:
    kept = [f"{pluralise(plan.unchanged, 'file')} already up to date"] if plan.unchanged else []
    if plan.kept_existing:
        hint = "" if overwrite else " (--overwrite replaces it)"
        kept += [f"{pluralise(plan.kept_existing, 'file')} with another value{hint}"]
    parts = [f"unchanged: {', '.join(kept)}"] if kept else []
    if plan.below_threshold:
        parts.append(f"the genre of {pluralise(plan.below_threshold, 'track')} is not probable enough")
    if result and not result.written:
        done = "no file was written"
    elif result:
        files = pluralise(result.written, "file")
        if result.interrupted:
            files = f"{result.written} of {pluralise(len(plan.changes), 'file')}"
        done = f"{files} written (run {result.run}); undo it with: recsys genre undo {result.run}"
    elif plan.changes:
        done = f"{_extent(plan)} would change; write with --write"
    else:
        done = "no file would change"
    return "; ".join([done, *parts])


def _print_skipped(skipped: "Sequence[SkippedFile]") -> None:
    print_errors(f"{path} is unchanged: {reason}" for path, reason in skipped)


def _exit(skipped: "Sequence[SkippedFile]", files: int) -> None:
    """Exit with 4 where some files were skipped, with 1 where all were."""
    if skipped:
        raise typer.Exit(4 if files else 1)
