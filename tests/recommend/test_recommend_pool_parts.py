"""The parts of a pool of candidates: likes and dislikes, limits, shares, and what is left out, on fixed numbers."""

from typing import Any

import numpy as np
import pytest
from synthetic_library import make_synthetic_tracks, make_track

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.requests import Quota
from recsys.domain.tracks import Track
from recsys.recommend import pool as module
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.dislikes import near_dislikes
from recsys.recommend.minus_seeds import MinusSeeds
from recsys.recommend.pool import Pool, WeightedTracks, build_candidates, fit_user_model
from recsys.recommend.user_model import Interest, UserModel, chance_floor

TRACKS = make_synthetic_tracks()
NONE = np.empty(0, np.int64)
NO_QUOTAS = np.zeros((0, 0), bool)


def tracks_of(*ids: int) -> list[Track]:
    return [TRACKS.tracks[i] for i in ids]


def model_of(*shares: float, specificity: float = 1.0, likes: FloatArray | None = None) -> UserModel:
    """A user model with interests of these shares."""
    vectors = np.eye(len(shares), 4, dtype=np.float32) if likes is None else likes
    interests = tuple(Interest(i, (i,), share) for i, share in enumerate(shares))
    return UserModel(vectors, vectors, interests, vectors, np.ones(len(vectors)), specificity, 0.3)


def test_weights_default_to_one_and_stated_tracks_are_not_implied() -> None:
    found = WeightedTracks.of(tracks_of(1, 2, 3))
    assert (found.weights.tolist(), found.named) == ([1, 1, 1], False)
    assert not found.implied | found.minus
    assert found.stated is found.tracks
    implied = WeightedTracks(found.tracks, found.weights, implied=frozenset({2}))
    assert [track.id for track in implied.stated] == [1, 3]
    assert WeightedTracks.of(tracks_of(1), [0.5], named=True).weights.tolist() == [0.5]


def test_seeds_with_a_minus_take_the_place_of_ratings() -> None:
    found = WeightedTracks.of(tracks_of(1, 2, 3), [0.1, 0.2, 0.3]).with_minus(tracks_of(2, 7))
    assert [track.id for track in found.tracks] == [1, 3, 2, 7]
    assert found.weights.tolist() == [0.1, 0.3, 1.0, 1.0]
    assert found.minus == {2, 7}


def test_a_hundred_likes_are_drawn_by_their_weights() -> None:
    tracks = [make_track(i) for i in range(101)]
    weights = np.where(np.arange(101) < 95, 1.0, 1e-9)
    hundred = WeightedTracks.of(tracks[:100], weights[:100])
    assert hundred.sample(np.random.default_rng(0)) is hundred
    found = WeightedTracks.of(tracks, weights).sample(np.random.default_rng(0))
    drawn = [track.id for track in found.tracks]
    assert len(drawn) == len(set(drawn)) == 100
    assert drawn == sorted(drawn)
    assert set(range(95)) <= set(drawn)
    assert found.weights.tolist() == weights[drawn].tolist()


@pytest.mark.parametrize(
    ("artists", "specificity"),
    [
        ("abcd", 1.0), ("abcde", 0.0), ("aacde", 0.0), ("aaacd", 0.2), ("aabbc", 0.6), ("aabbb", 1.0), ("aabcde", 0.0),
        ("aabbcd", 1 / 3), ([None] * 6, 0.0),
    ],
)  # fmt: skip
def test_likes_that_share_their_artists_are_specific(artists: Any, specificity: float) -> None:
    tracks = [make_track(i, artist=artist) for i, artist in enumerate(artists)]
    assert module._artist_specificity(tracks) == pytest.approx(specificity)


def test_likes_by_several_artists_share_any_of_them() -> None:
    names = [("a", "b"), ("b",), ("c",), ("d",), ("c", "e")]
    tracks = [make_track(i, artist="; ".join(each), artists=each) for i, each in enumerate(names)]
    assert module._artist_specificity(tracks) == pytest.approx(0.6)


