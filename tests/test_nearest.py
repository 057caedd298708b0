import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import IndexDamaged, RecsysError
from recsys.evaluate.metrics import skewness
from recsys.nearest import COPY, CORRECTION, NOBODY, NearestIndex
from recsys.types import FloatArray, IdArray


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def some_ids(n: int, seed: int = 0) -> IdArray:
    return np.random.default_rng(seed).permutation(n * 3)[:n].astype(np.int64) + 1


def density(query: FloatArray, vectors: FloatArray) -> float:
    """Mean cosine with the ten nearest that are no copies."""
    cosines = np.sort([cosine for cosine in vectors @ query if cosine < COPY])[-10:]
    return float(np.mean(cosines)) if len(cosines) else 0.0


def exact(vectors: FloatArray, query: FloatArray) -> FloatArray:
    """The yardstick: the similarity of every vector, by the definition of CSLS."""
    hubness = np.array([density(vector, vectors) for vector in vectors])
    return np.clip(vectors @ query - CORRECTION * (hubness - density(query, vectors)), -1, 1)


@given(n=st.integers(1, 60), k=st.integers(1, 70), seed=st.integers(0, 1000), share=st.floats(0.02, 1))
def test_answers_are_those_of_the_yardstick(n: int, k: int, seed: int, share: float) -> None:
    ids, vectors, queries = some_ids(n, seed), unit(n, seed=seed), unit(3, seed=seed + 1)
    index = NearestIndex.build(ids, vectors)
    allowed = np.random.default_rng(seed).permutation(ids)[: max(1, int(n * share))]
    for wanted in (None, allowed):
        found, similarities = index.search(queries, k, allowed=wanted)
        may = ids if wanted is None else wanted
        for row, query in enumerate(queries):
            truth = dict(zip(ids.tolist(), exact(vectors, query).tolist(), strict=True))
            assert set(found[row]) <= set(may)
            best = sorted((truth[i] for i in may.tolist()), reverse=True)[:k]
            np.testing.assert_allclose(similarities[row], best, atol=1e-5)
            np.testing.assert_allclose([truth[i] for i in found[row].tolist()], best, atol=1e-5)


def test_a_hub_is_held_back_and_a_copy_is_no_hub() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((500, 40)).astype(np.float32) + 1.0  # all lean to one side: who leans most is a hub
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    by_cosine = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:11]
    found, _ = NearestIndex.build(np.arange(500), vectors).search(vectors, 11)
    others = found[found != np.arange(500)[:, None]]
    assert skewness(np.bincount(by_cosine.ravel(), minlength=500)) > 2.5
    assert skewness(np.bincount(others, minlength=500)) < 2
    copies = NearestIndex.build(np.arange(3), vectors[[1, 1, 2]])
    same, similarities = copies.search(vectors[1:2], 2)
    assert set(same[0]) == {0, 1}
    np.testing.assert_allclose(similarities[0], 1, atol=1e-5)


def test_densities_keep_up_with_a_growing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.nearest.ANCHORS", 20)
    vectors = unit(100)
    index = NearestIndex.build(np.arange(30), vectors[:30])
    for start, stop in ((30, 50), (50, 70), (70, 100)):  # within reach of the old anchors, then beyond twice of them
        index.add(np.arange(start, stop), vectors[start:stop])
    anew = NearestIndex.build(np.arange(100), vectors)
    (found, near), (other, truth) = index.search(vectors, 5), anew.search(vectors, 5)
    assert np.mean(found == other) > 0.5
    np.testing.assert_allclose(near, truth, atol=0.25)


def test_a_cube_knows_its_neighbours() -> None:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
    corners /= np.sqrt(3, dtype=np.float32)
    index = NearestIndex.build(np.arange(8, dtype=np.int64), corners)
    found, similarities = index.search(corners[7:], 8)  # all corners are alike, so none is a hub
    assert found[0, 0] == 7
    assert set(found[0, 1:4]) == {3, 5, 6}  # those that differ in one coordinate
    np.testing.assert_allclose(similarities[0], [1, 1 / 3, 1 / 3, 1 / 3, -1 / 3, -1 / 3, -1 / 3, -1], atol=1e-6)


def test_allowed_ids_that_are_not_there_leave_gaps() -> None:
    index = NearestIndex.build(np.array([1, 2]), unit(2))
    found, cosines = index.search(unit(1), 2, allowed=np.array([2, 77]))
    assert found.tolist() == [[2, NOBODY]]
    assert cosines[0, 1] == -np.inf
    assert index.search(unit(1), 3, allowed=np.array([], np.int64))[0].shape == (1, 0)


