import errno
import json
from pathlib import Path
from typing import Any

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
    """Where an index of 300 vectors has been written."""
    if request.param == "cells":
        monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 100)
    NearestIndex.build(np.arange(300), unit(300)).save(tmp_path / "index.faiss", {"of": "300"})
    return tmp_path / "index.faiss"


def manifest(path: Path) -> dict[str, Any]:
    cells_, found = storage.read(path)
    assert len(cells_) == found["count"]
    return found


def spoil(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


def test_what_is_written_comes_back(path: Path) -> None:
    assert manifest(path)["stamp"] == {"of": "300"}
    index, _ = NearestIndex.load(path)
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))
    index.check()


@pytest.mark.parametrize(
    "damage", ["cut", "cut in the middle", "grown", "empty", "text", "a folder", "nothing but foot"]
)
def test_a_file_that_is_not_whole_is_not_believed(path: Path, damage: str) -> None:
    whole = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(
            {
                "cut": whole[:-7],
                "cut in the middle": whole[:5000] + whole[-3000:],
                "grown": whole[:900] + b"0000" + whole[900:],
                "empty": b"",
                "text": b"I am no index\n" * 100,
                "nothing but foot": whole[-20:],
            }[damage]
        )
    with pytest.raises(IndexCorrupt, match="index"):
        NearestIndex.load(path)


def test_no_spoiled_byte_is_believed(path: Path) -> None:
    facts, whole = manifest(path), path.read_bytes()
    body = range(facts["head"], facts["head"] + facts["body"])
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 150).tolist():
        spoil(path, place)
        if place in body:
            index, _ = NearestIndex.load(path)  # looks at no cell
            with pytest.raises(IndexCorrupt):
                index.vectors(np.arange(300))
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)[0].search(unit(200, seed=1), 5, exact=True)
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)[0].check()
        else:
            with pytest.raises(IndexCorrupt):
                NearestIndex.load(path)
        path.write_bytes(whole)


def test_other_versions_are_outdated(path: Path) -> None:
    path.write_bytes(b'{"format":2, "count":3}\nrest')
    with pytest.raises(IndexOutdated):
        NearestIndex.load(path)
    text = json.dumps({"format": 99}).encode()
    path.write_bytes(b"something" + text + storage._FOOT.pack(len(text), storage._MAGIC))
    with pytest.raises(IndexOutdated):
        NearestIndex.load(path)


def test_an_index_that_is_replaced_meanwhile_still_answers(path: Path) -> None:
    index, _ = NearestIndex.load(path)
    NearestIndex.build(np.arange(20), unit(20, seed=5)).save(path, {})
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))
    assert len(NearestIndex.load(path)[0]) == 20


@pytest.mark.parametrize("reader", ["win32", "a name that is no text"])
def test_where_a_file_cannot_be_mapped_it_is_read(path: Path, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if reader == "win32":
        monkeypatch.setattr(storage.sys, "platform", "win32")
    else:
        path = path.rename(path.with_name("index\udcff.faiss"))
    index, _ = NearestIndex.load(path)
    path.write_bytes(b"")
    np.testing.assert_array_equal(index.vectors(np.arange(300)), unit(300))


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecsysError, match="cannot write the index"):
        NearestIndex.build(np.arange(3), unit(3)).save(tmp_path / "file" / "index.faiss", {})


@pytest.mark.parametrize("after", [0, 9000])
def test_a_full_disk_leaves_the_old_index(path: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = path.read_bytes()
    real = storage.os.fdopen

    class Full:
        def __init__(self, handle: int, mode: str) -> None:
            self.file, self.left = real(handle, mode), after

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, piece: bytes) -> int:
            self.left -= len(piece)
            if self.left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(piece)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    monkeypatch.setattr(storage.os, "fdopen", Full)
    with pytest.raises(RecsysError, match="No space left on device"):
        NearestIndex.build(np.arange(400), unit(400)).save(path, {})
    assert path.read_bytes() == whole
    assert [each.name for each in path.parent.iterdir()] == [path.name]
