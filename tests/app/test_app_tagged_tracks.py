"""The file with the tags of all tracks: who may use it, and what is read again."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_entries import make_entry

from recsys.app.filters import filter_ids
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import IngestRecord
from recsys.domain.requests import TrackFilter
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.version import FEATURE_VERSION
from recsys.genre.tags import has_tag

TAG = "harpsichord"
VECTORS = np.random.default_rng(0).random((12, len(DIMENSIONS)), np.float32) ** 8
HAVE_TAG = has_tag(VECTORS[:, GROUPS["tags"]], TAG)


def record(number: int, vector: FloatArray) -> IngestRecord:
    entry = make_entry(f"/{number:02}", version=FEATURE_VERSION, dimensions=len(vector))
    assert entry.result is not None
    result = replace(entry.result, analysis=replace(entry.result.analysis, vector=vector))
    return replace(entry, result=result)


@contextmanager
def library(home: Path) -> Iterator[Catalogue]:
    with Catalogue.open(f"sqlite:///{home / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        catalogue.tags_file = home / "library.db.tags"
        yield catalogue


def tagged(catalogue: Catalogue) -> list[int]:
    found = filter_ids(catalogue, TrackFilter(tags=[TAG]))
    assert found is not None
    return found.tolist()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with library(tmp_path) as catalogue:
        catalogue.store([record(number, vector) for number, vector in enumerate(VECTORS)])
        assert tagged(catalogue) == catalogue.ids()[HAVE_TAG].tolist()
    assert 0 < HAVE_TAG.sum() < len(VECTORS)
    return tmp_path


def count_read(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many vectors a question reads; it must be answered as without a file."""
    read: list[int] = []
    batches = catalogue.vector_batches

    def noted(**options: Any) -> Iterator[object]:
        for ids, vectors in batches(**options):
            read.extend(ids.tolist())
            yield ids, vectors

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "vector_batches", noted)
        found = tagged(catalogue)
    catalogue.tags_file, file = None, catalogue.tags_file
    assert found == tagged(catalogue)
    catalogue.tags_file = file
    return len(read)


def test_next_program_reads_only_new_vectors(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with library(home) as catalogue:
        assert count_read(catalogue, monkeypatch) == 0
        catalogue.store([record(0, VECTORS[np.argmax(HAVE_TAG)]), record(50, VECTORS[1])])
        catalogue.mark_missing(["/05"])
        catalogue.delete(["/05"])
        assert 0 < count_read(catalogue, monkeypatch) <= 2
        assert count_read(catalogue, monkeypatch) == 0


def test_file_of_another_state_is_not_used(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "library.db.tags"
    before = file.read_bytes()
    with library(home) as catalogue:
        catalogue.store([record(50, VECTORS[1])])
        tagged(catalogue)
        file.write_bytes(before)
        assert count_read(catalogue, monkeypatch) == len(VECTORS) + 1
    with library(tmp_path / "other") as other:
        other.store([record(number, vector) for number, vector in enumerate(VECTORS[::-1])])
        (tmp_path / "other" / file.name).write_bytes(before)
        assert count_read(other, monkeypatch) == len(VECTORS)


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: data[:700] + b"\xff" + data[701:]])
def test_damaged_file_is_written_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, damage: Callable[[bytes], bytes]
) -> None:
    file = home / "library.db.tags"
    file.write_bytes(damage(file.read_bytes()))
    with library(home) as catalogue, caplog.at_level(logging.WARNING):
        assert count_read(catalogue, monkeypatch) == len(VECTORS)
        assert count_read(catalogue, monkeypatch) == 0
    assert "cannot read the tags" in caplog.text


def test_file_that_cannot_be_written_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with library(home) as catalogue:
        catalogue.tags_file = home / "library.db" / "tags"  # below a file
        assert count_read(catalogue, monkeypatch) == len(VECTORS)
