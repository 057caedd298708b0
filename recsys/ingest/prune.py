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
from recsys.domain.results import Pruned
from recsys.errors import MostlyMissing, NothingFound

_LISTED = 100


def prune(
    catalogue: Catalogue, roots: Sequence[str | os.PathLike[str]] = (), *, force: bool = False, dry_run: bool = False
) -> Pruned:
    """Forget the tracks that are missing at or under ``roots``, or anywhere, and failures of files that are gone.

    A file that is missing in the catalogue but on the disk again is left for the next ingest to find.

    Raises
    ------
    NothingFound
        Nothing is known at or under a root.
    MostlyMissing
        More than half of a root is missing, and ``force`` is not given; nothing was changed.
    """
    under = [os.path.abspath(root) for root in roots]  # noqa: PTH100 - links stay as they were named
    for root in under:
        holes = (catalogue.missing_places([root]), catalogue.failed_places([root]))
        if not catalogue.present_under(root) and not any(next(pages, None) for pages in holes):
            raise NothingFound(f"the library knows nothing at or under {root}; list what it knows: recsys tracks")
    known_roots = set(catalogue.roots())
    gone: Counter[str] = Counter()
    back = 0
    listed: list[str] = []
    for page in catalogue.missing_places(under):
        for path in page:
            if os.path.lexists(path):
                back += 1
            else:
                gone[_root_of(path, known_roots)] += 1
                if len(listed) < _LISTED:
                    listed.append(path)
    if not force:
        for root, missing in gone.items():
            _guard(catalogue, root, missing)
    with catalogue.writing():
        forgotten = catalogue.forget(_vanished(catalogue, under, known_roots, force), rehearse=dry_run)
    return Pruned(
        tracks=forgotten.tracks,
        places=forgotten.places,
        rated=forgotten.rated,
        failures=forgotten.failures,
        back=back,
        paths=tuple(listed),
    )


def _vanished(catalogue: Catalogue, under: Sequence[str], known_roots: set[str], force: bool) -> Iterator[str]:
    for page in catalogue.missing_places(under):
        yield from (path for path in page if not os.path.lexists(path))
    for page in catalogue.failed_places(under):
        # A root that is away as a whole says nothing of its files.
        yield from (p for p in page if not os.path.lexists(p) and (force or _is_there(p, known_roots)))


def _guard(catalogue: Catalogue, root: str, missing: int) -> None:
    known = catalogue.present_under(root) + catalogue.missing_under([root])
    if 2 * missing > known:
        raise MostlyMissing(
            f"{missing} of the {known} files known under {root} are missing, more than half; nothing was changed "
            "(is a drive not mounted?). To forget them all the same, add --force"
        )


def _root_of(path: str, roots: set[str]) -> str:
    """The outermost root that a path lies under, else its folder."""
    parents = [str(parent) for parent in Path(path).parents]
    return next((parent for parent in reversed(parents) if parent in roots), parents[0])


def _is_there(path: str, roots: set[str]) -> bool:
    return Path(_root_of(path, roots)).is_dir()
