"""``recsys genre tag`` and ``undo``: what is written into the files themselves."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_error, print_json, print_status, print_table
from recsys.cli.progress import counting
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import SkippedFile, TagWritePlan, TagWriteResult


class Field(StrEnum):
    """Where the genre is written."""

    genre = "genre"
    comment = "comment"
    custom = "custom"
    none = "none"


def tag(
    context: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", show_default=False, help="Only tracks with these words.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Do it; without, only tell what would change.")] = False,
    field: Annotated[Field, typer.Option(help="Which field gets the genre.")] = Field.genre,
    bpm: Annotated[bool, typer.Option("--bpm", help="Also write the tempo.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Also write the key.")] = False,
    only_if_empty: Annotated[
        bool, typer.Option("--only-if-empty", help="Leave fields alone that say something.")
    ] = False,
    min_probability: Annotated[float, typer.Option(metavar="P", help="Write no genre that is less probable.")] = 0.5,
    relabel: Annotated[
        bool, typer.Option("--relabel", help="Write the model's genre even where you have labelled a track otherwise.")
    ] = False,
    json: Json = False,
) -> None:
    """Write genres, tempo and key into the tags of the files; "undo" takes it back."""
    from recsys import TagWriteOptions

    given = session(context)
    tagger = given.service().tags
    wish = TagWriteOptions(
        None if field is Field.none else field.value, bpm, key, only_if_empty, min_probability, relabel
    )
    try:
        with counting("reading", quiet=given.quiet) as progress:
            plan = tagger.plan(" ".join(query or ()) or None, wish, progress=progress)
    except KeyboardInterrupt:
        print_status("nothing is written")
        raise
    done = None
    if write and plan.changes:
        with counting("writing", quiet=given.quiet) as progress:
            done = tagger.apply(plan.changes, progress=progress)
    if json:
        print_json(_plan_record(plan, done))
    elif done is None:
        _show_plan(plan)
    left = [*plan.skipped, *(done.skipped if done else ())]
    _print_skipped(left)
    if plan.label_conflicts:
        print_status(_label_conflict_message(plan.label_conflicts, relabel), quiet=given.quiet)
    print_status(_summary(plan, done), quiet=given.quiet and not (done and done.interrupted))
    if done and done.interrupted:
        raise KeyboardInterrupt
    _exit(left, done.written if done else len(plan.changes) + plan.unchanged + plan.kept_existing)


def undo(
    context: typer.Context,
    when: Annotated[
        str | None,
        typer.Argument(metavar="[WHEN]", show_default=False, help="Number of a run, or everything since a time."),
    ] = None,
    runs: Annotated[bool, typer.Option("--list", help="List the runs.")] = False,
    json: Json = False,
) -> None:
    """Let files say again what they said before "tag --write"; by default the last run that can be taken back."""
    given = session(context)
    tagger = given.service().tags
    if runs:
        found = tagger.history()
        if json:
            print_json([run._asdict() for run in found])
        else:
            columns = [Column("run", right=True), Column("at (UTC)"), Column("files", right=True)]
            columns += [Column("still stands in", right=True)]
            print_table(columns, [[r.number, r.at[:19].replace("T", " "), r.files, r.still_applied] for r in found])
        return
    with counting("restoring", quiet=given.quiet) as progress:
        done = tagger.undo(when, progress=progress)
    if json:
        print_json(
            {"restored": done.written, "exact": done.byte_identical, "left": [left._asdict() for left in done.skipped]}
        )
    _print_skipped(done.skipped)
    before = f" run {done.run}" if done.run else ""
    told = f"{pluralise(done.written, 'file')} restored as before{before}, {done.byte_identical} of them byte for byte"
    print_status(told if done.written else "nothing could be taken back", quiet=given.quiet and not done.interrupted)
    if done.interrupted:
        raise KeyboardInterrupt
    _exit(done.skipped, done.written)


def _plan_record(plan: "TagWritePlan", result: "TagWriteResult | None") -> dict[str, Any]:
    files = [
        {"path": i.path, "probability": i.probability, "changes": [change._asdict() for change in i.changes]}
        for i in plan.changes
    ]
    left = [left._asdict() for left in (*plan.skipped, *(result.skipped if result else ()))]
    counts = {
        "alike": plan.unchanged,
        "other": plan.kept_existing,
        "contradicted": plan.label_conflicts,
        "unsure": plan.below_threshold,
        "left": left,
    }
    return {"run": result and result.run, "written": result.written if result else 0, "files": files, **counts}


def _show_plan(plan: "TagWritePlan") -> None:
    columns = [Column("file", shrinkable=True), Column("field"), Column("says", shrinkable=True)]
    columns += [Column("would say", shrinkable=True), Column("%", right=True)]
    rows = [
        [
            intent.path, change.field, change.old or "–", change.new,
            "" if change.field in ("bpm", "key") else _probability(intent.probability),
        ]
        for intent in plan.changes
        for change in intent.changes
    ]  # fmt: skip
    if rows:
        print_table(columns, rows)


def _probability(probability: float | None) -> str:
    return "yours" if probability is None else f"{100 * probability:.0f}"


def _label_conflict_message(n_tracks: int, relabel: bool) -> str:
    said = f"the model says another genre than you have labelled {pluralise(n_tracks, 'track')} with"
    return f"careful: {said}, and goes before it" if relabel else f"{said}; yours is kept, unless --relabel"


def _summary(plan: "TagWritePlan", result: "TagWriteResult | None") -> str:
    parts = [f"{pluralise(plan.unchanged, 'file')} that already said so"] if plan.unchanged else []
    parts += [f"{pluralise(plan.kept_existing, 'file')} with something else there"] if plan.kept_existing else []
    parts = [f"left as they are: {', '.join(parts)}"] if parts else []
    parts += [f"the genre of {pluralise(plan.below_threshold, 'track')} is too unsure"] if plan.below_threshold else []
    if result and not result.written:
        told = "no file was written"
    elif result:
        files = (
            f"{result.written} of {pluralise(len(plan.changes), 'file')}"
            if result.interrupted
            else pluralise(result.written, "file")
        )
        told = f"{files} written (run {result.run}); take it back: recsys genre undo {result.run}"
    elif plan.changes:
        told = f"{pluralise(len(plan.changes), 'file')} would change; nothing is written without --write"
    else:
        told = "nothing is to be written"
    return "; ".join([told, *parts])


def _print_skipped(skipped: "Sequence[SkippedFile]") -> None:
    for path, reason in skipped:
        print_error(f"{path} is left as it is: {reason}")


def _exit(skipped: "Sequence[SkippedFile]", files: int) -> None:
    if skipped:
        raise typer.Exit(4 if files else 1)
