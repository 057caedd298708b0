"""``recsys prune``, ``watch`` and ``doctor``: keeping the library true."""

import signal
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.ingest import Ignore, Jobs, Nice, TimeLimit
from recsys.cli.messages import hint
from recsys.cli.options import Json
from recsys.cli.output import escape, pluralise, print_json, print_status
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import IngestSummary

_SHOWN = 10
_COUNTED = ("new", "reanalysed", "updated", "moved", "duplicates", "missing", "skipped", "failed", "remaining")


def prune(
    context: typer.Context,
    roots: Annotated[
        list[str] | None, typer.Argument(metavar="[ROOT]...", show_default=False, help="Only at or under these.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Even if more than half of a folder is missing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be forgotten.")] = False,
    json: Json = False,
) -> None:
    """Forget tracks that are not on the disk any more, with their ratings; files are never touched."""
    if not all(roots or ()):
        raise InvalidRequest("a ROOT is empty; is a variable of your shell not set?")
    given = session(context)
    pruned = given.service().prune(roots or (), force=force, dry_run=dry_run)
    if json:
        print_json(asdict(pruned))
        return
    for path in pruned.sample_paths[:_SHOWN]:
        print_status(f"  {path}", quiet=given.quiet)
    if pruned.locations > _SHOWN:
        print_status(f"  … and {pruned.locations - min(_SHOWN, len(pruned.sample_paths))} more", quiet=given.quiet)
    if pruned.reappeared:
        print_status(
            f"there again: {pluralise(pruned.reappeared, 'missing file')}; run: recsys ingest FOLDER", quiet=given.quiet
        )
    verb = "would be forgotten" if dry_run else "forgotten"
    rated = f" ({pruned.rated} of them liked or disliked)" if pruned.rated else ""
    print_status(
        f"{pluralise(pruned.tracks, 'missing track')}{rated} and {pluralise(pruned.failures, 'old failure')} {verb}",
        quiet=given.quiet,
    )


def watch(
    context: typer.Context,
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", show_default=False, help="What to watch.")],
    settle: Annotated[
        float, typer.Option(metavar="SECONDS", help="Read a file when it has not changed for this long.")
    ] = 5.0,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look again and again: for network folders, which report no changes.")
    ] = False,
    jobs: Jobs = None,
    ignore: Ignore = None,
    time_limit: TimeLimit = None,
    nice: Nice = False,
) -> None:
    """Ingest folders now, and every change in them as soon as it has settled, until Ctrl-C."""
    if not all(folders):
        raise InvalidRequest("a FOLDER is empty; is a variable of your shell not set?")
    given = session(context)
    service = given.service(jobs=jobs, ignore=ignore or None, time_limit=time_limit, nice=nice or None)
    taken = 0

    def tell(news: "IngestSummary | str") -> None:
        nonlocal taken
        if isinstance(news, str):
            print_status(news, quiet=given.quiet)
            return
        taken += news.new
        if line := _change_summary(news):
            print_status(line, quiet=given.quiet)
            for failure in news.failures[:_SHOWN]:
                print_status(f"  {failure.path}: {failure.reason}", quiet=given.quiet)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how a service manager says goodbye
    print_status(f"watching {', '.join(folders)}; Ctrl-C ends it", quiet=given.quiet)
    try:
        service.watch(folders, debounce=settle, poll=poll, on_event=tell)
    except KeyboardInterrupt:
        print_status(f"watched until now: {pluralise(taken, 'new track')}", quiet=given.quiet)


def _change_summary(summary: "IngestSummary") -> str:
    """What an ingest changed; empty if nothing."""
    counts = {name: getattr(summary, name) for name in _COUNTED}
    changed = any(n for name, n in counts.items() if name not in ("missing", "remaining", "skipped", "failed"))
    if not (changed or summary.failures):
        return ""
    return ", ".join(f"{n} {name}" for name, n in counts.items() if n)


def doctor(
    context: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="Drop what is broken; the next ingest makes it again from the music.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the library, and say what to run where something is wrong."""
    findings = []
    for finding in session(context).service().check(fix=fix):
        findings.append(finding)
        if not json:
            print(f"{finding.status:<8} {finding.check:<11} {escape(finding.message)}")
            if finding.remedy:
                print(f"{'':<20} → {escape(hint(finding.remedy))}")
            sys.stdout.flush()
    if json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.status == "error" for finding in findings):
        raise typer.Exit(1)
