"""Remove missing tracks, but not those on a drive that is not mounted.

Each root of an ingest is checked separately: if more than half of its files are missing, nothing is removed without
``force``. For a path under no root (a file that was ingested by name), its folder is checked instead.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from recsys.database.catalogue import Catalogue
from recsys.domain.results import PruneResult
from recsys.errors import Hint, NotFound, PruneRefused

_MAX_SAMPLE_PATHS = 100


def prune(
    catalogue: Catalogue, roots: Sequence[str | os.PathLike[str]] = (), *, force: bool = False, dry_run: bool = False
) -> PruneResult:
    """Remove missing tracks at or under ``roots``, or all, and the failures of deleted files.

    A file that is marked as missing but exists again is kept for the next ingest, unless another recording is known to
    be there: then it has been replaced.

    Raises
    ------
    NotFound
        The catalogue has no file or failure at or under a root.
    PruneRefused
        More than half of the files of a root are missing, and ``force`` is not set; nothing was changed.
    """
    under = [os.path.abspath(root) for root in roots]  # noqa: PTH100 - links are not resolved
    for root in under:
        pages = (catalogue.missing_paths([root]), catalogue.failed_paths([root]))
        if not catalogue.count_present(root) and not any(next(paths, None) for paths in pages):
            raise NotFound(f"the library has no files at or under {root}", hint=Hint.LIST_TRACKS)
    known_roots = set(catalogue.roots())
    missing: Counter[str] = Counter()
    reappeared = 0
    sample: list[str] = []
    for page in catalogue.missing_paths(under):
        replaced = catalogue.present_paths(page)
        for path in page:
            if path in replaced:
                continue
            if os.path.lexists(path):
                reappeared += 1
            else:
                missing[_root_of(path, known_roots)] += 1
                if len(sample) < _MAX_SAMPLE_PATHS:
                    sample.append(path)
    if not force:
        for root, n in missing.items():
            _check_share(catalogue, root, n)
    with catalogue.writing():
        removed = catalogue.delete(_select_missing(catalogue, under, known_roots, force), dry_run=dry_run)
    return PruneResult(
        tracks=removed.tracks,
        locations=removed.locations,
        rated=removed.rated,
        failures=removed.failures,
        reappeared=reappeared,
        sample_paths=tuple(sample),
    )


def _select_missing(catalogue: Catalogue, under: Sequence[str], known_roots: set[str], force: bool) -> Iterator[str]:
    for page in catalogue.missing_paths(under):
        replaced = catalogue.present_paths(page)
        yield from (path for path in page if path in replaced or not os.path.lexists(path))
    for page in catalogue.failed_paths(under):
        # If a whole root does not exist, its files may still exist.
        yield from (p for p in page if not os.path.lexists(p) and (force or _root_exists(p, known_roots)))


def _check_share(catalogue: Catalogue, root: str, missing: int) -> None:
    total = catalogue.count_present(root) + catalogue.count_missing([root])
    if 2 * missing > total:
        raise PruneRefused(
            f"more than half of the files under {root} are missing, {missing} of {total}; nothing was changed "
            "(is a drive not mounted?)",
            hint=Hint.FORCE_PRUNE,
        )


def _root_of(path: str, roots: set[str]) -> str:
    """The outermost root that contains a path; without one, its folder."""
    parents = [str(parent) for parent in Path(path).parents]
    return next((parent for parent in reversed(parents) if parent in roots), parents[0])


def _root_exists(path: str, roots: set[str]) -> bool:
    return Path(_root_of(path, roots)).is_dir()
