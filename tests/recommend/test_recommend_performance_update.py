"""Updates of the stored groups: what is stored, what is compared, and what is not compared again."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from performance_signals import make_music
from performance_store import Store

from recsys.domain.catalogue import WindowFeatures
from recsys.features.version import FEATURE_VERSION
from recsys.recommend import performance_update
from recsys.recommend.fingerprint import Fingerprint
from recsys.recommend.performance_update import RULE, update_performances
from recsys.recommend.performances import Evidence, compare

MUSIC, OTHER = make_music(1, 60.0), make_music(2, 100.0)


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[float]]:
    """The pairs of fingerprints that are compared, by the starts of their music."""
    found: list[frozenset[float]] = []

    def compare_and_note(one: Fingerprint, other: Fingerprint) -> Evidence:
        found.append(frozenset((round(one.begin, 3), round(other.begin, 3))))
        return compare(one, other)

    monkeypatch.setattr(performance_update, "compare", compare_and_note)
    return found


def test_the_stored_length_is_that_of_the_music_without_silence() -> None:
    store = Store()
    store.add(1, MUSIC, before=2.0, after=3.0)
    store.add(2, OTHER)
    store.features[3] = WindowFeatures(np.empty((0, 0), np.float16), (), 7.0, 0.0)  # no windows: all of the file
    store.revisions[3] = 9
    assert update_performances(store)
    assert {i: row[1] for i, row in store.stored.items()} == pytest.approx({1: 60.0, 2: 100.0, 3: 7.0})
    assert {i: row[0] for i, row in store.stored.items()} == {1: 1, 2: 2, 3: 3}
    assert store.state == (9, RULE) == (9, 1000 * FEATURE_VERSION + performance_update.RULE_VERSION)


def test_each_pair_is_compared_once(comparisons: list[frozenset[float]]) -> None:
    store = Store()
    for i in range(4):
        store.add(i, MUSIC, before=i + 1.0)
    update_performances(store)
    assert store.groups() == [[0, 1, 2, 3]]
    assert Counter(comparisons) == Counter({frozenset((i + 1.0, j + 1.0)): 1 for i in range(4) for j in range(i)})
    comparisons.clear()
    store.add(9, MUSIC, before=9.0)
    update_performances(store)
    assert store.groups() == [[0, 1, 2, 3, 9]]
    assert max(Counter(comparisons).values()) == 1


def test_an_answer_compares_its_pair_and_what_is_in_their_groups(comparisons: list[frozenset[float]]) -> None:
    store = Store()
    for i, music in enumerate((MUSIC, MUSIC, OTHER, OTHER), 1):
        store.add(i, music, before=float(i))
    update_performances(store)
    assert store.groups() == [[1, 2], [3, 4]]
    comparisons.clear()
    store.checks = {}
    assert update_performances(store, {(1, 2): False})
    assert comparisons == [frozenset((1.0, 2.0))]
    assert store.checks == {(1, 2): False}


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_tracks_without_windows_are_compared_with_none(missing: int) -> None:
    class Incomplete(Store):
        def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
            return {i: found for i, found in super().window_features(ids).items() if i != missing}

    store = Incomplete()
    for i in (1, 2, 3):
        store.add(i, MUSIC)
    update_performances(store)
    assert store.groups() == [[i for i in (1, 2, 3) if i != missing]]


def test_a_store_with_fewer_vectors_than_before_is_derived_anew() -> None:
    """As a database that was replaced by an older copy."""
    store = Store()
    store.add(1, MUSIC)
    store.add(2, MUSIC)
    update_performances(store)
    store.stored[7] = (1, 60.0, store.stored[1][2])
    store.state = (5, RULE)
    assert update_performances(store)
    assert store.groups() == [[1, 2]]
    assert set(store.stored) == {1, 2}
    assert store.state == (2, RULE)


def test_an_update_without_a_change_of_vectors_or_answers_stores_nothing() -> None:
    store = Store()
    store.state = (0, RULE)
    assert not update_performances(store)
    store.state = (0, RULE - 1)
    assert not update_performances(store)  # there is no track
    assert store.state == (0, RULE)