def test_user_model_is_measured_against_the_library() -> None:
    likes = WeightedTracks.of(tracks_of(1, 2, 21, 41, 61, 62), [1, 1, 1, 0.5, 0.25, 1])
    found = fit_user_model(TRACKS.index, likes, np.random.default_rng(0))
    vectors, densities = TRACKS.index.vectors(TRACKS.ids), TRACKS.index.densities(TRACKS.ids)
    similarities = TRACKS.index.similarities(vectors, vectors, densities=densities, other_densities=densities)
    assert found.floor == pytest.approx(chance_floor(similarities))
    assert np.array_equal(found.all_likes, TRACKS.index.vectors(np.array([1, 2, 21, 41, 61, 62])))
    assert found.artist_specificity == 0
    named = WeightedTracks.of(likes.tracks, likes.weights, named=True)
    assert fit_user_model(TRACKS.index, named, np.random.default_rng(0)).artist_specificity == 1


def test_background_is_a_sample_of_512_tracks() -> None:
    assert module.BACKGROUND == 512
    asked: list[int] = []

    class Index:
        ids = np.arange(600)

        def vectors(self, ids: IdArray) -> FloatArray:
            asked.append(len(ids))
            assert (np.diff(ids) > 0).all()
            return np.ones((len(ids), 2), np.float32) / np.sqrt(np.float32(2))

        def densities(self, ids: IdArray) -> FloatArray:
            return np.zeros(len(ids), np.float32)

        def similarities(self, one: FloatArray, other: FloatArray, **_: FloatArray) -> FloatArray:
            return one @ other.T

    for n, size in ((600, 512), (513, 512), (512, 512), (511, 511)):
        Index.ids = np.arange(n)
        asked.clear()
        fit_user_model(Index(), WeightedTracks.of([make_track(3)]), np.random.default_rng(0))  # type: ignore[arg-type]  # what is used
        assert asked == [1, size, 1]
    many = WeightedTracks.of([make_track(i) for i in range(101)])
    found = fit_user_model(Index(), many, np.random.default_rng(0))  # type: ignore[arg-type]  # as above
    assert (len(found.all_likes), len(found.likes)) == (101, 100)


def near_likes(depth: int, allowed: IdArray | None = None, excluded: IdArray = NONE) -> tuple[list[int], bool]:
    model = model_of(1.0, likes=TRACKS.index.vectors(np.array([1])))
    ids, is_complete = module._near_likes(TRACKS.index, model, depth, allowed, excluded)
    return ids.tolist(), is_complete


def test_all_tracks_are_compared_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = TRACKS.ids.tolist()
    assert near_likes(5, excluded=np.array([3])) == ([i for i in everything if i != 3], True)
    assert near_likes(5, np.array([7, 5, 99, 3]), np.array([3])) == ([5, 7], True)
    for limit, depth in ((79, 5), (5, 79)):
        monkeypatch.setattr(module, "_EXHAUSTIVE_LIMIT", limit)
        ids, is_complete = near_likes(depth)
        assert (len(ids), is_complete) == (depth, False)
        assert near_likes(depth, np.arange(1, 80)) == (list(range(1, 80)), True)
    assert near_likes(80) == (everything, True)
    monkeypatch.setattr(module, "_EXHAUSTIVE_LIMIT", 2)
    [ranked], _ = TRACKS.index.search(TRACKS.index.vectors(np.array([1])), 80, densities=np.zeros(1, np.float32))
    assert near_likes(6) == (sorted(ranked[:6].tolist()), False)
    assert near_likes(3, np.arange(30, 40), np.arange(30, 38)) == ([38, 39], False)


@pytest.mark.parametrize(("n", "is_complete"), [(4096, True), (4097, False)])
def test_up_to_4096_tracks_are_all_compared(n: int, is_complete: bool) -> None:
    assert near_likes(3, np.arange(1, n + 1))[1] == is_complete


