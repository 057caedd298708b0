"""The index of an older version is deleted if it is of this library, and nothing else is."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.nearest import NearestIndex, storage
from recsys.nearest.former import delete_former_index


@pytest.fixture
def former(tmp_path: Path) -> Path:
    path = tmp_path / "old.faiss"
    NearestIndex.build(np.arange(4), np.eye(4, dtype=np.float32)).save(path, {"library": "this"})
    return path


@pytest.mark.parametrize("content", [None, b"", b"no index at all"])
def test_file_that_is_no_index_stays(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "old.faiss"
    if content is not None:
        path.write_bytes(content)
    assert not delete_former_index(path, lambda stamp: True)
    assert path.exists() == (content is not None)


@pytest.mark.parametrize("library", ["this", "another"])
def test_only_the_index_of_this_library_is_deleted(former: Path, library: str) -> None:
    is_own = library == "this"
    assert delete_former_index(former, lambda stamp: stamp["library"] == library) == is_own
    assert former.exists() == (not is_own)


@pytest.mark.parametrize("recent", [b"", b"no index"])
def test_a_second_file_of_another_index_stays(former: Path, recent: bytes) -> None:
    beside = former.with_name("old-recent.faiss")
    beside.write_bytes(recent)
    assert delete_former_index(former, lambda stamp: True)
    assert beside.exists()


@pytest.mark.parametrize("is_of_it", [True, False])
def test_its_own_second_file_is_deleted(former: Path, is_of_it: bool) -> None:
    store, manifest = storage.read(former)
    recent = former.with_name("old-recent.faiss")
    storage.write(recent, store, {"base": manifest["checksum"] if is_of_it else "another"})
    assert delete_former_index(former, lambda stamp: True)
    assert (former.exists(), recent.exists()) == (False, not is_of_it)


def test_files_that_another_process_deletes_meanwhile(former: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, manifest = storage.read(former)
    storage.write(former.with_name("old-recent.faiss"), store, {"base": manifest["checksum"]})
    read = storage.read

    def read_and_delete(path: Path) -> Any:
        found = read(path)
        path.unlink()
        return found

    monkeypatch.setattr(storage, "read", read_and_delete)
    assert delete_former_index(former, lambda stamp: True)
    assert list(former.parent.iterdir()) == []
