"""``recsys prune``, ``watch`` and ``doctor``: keeping the library true."""

import signal
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.ingest import Ignore, Jobs, Nice, TimeLimit
from recsys.cli.options import Json
from recsys.cli.output import counted, escape, print_json, say
from recsys.cli.session import session
from recsys.errors import UsageError

if TYPE_CHECKING:
    from recsys.domain.results import IngestSummary

_SHOWN = 10
_COUNTED = ("new", "reanalysed", "updated", "moved", "duplicates", "missing", "skipped", "failed", "left")


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
        raise UsageError("a ROOT is empty; is a variable of your shell not set?")
    given = session(context)
    pruned = given.service().prune(roots or (), force=force, dry_run=dry_run)
    if json:
        print_json(asdict(pruned))
        return
    for path in pruned.paths[:_SHOWN]:
        say(f"  {path}", quiet=given.quiet)
    if pruned.places > _SHOWN:
        say(f"  … and {pruned.places - min(_SHOWN, len(pruned.paths))} more", quiet=given.quiet)
    if pruned.back:
        say(f"there again: {counted(pruned.back, 'missing file')}; run: recsys ingest FOLDER", quiet=given.quiet)
    verb = "would be forgotten" if dry_run else "forgotten"
    rated = f" ({pruned.rated} of them liked or disliked)" if pruned.rated else ""
    say(
        f"{counted(pruned.tracks, 'missing track')}{rated} and {counted(pruned.failures, 'old failure')} {verb}",
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
        raise UsageError("a FOLDER is empty; is a variable of your shell not set?")
    given = session(context)
    service = given.service(jobs=jobs, ignore=ignore or None, time_limit=time_limit, nice=nice or None)
    taken = 0

    def tell(news: "IngestSummary | str") -> None:
        nonlocal taken
        if isinstance(news, str):
            say(news, quiet=given.quiet)
            return
        taken += news.new
        if line := _changes(news):
            say(line, quiet=given.quiet)
            for failure in news.failures[:_SHOWN]:
                say(f"  {failure.path}: {failure.reason}", quiet=given.quiet)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how a service manager says goodbye
    say(f"watching {', '.join(folders)}; Ctrl-C ends it", quiet=given.quiet)
    try:
        service.watch(folders, settle=settle, poll=poll, tell=tell)
    except KeyboardInterrupt:
        say(f"watched until now: {counted(taken, 'new track')}", quiet=given.quiet)


def _changes(summary: "IngestSummary") -> str:
    """What an ingest changed; empty if nothing."""
    counts = {name: getattr(summary, name) for name in _COUNTED}
    changed = any(n for name, n in counts.items() if name not in ("missing", "left", "skipped", "failed"))
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
    for finding in session(context).service().doctor(fix=fix):
        findings.append(finding)
        if not json:
            print(f"{finding.state:<8} {finding.check:<11} {escape(finding.said)}")
            if finding.cure:
                print(f"{'':<20} → {escape(finding.cure)}")
            sys.stdout.flush()
    if json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