def test_similarity_is_that_of_the_most_similar_like(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = np.array([2, 30, 1, 60, 45])
    likes = tracks_of(1, 21, 50)
    expected = []
    for i in wanted.tolist():
        per_like = []
        for like in likes:
            [ranked], [similarities] = TRACKS.index.search(TRACKS.index.vectors(np.array([like.id])), 80)
            per_like.append(float(similarities[ranked == i][0]))
        expected.append(max(per_like))
    for block in (1, 2, 1024):
        monkeypatch.setattr(module, "_BLOCK", block)
        found = module._similarities(TRACKS.index, likes, wanted, TRACKS.index.vectors(wanted))
        assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("named", [False, True])
def test_ratings_and_seeds_with_a_minus_exclude_tracks_on_their_own(named: bool) -> None:
    model = model_of(1.0, likes=TRACKS.index.vectors(np.array([1])))
    ids, vectors = TRACKS.ids, TRACKS.index.vectors(TRACKS.ids)
    rated = WeightedTracks.of(tracks_of(2, 3), [0.4, 1.0])
    cosines = vectors @ model.likes[0]
    by_rating = near_dislikes(TRACKS.index, ids, vectors, cosines, np.array([2, 3]), np.array([0.4, 1.0]), named=named)
    seeds = [TRACKS.index.vectors(np.array([i])) for i in (4, 5)]
    densities = [TRACKS.index.densities(np.array([i])) for i in (4, 5)]
    by_minus = MinusSeeds.find(TRACKS.index, list(zip(seeds, densities, strict=True))).near(ids, vectors, cosines)
    nothing = [False] * 80

    def excluded(dislikes: WeightedTracks) -> list[list[bool]]:
        return [
            each.tolist() for each in module._near_disliked(TRACKS.index, ids, vectors, model, dislikes, named=named)
        ]

    assert excluded(WeightedTracks.of([])) == [nothing, nothing]
    assert excluded(rated) == [nothing, by_rating.tolist()]
    assert excluded(WeightedTracks.of([]).with_minus(tracks_of(4, 5))) == [by_minus.tolist(), nothing]
    assert excluded(rated.with_minus(tracks_of(4, 5))) == [by_minus.tolist(), by_rating.tolist()]
    assert by_rating.any()
    assert by_minus.any()


@pytest.mark.parametrize(
    ("specificity", "scores", "shares"),
    [
        (1.0, [1.0, 0.31, 0.3, 0.29], [0.2, 0.1]), (0.0, [1.0, 0.76, 0.75, 0.74], [0.2, 0.1]),
        (0.5, [1.0, 0.53, 0.525, 0.52], [0.2, 0.1]), (1.0, [1.0, 0.29, 0.1, 0.29], [0.1, 0.0]),
        (1.0, [-1.0, -0.1, 0.0, 0.5], [0.0, 0.1]), (1.0, [-1.0, -1.0, -1.0, -1.0], [0.0, 0.0]),
        (1.0, [0.0, 0.0, 0.0, -1.0], [0.2, 0.1]),
    ],
)  # fmt: skip
def test_share_of_an_interest_is_at_most_that_of_its_good_candidates(
    specificity: float, scores: list[float], shares: list[float]
) -> None:
    """Two candidates of each interest for a playlist of ten tracks."""
    model, interests = model_of(0.6, 0.4, specificity=specificity), np.array([0, 0, 1, 1])
    assert module._target_shares(model, np.array(scores), interests, 10) == pytest.approx(shares)
    assert module._target_shares(model, np.array(scores), interests, 1).max() <= 0.6
    assert module._target_shares(model, np.empty(0), interests[:0], 10).tolist() == [0.6, 0.4]


def test_share_is_not_raised_by_many_good_candidates() -> None:
    model = model_of(0.75, 0.25)
    assert module._target_shares(model, np.ones(8), np.arange(8) % 2, 4).tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    ("exploration", "expected"),
    [
        (1.0, [-0.4, -0.1, 0.1, -1.0, 0.0]), (0.5, [0.2, 0.5, 0.3, -1.0, 0.0]), (0.0, [0.8, 0.5, 0.3, -1.0, 0.0]),
    ],
)  # fmt: skip
def test_exploration_prefers_scores_near_the_target_of_each_interest(exploration: float, expected: list[float]) -> None:
    """The target is 0.8 - 0.75 * 0.8 * exploration; an interest without a positive score has its best one."""
    scores, interests = np.array([0.8, 0.5, 0.3, -1.0, 0.0]), np.array([0, 0, 0, 1, 1])
    assert module._explore(scores, interests, 2, exploration) == pytest.approx(expected)
    shifted = module._explore(scores, interests + 1, 4, exploration)
    assert shifted == pytest.approx(expected)


