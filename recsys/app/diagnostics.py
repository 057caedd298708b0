"""Is the library in order? Everything that can be checked without listening to a file, and what to run.

A finding is "ok", a "warning" (it works, or cures itself), or "broken" (something is lost until the cure is run).
Nothing is changed unless asked to; the cure of what is broken is to drop it and make it again from the music.
"""

import os
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.database.engine import parse_url, sqlite_file
from recsys.database.lock import lock_owner
from recsys.domain.results import CheckResult
from recsys.domain.version import __version__
from recsys.errors import LibraryError, SchemaMismatch
from recsys.features.schema import DIMENSIONS
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION
from recsys.nearest import delete_index
from recsys.recommend.index_update import check_index, load_or_update_index
from recsys.recommend.version import SIMILARITY_VERSION

_PACKAGES = ("numpy", "librosa", "onnxruntime", "faiss-cpu", "SQLAlchemy", "av", "soundfile", "mutagen")
_EXTRAS = {"dask": "distributed", "postgres": "psycopg", "demo": "immich-memories-music"}
_LOW_SPACE, _MIN_SPACE = 1 << 30, 64 << 20  # bytes of free space
_STALE_SECONDS = 3600.0  # seconds after which nobody writes a temporary file any more


def run_checks(settings: Settings, *, fix: bool = False) -> Iterator[CheckResult]:
    """Check the library of these settings, one finding at a time; ``fix`` first drops what is broken.

    Raises
    ------
    NotFound
        There is no library.
    """
    file = sqlite_file(parse_url(settings.database))
    yield _program()
    yield _extras()
    if file is not None:
        yield _space(file)
        yield _permission(file)
        yield _writer(file)
    yield _leftovers(settings.index_path, fix=fix)
    try:
        with _open(settings, read_only=not fix) as catalogue:
            yield CheckResult("schema", "ok", "up to date")
            if fix:
                catalogue.repair(len(DIMENSIONS))
            found = list(catalogue.check(len(DIMENSIONS)))
            yield from found
            yield _tags(catalogue)
            if any(finding.status == "broken" for finding in found):
                yield CheckResult("index", "warning", "it is compared with the library when that is in order")
            else:
                yield _index(settings.index_path, catalogue, fix=fix)
    except SchemaMismatch as error:
        yield CheckResult("schema", "broken", str(error))
    except LibraryError as error:
        yield CheckResult("database", "broken", str(error))


def _open(settings: Settings, *, read_only: bool) -> Catalogue:
    versions: dict[str, Any] = {"feature_version": FEATURE_VERSION, "compatible": COMPATIBLE_VERSIONS}
    return Catalogue.open(settings.database, **versions, read_only=read_only, create=False)


def _tags(catalogue: Catalogue) -> CheckResult:
    if begun := len(catalogue.tag_edits.incomplete()):
        said = f"{begun} files were being written when recsys was stopped; each is as it was or as it should be"
        return CheckResult("tags", "warning", said, "run: recsys genre undo --list")
    return CheckResult("tags", "ok", "no file was left half way")


def _program() -> CheckResult:
    packages = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return CheckResult(
        "program",
        "ok",
        f"recsys {__version__}, features {FEATURE_VERSION}, similarity {SIMILARITY_VERSION}; {packages}",
    )


def _extras() -> CheckResult:
    said = ", ".join(f"{extra} {_version(package) or 'not installed'}" for extra, package in _EXTRAS.items())
    return CheckResult("extras", "ok", said)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _space(file: Path) -> CheckResult:
    free = shutil.disk_usage(next(folder for folder in file.parents if folder.is_dir())).free
    said = f"{_size(free)} free in {file.parent}, where the library takes {_size(_lock_state(file))}"
    cure = "free some space, or move the library: recsys --home FOLDER"
    if free < _MIN_SPACE:
        return CheckResult("space", "broken", said, cure)
    return CheckResult("space", "warning", said, cure) if free < _LOW_SPACE else CheckResult("space", "ok", said)


def _lock_state(file: Path) -> int:
    return sum(path.stat().st_size for path in file.parent.glob(f"{file.stem}[.-]*") if path.is_file())


def _size(n: float) -> str:
    """ "3.2 GB"."""
    unit, name = next(((u, s) for u, s in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")) if n >= u), (1e3, "kB"))
    return f"{n / unit:.1f} {name}"


def _permission(file: Path) -> CheckResult:
    closed = [str(path) for path in (file.parent, file) if path.exists() and not os.access(path, os.W_OK)]
    if closed:
        said = f"{closed[0]} cannot be written: questions are answered, nothing can be added"
        return CheckResult("permission", "warning", said, "change its permissions, or mount it for writing")
    return CheckResult("permission", "ok", f"{file} can be written")


def _writer(file: Path) -> CheckResult:
    owner = lock_owner(file)
    return CheckResult("ingest", "ok", f"process {owner} is ingesting now" if owner else "none is running")


def _leftovers(index: Path, *, fix: bool) -> CheckResult:
    """Temporary files of an index that was being written when its process was killed."""
    old = time.time() - _STALE_SECONDS
    left = [path for path in index.parent.glob(f"{index.stem}*{index.suffix}.*") if path.stat().st_mtime < old]
    if left and fix:
        for path in left:
            path.unlink(missing_ok=True)
    elif left:
        said = f"{len(left)} temporary files are left over beside the index, as {left[0].name}"
        return CheckResult("leftovers", "warning", said, "run: recsys doctor --fix")
    return CheckResult("leftovers", "ok", "none")


def _index(path: Path, catalogue: Catalogue, *, fix: bool) -> CheckResult:
    finding = check_index(path, catalogue, feature_version=FEATURE_VERSION)
    if not fix or finding.status == "ok":
        return finding
    delete_index(path)
    load_or_update_index(path, catalogue, feature_version=FEATURE_VERSION)
    return check_index(path, catalogue, feature_version=FEATURE_VERSION)
