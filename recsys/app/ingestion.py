"""Fill a library: ingest folders, retry failures, remove what is missing, watch for changes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from recsys.app.context import LibraryContext
from recsys.app.moods import store_missing_moods
from recsys.app.performances import COMPARISON_SECONDS, compare_audio
from recsys.domain.checks import check_min
from recsys.domain.paths import absolute_path
from recsys.domain.prune_results import PruneResult
from recsys.domain.results import IngestSummary, Progress
from recsys.errors import LibraryNotFound, NotFound, RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

ProgressCallback: TypeAlias = Callable[[Progress], None]
InTurn: TypeAlias = Callable[[Path, Callable[[], IngestSummary]], IngestSummary]
"""Calls the function that ingests a folder when its turn has come, and returns what it returns."""


def ingest(
    context: LibraryContext, paths: Sequence[Path], *, retry: bool, on_progress: ProgressCallback | None
) -> IngestSummary:
    """Analyse and store what is new at or below ``paths``; see :meth:`recsys.Library.ingest`."""
    from recsys.ingest.process_pool import start_imports

    if context.settings.executor != "dask":
        start_imports()
    from recsys.ingest.pipeline import ingest as run

    with context.open(create=True) as catalogue:
        store_missing_moods(catalogue)  # of a library that is older than they are
        summary = run(paths, catalogue, context.settings, retry=retry, progress=on_progress)
        if _has_new_vectors(summary):
            left = max(0.0, context.settings.time_budget - summary.seconds)
            seconds = min(left, max(COMPARISON_SECONDS, 0.1 * summary.seconds))
            _update_derived(context, catalogue, comparison_seconds=seconds)
    if not summary.scanned and not summary.interrupted:
        raise NotFound(f"no audio file is in {', '.join(map(str, paths))}")
    return summary


def retry_failures(context: LibraryContext, *, on_progress: ProgressCallback | None) -> IngestSummary:
    """Try every failed file again; failures of files that no longer exist are removed."""
    with context.open() as catalogue:
        failed = [failure.path for failure in catalogue.failures()]
        existing = [path for path in failed if os.path.lexists(path)]
        catalogue.clear_failures(set(failed) - set(existing))
    return (
        ingest(context, list(map(Path, existing)), retry=True, on_progress=on_progress) if existing else IngestSummary()
    )


def prune(context: LibraryContext, roots: Sequence[Path], *, force: bool, dry_run: bool) -> PruneResult:
    """Remove what is missing at or below ``roots``, or anywhere; see :meth:`recsys.Library.prune`."""
    from recsys.ingest.prune import prune as run

    with context.open() as catalogue, context.removing_tracks(catalogue):
        return run(catalogue, roots, force=force, dry_run=dry_run, ignore=context.settings.ignore)


def watch(
    context: LibraryContext,
    folders: Sequence[Path],
    *,
    debounce: float,
    poll: bool,
    on_event: Callable[[IngestSummary | RecsysError | str], None],
    on_progress: ProgressCallback | None,
    in_turn: InTurn | None,
) -> None:
    """Ingest folders now, and changes in them as they settle; see :meth:`recsys.Library.watch`."""
    from recsys.ingest.folder_changes import watch_changes
    from recsys.ingest.watch import SkipPredicate
    from recsys.ingest.watch import watch as run

    check_min("debounce", debounce, 0)

    def ingest_changes(root: Path, only_folders: Sequence[Path], skip: SkipPredicate) -> IngestSummary:
        from recsys.ingest.pipeline import ingest as run_once

        def ingest_now() -> IngestSummary:
            with context.open(create=True) as catalogue:
                summary = run_once(
                    [root], catalogue, context.settings, only_folders=only_folders, skip=skip, progress=on_progress
                )
                if _has_new_vectors(summary):
                    _update_derived(context, catalogue)
                return summary

        return ingest_now() if in_turn is None else in_turn(root, ingest_now)

    roots = [absolute_path(folder) for folder in folders]
    for root in roots:
        if not os.path.isdir(root) and not _is_known(context, root):  # noqa: PTH112 - never raises
            raise NotFound(f"{root} is not a folder; give a folder to watch")
    changes = watch_changes(roots, poll=poll, report=on_event)
    run(roots, ingest_changes, changes, debounce=debounce, on_event=on_event, ignore=context.settings.ignore)


def _is_known(context: LibraryContext, root: Path) -> bool:
    """Whether the library has files under a folder that does not exist now: it may be mounted later."""
    try:
        with context.open() as catalogue:
            return not os.path.lexists(root) and bool(catalogue.count_present(str(root)))
    except LibraryNotFound:
        return False


def _has_new_vectors(summary: IngestSummary) -> bool:
    """Whether there is something to derive; an interrupted ingest ends at once."""
    return bool(summary.new or summary.reanalysed or summary.updated) and not summary.interrupted


def _update_derived(
    context: LibraryContext, catalogue: "Catalogue", *, comparison_seconds: float = COMPARISON_SECONDS
) -> None:
    """Update what depends on the vectors: genres of the active model, groups of copies, and the index."""
    from recsys.app.genre_models import GenreModels

    GenreModels(context).predict_new(catalogue)
    compare_audio(catalogue, seconds=comparison_seconds)
    context.update_index(catalogue)