def test_best_candidates_of_all_of_each_interest_and_of_each_quota() -> None:
    n = 400
    rng = np.random.default_rng(0)
    scores, interests = rng.permutation(n) / n, rng.choice(2, n, p=[0.8, 0.2])
    members = rng.random((2, n)) < np.array([[0.1], [0.5]])
    model = model_of(0.85, 0.15)
    order = np.argsort(-scores).tolist()
    for size in (1, 7, 30):
        kept = set(order[: size + 25])
        for number, share in enumerate((0.85, 0.15)):
            kept |= set([i for i in order if interests[i] == number][: int(2 * size * share) + 25])
        for row in members:
            kept |= set([i for i in order if row[i]][: 2 * size + 25])
        found = module._best_candidates(scores, interests, model, members, size)
        assert found.tolist() == [i for i in order if i in kept]


def test_equal_scores_are_kept_in_the_order_of_their_rows() -> None:
    found = module._best_candidates(np.zeros(60), np.zeros(60, int), model_of(0.1), NO_QUOTAS, 3)
    assert found.tolist() == list(range(28))


def candidates(
    likes: WeightedTracks, dislikes: WeightedTracks | None = None, *, n: int = 10, depth: int = 60, **fields: Any
) -> Pool:
    options = {"allowed": None, "excluded": NONE, "tracks": TRACKS.lookup, "quotas": fields.pop("members", {})}
    options |= {name: fields.pop(name) for name in ("allowed", "excluded", "tracks") if name in fields}
    given: dict[str, Any] = {**options, "n": n, "search_depth": depth, "rng": np.random.default_rng(7)}
    model = fit_user_model(TRACKS.index, likes, np.random.default_rng(0))
    constraints = PlaylistConstraints(n=n, **fields)
    return build_candidates(TRACKS.index, model, likes, dislikes or WeightedTracks.of([]), constraints, **given)


JAZZ = WeightedTracks.of(tracks_of(1, 2))


def scores_of(likes: WeightedTracks, ids: list[int]) -> DoubleArray:
    model = fit_user_model(TRACKS.index, likes, np.random.default_rng(0))
    return model.scores(TRACKS.index.vectors(np.array(ids)))


def ids_of(pool: Pool) -> list[int]:
    return [track.id for track in pool.tracks]


def test_candidates_have_their_scores_similarities_and_numbers() -> None:
    found = candidates(JAZZ, excluded=np.array([1, 2]))
    ids = ids_of(found)
    model = fit_user_model(TRACKS.index, JAZZ, np.random.default_rng(0))
    similarities = module._similarities(TRACKS.index, JAZZ.tracks, TRACKS.ids, TRACKS.index.vectors(TRACKS.ids))
    near = {i for i in TRACKS.ids.tolist() if similarities[i - 1] >= model.floor} - {1, 2}
    assert set(ids) == near
    assert 0 < found.n_dissimilar == 78 - len(near)
    assert (found.n_near_dislikes, found.n_near_minus) == (0, 0)
    assert found.candidates.scores == pytest.approx(scores_of(JAZZ, ids))
    assert (np.diff(found.candidates.scores) <= 0).all()
    assert found.similarities == pytest.approx(similarities[np.array(ids) - 1])
    assert found.candidates.seconds.tolist() == [TRACKS.tracks[i].duration for i in ids]
    assert (found.is_complete, found.candidates.fixed, found.floor) == (True, 0, model.floor)
    assert len(set(found.candidates.artists.ravel().tolist())) == len(ids)


