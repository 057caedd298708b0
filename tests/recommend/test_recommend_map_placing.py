"""When a map is arranged and from what, and where points are placed, with an embedding that records its calls."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend import map_layout
from recsys.recommend.layout_2d import principal_components
from recsys.recommend.map_layout import LAYOUT_VERSION, MapLayout, _aligned, _place, make_layout
from recsys.recommend.neighbour_embedding import neighbour_graph


def unit(n: int, d: int = 6, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def index_of(n: int) -> NearestIndex:
    return NearestIndex.build(np.arange(1, n + 1), unit(n))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of an embedding that turns what it begins from by a right angle and makes it three times as large."""
    found: list[dict[str, Any]] = []

    def embed(
        graph: Any, initial: FloatArray, *, iterations: int, exaggerated: int, on_iteration: Callable[[int], None]
    ) -> FloatArray:
        found.append({"graph": graph, "initial": initial, "iterations": iterations, "exaggerated": exaggerated})
        on_iteration(iterations // 2)
        on_iteration(iterations)
        return 3 * initial[:, ::-1] * np.array([1, -1], np.float32)

    monkeypatch.setattr(map_layout, "embed", embed)
    return found


def layout_of(ids: IdArray, *, arranged: bool = True, unit: float = 0.5) -> MapLayout:
    """The layout of some tracks of :func:`index_of`, with points by their ids."""
    n = int(ids.max())
    points = np.random.default_rng(7).uniform(-0.8, 0.8, (n, 2)).astype(np.float32)[ids - 1]
    axes = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    vectors = index_of(60).vectors(ids)
    return MapLayout(ids, points, vectors @ axes, np.full(len(ids), arranged), unit)


def indexed(ids: IdArray) -> NearestIndex:
    """Of the vectors that :func:`layout_of` has."""
    return NearestIndex.build(ids, index_of(60).vectors(ids))


def first(n: int) -> IdArray:
    return np.arange(1, n + 1)


def test_a_new_map_begins_from_its_principal_components(calls: list[dict[str, Any]]) -> None:
    shares: list[float] = []
    layout = make_layout(indexed(first(20)), on_progress=shares.append)
    [call] = calls
    assert (call["iterations"], call["exaggerated"]) == (250, 50)
    coarse, _ = principal_components(indexed(first(20)).vectors(first(20)))
    jitter = 0.01 * np.random.default_rng(0).standard_normal((20, 2))
    np.testing.assert_allclose(call["initial"], 1e-4 * (coarse / coarse.std(axis=0).max() + jitter), rtol=1e-5)
    expected = neighbour_graph(indexed(first(20)).neighbour_rows(15))
    assert (call["graph"] != expected).nnz == 0
    assert shares[0] >= 0
    assert shares[-3:] == pytest.approx([0.4, 0.7, 1.0])
    turned = call["initial"][:, ::-1] * [1, -1]
    largest = np.abs(turned).max()
    np.testing.assert_allclose(layout.points, turned / largest, rtol=1e-5)
    assert layout.unit == pytest.approx(1 / (3 * largest), rel=1e-5)
    assert layout.arranged.all()


def test_stored_layouts_have_fingerprints_of_their_version() -> None:
    """Stored layouts are compared by these numbers. Where they change, LAYOUT_VERSION has to be raised."""
    assert LAYOUT_VERSION == 1
    layout = make_layout(indexed(first(5)))
    np.testing.assert_allclose(layout.fingerprints, layout_of(first(5)).fingerprints, rtol=1e-5, atol=1e-6)
    assert layout.fingerprints.shape == (5, 4)


@pytest.mark.parametrize(("n", "is_embedded"), [(7, False), (8, True)])
def test_few_tracks_are_placed_by_principal_components(n: int, is_embedded: bool, calls: list[dict[str, Any]]) -> None:
    layout = make_layout(indexed(first(n)))
    assert bool(calls) == is_embedded
    if not is_embedded:
        coarse, _ = principal_components(indexed(first(n)).vectors(first(n)))
        np.testing.assert_allclose(layout.points, coarse / np.abs(coarse).max(), rtol=1e-5)
        assert layout.unit == pytest.approx(1 / np.abs(coarse).max(), rel=1e-5)


@pytest.mark.parametrize(("known", "n", "begins"), [(8, 20, False), (9, 20, True), (2, 60, False)])
def test_a_new_map_begins_from_enough_known_points(
    known: int, n: int, begins: bool, calls: list[dict[str, Any]]
) -> None:
    former = layout_of(first(known))
    layout = make_layout(indexed(first(n)), former, anew=True)
    [call] = calls
    assert (call["iterations"], call["exaggerated"]) == ((200, 0) if begins else (250, 50))
    assert layout.arranged.all()
    if begins:
        np.testing.assert_allclose(call["initial"][:known], former.points / 0.5, rtol=1e-5)
        turned = layout.points[:known] * layout.unit**-1  # in the unit of the embedding, as it was before
        np.testing.assert_allclose(turned, former.points / 0.5 * 3, rtol=1e-3, atol=1e-2)


def test_a_tenth_of_the_tracks_is_enough_to_begin_from(
    calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert map_layout.MIN_TRACKS == 8
    monkeypatch.setattr(map_layout, "MIN_TRACKS", 1)
    make_layout(indexed(first(50)), layout_of(first(5)), anew=True)
    make_layout(indexed(first(50)), layout_of(first(6)), anew=True)
    assert [call["exaggerated"] for call in calls] == [50, 0]


@pytest.mark.parametrize(("n", "is_anew"), [(19, False), (20, True)])
def test_a_map_is_arranged_anew_when_the_library_has_doubled(
    n: int, is_anew: bool, calls: list[dict[str, Any]]
) -> None:
    former = layout_of(first(10))
    layout = make_layout(indexed(first(n)), former)
    assert bool(calls) == is_anew
    assert layout.arranged.tolist() == ([True] * n if is_anew else [True] * 10 + [False] * (n - 10))
    if not is_anew:
        assert layout.unit == former.unit
        np.testing.assert_array_equal(layout.points[:10], former.points)
        index = indexed(first(n))
        placed = _place(index, first(10), former.points, index.vectors(first(n)[10:]), former.unit)
        np.testing.assert_array_equal(layout.points[10:], placed)


def test_placed_points_do_not_count_as_the_last_map() -> None:
    placed = layout_of(first(2), arranged=False)
    assert make_layout(indexed(first(3)), placed).arranged.tolist() == [True] * 3
    assert make_layout(indexed(first(1)), placed).arranged.tolist() == [False]  # of two, one was removed


def test_points_are_of_tracks_with_the_same_id_and_vector(calls: list[dict[str, Any]]) -> None:
    ids = np.array([2, 3, 5, 8, 9, 13, 20, 21])
    former = layout_of(ids)
    same = make_layout(indexed(ids), former)
    assert same is former
    assert make_layout(indexed(ids), former, anew=True) is not former
    assert len(calls) == 1
    fingerprints = former.fingerprints.copy()
    fingerprints[2, 3] += 0.0011
    fingerprints[4, 0] -= 0.0009
    moved = make_layout(indexed(ids), MapLayout(ids, former.points, fingerprints, former.arranged, former.unit))
    assert moved.arranged.tolist() == [True, True, False, True, True, True, True, True]
    others = np.array([1, 3, 4, 8, 9, 13, 20, 22, 30])
    found = make_layout(indexed(others), former)
    kept = np.isin(others, ids)
    assert found.arranged.tolist() == kept.tolist()
    np.testing.assert_array_equal(found.points[kept], former.points[np.isin(ids, others)])
    np.testing.assert_allclose(found.fingerprints, layout_of(others).fingerprints, rtol=1e-5, atol=1e-6)
    assert make_layout(indexed(ids), MapLayout(ids[:0], former.points[:0], fingerprints[:0], former.arranged[:0], 1.0)
                       ).arranged.all()  # fmt: skip


def placed_one_by_one(index: NearestIndex, known: IdArray, points: FloatArray, vectors: FloatArray) -> DoubleArray:
    """Of the ten nearest, that which the others are closest to, and the mean weighted by closeness to it; unit 0.5."""
    jitter = 0.1 * np.random.default_rng(0).standard_normal((len(vectors), 2))
    result = []
    for vector, offset in zip(vectors, jitter, strict=True):
        [ids], [similarities] = index.search(vector[None], 10, allowed=known)
        pairs = [(i, max(s, 1e-3)) for i, s in zip(ids.tolist(), similarities.tolist(), strict=True) if i >= 0]
        at = {i: points[list(known).index(i)].astype(np.float64) / 0.5 for i, _ in pairs}

        def closeness(i: int, j: int, weight: float, at: dict[int, DoubleArray] = at) -> float:
            return float(weight / (1 + ((at[i] - at[j]) ** 2).sum()))

        central = max(at, key=lambda i: sum(closeness(i, j, w) for j, w in pairs))
        weights = np.array([closeness(central, j, w) for j, w in pairs])
        mean = (weights[:, None] * np.array([at[j] for j, _ in pairs])).sum(axis=0) / weights.sum()
        result.append(np.clip((mean + offset) * 0.5, -1, 1))
    return np.array(result)


@pytest.mark.parametrize("n_known", [1, 2, 4, 9, 10, 11, 40])
def test_a_point_is_placed_where_its_neighbours_are_densest(n_known: int) -> None:
    index, known = index_of(60), np.sort(np.random.default_rng(n_known).permutation(60)[:n_known] + 1)
    points = np.random.default_rng(1).uniform(-1, 1, (n_known, 2)).astype(np.float32)
    vectors = np.vstack([unit(12, seed=3), -index.vectors(known[:1])])  # the last is similar to none
    expected = placed_one_by_one(index, known, points, vectors)
    np.testing.assert_allclose(_place(index, known, points, vectors, 0.5), expected, rtol=1e-4, atol=1e-4)
    assert _place(index, known, points, vectors[:0], 0.5).shape == (0, 2)


class FewFound:
    """An index whose search finds only some neighbours, as a search in few cells may."""

    def __init__(self, index: NearestIndex) -> None:
        self.index = index

    def search(self, queries: FloatArray, n: int, *, allowed: IdArray) -> tuple[IdArray, FloatArray]:
        ids, similarities = self.index.search(queries, n, allowed=allowed)
        ids[::2, 4:], similarities[::2, 4:] = NO_ID, 0.9
        return ids, similarities


def test_neighbours_that_were_not_found_have_no_weight() -> None:
    index, known = cast("NearestIndex", FewFound(index_of(60))), first(40)
    points = np.random.default_rng(1).uniform(-1, 1, (40, 2)).astype(np.float32)
    points[0] = points.mean(axis=0)  # in the place of the missing ones, nearest to all others
    vectors = unit(12, seed=3)
    expected = placed_one_by_one(index, known, points, vectors)
    np.testing.assert_allclose(_place(index, known, points, vectors, 0.5)[::2], expected[::2], rtol=1e-4, atol=1e-4)


def test_placed_points_stay_on_the_map() -> None:
    index, known = index_of(20), first(20)
    corner = np.tile(np.array([[1, -1]], np.float32), (20, 1))
    placed = _place(index, known, corner, unit(30, seed=2), 2.0)
    assert placed[:, 0].max() == 1
    assert placed[:, 1].min() == -1


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_new_map_is_turned_and_mirrored_to_match_the_former_one(mirror: float) -> None:
    former = np.random.default_rng(0).uniform(-1, 1, (12, 2)).astype(np.float32)
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * [1, mirror]
    moved = former + np.array([0.3, -0.2])
    new = (moved @ turn * 2).astype(np.float32)
    known = np.arange(12) != 5
    new[5] = [40, 40]  # a point that was not there
    found = _aligned(new, former, known)
    np.testing.assert_allclose(found[known], 2 * moved[known], atol=1e-4)
    np.testing.assert_allclose(found[5], new[5] @ np.linalg.inv(turn), rtol=1e-4)
