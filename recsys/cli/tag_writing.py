"""``recsys genre tag`` and ``undo``: what is written into the files themselves."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, complain, counted, print_json, print_table, say
from recsys.cli.progress import counting
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys.app.library import Done, Left, Plan


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
    from recsys.app.library import Wish

    given = session(context)
    tagger = given.service().tagger
    wish = Wish(None if field is Field.none else field.value, bpm, key, only_if_empty, min_probability, relabel)
    try:
        with counting("reading", quiet=given.quiet) as progress:
            plan = tagger.plan(" ".join(query or ()) or None, wish, progress=progress)
    except KeyboardInterrupt:
        say("nothing is written")
        raise
    done = None
    if write and plan.intents:
        with counting("writing", quiet=given.quiet) as progress:
            done = tagger.write(plan.intents, progress=progress)
    if json:
        print_json(_plan_record(plan, done))
    elif done is None:
        _show_plan(plan)
    left = [*plan.left, *(done.left if done else ())]
    _name(left)
    if plan.contradicted:
        say(_contradiction(plan.contradicted, relabel), quiet=given.quiet)
    say(_summary(plan, done), quiet=given.quiet and not (done and done.interrupted))
    if done and done.interrupted:
        raise KeyboardInterrupt
    _exit(left, done.files if done else len(plan.intents) + plan.alike + plan.other)


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
    tagger = given.service().tagger
    if runs:
        found = tagger.runs()
        if json:
            print_json([run._asdict() for run in found])
        else:
            columns = [Column("run", right=True), Column("at (UTC)"), Column("files", right=True)]
            columns += [Column("still stands in", right=True)]
            print_table(columns, [[r.number, r.at[:19].replace("T", " "), r.files, r.standing] for r in found])
        return
    with counting("restoring", quiet=given.quiet) as progress:
        done = tagger.undo(when, progress=progress)
    if json:
        print_json({"restored": done.files, "exact": done.exact, "left": [left._asdict() for left in done.left]})
    _name(done.left)
    before = f" run {done.run}" if done.run else ""
    told = f"{counted(done.files, 'file')} restored as before{before}, {done.exact} of them byte for byte"
    say(told if done.files else "nothing could be taken back", quiet=given.quiet and not done.interrupted)
    if done.interrupted:
        raise KeyboardInterrupt
    _exit(done.left, done.files)


def _plan_record(plan: "Plan", done: "Done | None") -> dict[str, Any]:
    files = [
        {"path": i.path, "probability": i.probability, "changes": [change._asdict() for change in i.changes]}
        for i in plan.intents
    ]
    left = [left._asdict() for left in (*plan.left, *(done.left if done else ()))]
    counts = {
        "alike": plan.alike,
        "other": plan.other,
        "contradicted": plan.contradicted,
        "unsure": plan.unsure,
        "left": left,
    }
    return {"run": done and done.run, "written": done.files if done else 0, "files": files, **counts}


def _show_plan(plan: "Plan") -> None:
    columns = [Column("file", gives=True), Column("field"), Column("says", gives=True)]
    columns += [Column("would say", gives=True), Column("%", right=True)]
    rows = [
        [
            intent.path, change.field, change.was or "–", change.now,
            "" if change.field in ("bpm", "key") else _probability(intent.probability),
        ]
        for intent in plan.intents
        for change in intent.changes
    ]  # fmt: skip
    if rows:
        print_table(columns, rows)


def _probability(probability: float | None) -> str:
    return "yours" if probability is None else f"{100 * probability:.0f}"


def _contradiction(tracks: int, relabel: bool) -> str:
    said = f"the model says another genre than you have labelled {counted(tracks, 'track')} with"
    return f"careful: {said}, and goes before it" if relabel else f"{said}; yours is kept, unless --relabel"


def _summary(plan: "Plan", done: "Done | None") -> str:
    parts = [f"{counted(plan.alike, 'file')} that already said so"] if plan.alike else []
    parts += [f"{counted(plan.other, 'file')} with something else there"] if plan.other else []
    parts = [f"left as they are: {', '.join(parts)}"] if parts else []
    parts += [f"the genre of {counted(plan.unsure, 'track')} is too unsure"] if plan.unsure else []
    if done and not done.files:
        told = "no file was written"
    elif done:
        files = (
            f"{done.files} of {counted(len(plan.intents), 'file')}" if done.interrupted else counted(done.files, "file")
        )
        told = f"{files} written (run {done.run}); take it back: recsys genre undo {done.run}"
    elif plan.intents:
        told = f"{counted(len(plan.intents), 'file')} would change; nothing is written without --write"
    else:
        told = "nothing is to be written"
    return "; ".join([told, *parts])


def _name(left: "Sequence[Left]") -> None:
    for path, reason in left:
        complain(f"{path} is left as it is: {reason}")


def _exit(left: "Sequence[Left]", files: int) -> None:
    if left:
        raise typer.Exit(4 if files else 1)
