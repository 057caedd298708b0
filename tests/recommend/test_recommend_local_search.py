import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.local_search import MAX_SEGMENT, Move, improving_moves


def cost(path: IdArray, steps: DoubleArray, position_costs: DoubleArray | None) -> float:
    total = steps[path[:-1], path[1:]].sum()
    return float(total if position_costs is None else total + position_costs[path, np.arange(len(path))].sum())


def apply_move(path: IdArray, move: Move) -> IdArray:
    changed = path.copy()
    changed[move.low : move.high] = path[move.nodes]
    return changed


@given(m=st.integers(2, 9), seed=st.integers(0, 1000), with_position_costs=st.booleans())
def test_gains_are_the_reductions_of_the_cost(m: int, seed: int, with_position_costs: bool) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.random((m, m))
    position_costs = rng.random((m, m)) if with_position_costs else None
    path = np.arange(m)
    before = cost(path, steps, position_costs)
    found = improving_moves(steps, position_costs, min_gain=-np.inf, every=True)
    for move in found:
        after = apply_move(path, move)
        assert sorted(after) == list(path)
        assert (after[0], after[-1]) == (0, m - 1)
        assert move.gain == pytest.approx(before - cost(after, steps, position_costs))
    n_free = m - 2
    n_segment_moves = sum(
        (n_free + 1 - k) * (n_free - k) * (2 if k > 1 else 1) for k in range(1, min(MAX_SEGMENT, n_free) + 1)
    )
    assert len(found) == max(0, n_free * (n_free - 1) // 2 + n_segment_moves)


def test_blocks_of_rows_give_the_same_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    steps, position_costs = rng.random((2, 30, 30))
    for every in (False, True):
        whole = improving_moves(steps, position_costs, min_gain=0.1, every=every)
        monkeypatch.setattr("recsys.recommend.local_search._CELLS", 100)
        assert improving_moves(steps, position_costs, min_gain=0.1, every=every) == whole
        monkeypatch.undo()
        gains = [move.gain for move in whole]
        assert gains == sorted(gains, reverse=True)
        assert gains[-1] > 0.1


@pytest.mark.parametrize("with_position_costs", [False, True])
def test_best_move_of_each_kind_and_start_is_returned_if_it_gains_enough(with_position_costs: bool) -> None:
    steps, position_costs = np.random.default_rng(1).random((2, 20, 20))
    costs = (steps, position_costs if with_position_costs else None)
    best: dict[tuple[int, bool, int], float] = {}
    for move in improving_moves(*costs, min_gain=-np.inf, every=True):
        kind = move.length, move.reversed, move.start
        best[kind] = max(move.gain, best.get(kind, -np.inf))
    assert {length for length, *_ in best} == {0, 1, 2, 3}
    limit = float(np.median(list(best.values())))
    found = {(move.length, move.reversed, move.start): move.gain for move in improving_moves(*costs, min_gain=limit)}
    assert found == {kind: gain for kind, gain in best.items() if gain > limit}


def test_gains_are_exact_in_the_precision_of_the_steps() -> None:
    """Steps of 1000 between blocks would lose the gains within a block if their sums were single."""
    points = np.random.default_rng(2).random(40)
    steps = np.abs(points[:, None] - points) + 1000 * (np.arange(40)[:, None] // 20 != np.arange(40) // 20)
    exact = {move[1:]: move.gain for move in improving_moves(steps, min_gain=-1, every=True)}
    single = {move[1:]: move.gain for move in improving_moves(steps.astype(np.float32), min_gain=-1, every=True)}
    assert exact.keys() == single.keys()
    assert max(abs(exact[move] - single[move]) for move in exact) < 1e-3
