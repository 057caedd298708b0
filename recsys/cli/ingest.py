"""``recsys ingest`` and ``recsys failures``: filling the library."""

import signal
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, format_duration, pluralise, print_json, print_status, print_table
from recsys.cli.progress import watch
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import IngestSummary

PARTLY = 4
Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", help="Worker processes; 0, the default, for one a core.", show_default=False),
]

Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Leave out what matches, as in .gitignore; may be repeated."),
]
TimeLimit = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Give up on a file after this long (default: 120).")
]
Nice = Annotated[bool, typer.Option("--nice", help="Let everything else on the machine go first.")]


def ingest(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", show_default=False, help="Folders or files.")],
    jobs: Jobs = None,
    retry: Annotated[bool, typer.Option("--retry", help="Also try files that failed before.")] = False,
    min_duration: Annotated[float | None, typer.Option(metavar="SECONDS", help="Leave out what is shorter.")] = None,
    max_duration: Annotated[float | None, typer.Option(metavar="SECONDS", help="Leave out what is longer.")] = None,
    ignore: Ignore = None,
    max_time: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop after 2h, 45m …; the same command goes on another time.")
    ] = None,
    time_limit: TimeLimit = None,
    nice: Nice = False,
    executor: Annotated[
        str | None, typer.Option(metavar="NAME", help="local, the default, or dask: on a cluster.", show_default=False)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="The Dask scheduler of the cluster, as tcp://HOST:8786.")
    ] = None,
    ship: Annotated[bool, typer.Option("--ship", help="Send files to the cluster, if it does not see them.")] = False,
    json: Json = False,
) -> None:
    """Listen to music and store what is heard; run it again, and only what is new is listened to."""
    if not all(paths):
        raise InvalidRequest("a PATH is empty; is a variable of your shell not set?")
    given = session(context)
    service = given.service(
        jobs=jobs,
        min_duration=min_duration,
        max_duration=max_duration,
        ignore=ignore or None,
        max_time=max_time,
        time_limit=time_limit,
        nice=nice or None,
        executor=executor,
        scheduler=scheduler,
        ship=ship or None,
    )
    with watch(quiet=given.quiet) as progress:
        summary = service.ingest(paths, retry=retry, on_progress=progress)
    _finish(summary, json=json, quiet=given.quiet)


def failures(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry", help="Try all of them again.")] = False,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """List the files that could not be ingested, and why."""
    given = session(context)
    service = given.service(jobs=jobs)
    if retry:
        with watch(quiet=given.quiet) as progress:
            summary = service.retry_failures(on_progress=progress)
        _finish(summary, json=json, quiet=given.quiet)
        return
    failed = service.failures()
    if json:
        print_json([asdict(failure) for failure in failed])
    elif failed:
        columns = [Column("stage"), Column("path", shrinkable=True), Column("reason", shrinkable=True)]
        print_table(columns, [(f.stage, f.path, f.reason) for f in failed])
        print_status("try them again with: recsys failures --retry", quiet=given.quiet)
    else:
        print_status("no file has failed", quiet=given.quiet)


def _finish(summary: "IngestSummary", *, json: bool, quiet: bool) -> None:
    if json:
        print_json(asdict(summary))
    else:
        for line in _summary_lines(summary):
            print_status(line, quiet=quiet)
    if summary.interrupted:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to interrupt but the way out
        raise typer.Exit(130)
    if summary.failures:  # of this run; what failed before is only counted
        done = summary.scanned - summary.failed - summary.skipped
        raise typer.Exit(PARTLY if done else 1)


def _summary_lines(summary: "IngestSummary") -> list[str]:
    names = (
        "new",
        "reanalysed",
        "unchanged",
        "updated",
        "moved",
        "duplicates",
        "missing",
        "skipped",
        "failed",
        "remaining",
    )
    always = {"new", "unchanged", "moved", "missing", "failed"}
    counts = {name: getattr(summary, name) for name in names}
    listed = ", ".join(f"{n} {name}" for name, n in counts.items() if n or name in always)
    lines = [f"{pluralise(summary.scanned, 'file')} in {format_duration(summary.seconds)}: {listed}"]
    if (listened := summary.new + summary.reanalysed) and summary.seconds:
        speed, times = listened / summary.seconds * 60, summary.audio_seconds / summary.seconds
        lines.append(f"{speed:.0f} tracks a minute, {times:.0f} times real time")
    if before := summary.previously_failed:
        lines.append(f"{before} of them failed before and have not changed since; --retry tries them again")
    if summary.failed:
        lines += [f"  {failure.path}: {failure.reason}" for failure in summary.failures[:5]]
        lines.append("see them all with: recsys failures")
    if summary.outdated:
        lines.append(f"{pluralise(summary.outdated, 'track')} of an older feature version left; they answer as before")
    if summary.remaining:
        why = "interrupted" if summary.interrupted else "the time is up"
        lines.append(f"{why}; what is finished is stored, and the same command goes on from here")
    return lines
