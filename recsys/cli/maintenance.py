"""``recsys prune``, ``watch`` and ``doctor``: keep a library up to date and in order."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.ingest import FileTimeout, Ignore, Jobs, Nice, describe_counts
from recsys.cli.messages import hint, message
from recsys.cli.options import Json
from recsys.cli.output import escape, pluralise, print_json, print_status
from recsys.cli.session import session
from recsys.cli.waiting import start_waiting
from recsys.errors import InvalidRequest, RecsysError

if TYPE_CHECKING:
    from recsys import IngestSummary

_MAX_SHOWN = 10
_VERBS = {
    "new": "added", "reanalysed": "analysed again", "updated": "changed", "moved": "moved",
    "duplicates": "added, of a known recording", "removed": "removed",
}  # fmt: skip
_CHANGES = tuple(_VERBS)
_COUNTS = (*_CHANGES, "skipped", "failed", "remaining")


def prune(
    context: typer.Context,
    roots: Annotated[
        list[str] | None, typer.Argument(metavar="[ROOT]...", show_default=False, help="Only at or below these.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Remove tracks even if most of a folder is missing; with ROOT, even if all of it."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")] = False,
    json: Json = False,
) -> None:
    """Remove tracks whose files are gone from the disk, with their ratings; no file is changed."""
    if not all(roots or ()):
        raise InvalidRequest("a ROOT is empty; check the variables of your shell")
    given = session(context)
    pruned = given.library().prune(roots or (), force=force, dry_run=dry_run)
    if json:
        print_json(pruned.to_dict())
        return
    for path in pruned.sample_paths[:_MAX_SHOWN]:
        print_status(f"  {path}", quiet=given.quiet)
    if pruned.locations > _MAX_SHOWN:
        print_status(f"  … and {pruned.locations - min(_MAX_SHOWN, len(pruned.sample_paths))} more", quiet=given.quiet)
    if pruned.reappeared:
        print_status(
            f"{pluralise(pruned.reappeared, 'missing file')} reappeared; run: recsys ingest FOLDER", quiet=given.quiet
        )
    for kept in pruned.kept:
        print_status(f"{kept.describe()}; {hint(kept.remedy, {'folder': kept.folder})}", quiet=given.quiet)
    if not pruned.tracks and not pruned.failures:
        print_status("nothing to remove", quiet=given.quiet)
        return
    verb = "would be removed" if dry_run else "removed"
    rated = f" ({pruned.rated} of them liked or disliked)" if pruned.rated else ""
    print_status(
        f"{pluralise(pruned.tracks, 'missing track')}{rated} and {pluralise(pruned.failures, 'old failure')} {verb}",
        quiet=given.quiet,
    )


def watch(
    context: typer.Context,
    folders: Annotated[
        list[str], typer.Argument(metavar="FOLDER...", show_default=False, help="The folders to watch.")
    ],
    debounce: Annotated[
        float, typer.Option(metavar="SECONDS", help="Ingest a change when the folder is unchanged for this long.")
    ] = 5.0,
    poll: Annotated[
        bool, typer.Option("--poll", help="Scan regularly, for network folders, which do not report changes.")
    ] = False,
    jobs: Jobs = None,
    ignore: Ignore = None,
    file_timeout: FileTimeout = None,
    nice: Nice = False,
) -> None:
    """Ingest folders now and after every change, until Ctrl-C."""
    if not all(folders):
        raise InvalidRequest("a FOLDER is empty; check the variables of your shell")
    given = session(context)
    library = given.library(jobs=jobs, ignore=ignore or None, file_timeout=file_timeout, nice=nice or None)
    added = 0

    def report(event: "IngestSummary | RecsysError | str") -> None:
        nonlocal added
        if isinstance(event, RecsysError | str):
            print_status(event if isinstance(event, str) else message(event), quiet=given.quiet)
            return
        added += event.new
        if line := _change_summary(event):
            print_status(line, quiet=given.quiet)
            for change in _change_lines(event):
                print_status(f"  {change}", quiet=given.quiet)
            for failure in event.failures[:_MAX_SHOWN]:
                print_status(f"  {failure.path}: {failure.reason}", quiet=given.quiet)

    print_status(f"watching {', '.join(folders)}; Ctrl-C ends it", quiet=given.quiet)
    try:
        library.watch(folders, debounce=debounce, poll=poll, on_event=report)
    except KeyboardInterrupt:
        print_status(f"watching ended: {pluralise(added, 'new track')}", quiet=given.quiet)


def _change_summary(summary: "IngestSummary") -> str:
    """What an ingest changed; empty if nothing."""
    if not summary.failures and not any(getattr(summary, name) for name in _CHANGES):
        return ""
    counts = {name: getattr(summary, name) for name in _COUNTS}
    return describe_counts({name: n for name, n in counts.items() if n})


def _change_lines(summary: "IngestSummary") -> list[str]:
    """A line for each of the first files that are new, changed, moved or removed."""
    lines = [
        f"{_VERBS[change.kind]}: {change.path}" + (f" (from {change.former_path})" if change.former_path else "")
        for change in summary.changes[:_MAX_SHOWN]
    ]
    if more := sum(getattr(summary, name) for name in _CHANGES) - len(lines):
        lines.append(f"… and {more} more")
    return lines


def doctor(
    context: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="Remove what is damaged; the next ingest creates it again from the files.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the library, and show the remedy for each problem."""
    results, given, shown = [], session(context), Counter[tuple[str, str]]()
    try:
        for result in given.library().check(fix=fix):
            results.append(result)
            kind = result.status, result.name
            shown[kind] += 1
            # A drive that is not mounted can have thousands of folders.
            if not json and shown[kind] <= _MAX_SHOWN:
                print(f"{result.status:<8} {result.name:<11} {escape(result.message)}")
                if result.remedy:
                    print(f"{'':<20} → {escape(hint(result.remedy, dict(result.remedy_values)))}")
                sys.stdout.flush()
                start_waiting("checking the library", quiet=given.quiet)  # until the next result
        for (status, name), n in shown.items() if not json else ():
            if n > _MAX_SHOWN:
                print(f"{status:<8} {name:<11} and {n - _MAX_SHOWN} more; recsys doctor --json lists all")
    finally:  # also if there is no library
        if json:
            print_json([result.to_dict() for result in results])
    if any(result.status == "error" for result in results):
        raise typer.Exit(1)
