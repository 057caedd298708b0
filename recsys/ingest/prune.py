"""Remove tracks whose files are gone, but not those on a drive that is not mounted.

The disk decides: every stored file is looked for. What a drive that is not mounted may have is kept, and what may have
moved; a folder that is gone for good is removed where it is named, with ``force``. Each root of an ingest is checked
separately: if more than half of its files are gone, nothing is removed without ``force``. For a path under no root (a
file that was ingested by name), its folder is checked instead.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import StoredFile
from recsys.domain.paths import absolute_path
from recsys.domain.prune_results import KeptFiles, PruneResult
from recsys.errors import Hint, NotFound, PruneRefused
from recsys.ingest.presence import Disk, Presence
from recsys.ingest.scan import scan

_MAX_SAMPLE_PATHS = 100
_CHUNK = 500  # scanned files that are looked up together


def prune(
    catalogue: Catalogue,
    roots: Sequence[str | os.PathLike[str]] = (),
    *,
    force: bool = False,
    dry_run: bool = False,
    ignore: Sequence[str] = (),
) -> PruneResult:
    """Remove tracks at or under ``roots``, or all, whose files are gone, and the failures of such files.

    A file that is marked as missing but exists again is kept for the next ingest, unless another recording is known to
    be there: then it has been replaced. A file that is gone since the last ingest is kept if a scan (with the patterns
    ``ignore``) finds a new file of its size: it may have moved.

    Raises
    ------
    NotFound
        The catalogue has no file, failure or root at or under a root.
    PruneRefused
        More than half of the files of a root are gone, or all files under ``roots`` may be on a drive that is not
        mounted, without ``force``; or all are in folders that cannot be read, or may have moved. Nothing was changed.
    """
    under = [str(absolute_path(root)) for root in roots]
    known_roots = catalogue.roots()
    for root in under:
        pages = (catalogue.stored_files([root]), catalogue.failed_paths([root]))
        if not any(next(page, None) for page in pages) and not (force and _inside(known_roots, [root])):
            raise NotFound(f"the library has no files at or under {root}", hint=Hint.LIST_TRACKS)
    with catalogue.writing():
        survey = _Survey(catalogue, known_roots, under, force=force)
        survey.look()
        survey.keep_moved(ignore)
        if not force:
            survey.check_shares()
        if under and survey.kept and not survey.gone:
            raise _refusal(survey.kept_files()[0])
        removed = catalogue.delete(survey.marked, present=[file.path for file in survey.gone], dry_run=dry_run)
        if force and not dry_run:
            catalogue.remove_empty_roots(_inside(known_roots, under))
    return PruneResult(
        tracks=removed.tracks,
        locations=removed.locations,
        rated=removed.rated,
        failures=removed.failures,
        reappeared=survey.reappeared,
        sample_paths=tuple(survey.sample[:_MAX_SAMPLE_PATHS]),
        kept=survey.kept_files(),
    )


def _inside(known_roots: Sequence[str], folders: Sequence[str]) -> list[str]:
    """The roots that are one of some folders, or inside one."""
    return [root for root in known_roots if any(Path(root).is_relative_to(folder) for folder in folders)]


class _Survey:
    """What is on the disk of the stored files under some folders.

    ``marked`` are paths of rows that are marked as missing, and of failures, to be removed; ``gone`` the files that are
    stored as present; ``kept`` counts what is not removed by folder and reason.
    """

    def __init__(self, catalogue: Catalogue, roots: Sequence[str], under: Sequence[str], *, force: bool) -> None:
        self._catalogue, self._roots, self._under = catalogue, roots, under
        self._disk = Disk(roots)
        self._removes_unmounted = force and bool(under)  # also what may be on a drive that is not mounted
        self.marked: list[str] = []
        self.gone: list[StoredFile] = []
        self.kept: Counter[tuple[str, str]] = Counter()
        self.shares: Counter[str] = Counter()
        self.sample: list[str] = []
        self.reappeared = 0

    def look(self) -> None:
        """Look for every stored file and every failed one."""
        for page in self._catalogue.stored_files(self._under):
            replaced = self._catalogue.present_paths(file.path for file in page if file.missing)
            for file in page:
                if file.missing and file.path in replaced:
                    self.marked.append(file.path)
                else:
                    self._look_for(file)
        for paths in self._catalogue.failed_paths(self._under):
            self.marked += [path for path in paths if self._is_gone(StoredFile(path, 0, "", missing=True))]

    def _look_for(self, file: StoredFile) -> None:
        state, cause = self._disk.find(file)
        if state is Presence.PRESENT:
            self.reappeared += file.missing
        elif state is Presence.GONE or (state is Presence.NOT_MOUNTED and self._removes_unmounted):
            self.shares[self._disk.root_of(file.path)] += 1
            if file.missing:
                self.marked.append(file.path)
            else:
                self.gone.append(file)
            if len(self.sample) < _MAX_SAMPLE_PATHS:
                self.sample.append(file.path)
        else:
            self.kept[cause, state.value] += 1

    def _is_gone(self, failed: StoredFile) -> bool:
        state, _ = self._disk.find(failed, or_folder=True)
        return state is Presence.GONE or (state is Presence.NOT_MOUNTED and self._removes_unmounted)

    def keep_moved(self, ignore: Sequence[str]) -> None:
        """Keep the files that are gone since the last ingest where a new file has their size."""
        if not self.gone:
            return
        places = dict(self._new_files({file.size for file in self.gone}, ignore))
        moved = {file.path: places[file.size] for file in self.gone if file.size in places}
        self.gone = [file for file in self.gone if file.path not in moved]
        self.sample = [path for path in self.sample if path not in moved]
        for path, place in moved.items():
            self.kept[place, "moved"] += 1
            self.shares[self._disk.root_of(path)] -= 1

    def _new_files(self, sizes: set[int], ignore: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Sizes and roots of files of these sizes that the library does not have."""
        for root in self._roots:
            found = scan(Path(root), ignore)
            candidates = (file for file in found if isinstance(file, FileStat) and file.size in sizes)
            for files in in_chunks(candidates, _CHUNK):
                known = self._catalogue.present_paths(file.path for file in files)
                yield from ((file.size, root) for file in files if file.path not in known)

    def check_shares(self) -> None:
        """Raise PruneRefused if more than half of the files of a root are gone."""
        for root, n in self.shares.items():
            total = self._catalogue.count_present(root) + self._catalogue.count_missing([root])
            if 2 * n > total:
                raise PruneRefused(
                    f"more than half of the files under {root} are missing, {n} of {total}; nothing was changed "
                    "(is a drive not mounted?)",
                    hint=Hint.FORCE_PRUNE,
                )

    def kept_files(self) -> tuple[KeptFiles, ...]:
        """What is kept, most files first."""
        return tuple(KeptFiles(folder, n, reason) for (folder, reason), n in _most_common(self.kept))


def _most_common(kept: Counter[tuple[str, str]]) -> Iterable[tuple[tuple[str, str], int]]:
    return sorted(kept.items(), key=lambda item: (-item[1], item[0]))


def _refusal(kept: KeptFiles) -> PruneRefused:
    return PruneRefused(
        f"{kept.describe()}; nothing was changed", hint=kept.remedy, hint_values={"folder": kept.folder}
    )
