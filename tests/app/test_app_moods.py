"""Valence and arousal of a library that was ingested before they were computed."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_entries import make_entry

from recsys.app.filters import filter_ids
from recsys.app.moods import read_moods, store_missing_moods
from recsys.app.validation import describe_filter
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import IngestRecord
from recsys.domain.requests import TrackFilter
from recsys.errors import InvalidRequest
from recsys.features.mood import valence_arousal
from recsys.features.scaling import denormalise
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.genre.moods import MOODS, describe_moods
from recsys.genre.tags import tag_names

TRACKS = 12
VECTORS = denormalise(2 * np.random.default_rng(3).standard_normal((TRACKS, len(DIMENSIONS))).astype(np.float32))


def make_record(number: int, vector: FloatArray) -> IngestRecord:
    entry = make_entry(f"/{number:02}", version=FEATURE_VERSION, dimensions=len(vector))
    assert entry.result is not None
    result = replace(entry.result, analysis=replace(entry.result.analysis, vector=vector))
    return replace(entry, result=result)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as opened:
        opened.store([make_record(number, vector) for number, vector in enumerate(VECTORS)])
        yield opened


def test_missing_moods_are_computed_from_stored_vectors_once(catalogue: Catalogue) -> None:
    assert store_missing_moods(catalogue) == TRACKS
    assert store_missing_moods(catalogue) == 0
    stored = [(track.valence, track.arousal) for track in catalogue.tracks_by_id(catalogue.ids().tolist()).values()]
    np.testing.assert_allclose(np.array(stored, float), valence_arousal(VECTORS), atol=1e-6)


@pytest.mark.parametrize("stored", [False, True])
def test_filter_is_the_same_for_stored_and_computed_moods(catalogue: Catalogue, stored: bool) -> None:
    if stored:
        store_missing_moods(catalogue)
    ids = catalogue.ids().tolist()
    valence, arousal = valence_arousal(VECTORS).T
    middle = float(np.median(arousal)), float(np.median(valence))
    excited = filter_ids(catalogue, TrackFilter(arousal_range=(middle[0], 1.0)))
    pleasant_too = filter_ids(catalogue, TrackFilter(arousal_range=(middle[0], 1.0), valence_range=(middle[1], 1.0)))
    assert excited is not None
    assert pleasant_too is not None
    assert excited.tolist() == [i for i, a in zip(ids, arousal, strict=True) if a >= middle[0]]
    both = (arousal >= middle[0]) & (valence >= middle[1])
    assert pleasant_too.tolist() == [i for i, has in zip(ids, both, strict=True) if has]


def ids_of(catalogue: Catalogue, only: TrackFilter) -> list[int]:
    found = filter_ids(catalogue, only)
    assert found is not None
    return found.tolist()


@pytest.mark.parametrize("only", [lambda word: TrackFilter(moods=(word,)), lambda word: TrackFilter(tags=(word,))])
def test_filter_by_mood_finds_the_tracks_described_by_it(
    catalogue: Catalogue, only: Callable[[str], TrackFilter]
) -> None:
    found = {word: ids_of(catalogue, only(word)) for word in MOODS}
    described = describe_moods(VECTORS)
    ids = catalogue.ids().tolist()
    for word in MOODS:
        assert found[word] == [i for i, words in zip(ids, described, strict=True) if word in words]
    assert any(found.values())


def test_a_catalogue_that_stays_open_finds_the_same_and_reads_each_vector_once(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*MOODS, *tag_names()]
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as kept:
        kept.remember()

        def both(only: TrackFilter) -> list[int]:
            expected = ids_of(catalogue, only)
            assert ids_of(kept, only) == expected
            return expected

        found = {word: both(TrackFilter(tags=[word])) for word in words}
        assert any(both(TrackFilter(moods=[mood], tags=[tag])) for mood in MOODS for tag in tag_names()[:9])
        read: list[int] = []
        monkeypatch.setattr(kept, "vector_batches", _noting(kept.vector_batches, read))
        assert {word: both(TrackFilter(tags=[word])) for word in words} == found
        assert read == []
        changed = [make_record(0, VECTORS[1]), make_record(99, VECTORS[2])]
        catalogue.store(changed)
        catalogue.mark_missing(["/05"])
        catalogue.delete(["/05"])
        assert {word: both(TrackFilter(tags=[word])) for word in words} != found
        assert 0 < len(read) <= 2 * len(changed)  # once for the tags and once for the moods


def _noting(batches: Callable[..., Any], read: list[int]) -> Callable[..., Any]:
    def noted(**options: Any) -> Iterator[Any]:
        for ids, vectors in batches(**options):
            read.extend(ids.tolist())
            yield ids, vectors

    return noted


def test_unknown_mood_names_the_field_and_the_moods(catalogue: Catalogue) -> None:
    with pytest.raises(InvalidRequest, match=r"^moods must be one of 8 names such as calm") as raised:
        filter_ids(catalogue, TrackFilter(moods=("gloomy",)))
    assert raised.value.field == "moods"


def test_filter_is_described_in_words() -> None:
    described = describe_filter(TrackFilter(moods=("calm",), arousal_range=(0.0, 0.4)))
    assert described == "of the mood calm, of arousal 0-0.4 "


def test_vectors_of_another_length_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Catalogue.open(f"sqlite:///{tmp_path / 'other.db'}", feature_version=FEATURE_VERSION) as other:
        other.store([make_record(0, np.ones(12, np.float32))])
        with caplog.at_level(logging.WARNING):
            assert store_missing_moods(other) == 0
        assert "12" in caplog.text
        assert [track.arousal for track in other.tracks()] == [None]


def test_read_moods_stores_nothing(catalogue: Catalogue) -> None:
    [first, *_] = ids = catalogue.ids()
    assert read_moods(catalogue, ids)[int(first)] == pytest.approx(tuple(valence_arousal(VECTORS[:1])[0]))
    assert catalogue.ids_without_mood().tolist() == ids.tolist()
