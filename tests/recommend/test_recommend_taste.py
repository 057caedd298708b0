import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from songs import make_shelf

from recsys.recommend.taste import candidates

SHELF = make_shelf()  # 1..20 jazz, 21..40 metal, 41..60 folk, 61..80 techno


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def wanted(likes: np.ndarray, dislikes: np.ndarray | None = None, *, seed: int = 0, reach: int = 80) -> list[int]:
    found = candidates(
        SHELF.index, likes, ids() if dislikes is None else dislikes,
        allowed=SHELF.ids, absent=ids(), reach=reach, rng=np.random.default_rng(seed),
    )  # fmt: skip
    return [i for i, _ in found]


def test_several_likes_are_several_interests() -> None:
    kinds = SHELF.kinds(wanted(ids(1, 21))[:20])
    assert kinds.count("jazz") == kinds.count("metal") == 10


def test_more_likes_of_a_kind_give_more_of_it() -> None:
    kinds = SHELF.kinds(wanted(ids(1, 2, 3, 21))[:20])
    assert (kinds.count("jazz"), kinds.count("metal")) == (15, 5)


def test_a_dislike_pushes_its_surroundings_back() -> None:
    without = wanted(ids(1, 41))
    kept = wanted(ids(1, 41), ids(42, 43, 44))
    assert "folk" in SHELF.kinds(without[:8])
    like_folk = [
        SHELF.index.vectors(ids(i))[0] @ SHELF.index.vectors(ids(42, 43, 44)).T for i in (*without[:8], *kept[:8])
    ]
    assert np.mean(like_folk[8:]) < np.mean(like_folk[:8])
    assert not {42, 43, 44} & set(kept)


@given(
    st.sets(st.integers(1, 80), min_size=1, max_size=12),
    st.sets(st.integers(1, 80), max_size=5),
    st.integers(0, 99),
)
def test_everything_allowed_comes_once_but_what_is_rated(likes: set[int], dislikes: set[int], seed: int) -> None:
    found = wanted(ids(*likes), ids(*dislikes), seed=seed)
    assert sorted(found) == sorted(set(range(1, 81)) - likes - dislikes)
    assert found == wanted(ids(*likes), ids(*dislikes), seed=seed)


def test_another_seed_is_another_order() -> None:
    assert wanted(ids(1, 21, 41), seed=1)[:10] != wanted(ids(1, 21, 41), seed=2)[:10]


def test_the_cosine_is_that_with_the_nearest_like() -> None:
    likes = ids(1, 21)
    found = candidates(
        SHELF.index, likes, ids(), allowed=SHELF.ids, absent=ids(), reach=10, rng=np.random.default_rng(0)
    )
    for i, cosine in found:
        cosines = SHELF.index.vectors(likes) @ SHELF.index.vectors(ids(i))[0]
        assert cosine == pytest.approx(cosines.max(), abs=1e-6)


def test_nothing_allowed_is_nothing_wanted() -> None:
    nothing = candidates(
        SHELF.index, ids(1), ids(), allowed=ids(1), absent=ids(), reach=5, rng=np.random.default_rng(0)
    )
    assert list(nothing) == []