def test_adding_replaces_what_has_the_same_id() -> None:
    vectors = unit(5)
    index = NearestIndex.build(np.arange(4), vectors[:4])
    index.add(np.array([2, 9]), vectors[[4, 2]])
    assert index.ids.tolist() == [0, 1, 2, 3, 9]
    np.testing.assert_array_equal(index.vectors(np.array([9, 2])), vectors[[2, 4]])
    assert index.search(vectors[4:], 1)[0].tolist() == [[2]]


def test_an_empty_index_answers_nothing_and_can_grow() -> None:
    index = NearestIndex.build(np.array([], np.int64), np.empty((0, 8), np.float32))
    assert index.search(unit(2), 5)[0].shape == (2, 0)
    index.add(np.array([3]), unit(1))
    assert index.search(unit(1), 5)[0].tolist() == [[3]]


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [([1, 1], unit(2)), ([1], unit(2)), ([1], unit(1, 5)), ([1], np.full((1, 8), np.nan, np.float32))],
)
def test_nonsense_is_refused(ids: list[int], vectors: FloatArray) -> None:
    with pytest.raises(ValueError, match=r"twice|need|NaN"):
        NearestIndex.build(np.array([7]), unit(1)).add(np.array(ids), vectors)


def test_an_unknown_id_has_no_vector() -> None:
    with pytest.raises(KeyError, match="5"):
        NearestIndex.build(np.array([4]), unit(1)).vectors(np.array([4, 5]))


def test_a_saved_index_comes_back_with_its_stamp(tmp_path: Path) -> None:
    path = tmp_path / "new" / "index.faiss"
    ids, vectors = some_ids(30), unit(30)
    NearestIndex.build(ids, vectors).save(path, {"generation": 3, "library": "abc"})
    loaded, stamp = NearestIndex.load(path)
    assert stamp == {"generation": 3, "library": "abc"}
    np.testing.assert_array_equal(loaded.vectors(ids), vectors)
    assert [p.name for p in path.parent.iterdir()] == ["index.faiss"]  # nothing temporary is left behind
    loaded.add(np.array([1000]), unit(1, seed=9))
    assert len(loaded) == 31


def test_no_index_is_not_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        NearestIndex.load(tmp_path / "index.faiss")


@pytest.mark.parametrize("damage", ["truncated", "flipped", "no manifest", "empty", "other format", "a folder"])
def test_damage_is_noticed(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index.faiss"
    NearestIndex.build(some_ids(30), unit(30)).save(path, {})
    whole = path.read_bytes()
    head, body = whole.split(b"\n", 1)
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        other = json.dumps({**json.loads(head), "format": 99}).encode()
        path.write_bytes(
            {
                "truncated": whole[:-7],
                "flipped": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
                "no manifest": body,
                "empty": b"",
                "other format": other + b"\n" + body,
            }[damage]
        )
    with pytest.raises(IndexDamaged, match="index"):
        NearestIndex.load(path)


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecsysError, match="cannot write the index"):
        NearestIndex.build(some_ids(3), unit(3)).save(tmp_path / "file" / "index.faiss", {})


@given(n=st.integers(1, 40), seed=st.integers(0, 99), share=st.floats(0, 1))
def test_barred_ids_are_as_if_they_were_not_there(n: int, seed: int, share: float) -> None:
    ids, vectors, query = some_ids(n, seed), unit(n, seed=seed), unit(1, seed=seed + 1)
    index = NearestIndex.build(ids, vectors)
    barred = np.random.default_rng(seed).permutation(ids)[: int(n * share)]
    found, near = index.search(query, n, barred=barred)
    same, also = index.search(query, n, allowed=np.setdiff1d(ids, barred))
    both, third = index.search(query, n, allowed=ids, barred=barred)
    kept = n - len(barred)
    assert found[0, :kept].tolist() == same[0].tolist() == both[0].tolist()
    assert set(found[0, kept:]) <= {NOBODY}
    np.testing.assert_allclose(near[0, :kept], also[0], atol=1e-6)
    np.testing.assert_allclose(third[0], also[0], atol=1e-6)


def test_it_says_what_it_holds() -> None:
    index = NearestIndex.build(np.array([5, 2, 9]), unit(3))
    assert [i for i in range(12) if i in index] == [2, 5, 9]
    index.add(np.array([7]), unit(1, seed=4))
    assert [i for i in range(12) if i in index] == [2, 5, 7, 9]
    assert 3 not in NearestIndex.build(np.array([], np.int64), np.empty((0, 8), np.float32))
