import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_shelf

from recsys.recommend.taste import (
    CHANCE_SHARE,
    MAX_FLOOR,
    MAX_INTERESTS,
    UserModel,
    chance_floor,
    find_interests,
    fit_preference_model,
)

SHELF = make_shelf()  # 1..20 jazz, 21..40 metal, 41..60 folk, 61..80 techno
ALL = SHELF.index.vectors(SHELF.ids)


def vectors(*ids: int) -> np.ndarray:
    return SHELF.index.vectors(np.array(ids, np.int64))


def taste(likes: tuple[int, ...], weights: np.ndarray | None = None, particular: float = 1.0) -> UserModel:
    return fit_preference_model(
        vectors(*likes),
        np.ones(len(likes)) if weights is None else weights,
        ALL,
        floor=0.2,
        artist_specificity=particular,
    )


def best(fitted: UserModel, n: int = 20) -> list[str]:
    return SHELF.kinds(SHELF.ids[np.argsort(-fitted.scores(ALL))][:n].tolist())


def test_likes_of_two_kinds_are_two_interests_and_never_one_between() -> None:
    fitted = taste((1, 2, 3, 21, 22))
    assert [len(interest.members) for interest in fitted.interests] == [3, 2]
    assert [interest.share for interest in fitted.interests] == pytest.approx([0.6, 0.4])
    assert {one.medoid for one in fitted.interests} <= {0, 1, 2, 3, 4}
    assert set(best(fitted, 30)) == {"jazz", "metal"}
    owner, alike = fitted.nearest(vectors(5, 25))
    assert owner.tolist() == [0, 1]
    assert (alike > 0.8).all()


def test_what_weighs_more_pulls_more() -> None:
    heavy = taste((1, 21), weights=np.array([1.0, 0.2]))
    assert [interest.share for interest in heavy.interests] == pytest.approx([1 / 1.2, 0.2 / 1.2])
    assert heavy.scores(vectors(5)) > heavy.scores(vectors(25))


def test_several_likes_of_a_kind_strengthen_each_other() -> None:
    lead = [one.scores(vectors(10)) - one.scores(vectors(30)) for one in (taste((1, 21)), taste((1, 2, 3, 21)))]
    assert lead[1] > lead[0]


@given(st.lists(st.integers(1, 80), min_size=1, max_size=40, unique=True), st.integers(0, 2**32 - 1))
def test_every_like_belongs_to_one_interest(likes: list[int], seed: int) -> None:
    weights = np.random.default_rng(seed).uniform(0.05, 1, len(likes))
    found = find_interests(vectors(*likes), weights, 0.2)
    assert sorted(i for one in found for i in one.members) == list(range(len(likes)))
    assert sum(one.share for one in found) == pytest.approx(1)
    assert len(found) <= MAX_INTERESTS
    assert all(one.medoid in one.members for one in found)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)


def test_the_floor_is_what_most_random_pairs_do_not_reach() -> None:
    cosines = ALL @ ALL.T
    floor = chance_floor(cosines)
    pairs = cosines[np.triu_indices(len(cosines), 1)]
    assert np.mean(pairs < floor) <= CHANCE_SHARE  # a quarter of the pairs are of one kind, and near
    assert floor == MAX_FLOOR
    apart = vectors(1, 21, 41, 61, 62)
    assert chance_floor(apart @ apart.T) < MAX_FLOOR
    assert chance_floor(cosines[:4, :4]) == -1


def test_where_likes_stand_for_a_kind_of_music_one_alone_counts_less() -> None:
    likes = (1, 2, 3, 4, 21)
    lead = [one.scores(vectors(10)) / one.scores(vectors(30)) for one in (taste(likes), taste(likes, particular=0.0))]
    assert lead[1] > lead[0]
