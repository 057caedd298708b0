"""The index file of one store: the faiss index, our arrays and a manifest. The file is replaced as a whole.

    faiss index                 its centroids and sizes, then the rows and ids cell by cell
    ids, positions, checksums   the ids, the positions of their rows, and the CRC-32 of each cell
    manifest                    JSON: counts, lengths, a checksum of all but the cells, and the caller's entries
    length, magic               of the manifest, and of this format

Only the parts before and after the cells are read and verified when the file is opened; the cells are mapped, and each
is verified when it is first used. Windows cannot replace a mapped file, so the whole file is read there.
"""

import hashlib
import json
import os
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from recsys.atomic import atomic_write
from recsys.errors import IndexCorrupt, IndexOutdated, RecsysError
from recsys.nearest.ivf import IvfStore, faiss

FORMAT = 3
MAGIC = b"recsys index"
FOOTER = struct.Struct(f"<Q{len(MAGIC)}s")
_SQLITE = b"SQLite format 3\0"
_BLOCK = 1 << 20  # bytes that faiss writes or reads at a time


def write(path: Path, store: IvfStore, manifest: dict[str, Any]) -> str:
    """Write a store and a manifest to ``path``, or raise and leave the previous file.

    Returns
    -------
    str
        The checksum, which is unique to this store.

    Raises
    ------
    RecsysError
        The file cannot be written.
    IndexCorrupt
        The store is mapped from another file, and a cell does not match its checksum.
    """
    store = store.in_memory_copy()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_database(path)
        with atomic_write(path) as file:
            checksum = _write(file, store, manifest)
    except OSError as error:
        raise RecsysError(f"cannot write the index {path}: {error.strerror or error}") from error
    return checksum


def _refuse_database(path: Path) -> None:
    """Refuse to replace a database, which may have the name of the index of another one."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) == _SQLITE:
                raise RecsysError(f"cannot write the index {path}: it is a database")


def _write(file: BinaryIO, store: IvfStore, manifest: dict[str, Any]) -> str:
    failures: list[OSError] = []

    def write_block(block: bytes) -> None:  # faiss ignores the result and loses exceptions
        try:
            if not failures:
                file.write(block)
        except OSError as error:
            failures.append(error)

    faiss.write_index(store.index, faiss.PyCallbackIOWriter(write_block, _BLOCK))
    if failures:
        raise failures[0]
    end, body_size = file.tell(), int(store.sizes.sum()) * (int(store.index.code_size) + 8)
    file.seek(0)
    head = file.read(end - body_size)
    file.seek(end)
    arrays = [store.ids.astype("<i8"), store.positions.astype("<u4"), store.checksums().astype("<u4")]
    tail = b"".join(array.tobytes() for array in arrays)
    manifest = {
        **manifest,
        "format": FORMAT,
        "count": len(store),
        "cells": len(store.sizes),
        "head": len(head),
        "body": body_size,
        "probes": store.nprobe,
    }
    manifest["checksum"] = _checksum(manifest, head, tail)
    text = json.dumps(manifest).encode("ascii")
    for block in (tail, text, FOOTER.pack(len(text), MAGIC)):
        file.write(block)
    return str(manifest["checksum"])


def read(path: Path) -> tuple[IvfStore, dict[str, Any]]:
    """The store at ``path``, mapped into memory, and its manifest.

    Raises
    ------
    FileNotFoundError
        There is no file.
    IndexCorrupt
        The file does not match its manifest.
    IndexOutdated
        The file is of another version.
    """
    try:
        with path.open("rb") as file:
            manifest, tail = _read(file, path)
            index = _map(file, path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise IndexCorrupt(f"cannot read the index {path}: {error.strerror}") from error
    except RuntimeError as error:  # faiss
        raise _corrupt_error(path) from error
    n = manifest["count"]
    ids, positions, checksums = (
        np.frombuffer(part, dtype)
        for part, dtype in ((tail[: 8 * n], "<i8"), (tail[8 * n : 12 * n], "<u4"), (tail[12 * n :], "<u4"))
    )
    if index.ntotal != n or index.nlist != manifest["cells"]:
        raise _corrupt_error(path)
    return IvfStore(index, ids, positions, manifest["probes"], checksums), manifest


def _read(file: BinaryIO, path: Path) -> tuple[dict[str, Any], bytes]:
    """The manifest and the arrays before it, verified together with the start of the file."""
    size = os.fstat(file.fileno()).st_size
    if file.read(10) == b'{"format":':  # formats before 3 began with the manifest
        raise IndexOutdated(f"the index {path} is of another version; it is rebuilt")
    file.seek(max(0, size - FOOTER.size))
    footer = file.read()
    if len(footer) < FOOTER.size or not footer.endswith(MAGIC):
        raise IndexCorrupt(f"the index {path} has no manifest; it is rebuilt")
    length, _ = FOOTER.unpack(footer)
    try:
        file.seek(size - FOOTER.size - length)
        manifest = json.loads(file.read(length))
        if manifest["format"] != FORMAT:
            raise IndexOutdated(f"the index {path} is of another version; it is rebuilt")
        head, body_size = int(manifest["head"]), int(manifest["body"])
        tail_size = 12 * int(manifest["count"]) + 4 * int(manifest["cells"])
        has_full_length = head + body_size + tail_size + length + FOOTER.size == size
        file.seek(0)
        head_bytes = file.read(head)
        file.seek(head + body_size)
        tail = file.read(tail_size)
        checksum = manifest.pop("checksum")
        is_valid = has_full_length and checksum == _checksum(manifest, head_bytes, tail)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, OSError) as error:
        raise _corrupt_error(path) from error
    if not is_valid:
        raise _corrupt_error(path)
    return {**manifest, "checksum": checksum}, tail


def _map(file: BinaryIO, path: Path) -> Any:
    """The faiss index in the open file, mapped if possible."""
    if sys.platform != "win32" and _has_utf8_name(path):
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        if os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return index  # and not a file that has replaced it since
    file.seek(0)
    return faiss.read_index(faiss.PyCallbackIOReader(file.read, _BLOCK))


def _has_utf8_name(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _corrupt_error(path: Path) -> IndexCorrupt:
    return IndexCorrupt(f"the index {path} does not match its manifest; it is rebuilt")


def _checksum(manifest: dict[str, Any], head: bytes, tail: bytes) -> str:
    text = json.dumps(manifest, sort_keys=True).encode("ascii")
    return hashlib.blake2b(b"".join((text, head, tail)), digest_size=16).hexdigest()