def test_quota_admits_its_genre_below_the_floor() -> None:
    quota = Quota("folk", count=2)
    found = candidates(JAZZ, quotas=(quota,), members={"folk": np.arange(41, 61)}, excluded=np.array([1, 2]))
    assert set(range(41, 61)) <= set(ids_of(found))
    assert found.candidates.quotas.tolist() == [[40 < i < 61 for i in ids_of(found)]]
    assert found.quota_exhausted == (True,)
    few = candidates(
        JAZZ, quotas=(quota,), members={"folk": np.arange(41, 61)}, allowed=np.array([3, 41, 42, 70]), excluded=NONE
    )
    assert set(ids_of(few)) == {3, 41, 42}
    assert few.n_dissimilar == 1


def test_noise_of_a_seed_is_a_tenth_of_the_best_score() -> None:
    plain, noisy = candidates(JAZZ, excluded=np.array([1, 2])), candidates(JAZZ, seed=1, excluded=np.array([1, 2]))
    before = dict(zip(ids_of(plain), plain.candidates.scores.tolist(), strict=True))
    noise = np.random.default_rng(7).normal(0, 0.1 * max(before.values()), len(before))
    expected = {i: before[i] + each for i, each in zip(sorted(before), noise.tolist(), strict=True)}
    after = dict(zip(ids_of(noisy), noisy.candidates.scores.tolist(), strict=True))
    assert after == pytest.approx(expected)


def test_exploration_is_out_of_ten() -> None:
    plain, far = (
        candidates(JAZZ, excluded=np.array([1, 2])),
        candidates(JAZZ, exploration=4.0, excluded=np.array([1, 2])),
    )
    scores = dict(zip(ids_of(plain), plain.candidates.scores.tolist(), strict=True))
    target = (1 - 0.4 * 0.75) * max(scores.values())
    expected = {i: target - abs(score - target) for i, score in scores.items()}
    assert dict(zip(ids_of(far), far.candidates.scores.tolist(), strict=True)) == pytest.approx(expected)


def test_reasons_for_leaving_out_are_counted_once_each() -> None:
    everything = TRACKS.ids
    dislikes = WeightedTracks.of(tracks_of(3, 21)).with_minus(tracks_of(4))
    found = candidates(JAZZ, dislikes, excluded=np.array([1, 2, 3, 4, 21]))
    vectors = TRACKS.index.vectors(everything)
    model = fit_user_model(TRACKS.index, JAZZ, np.random.default_rng(0))
    is_minus, is_near = module._near_disliked(TRACKS.index, everything, vectors, model, dislikes, named=False)
    is_far = module._similarities(TRACKS.index, JAZZ.tracks, everything, vectors) < model.floor
    left = ~np.isin(everything, [1, 2, 3, 4, 21])
    assert found.n_dissimilar == (is_far & left).sum()
    assert found.n_near_dislikes == (is_near & ~is_far & left).sum() > 0
    assert found.n_near_minus == (is_minus & ~is_near & ~is_far & left).sum()
    assert set(ids_of(found)) == set(everything[left & ~is_far & ~is_near & ~is_minus].tolist())


