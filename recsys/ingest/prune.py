"""Forgetting what is missing, with a guard against forgetting what is only not mounted.

The guard looks at each root by itself, as the user named it to ``recsys ingest``: where more than half of what is known
under a root is missing, nothing is forgotten unless forced. A place under no known root (a file that was given by
name) is judged by its folder.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from recsys.database.catalogue import Catalogue
from recsys.domain.results import PruneResult
from recsys.errors import NotFound, PruneRefused

_MAX_SAMPLE_PATHS = 100


def prune(
    catalogue: Catalogue, roots: Sequence[str | os.PathLike[str]] = (), *, force: bool = False, dry_run: bool = False
) -> PruneResult:
    """Forget the tracks that are missing at or under ``roots``, or anywhere, and failures of files that are gone.

    A file that is missing in the catalogue but on the disk again is left for the next ingest to find.

    Raises
    ------
    NotFound
        Nothing is known at or under a root.
    PruneRefused
        More than half of a root is missing, and ``force`` is not given; nothing was changed.
    """
    under = [os.path.abspath(root) for root in roots]  # noqa: PTH100 - links stay as they were named
    for root in under:
        holes = (catalogue.missing_paths([root]), catalogue.failed_paths([root]))
        if not catalogue.count_present(root) and not any(next(pages, None) for pages in holes):
            raise NotFound(f"the library knows nothing at or under {root}; list what it knows: recsys tracks")
    known_roots = set(catalogue.roots())
    gone: Counter[str] = Counter()
    back = 0
    listed: list[str] = []
    for page in catalogue.missing_paths(under):
        for path in page:
            if os.path.lexists(path):
                back += 1
            else:
                gone[_root_of(path, known_roots)] += 1
                if len(listed) < _MAX_SAMPLE_PATHS:
                    listed.append(path)
    if not force:
        for root, missing in gone.items():
            _guard(catalogue, root, missing)
    with catalogue.writing():
        forgotten = catalogue.delete(_select_missing(catalogue, under, known_roots, force), dry_run=dry_run)
    return PruneResult(
        tracks=forgotten.tracks,
        locations=forgotten.locations,
        rated=forgotten.rated,
        failures=forgotten.failures,
        reappeared=back,
        sample_paths=tuple(listed),
    )


def _select_missing(catalogue: Catalogue, under: Sequence[str], known_roots: set[str], force: bool) -> Iterator[str]:
    for page in catalogue.missing_paths(under):
        yield from (path for path in page if not os.path.lexists(path))
    for page in catalogue.failed_paths(under):
        # A root that is away as a whole says nothing of its files.
        yield from (p for p in page if not os.path.lexists(p) and (force or _exists(p, known_roots)))


def _guard(catalogue: Catalogue, root: str, missing: int) -> None:
    known = catalogue.count_present(root) + catalogue.count_missing([root])
    if 2 * missing > known:
        raise PruneRefused(
            f"{missing} of the {known} files known under {root} are missing, more than half; nothing was changed "
            "(is a drive not mounted?). To forget them all the same, add --force"
        )


def _root_of(path: str, roots: set[str]) -> str:
    """The outermost root that a path lies under, else its folder."""
    parents = [str(parent) for parent in Path(path).parents]
    return next((parent for parent in reversed(parents) if parent in roots), parents[0])


def _exists(path: str, roots: set[str]) -> bool:
    return Path(_root_of(path, roots)).is_dir()
