"""Groups of one performance: candidates, groups that do not depend on the order, and updates that equal a rebuild."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from performance_signals import make_music
from performance_store import Store

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.recommend import performance_update
from recsys.recommend.performance_groups import MEMBERS_DISTANCE, candidate_pairs, form_groups
from recsys.recommend.performance_update import update_performances
from recsys.recommend.performances import KEY_DISTANCE, LARGEST_DIFFERENCE


def brute_force(keys: FloatArray, seconds: DoubleArray) -> list[list[int]]:
    return [
        [i, j]
        for i in range(len(keys))
        for j in range(i + 1, len(keys))
        if np.linalg.norm(keys[i] - keys[j]) <= KEY_DISTANCE and abs(seconds[i] - seconds[j]) <= LARGEST_DIFFERENCE
    ]


def test_candidates_are_all_pairs_with_similar_keys_and_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.performance_groups._BLOCK", 7)
    rng = np.random.default_rng(0)
    keys = (3 * rng.standard_normal((200, 8))).astype(np.float32)
    seconds = rng.uniform(60, 300, 200)
    pairs, distances = candidate_pairs(keys, seconds)
    assert pairs.tolist() == brute_force(keys, seconds)
    np.testing.assert_allclose(distances, np.linalg.norm(keys[pairs[:, 0]] - keys[pairs[:, 1]], axis=1))
    some = np.array([3, 50, 199])
    expected = [pair for pair in pairs.tolist() if not set(pair).isdisjoint(some.tolist())]
    assert candidate_pairs(keys, seconds, some)[0].tolist() == expected


def test_a_thousand_copies_have_few_candidates_and_are_one_group() -> None:
    keys = np.random.default_rng(0).normal(0, 0.01, (1000, 8)).astype(np.float32)
    pairs, _ = candidate_pairs(keys, np.full(1000, 180.0))
    assert len(pairs) < 40_000
    assert form_groups(map(tuple, pairs.tolist()), keys) == [list(range(1000))]


def test_no_tracks_have_no_candidates() -> None:
    pairs, distances = candidate_pairs(np.empty((0, 8), np.float32), np.empty(0))
    assert pairs.shape == (0, 2)
    assert distances.shape == (0,)


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30), st.permutations(range(12)), st.data())
def test_groups_are_disjoint_similar_and_independent_of_the_order(
    drawn: list[tuple[int, int]], order: list[int], data: st.DataObject
) -> None:
    positions = data.draw(st.lists(st.integers(0, 40), min_size=12, max_size=12))
    keys = np.array(positions, np.float32)[:, None]
    pairs = {(min(pair), max(pair)) for pair in drawn if pair[0] != pair[1]}
    groups = form_groups(sorted(pairs), keys)
    members = [track for group in groups for track in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert keys[group].max() - keys[group].min() <= MEMBERS_DISTANCE
        assert any(pair in pairs for pair in [(one, other) for one in group for other in group])
    assert form_groups(sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]])), keys) == groups


def test_a_chain_is_cut_where_its_ends_differ() -> None:
    keys = np.array([[0.0], [8.0], [16.0]], np.float32)
    assert form_groups([(0, 1), (1, 2)], keys) == [[0, 1]]
    keys = np.array([[0.0], [6.0], [12.0]], np.float32)
    assert form_groups([(0, 1), (1, 2)], keys) == [[0, 1, 2]]


MUSIC = {
    1: make_music(1, 60.0),
    2: make_music(2, 61.0),
    3: make_music(1, 60.0),
    4: make_music(1, 60.0).cut(3.0, 0.0),
    5: make_music(3, 62.0),
    6: make_music(2, 61.0).cut(0.0, 2.0),
    7: make_music(1, 60.0).stretched(1.05),
}
GROUPS = [[1, 3, 4], [2, 6]]


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5, 6, 7), (7, 6, 5, 4, 3, 2, 1), (4, 6, 1, 7, 2, 5, 3)])
@pytest.mark.parametrize("at_once", [1, 3, 7])
def test_groups_are_the_same_in_whatever_order_tracks_are_added(order: tuple[int, ...], at_once: int) -> None:
    store = Store()
    for start in range(0, len(order), at_once):
        for i in order[start : start + at_once]:
            store.add(i, MUSIC[i])
        assert update_performances(store)
    assert store.groups() == GROUPS
    assert {store.stored[i][0] for i in (1, 3, 4)} == {1}


def test_nothing_is_compared_when_nothing_has_changed() -> None:
    store = Store()
    assert not update_performances(store)
    for i, music in MUSIC.items():
        store.add(i, music)
    assert update_performances(store)
    store.compared.clear()
    assert not update_performances(store)
    assert store.compared == []


def test_a_track_with_other_features_leaves_its_group() -> None:
    store = Store()
    for i, music in MUSIC.items():
        store.add(i, music)
    update_performances(store)
    store.add(1, MUSIC[5])
    update_performances(store)
    assert store.groups() == [[1, 5], [2, 6], [3, 4]]


def test_another_rule_derives_the_groups_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    for i, music in MUSIC.items():
        store.add(i, music)
    update_performances(store)
    store.stored[5] = (1, *store.stored[5][1:])
    assert not update_performances(store)
    monkeypatch.setattr(performance_update, "RULE", performance_update.RULE + 1)
    assert update_performances(store)
    assert store.groups() == GROUPS


def test_the_audio_decides_where_windows_do_not() -> None:
    """A short piece without its start is compared by its audio; the answer holds for every later update."""
    short = make_music(4, 20.0)
    store = Store()
    for i, music in {1: short, 2: short.cut(2.0, 0.0), 3: make_music(5, 60.0)}.items():
        store.add(i, music)
    assert update_performances(store)
    assert (store.groups(), dict(store.checks)) == ([], {(1, 2): None})
    assert update_performances(store, {(1, 2): True})
    assert (store.groups(), dict(store.checks)) == ([[1, 2]], {(1, 2): True})
    store.add(2, short.cut(2.0, 0.0))
    update_performances(store)
    assert (store.groups(), dict(store.checks)) == ([[1, 2]], {(1, 2): True})
    assert update_performances(store, {(1, 2): False})
    assert store.groups() == []


def test_windows_decide_until_the_audio_has_been_compared() -> None:
    store = Store()
    store.add(1, MUSIC[1])
    store.add(4, MUSIC[4])
    update_performances(store)
    assert (store.groups(), dict(store.checks)) == ([[1, 4]], {(1, 4): None})
    update_performances(store, {(1, 4): False})
    assert store.groups() == []