def test_seeds_are_the_first_candidates_if_they_are_included() -> None:
    likes = WeightedTracks.of([*tracks_of(1, 21), make_track(2, missing=True)], named=True)
    quota = Quota("metal", count=2)
    found = candidates(
        likes, quotas=(quota,), members={"metal": np.arange(21, 41)}, include_seeds=True, excluded=np.array([1, 2, 21])
    )
    assert ids_of(found)[:2] == [1, 21]
    assert len(set(ids_of(found))) == len(found.tracks) == len(found.candidates.scores)
    assert not {1, 2, 21} & set(ids_of(found)[2:])
    assert found.candidates.fixed == 2
    assert found.similarities[:2].tolist() == [1, 1]
    assert found.candidates.scores[:2] == pytest.approx(scores_of(likes, [1, 21]))
    assert found.candidates.quotas[0].tolist() == [20 < i < 41 for i in ids_of(found)]
    assert found.candidates.seconds.tolist() == [track.duration for track in found.tracks]
    assert np.array_equal(found.candidates.vectors, TRACKS.index.vectors(np.array(ids_of(found))))
    assert len(set(found.candidates.version_groups.tolist())) == len(found.tracks)
    model = fit_user_model(TRACKS.index, likes, np.random.default_rng(0))
    assert found.candidates.interests.tolist() == model.interests_of(found.candidates.vectors).tolist()


def test_other_versions_of_likes_and_dislikes_are_no_candidates() -> None:
    named = {
        i: make_track(i, artist="Abba", title=title, duration=100.0 + i)
        for i, title in ((1, "Waterloo"), (5, "Waterloo (live)"), (3, "Fernando (live)"), (6, "Fernando"), (7, "SOS"))
    }
    tracks = TRACKS.tracks | named
    found = candidates(
        WeightedTracks.of([tracks[1], tracks[2]]), WeightedTracks.of([tracks[3]], [0.01]),
        excluded=np.array([1, 2, 3]), tracks=lambda ids: {i: tracks[i] for i in ids if i != 8},
    )  # fmt: skip
    assert not {5, 6, 8} & set(ids_of(found))
    assert 7 in ids_of(found)
    assert found.candidates.scores == pytest.approx(scores_of(WeightedTracks.of([tracks[1], tracks[2]]), ids_of(found)))


@pytest.mark.parametrize(("depth", "is_complete"), [(6, False), (38, False), (44, True), (70, True)])
def test_search_is_complete_where_few_tracks_are_near_a_like(
    monkeypatch: pytest.MonkeyPatch, depth: int, is_complete: bool
) -> None:
    """Some twenty tracks are above the floor, so that twice as many are not searched in vain."""
    monkeypatch.setattr(module, "_EXHAUSTIVE_LIMIT", 5)
    likes = WeightedTracks.of(tracks_of(1))
    model = fit_user_model(TRACKS.index, likes, np.random.default_rng(0))
    cosines = TRACKS.index.vectors(TRACKS.ids) @ model.likes[0]
    n_near = int((cosines >= model.floor).sum()) - 1
    assert 19 <= n_near <= 21
    assert candidates(likes, depth=depth, excluded=np.array([1])).is_complete == is_complete
    for wider in (2 * n_near, 2 * n_near + 1):
        found = candidates(likes, depth=wider, excluded=np.array([1]))
        assert found.is_complete == (wider > 2 * n_near)


def test_candidates_that_are_dropped_make_a_pool_incomplete() -> None:
    """Of 78 tracks, 1 + 25 are kept of all and of the only interest."""
    quotas = {"all": TRACKS.ids}
    found = candidates(JAZZ, n=1, quotas=(Quota("all", count=1),), members=quotas, excluded=np.array([1, 2]))
    assert (len(found.tracks), found.is_complete, found.quota_exhausted) == (27, False, (False,))
    found = candidates(JAZZ, n=30, quotas=(Quota("all", count=1),), members=quotas, excluded=np.array([1, 2]))
    assert (len(found.tracks), found.is_complete, found.quota_exhausted) == (78, True, (True,))
