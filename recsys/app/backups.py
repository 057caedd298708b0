"""Backups: a library as one file, which :mod:`recsys.app.restoring` reads.

A backup is a ZIP file with ``manifest.json``, which lists the other files with their sizes and BLAKE2b digests, and the
rows of some tables; ``library.db``, the database; ``models/``, the genre models; and ``config.toml``, the settings. The
index is not in it: it is built again from the database.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recsys.app.active_model import active_model_path
from recsys.app.context import LibraryContext, models_folder
from recsys.atomic import atomic_write
from recsys.config import beside, settings_file
from recsys.database.backup_files import copy_library, count_rows
from recsys.database.engine import parse_url, sqlite_file
from recsys.database.migrate import HEAD
from recsys.domain.backups import BackupResult
from recsys.domain.paths import absolute_path, exists, is_dir, is_file
from recsys.domain.version import __version__
from recsys.errors import InvalidRequest, RecsysError
from recsys.genre.model_store import SUFFIX, list_models
from recsys.nearest import index_files

FORMAT = 1
LOGS = ("-wal", "-shm", "-journal")  # endings of the files of SQLite beside a database
MANIFEST, DATABASE, SETTINGS, MODELS = "manifest.json", "library.db", "config.toml", "models/"
_BLOCK = 1 << 20


def back_up(context: LibraryContext, target: Path | None, *, force: bool = False) -> BackupResult:
    """Write a backup to a file, or to a file of a new name in a folder; by default in the current folder.

    Others may be writing to the library.

    Raises
    ------
    InvalidRequest
        The library is on a server, the file exists and ``force`` is not set, it is a file of the library, or it cannot
        be written.
    LibraryNotFound, LibraryError
        The database cannot be read.
    """
    database = database_file(context)
    file = _target(target)
    if exists(file) and not force:
        raise InvalidRequest(f"is needed to replace {file}", field="force")
    with context.open():  # upgrades the schema
        pass
    models = models_folder(context)
    _ensure_not_own(context, file)
    try:
        with private_folder(file.parent) as folder:
            copy = folder / DATABASE
            copy_library(context.settings.database, copy)
            counts = count_rows(copy)
            files = {DATABASE: copy, **_models(models)}
            if (settings := settings_file(context.settings.home)).is_file():
                files[SETTINGS] = settings
            with atomic_write(file) as opened:
                _write(opened, files, counts)
        return BackupResult(file, file.stat().st_size, HEAD, counts["recording"], len(list_models(models)))
    except (OSError, ValueError) as error:  # a ValueError for a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequest(f"cannot write the backup of {database} to {file}: {reason}") from error


def database_file(context: LibraryContext) -> Path:
    """The file of the database.

    Raises
    ------
    InvalidRequest
        It is on a server.
    """
    file = sqlite_file(parse_url(context.settings.database))
    if file is None:
        raise InvalidRequest(
            "a database on a server is backed up and restored by its own tools, such as pg_dump and pg_restore; its "
            f"genre models are in {context.settings.models_path}"
        )
    return file


def _target(target: Path | None) -> Path:
    path = absolute_path(target or ".")
    if is_dir(path):
        return path / f"recsys-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    if not is_dir(path.parent):
        raise InvalidRequest(f"cannot write the backup {path}: there is no folder {path.parent}")
    if exists(path) and not is_file(path):
        raise InvalidRequest(f"cannot write the backup {path}: it is not a file")
    return path


def _ensure_not_own(context: LibraryContext, file: Path) -> None:
    """Raise InvalidRequest if the backup would replace a file of the library, whatever ``force`` is."""
    database, settings = database_file(context), context.settings
    own = [beside(database, ending) for ending in ("", *LOGS)]
    own += [*index_files(settings.index_path), settings_file(settings.home), *_models(models_folder(context)).values()]
    path = Path(os.path.realpath(file.parent), file.name)
    if exists(path):  # it may be a link
        path = Path(os.path.realpath(path))
    if path in [Path(os.path.realpath(each)) for each in own]:
        raise InvalidRequest(f"cannot write the backup {file}: it is a file of the library; choose another name")


def _models(folder: Path) -> dict[str, Path]:
    files = [folder / f"{name}{SUFFIX}" for name in list_models(folder)]
    files.append(active_model_path(folder))
    return {f"{MODELS}{file.name}": file for file in files if file.is_file()}


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A new folder that no other user may read; it is deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix=".recsys-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(target: Any, files: dict[str, Path], counts: dict[str, int]) -> None:
    listed = [{"name": name, **_digest(file)} for name, file in files.items()]
    manifest = {
        "format": FORMAT, "program": "recsys", "version": __version__, "schema": HEAD,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": listed, "rows": counts,
    }  # fmt: skip
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        for entry in listed:
            name, file = str(entry["name"]), files[str(entry["name"])]
            method = zipfile.ZIP_STORED if file.suffix == SUFFIX else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
            info.compress_type, info.external_attr = method, 0o600 << 16
            info.file_size = int(entry["size"])  # beyond 4 GB the entry needs the long form
            digest = hashlib.blake2b(digest_size=32)
            with file.open("rb") as source, archive.open(info, "w") as packed:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    packed.write(block)
            if digest.hexdigest() != entry["blake2b"]:
                raise RecsysError(f"{file} was changed while the backup was written; try it again")


def _digest(file: Path) -> dict[str, Any]:
    digest, size = hashlib.blake2b(digest_size=32), 0
    with file.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return {"size": size, "blake2b": digest.hexdigest()}
