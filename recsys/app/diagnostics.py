"""Checks of a library: all that can be checked without opening audio files, and what helps against what is wrong.

The status of a check is "ok", "warning" (it works, or the next query or ingest repairs it) or "error" (something is
lost until the remedy is applied). Nothing is changed unless ``fix`` is set: then damaged rows and files are removed, so
that the next ingest creates them again from the audio files.
"""

import os
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from recsys.atomic import temporary_files
from recsys.config import Settings, beside
from recsys.database.catalogue import Catalogue
from recsys.database.engine import parse_url, sqlite_file
from recsys.database.lock import lock_owner
from recsys.domain.results import CheckResult
from recsys.domain.version import __version__
from recsys.errors import Hint, LibraryError, SchemaMismatch, pluralise
from recsys.features.schema import DIMENSIONS
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION
from recsys.ingest.disk_check import check_disk
from recsys.nearest import delete_index, index_files
from recsys.recommend.index_update import check_index, load_or_update_index
from recsys.recommend.version import SIMILARITY_VERSION

_PACKAGES = ("numpy", "librosa", "faiss-cpu", "SQLAlchemy", "av", "soundfile", "mutagen")
_EXTRAS = {"dask": "distributed", "postgres": "psycopg", "demo": "immich-memories-music"}
_LOW_SPACE, _MIN_SPACE = 1 << 30, 64 << 20  # bytes of free space
_STALE_SECONDS = 3600.0  # a temporary file that was not written for this long belongs to no running process


def run_checks(settings: Settings, *, fix: bool = False) -> Iterator[CheckResult]:
    """Check the library of these settings, one result at a time; with ``fix`` remove what is damaged first.

    Raises
    ------
    LibraryNotFound
        There is no database.
    """
    file = sqlite_file(parse_url(settings.database))
    yield _check_program()
    yield _check_extras()
    if file is not None:
        yield _check_space(file)
        yield _check_permission(file)
        yield _check_ingest(file)
    yield _check_leftovers(settings.index_path, fix=fix)
    try:
        with _open(settings, read_only=not fix) as catalogue:
            yield CheckResult("schema", "ok", "up to date")
            if fix:
                catalogue.repair(len(DIMENSIONS))
            results = list(catalogue.check(len(DIMENSIONS)))
            yield from results
            yield _check_tags(catalogue)
            if any(result.status == "error" for result in results):
                yield CheckResult("index", "warning", "is not compared with the library until the errors are repaired")
            else:
                yield _check_index(settings.index_path, catalogue, fix=fix)
            yield from check_disk(catalogue, settings.ignore)
    except SchemaMismatch as error:
        yield CheckResult("schema", "error", str(error), error.hint)
    except LibraryError as error:
        yield CheckResult("database", "error", str(error), error.hint)


def _open(settings: Settings, *, read_only: bool) -> Catalogue:
    versions: dict[str, Any] = {"feature_version": FEATURE_VERSION, "compatible": COMPATIBLE_VERSIONS}
    return Catalogue.open(settings.database, **versions, read_only=read_only, create=False)


def _check_tags(catalogue: Catalogue) -> CheckResult:
    if n := len(catalogue.tag_edits.incomplete()):
        files = pluralise(n, "file was", "files were")
        message = f"{files} being written when recsys was stopped; each has either its old or its new tags"
        return CheckResult("tags", "warning", message, Hint.LIST_TAG_RUNS)
    return CheckResult("tags", "ok", "no write was interrupted")


def _check_program() -> CheckResult:
    packages = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return CheckResult(
        "program",
        "ok",
        f"recsys {__version__}, features {FEATURE_VERSION}, similarity {SIMILARITY_VERSION}; {packages}",
    )


def _check_extras() -> CheckResult:
    message = ", ".join(f"{extra} {_version(package) or 'not installed'}" for extra, package in _EXTRAS.items())
    return CheckResult("extras", "ok", message)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _check_space(file: Path) -> CheckResult:
    free = shutil.disk_usage(_existing_folder(file)).free
    taken = f"where the library takes {_size(_library_size(file))}" if file.exists() else "where no library is yet"
    message = f"{_size(free)} free in {file.parent}, {taken}"
    if free < _MIN_SPACE:
        return CheckResult("space", "error", message, Hint.MOVE_LIBRARY)
    if free < _LOW_SPACE:
        return CheckResult("space", "warning", message, Hint.MOVE_LIBRARY)
    return CheckResult("space", "ok", message)


def _library_size(file: Path) -> int:
    """Bytes of the database, its journal and the index."""
    parts = [beside(file, ending) for ending in ("", "-wal", "-shm", "-journal", ".faiss", ".faiss-recent")]
    return sum(path.stat().st_size for path in parts if path.is_file())


def _size(n: float) -> str:
    """ "3.2 GB"."""
    unit, name = next(((u, s) for u, s in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")) if n >= u), (1e3, "kB"))
    return f"{n / unit:.1f} {name}"


def _check_permission(file: Path) -> CheckResult:
    folder = _existing_folder(file)
    read_only = [str(path) for path in (folder, file) if path.exists() and not os.access(path, os.W_OK)]
    if read_only and not file.exists():
        message = f"{read_only[0]} cannot be written, so that no library can be made in {file.parent}"
        return CheckResult("permission", "error", message, Hint.MAKE_WRITABLE)
    if read_only:
        message = f"{read_only[0]} cannot be written: queries work, but nothing can be added"
        return CheckResult("permission", "warning", message, Hint.MAKE_WRITABLE)
    return CheckResult("permission", "ok", f"{file} can be {'written' if file.exists() else 'created'}")


def _existing_folder(file: Path) -> Path:
    """The folder of a file or, if it does not exist yet, the nearest one above that does."""
    return next(folder for folder in file.absolute().parents if folder.is_dir())


def _check_ingest(file: Path) -> CheckResult:
    owner = lock_owner(file)
    return CheckResult("ingest", "ok", f"process {owner} is ingesting now" if owner else "none is running")


def _check_leftovers(index: Path, *, fix: bool) -> CheckResult:
    """Temporary files of the index whose process was killed while it wrote them."""
    oldest = time.time() - _STALE_SECONDS
    stale = [path for file in index_files(index) for path in temporary_files(file) if path.stat().st_mtime < oldest]
    if stale and fix:
        for path in stale:
            path.unlink(missing_ok=True)
    elif stale:
        files = pluralise(len(stale), "temporary file is", "temporary files are")
        message = f"{files} left over beside the index, such as {stale[0].name}"
        return CheckResult("leftovers", "warning", message, Hint.REPAIR)
    return CheckResult("leftovers", "ok", "none")


def _check_index(path: Path, catalogue: Catalogue, *, fix: bool) -> CheckResult:
    result = check_index(path, catalogue, feature_version=FEATURE_VERSION)
    if not fix or result.status == "ok":
        return result
    delete_index(path)
    load_or_update_index(path, catalogue, feature_version=FEATURE_VERSION)
    return check_index(path, catalogue, feature_version=FEATURE_VERSION)
