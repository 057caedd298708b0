"""``recsys ingest`` and ``recsys failures``: analyse music and store it."""

import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.messages import hint
from recsys.cli.options import Json
from recsys.cli.output import Column, format_duration, pluralise, print_json, print_status, print_table
from recsys.cli.progress import ingest_progress
from recsys.cli.session import session
from recsys.cli.termination import INTERRUPTED
from recsys.errors import Hint, InvalidRequest

if TYPE_CHECKING:
    from recsys import IngestSummary

PARTLY = 4
_MAX_SHOWN = 5  # failures that are listed
_ALWAYS_SHOWN = ("new", "unchanged", "moved", "missing", "failed")
_COUNTS = (
    "new", "reanalysed", "unchanged", "reread", "updated", "moved", "duplicates", "by_others", "missing", "skipped",
    "failed", "remaining",
)  # fmt: skip

Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", help="Worker processes; 0, the default, is one for each core.", show_default=False),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Ignore files that match, as in .gitignore; may be repeated."),
]
FileTimeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Give up on a file after this time (default: 120).")
]
Nice = Annotated[bool, typer.Option("--nice", help="Run the workers at a low priority.")]


def ingest(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", show_default=False, help="Folders or files.")],
    jobs: Jobs = None,
    retry: Annotated[bool, typer.Option("--retry", help="Also try files that failed before.")] = False,
    min_duration: Annotated[float | None, typer.Option(metavar="SECONDS", help="Skip files that are shorter.")] = None,
    max_duration: Annotated[float | None, typer.Option(metavar="SECONDS", help="Skip files that are longer.")] = None,
    ignore: Ignore = None,
    time_budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop after 2h, 45m …; the same command continues later.")
    ] = None,
    file_timeout: FileTimeout = None,
    nice: Nice = False,
    executor: Annotated[
        str | None, typer.Option(metavar="NAME", help="local, the default, or dask for a cluster.", show_default=False)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="The Dask scheduler of the cluster, such as tcp://HOST:8786.")
    ] = None,
    send_files: Annotated[
        bool, typer.Option("--send-files", help="Send the files to a cluster that has no access to them.")
    ] = False,
    json: Json = False,
) -> None:
    """Analyse music and store the results; run it again, and only new and changed files are analysed."""
    if not all(paths):
        raise InvalidRequest("a PATH is empty; check the variables of your shell")
    given = session(context)
    library = given.library(
        jobs=jobs,
        min_duration=min_duration,
        max_duration=max_duration,
        ignore=ignore or None,
        time_budget=time_budget,
        file_timeout=file_timeout,
        nice=nice or None,
        executor=executor,
        scheduler=scheduler,
        send_files=send_files or None,
    )
    with ingest_progress(quiet=given.quiet) as progress:
        summary = library.ingest(paths, retry=retry, on_progress=progress)
    _finish(summary, json=json, quiet=given.quiet)


def failures(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry", help="Try all of them again.")] = False,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """List the files that could not be ingested, with the reasons."""
    given = session(context)
    library = given.library(jobs=jobs)
    if retry:
        with ingest_progress(quiet=given.quiet) as progress:
            summary = library.retry_failures(on_progress=progress)
        _finish(summary, json=json, quiet=given.quiet)
        return
    failed = library.failures()
    if json:
        print_json([failure.to_dict() for failure in failed])
    elif failed:
        columns = [Column("stage"), Column("path", shrinkable=True), Column("reason", shrinkable=True)]
        print_table(columns, [(failure.stage, failure.path, failure.reason) for failure in failed])
        print_status("try them again with: recsys failures --retry", quiet=given.quiet)
    else:
        print_status("no file has failed", quiet=given.quiet)


def _finish(summary: "IngestSummary", *, json: bool, quiet: bool) -> None:
    """Print a summary, and exit with 130, 4 or 1 where the ingest was interrupted or files failed."""
    if json:
        print_json(summary.to_dict())
    else:
        for line in _summary_lines(summary):
            print_status(line, quiet=quiet)
    if summary.interrupted:
        for each in (signal.SIGINT, signal.SIGTERM):  # the ingest has ended; a second one must not spoil the exit
            signal.signal(each, signal.SIG_IGN)
        raise typer.Exit(INTERRUPTED)
    if summary.failures:  # of this run; earlier failures are only counted
        done = summary.scanned - summary.failed - summary.skipped
        raise typer.Exit(PARTLY if done else 1)


def describe_counts(counts: "Mapping[str, int]") -> str:
    """Counts with their names, which are adjectives but for duplicates.

    >>> describe_counts({"new": 2, "duplicates": 1})
    '2 new, 1 duplicate'
    """
    names = {"by_others": "by another ingest"}
    return ", ".join(
        pluralise(n, "duplicate") if name == "duplicates" else f"{n} {names.get(name, name)}"
        for name, n in counts.items()
    )


def describe_excluded(excluded: "Mapping[str, int]") -> str:
    """The hidden folders and those of systems that were not scanned, with what includes them.

    >>> describe_excluded({"@eaDir": 12, "#recycle": 1})
    "12 @eaDir, 1 #recycle (to include a name: --ignore '!NAME')"
    """
    named = [f"{n} {name}" for name, n in excluded.items()]
    more = f" and {pluralise(len(named) - _MAX_SHOWN, 'other name')}" if len(named) > _MAX_SHOWN else ""
    return f"{', '.join(named[:_MAX_SHOWN])}{more} (to include a name: --ignore '!NAME')"


def _summary_lines(summary: "IngestSummary") -> list[str]:
    counts = {name: getattr(summary, name) for name in _COUNTS}
    listed = describe_counts({name: n for name, n in counts.items() if n or name in _ALWAYS_SHOWN})
    lines = [f"{pluralise(summary.scanned, 'file')} in {format_duration(summary.seconds)}: {listed}"]
    if summary.reread:
        lines.append(f"the tags of {pluralise(summary.reread, 'known file')} were read again, without analysing them")
    if (analysed := summary.new + summary.reanalysed) and summary.seconds:
        speed, real_time = analysed / summary.seconds * 60, summary.audio_seconds / summary.seconds
        lines.append(f"{pluralise(round(speed), 'track')} per minute, {pluralise(round(real_time), 'time')} real time")
    if unchanged := summary.previously_failed - summary.still_unreadable:
        lines.append(f"{pluralise(unchanged, 'file')} failed before and did not change; try again with --retry")
    if summary.still_unreadable:
        n = pluralise(summary.still_unreadable, "file or folder", "files or folders")
        lines.append(f"{n} still cannot be read; each ingest tries again")
    if summary.excluded:
        lines.append(f"not scanned: {describe_excluded(summary.excluded)}")
    if summary.failed:
        lines += [f"  {failure.path}: {failure.reason}" for failure in summary.failures[:_MAX_SHOWN]]
        lines.append(hint(Hint.LIST_FAILURES))
    if summary.outdated:
        lines.append(f"{pluralise(summary.outdated, 'track')} still with an older feature version")
    if summary.remaining or summary.interrupted:
        reason = "interrupted" if summary.interrupted else "the time budget is used up"
        lines.append(f"{reason}; all finished files are stored, and the same command continues")
    return lines
