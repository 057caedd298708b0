"""Valence and arousal of a library that was filled before they existed."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry

from recsys.app.filters import allowed_ids
from recsys.app.moods import fill_moods, moods_of
from recsys.app.validation import check_only, matching
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import Entry
from recsys.domain.requests import Only
from recsys.errors import UsageError
from recsys.features.mood import valence_arousal
from recsys.features.scaling import raw
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.genre.moods import MOODS, shown

TRACKS = 12
VECTORS = raw(2 * np.random.default_rng(3).standard_normal((TRACKS, len(DIMENSIONS))).astype(np.float32))


def entry(number: int, vector: FloatArray) -> Entry:
    made = make_entry(f"/{number:02}", version=FEATURE_VERSION, dimensions=len(vector))
    assert made.outcome is not None
    outcome = replace(made.outcome, analysis=replace(made.outcome.analysis, vector=vector))
    return replace(made, outcome=outcome)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION) as opened:
        opened.store([entry(number, vector) for number, vector in enumerate(VECTORS)])
        yield opened


def test_moods_are_filled_from_stored_vectors_once(catalogue: Catalogue) -> None:
    assert fill_moods(catalogue) == TRACKS
    assert fill_moods(catalogue) == 0
    stored = [(track.valence, track.arousal) for track in catalogue.get(catalogue.ids().tolist()).values()]
    np.testing.assert_allclose(stored, valence_arousal(VECTORS), atol=1e-6)


@pytest.mark.parametrize("filled", [False, True])
def test_filters_give_the_same_whether_moods_are_stored_or_not(catalogue: Catalogue, filled: bool) -> None:
    if filled:
        fill_moods(catalogue)
    ids = catalogue.ids().tolist()
    valence, arousal = valence_arousal(VECTORS).T
    middle = float(np.median(arousal)), float(np.median(valence))
    excited = allowed_ids(catalogue, Only(arousal=(middle[0], 1.0)))
    pleasant_too = allowed_ids(catalogue, Only(arousal=(middle[0], 1.0), valence=(middle[1], 1.0)))
    assert excited is not None
    assert pleasant_too is not None
    assert excited.tolist() == [i for i, a in zip(ids, arousal, strict=True) if a >= middle[0]]
    both = (arousal >= middle[0]) & (valence >= middle[1])
    assert pleasant_too.tolist() == [i for i, has in zip(ids, both, strict=True) if has]


@pytest.mark.parametrize("only", [lambda word: Only(moods=(word,)), lambda word: Only(tags=(word,))])
def test_a_mood_finds_what_is_described_by_it(catalogue: Catalogue, only: object) -> None:
    found = {word: allowed_ids(catalogue, only(word)).tolist() for word in MOODS}  # type: ignore[operator]
    described = [shown(vector) for vector in VECTORS]
    ids = catalogue.ids().tolist()
    for word in MOODS:
        assert found[word] == [i for i, words in zip(ids, described, strict=True) if word in words]
    assert any(found.values())


def test_nonsense_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="unknown mood 'gloomy'; moods are: calm, energetic"):
        allowed_ids(catalogue, Only(moods=("gloomy",)))
    with pytest.raises(UsageError, match=r"arousal must go from less to more between 0 and 1, but is 0\.6-60"):
        check_only(Only(arousal=(0.6, 60.0)))
    said = matching(Only(moods=("calm",), arousal=(0.0, 0.4)))
    assert said == "of the mood calm, of arousal 0-0.4 "


def test_vectors_of_another_length_are_no_reason_to_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Catalogue.open(f"sqlite:///{tmp_path / 'other.db'}", feature_version=FEATURE_VERSION) as other:
        other.store([entry(0, np.ones(12, np.float32))])
        with caplog.at_level(logging.WARNING):
            assert fill_moods(other) == 0
        assert "12" in caplog.text
        assert [track.arousal for track in other.tracks()] == [None]


def test_moods_can_be_computed_without_being_stored(catalogue: Catalogue) -> None:
    [first, *_] = ids = catalogue.ids()
    assert moods_of(catalogue, ids)[int(first)] == pytest.approx(tuple(valence_arousal(VECTORS[:1])[0]))
    assert catalogue.ids_without_mood().tolist() == ids.tolist()
