import errno
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from recsys.domain.arrays import FloatArray
from recsys.errors import IndexCorrupt, IndexOutdated, RecsysError
from recsys.nearest import NearestIndex, ivf, storage


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(params=["one cell", "cells"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of an index of 300 vectors, with one cell or with several."""
    if request.param == "cells":
        monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 100)
    NearestIndex.build(np.arange(300), unit(300)).save(tmp_path / "index.faiss", {"of": "300"})
    return tmp_path / "index.faiss"


def manifest(path: Path) -> dict[str, Any]:
    store, found = storage.read(path)
    assert len(store) == found["count"]
    return found


def flip_bit(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)


def test_written_index_is_read(path: Path) -> None:
    assert manifest(path)["stamp"] == {"of": "300"}
    index, _ = NearestIndex.load(path)
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))
    index.check()


@pytest.mark.parametrize(
    "damage", ["cut", "cut in the middle", "grown", "empty", "text", "a folder", "only the footer"]
)
def test_incomplete_file_is_corrupt(path: Path, damage: str) -> None:
    content = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(
            {
                "cut": content[:-7],
                "cut in the middle": content[:5000] + content[-3000:],
                "grown": content[:900] + b"0000" + content[900:],
                "empty": b"",
                "text": b"not an index\n" * 100,
                "only the footer": content[-20:],
            }[damage]
        )
    with pytest.raises(IndexCorrupt, match="index"):
        NearestIndex.load(path)


def test_every_changed_byte_is_detected(path: Path) -> None:
    found, content = manifest(path), path.read_bytes()
    body = range(found["head"], found["head"] + found["body"])
    rng = np.random.default_rng(0)
    for position in rng.integers(0, len(content), 150).tolist():
        flip_bit(path, position)
        if position in body:
            index, _ = NearestIndex.load(path)  # reads no cell
            with pytest.raises(IndexCorrupt):
                index.vectors(np.arange(300))
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)[0].search(unit(200, seed=1), 5, exact=True)
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)[0].check()
        else:
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)
        path.write_bytes(content)


def test_each_cell_is_verified_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, _ = NearestIndex.load(path)
    verified: list[int] = []
    checksum = ivf.IvfStore._checksum

    def counted(store: ivf.IvfStore, cell: int) -> int:
        verified.append(cell)
        return checksum(store, cell)

    monkeypatch.setattr(ivf.IvfStore, "_checksum", counted)
    index.check()
    cells, _ = index.cells
    assert sorted(verified) == list(range(cells))
    index.check()
    index.search(unit(3), 5)
    assert len(verified) == cells


def test_other_versions_are_outdated(path: Path) -> None:
    path.write_bytes(b'{"format":2, "count":3}\nrest')
    with pytest.raises(IndexOutdated):
        NearestIndex.load(path)
    text = json.dumps({"format": 99}).encode()
    path.write_bytes(b"something" + text + storage.FOOTER.pack(len(text), storage.MAGIC))
    with pytest.raises(IndexOutdated):
        NearestIndex.load(path)


def test_loaded_index_is_valid_after_its_file_is_replaced(path: Path) -> None:
    index, _ = NearestIndex.load(path)
    NearestIndex.build(np.arange(20), unit(20, seed=5)).save(path, {})
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))
    assert len(NearestIndex.load(path)[0]) == 20


@pytest.mark.parametrize("reader", ["win32", "a name that is not UTF-8"])
def test_file_that_cannot_be_mapped_is_read(path: Path, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if reader == "win32":
        monkeypatch.setattr(sys, "platform", "win32")
    else:
        path = path.rename(path.with_name("index\udcff.faiss"))
    index, _ = NearestIndex.load(path)
    path.write_bytes(b"")
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))


def test_unwritable_path_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecsysError, match="cannot write the index"):
        NearestIndex.build(np.arange(3), unit(3)).save(tmp_path / "file" / "index.faiss", {})


@pytest.mark.parametrize("after", [0, 9000])
def test_full_disk_leaves_the_previous_index(path: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = path.read_bytes()
    real = os.fdopen

    class Full:
        def __init__(self, handle: int, mode: str) -> None:
            self.file, self.free = real(handle, mode), after

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, block: bytes) -> int:
            self.free -= len(block)
            if self.free < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(block)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    monkeypatch.setattr(os, "fdopen", Full)
    with pytest.raises(RecsysError, match="No space left on device"):
        NearestIndex.build(np.arange(400), unit(400)).save(path, {})
    assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_file_has_the_documented_parts(path: Path) -> None:
    """An index that an older version has written with the same format is read, and not built again."""
    content, (store, found) = path.read_bytes(), storage.read(path)
    length = int.from_bytes(content[-20:-12], "little")
    assert content[-12:] == b"recsys index"
    manifest = json.loads(content[-20 - length : -20])
    assert manifest == found
    cells = len(store.sizes)
    expected = {"format": 3, "count": 300, "cells": cells, "body": 300 * (9 * 4 + 8), "probes": store.nprobe}
    assert manifest.items() >= expected.items()
    assert (cells > 1) == (store.nprobe > 1)
    head, tail = content[: manifest["head"]], content[manifest["head"] + manifest["body"] : -20 - length]
    arrays = [store.ids.astype("<i8"), store.positions.astype("<u4"), store.checksums().astype("<u4")]
    assert tail == b"".join(array.tobytes() for array in arrays)
    checksum = manifest.pop("checksum")
    text = json.dumps(manifest, sort_keys=True).encode()
    assert checksum == hashlib.blake2b(text + head + tail, digest_size=16).hexdigest()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_cells_are_mapped_unless_the_file_was_replaced(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    if is_replaced:
        monkeypatch.setattr(os.path, "samestat", lambda *_: False)
    index, _ = NearestIndex.load(path)
    lists = faiss.downcast_InvertedLists(index._base.index.invlists)
    assert isinstance(lists, faiss.OnDiskInvertedLists) == (not is_replaced)
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))


@pytest.mark.parametrize(("content", "is_database"), [(b"SQLite format 3\0 and its pages", True), (b"SQLite", False)])
def test_database_is_not_replaced_by_an_index(tmp_path: Path, content: bytes, is_database: bool) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(content)
    index = NearestIndex.build(np.arange(3), unit(3))
    if is_database:
        with pytest.raises(RecsysError, match="it is a database"):
            index.save(path, {})
        assert path.read_bytes() == content
    else:
        index.save(path, {})
        assert len(NearestIndex.load(path)[0]) == 3


def test_index_that_was_read_is_written_again(path: Path) -> None:
    index, stamp = NearestIndex.load(path)
    other = path.with_name("other.faiss")
    index.save(other, stamp)
    assert other.read_bytes() == path.read_bytes()
    empty = path.with_name("empty.faiss")
    NearestIndex.build(np.empty(0, np.int64), unit(0)).save(empty, {})
    read, _ = NearestIndex.load(empty)
    read.save(other, {})
    assert len(NearestIndex.load(other)[0]) == 0
