"""Restoring a backup of :mod:`recsys.app.backups`, which may come from anywhere.

Everything is unpacked and checked in a private folder beside the library before anything of the library is touched;
then files are renamed, and on an error renamed back. A present library is kept under other names.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import tomllib
import zipfile
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from recsys.app.backups import DATABASE, FORMAT, LOGS, MANIFEST, MODELS, SETTINGS, database_file, private_folder
from recsys.app.context import LibraryContext
from recsys.config import beside, settings_file
from recsys.database.backup_files import check_copy, upgrade_copy
from recsys.database.lock import ingest_lock
from recsys.domain.backups import RestoreResult
from recsys.domain.paths import exists, is_file
from recsys.errors import Hint, InvalidRequest, LibraryError, LibraryFull
from recsys.nearest import delete_index

_MAX_MANIFEST, _MAX_FILES, _MAX_RATIO = 1 << 20, 1000, 200
_SMALL = 1 << 24  # bytes for which the ratio does not matter
_ALLOWED = re.compile(r"library\.db|config\.toml|models/used|models/[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.zip")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 20
#: Exceptions of zipfile for an invalid file.
_INVALID = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, OSError)


class _Entry(NamedTuple):
    name: str
    size: int
    digest: str


class _Manifest(NamedTuple):
    entries: list[_Entry]
    rows: dict[str, int]


def restore(context: LibraryContext, file: Path, *, force: bool = False) -> RestoreResult:
    """Restore a backup as the library of these settings; with ``force`` a present library is kept under other names.

    Raises
    ------
    InvalidRequest
        The file is not a backup, is damaged, or would write elsewhere; or there is a library and ``force`` is not set.
    SchemaMismatch
        The backup is of a newer program.
    LibraryBusy, LibraryFull, LibraryError
        Another process ingests, there is no space, or a file cannot be written. The library is unchanged.
    """
    database = database_file(context)
    models = context.settings.models_path
    present = [path for path in (*(beside(database, ending) for ending in ("", *LOGS)), models) if path.exists()]
    if not is_file(file):
        raise InvalidRequest(f"cannot read the backup {file}: {'it is no file' if exists(file) else 'there is none'}")
    if present and not force:
        raise InvalidRequest(
            f"is needed: there is a library, {present[0]}, which is kept under another name", field="force"
        )
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        models.parent.mkdir(parents=True, exist_ok=True)
        with private_folder(database.parent) as folder:
            entries = _unpack(file, folder)
            schema = check_copy(folder / DATABASE, entries.rows, str(file))
            upgrade_copy(folder / DATABASE)
            with ingest_lock(database):
                return _replace(context, folder, entries, schema, present)
    except OSError as error:
        raise LibraryError(f"cannot restore {file} to {database.parent}: {error.strerror or error}") from error


def _replace(
    context: LibraryContext, folder: Path, manifest: _Manifest, schema: str, present: list[Path]
) -> RestoreResult:
    database, models = database_file(context), context.settings.models_path
    names = [entry.name for entry in manifest.entries]
    ending = f".replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    moves = [(path, _aside(path, database, ending)) for path in present]
    kept = tuple(target for path, target in moves if path in (database, models))
    moves.append((folder / DATABASE, database))
    unpacked: Path | None = None
    if any(name.startswith(MODELS) for name in names):
        if models.parent != database.parent:  # another file system, perhaps
            unpacked = models.with_name(f".{models.name}{ending}")
        moves.append((unpacked or folder / "models", models))
    settings, in_use = _place_settings(context, folder / SETTINGS, ending) if SETTINGS in names else (None, False)
    context.close()
    try:
        if unpacked is not None:
            shutil.copytree(folder / "models", unpacked)
        _move_all(moves)
    except BaseException:
        if settings is not None:
            settings.unlink(missing_ok=True)
        if unpacked is not None:
            shutil.rmtree(unpacked, ignore_errors=True)
        raise
    with suppress(OSError):  # it is not that of the restored database, which the next query finds out
        delete_index(context.settings.index_path)
    n_models = sum(name.startswith(MODELS) and name.endswith(".zip") for name in names)
    return RestoreResult(database, schema, manifest.rows.get("recording", 0), n_models, kept, settings, in_use)


def _place_settings(context: LibraryContext, file: Path, ending: str) -> tuple[Path | None, bool]:
    """Copy the settings of a backup to their place if there are none, else beside it; where they are, and if in use."""
    present, text = settings_file(context.settings.home), file.read_bytes()
    if present.is_file() and present.read_bytes() == text:
        return None, False
    in_use = not exists(present) and _may_be_used(text)
    target = present if in_use else beside(present, ending.replace("replaced", "restored"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as opened:
        opened.write(text)
    return target, in_use


def _aside(path: Path, database: Path, ending: str) -> Path:
    """The name under which a file is kept; SQLite finds the log of a database by its name."""
    if path.name.startswith(database.name) and path != database and path.parent == database.parent:
        log = path.name.removeprefix(database.name)
        if log in LOGS:
            return beside(database, ending + log)
    return beside(path, ending)


def _move_all(moves: list[tuple[Path, Path]]) -> None:
    """Rename files, all or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            if target.exists():
                raise FileExistsError(0, f"{target} exists")
            source.rename(target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise


def _may_be_used(settings: bytes) -> bool:
    """Whether settings are valid and stay on this machine: they name no other database, and no cluster to send files to
    and take results from."""
    try:
        values = tomllib.loads(settings.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return False
    return values.keys().isdisjoint({"database", "executor", "scheduler", "send_files"})


def _unpack(file: Path, folder: Path) -> _Manifest:
    """Unpack a backup into a folder, and check it against its manifest."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = _checked_entries(archive)
            manifest = _manifest(archive, infos)
            needed = 2 * sum(entry.size for entry in manifest.entries)
            if needed > (free := shutil.disk_usage(folder).free):
                raise LibraryFull(
                    f"{needed / 1e6:.0f} MB are needed to restore {file}, and {free / 1e6:.0f} MB are free in "
                    f"{folder.parent}",
                    hint=Hint.MOVE_LIBRARY,
                )
            (folder / "models").mkdir()
            for entry in manifest.entries:
                _extract(archive, infos[entry.name], entry, folder)
            return manifest
    except (InvalidRequest, LibraryFull):
        raise
    except _INVALID as error:
        raise InvalidRequest(
            f"{file} is not a backup of recsys, or damaged: {error or type(error).__name__}"
        ) from error


def _checked_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MAX_FILES:
        raise ValueError(f"it has {len(infos)} files")
    for info in infos:
        if info.filename != MANIFEST and not _ALLOWED.fullmatch(info.filename):
            raise ValueError(f"it has a file {info.filename[:80]!r}, which no backup has")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise ValueError(f"its file {info.filename!r} is a link or encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"its file {info.filename!r} is compressed in another way than in backups")
        if info.file_size > _SMALL and info.file_size > _MAX_RATIO * info.compress_size:
            raise ValueError(f"its file {info.filename!r} would be {info.file_size / 1e6:.0f} MB")
    names = {info.filename: info for info in infos}
    if len(names) != len(infos):
        raise ValueError("it has a file twice")
    return names


def _manifest(archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> _Manifest:
    if MANIFEST not in infos:
        raise ValueError("it has no manifest")
    with archive.open(infos[MANIFEST]) as packed:
        text = packed.read(_MAX_MANIFEST + 1)
    if len(text) > _MAX_MANIFEST:
        raise ValueError("its manifest is too long")
    try:
        raw: Any = json.loads(text)
    except RecursionError as error:
        raise ValueError("its manifest is invalid") from error
    if not isinstance(raw, dict) or raw.get("program") != "recsys":
        raise ValueError("its manifest is not of recsys")
    if raw.get("format") != FORMAT:
        raise ValueError(f"its format is {raw.get('format')!r}, this version reads {FORMAT}")
    files, rows = raw.get("files"), raw.get("rows")
    if not isinstance(files, list) or not isinstance(rows, dict) or not all(type(n) is int for n in rows.values()):
        raise ValueError("its manifest is invalid")
    entries = [_entry(each) for each in files]
    listed = [entry.name for entry in entries]
    if DATABASE not in listed or sorted([MANIFEST, *listed]) != sorted(infos):
        raise ValueError("its manifest lists other files than it has")
    for entry in entries:
        if infos[entry.name].file_size != entry.size:
            raise ValueError(f"its file {entry.name!r} has another size than in the manifest")
    return _Manifest(entries, rows)


def _entry(raw: Any) -> _Entry:
    if not isinstance(raw, dict):
        raise ValueError("its manifest is invalid")
    name, size, digest = raw.get("name"), raw.get("size"), raw.get("blake2b")
    if not isinstance(name, str) or type(size) is not int or size < 0 or not isinstance(digest, str):
        raise ValueError("its manifest is invalid")
    if not _ALLOWED.fullmatch(name) or not _DIGEST.fullmatch(digest):
        raise ValueError(f"its manifest has an invalid file {name[:80]!r}")
    return _Entry(name, size, digest)


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: _Entry, folder: Path) -> None:
    """Unpack a file, of which no more is read than the size in the manifest."""
    digest, remaining = hashlib.blake2b(digest_size=32), entry.size
    with archive.open(info) as packed, (folder / entry.name).open("xb") as target:
        while block := packed.read(min(_BLOCK, remaining + 1)):
            remaining -= len(block)
            if remaining < 0:
                break
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    if remaining or digest.hexdigest() != entry.digest:
        raise ValueError(f"its file {entry.name!r} does not match the manifest")
