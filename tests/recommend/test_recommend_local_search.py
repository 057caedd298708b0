import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.local_search import MAX_SEGMENT, Move, improving_moves


def cost(path: IdArray, steps: DoubleArray, places: DoubleArray | None) -> float:
    total = steps[path[:-1], path[1:]].sum()
    return float(total if places is None else total + places[path, np.arange(len(path))].sum())


def made(path: IdArray, change: Move) -> IdArray:
    changed = path.copy()
    changed[change.low : change.high] = path[change.nodes]
    return changed


@given(m=st.integers(2, 9), seed=st.integers(0, 1000), with_places=st.booleans())
def test_gains_are_what_the_path_gets_cheaper_by(m: int, seed: int, with_places: bool) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.random((m, m))
    places = rng.random((m, m)) if with_places else None
    path = np.arange(m)
    before = cost(path, steps, places)
    found = improving_moves(steps, places, min_gain=-np.inf, every=True)
    for change in found:
        after = made(path, change)
        assert sorted(after) == list(path)
        assert (after[0], after[-1]) == (0, m - 1)
        assert change.gain == pytest.approx(before - cost(after, steps, places))
    inner = m - 2
    ways = sum((inner + 1 - k) * (inner - k) * (2 if k > 1 else 1) for k in range(1, min(MAX_SEGMENT, inner) + 1))
    assert len(found) == max(0, inner * (inner - 1) // 2 + ways)


def test_matrices_in_pieces_are_matrices_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    steps, places = rng.random((2, 30, 30))
    for every in (False, True):
        whole = improving_moves(steps, places, min_gain=0.1, every=every)
        monkeypatch.setattr("recsys.recommend.local_search._CELLS", 100)
        assert improving_moves(steps, places, min_gain=0.1, every=every) == whole
        monkeypatch.undo()
        gains = [change.gain for change in whole]
        assert gains == sorted(gains, reverse=True)
        assert gains[-1] > 0.1
