"""The file of one set of cells: what faiss writes, then our own arrays and a manifest; replaced as a whole.

    faiss's index       its centres and sizes, then cell by cell the rows and their ids
    ids, places, sums   which ids there are and where, and the CRC-32 of each cell
    manifest            JSON: counts, lengths, a checksum of all but the cells, and what the caller wants to find again
    length, magic       of the manifest, and of this format

Only what stands before and behind the cells is read and checked at once; the cells are mapped, and each is checked when
it is first needed. Windows can replace no file that is mapped: there all is read.
"""

import hashlib
import json
import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.errors import IndexCorrupt, IndexOutdated, RecsysError
from recsys.nearest.ivf import IvfStore, faiss

FORMAT = 3
_MAGIC = b"recsys index"
_FOOT = struct.Struct(f"<Q{len(_MAGIC)}s")
_PIECE = 1 << 20  # bytes that faiss writes or reads at a time


def write(path: Path, cells: IvfStore, manifest: dict[str, Any]) -> str:
    """Write the cells with a manifest; afterwards all of it stands at ``path``, or what stood there before.

    Returns the checksum, which no other set of cells has.

    Raises
    ------
    RecsysError
        The file cannot be written.
    IndexCorrupt
        The cells come from another file, and are not what was written there.
    """
    cells = cells.in_memory_copy()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                checksum = _write(file, cells, manifest)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RecsysError(f"cannot write the index {path}: {error.strerror}") from error
    return checksum


def _write(file: BinaryIO, cells: IvfStore, manifest: dict[str, Any]) -> str:
    failures: list[OSError] = []

    def put(piece: bytes) -> None:  # faiss goes on writing, whatever is returned, and loses what is raised
        try:
            if not failures:
                file.write(piece)
        except OSError as error:
            failures.append(error)

    faiss.write_index(cells.index, faiss.PyCallbackIOWriter(put, _PIECE))
    if failures:
        raise failures[0]
    end, body = file.tell(), int(cells.sizes.sum()) * (int(cells.index.code_size) + 8)
    file.seek(0)
    head = file.read(end - body)
    file.seek(end)
    arrays = [cells.ids.astype("<i8"), cells.positions.astype("<u4"), cells.checksums().astype("<u4")]
    tail = b"".join(array.tobytes() for array in arrays)
    manifest = {
        **manifest,
        "format": FORMAT,
        "count": len(cells),
        "cells": len(cells.sizes),
        "head": len(head),
        "body": body,
        "probes": cells.nprobe,
    }
    manifest["checksum"] = _checksum(manifest, head, tail)
    text = json.dumps(manifest).encode("ascii")
    for piece in (tail, text, _FOOT.pack(len(text), _MAGIC)):
        file.write(piece)
    return str(manifest["checksum"])


def read(path: Path) -> tuple[IvfStore, dict[str, Any]]:
    """The cells at ``path``, mapped into memory, and their manifest.

    Raises
    ------
    FileNotFoundError
        Nothing has been written there.
    IndexCorrupt
        The file is not what its manifest says, or (``IndexOutdated``) another version wrote it.
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
    ids, places, sums = (tail[: 8 * n], "<i8"), (tail[8 * n : 12 * n], "<u4"), (tail[12 * n :], "<u4")
    arrays: list[IdArray] = [np.frombuffer(*pair) for pair in (ids, places, sums)]
    if index.ntotal != n or index.nlist != manifest["cells"]:
        raise _corrupt_error(path)
    return IvfStore(index, arrays[0], arrays[1], manifest["probes"], arrays[2]), manifest


def _read(file: BinaryIO, path: Path) -> tuple[dict[str, Any], bytes]:
    """The manifest and the arrays before it, checked with the beginning of the file."""
    size = os.fstat(file.fileno()).st_size
    if file.read(10) == b'{"format":':  # the manifest stood at the beginning
        raise IndexOutdated(f"the index {path} is of another version; it is built anew")
    file.seek(max(0, size - _FOOT.size))
    foot = file.read()
    if len(foot) < _FOOT.size or not foot.endswith(_MAGIC):
        raise IndexCorrupt(f"the index {path} has no manifest; it is built anew")
    length, _ = _FOOT.unpack(foot)
    try:
        file.seek(size - _FOOT.size - length)
        manifest = json.loads(file.read(length))
        if manifest["format"] != FORMAT:
            raise IndexOutdated(f"the index {path} is of another version; it is built anew")
        head, body = int(manifest["head"]), int(manifest["body"])
        behind = 12 * int(manifest["count"]) + 4 * int(manifest["cells"])
        whole = head + body + behind + length + _FOOT.size == size
        file.seek(0)
        first = file.read(head)
        file.seek(head + body)
        tail = file.read(behind)
        expected = manifest.pop("checksum")
        sound = whole and expected == _checksum(manifest, first, tail)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, OSError) as error:
        raise _corrupt_error(path) from error
    if not sound:
        raise _corrupt_error(path)
    return {**manifest, "checksum": expected}, tail


def _map(file: BinaryIO, path: Path) -> Any:
    """What faiss finds in this very file."""
    if sys.platform != "win32" and _is_legacy(path):
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        if os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return index  # and not one that has replaced it since
    file.seek(0)
    return faiss.read_index(faiss.PyCallbackIOReader(file.read, _PIECE))


def _is_legacy(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _corrupt_error(path: Path) -> IndexCorrupt:
    return IndexCorrupt(f"the index {path} is not what its manifest says; it is built anew")


def _checksum(manifest: dict[str, Any], head: bytes, tail: bytes) -> str:
    text = json.dumps(manifest, sort_keys=True).encode("ascii")
    return hashlib.blake2b(b"".join((text, head, tail)), digest_size=16).hexdigest()
