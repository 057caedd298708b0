"""The parts of a playlist: its gap, the reasons for what is missing, and how far the search goes, at every limit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_synthetic_tracks, make_track

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import Quota
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.recommend import playlist
from recsys.recommend.candidates import Candidates, Violation
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.ordering import Ordering
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist, select
from recsys.recommend.pool import Pool, WeightedTracks
from recsys.recommend.transitions import Smoothness

TRACKS = make_synthetic_tracks()
NONE = np.empty(0, np.int64)
SATISFIED = Violation(0, 0.0, ())
TOO_FEW = Violation(1, 0.0, ())


def pool_of(n: int, *, quota_exhausted: tuple[bool, ...] = (), **fields: Any) -> Pool:
    """A pool of tracks each by its own artist, whose similarity is 1."""
    numbers = np.arange(n)
    given = {
        "scores": np.zeros(n), "vectors": np.eye(n, dtype=np.float32), "seconds": np.full(n, 60.0),
        "interests": np.zeros(n, np.int64), "version_groups": numbers, "artists": numbers, "albums": numbers,
        "quotas": np.zeros((len(quota_exhausted), n), bool),
    }  # fmt: skip
    of_pool = {name: fields.pop(name) for name in list(fields) if name not in (*given, "fixed")}
    arrays: dict[str, Any] = {
        name: value if name == "fixed" else np.asarray(value) for name, value in (given | fields).items()
    }
    pool = Pool(
        tuple(make_track(i) for i in range(n)), np.ones(n, np.float32), Candidates(**arrays), np.ones(1), False,
        quota_exhausted, 0.3, 0, 0, 0,
    )  # fmt: skip
    return replace(pool, **of_pool)


@pytest.mark.parametrize(
    ("artists", "distance"),
    [
        ([0, 1, 2], None), ([], None), ([-1, -2], None), ([0, 0], 1), ([0, 0, 1], 2), ([0, 0, 1, 2], 3),
        ([0, 0, 1, 2, 3], 4), ([0, 0, 1, 2, 3, 4], 5), ([0, 0, 1, 2, 3, 4, 5], 5), ([0, 0, 0, 1, 2], 2),
        ([0, 0, 0, 1, 1, 1], 2), ([0, 0, 1, 1, 2], 3), ([0, 0, 0, 0, 1], 1), ([[0, 1], [0, -1], [2, -2], [1, 3]], 2),
    ],
)  # fmt: skip
def test_largest_distance_that_tracks_by_one_artist_can_have(artists: Any, distance: int | None) -> None:
    assert playlist._max_distance(np.array(artists, np.int64)) == distance


def test_distance_is_the_requested_gap_or_what_every_interest_has_room_for() -> None:
    pool = pool_of(9, artists=[0, 0, 1, 2, 3, 3, 4, 5, 6], interests=[0, 0, 0, 0, 1, 1, 1, 2, 2])
    everything = list(range(9))

    def distance(chosen: list[int] = everything, **fields: Any) -> int:
        return playlist._min_distance(pool, PlaylistConstraints(**fields), chosen)

    assert [distance(min_artist_gap=gap) for gap in (1, 2, 7)] == [2, 3, 8]
    assert distance(min_artist_gap=0) == 2
    assert distance([0, 1, 2, 3, 4], min_artist_gap=0) == 3
    assert distance([0, 2, 3, 4, 6], min_artist_gap=0) == 0
    assert distance(min_artist_gap=0, energy_curve="arc") == 5
    assert distance([0, 1, 4, 5, 6], min_artist_gap=0, energy_curve="arc") == 3


@pytest.mark.parametrize(
    ("violation", "exhausted", "may_help"),
    [
        (SATISFIED, (), False), (TOO_FEW, (), True),
        (Violation(0, -31.0, ()), (), True), (Violation(0, 31.0, ()), (), True),
        (Violation(0, 0.0, (1.0,)), (False,), True), (Violation(0, 0.0, (1.0,)), (True,), False),
        (Violation(0, 0.0, (0.0,)), (False,), False), (Violation(0, 0.0, (0.0, -1.0)), (True, False), True),
        (Violation(0, 0.0, (1.0, 0.0)), (True, False), False), (Violation(2, 0.0, (1.0,)), (True,), True),
    ],
)  # fmt: skip
def test_wider_search_may_help(violation: Violation, exhausted: tuple[bool, ...], may_help: bool) -> None:
    assert playlist._search_may_help(violation, pool_of(1, quota_exhausted=exhausted)) == may_help


def test_selectable_tracks() -> None:
    wanted, excluded = np.array([3, 5, 999, 7]), np.array([5])
    assert playlist._selectable(TRACKS.index, wanted, None, excluded).tolist() == [3, 7]
    assert playlist._selectable(TRACKS.index, wanted, np.array([7, 5, 999, 1]), excluded).tolist() == [7]


def test_reasons_why_tracks_are_left_out() -> None:
    def left_out(n: int = 0, *, named: bool = False, **fields: Any) -> Any:
        return playlist._left_out(pool_of(1, **fields), OutOfRange(NONE, 30.0, 400.0), n, named=named)

    assert left_out() == {}
    assert left_out(n_dissimilar=3) == {"left_out": ("no_nearer_than_chance",), "compared_with": "likes"}
    assert left_out(n_dissimilar=1, named=True) == {"left_out": ("no_nearer_than_chance",), "compared_with": "seeds"}
    assert left_out(n_near_dislikes=2) == {"left_out": ("sound_like_dislikes",), "sound_like_dislikes": 2}
    assert left_out(n_near_minus=1) == {"left_out": ("near_minus_seeds",), "near_minus_seeds": 1}
    limits = {"outside_duration_limits": 1, "min_duration": 30.0, "max_duration": 400.0}
    assert left_out(1) == {"left_out": ("outside_duration_limits",), **limits}
    assert left_out(1, n_dissimilar=1, n_near_dislikes=2, n_near_minus=3) == {
        "left_out": ("no_nearer_than_chance", "sound_like_dislikes", "near_minus_seeds", "outside_duration_limits"),
        "compared_with": "likes", "sound_like_dislikes": 2, "near_minus_seeds": 3, **limits,
    }  # fmt: skip
    assert OutOfRange(NONE) == (NONE, 0.0, 0.0)


LEFT_OUT = {"left_out": ("no_nearer_than_chance",)}


@pytest.mark.parametrize(
    ("pool", "constraints", "chosen", "left_out", "expected"),
    [
        ({}, {}, [0, 1, 2], {}, ("no_more_matches", {})),
        ({}, {}, [0, 1, 2], LEFT_OUT, ("left_out", LEFT_OUT)),
        ({}, {}, [0, 1], {}, ("other_versions", {})),
        ({}, {}, [0, 1], LEFT_OUT, ("left_out", LEFT_OUT)),
        ({}, {}, [], {}, ("other_versions", {})),
        ({"artists": [0, 1, 0]}, {"max_per_artist": 1}, [0, 1], {}, ("artist_limit", {"limit": 1})),
        ({"artists": [0, 1, 0]}, {"max_per_artist": 1}, [0, 1], LEFT_OUT, ("artist_limit", {"limit": 1})),
        ({"artists": [0, 1, 0]}, {"max_per_artist": 2}, [0, 1], {}, ("other_versions", {})),
        ({"artists": [0, 1, 0]}, {"max_per_artist": 1}, [1], {}, ("other_versions", {})),
        ({"artists": [0, 0, 0]}, {"max_per_artist": 2}, [0, 1], {}, ("artist_limit", {"limit": 2})),
        ({"artists": [0, 0, 1]}, {"max_per_artist": 2}, [0, 1], {}, ("other_versions", {})),
        ({"artists": [0, 0, 1]}, {"max_per_artist": 2}, [0, 1, 2], {}, ("no_more_matches", {})),
        ({"artists": [-1, -2, -3]}, {"max_per_artist": 1}, [0, 1], {}, ("other_versions", {})),
        ({"artists": [[0, 1], [2, -1], [3, 1]]}, {"max_per_artist": 1}, [0, 1], {}, ("artist_limit", {"limit": 1})),
        ({"albums": [0, 1, 0]}, {"max_per_album": 1}, [0, 1], {}, ("album_limit", {"limit": 1})),
        ({"albums": [0, 1, 0]}, {"max_per_album": 2}, [0, 1], {}, ("other_versions", {})),
        ({"albums": [0, 0, 0]}, {"max_per_album": 2}, [0, 1], {}, ("album_limit", {"limit": 2})),
        ({"albums": [0, 0, 0], "artists": [0, 1, 0]}, {"max_per_album": 2, "max_per_artist": 1}, [0, 1], {},
         ("artist_limit", {"limit": 1})),
        ({"artists": [0, 1, 0]}, {"min_artist_gap": 3}, [0, 1], {}, ("artist_gap", {"limit": 3})),
        ({"artists": [0, 1, 0]}, {"min_artist_gap": 3}, [0, 1], LEFT_OUT, ("artist_gap", {"limit": 3})),
        ({"artists": [0, 1, 0]}, {"min_artist_gap": 3}, [1], {}, ("other_versions", {})),
        ({"artists": [0, 1, 0]}, {"min_artist_gap": 0}, [0, 1], {}, ("other_versions", {})),
        ({"artists": [0, 1, 0]}, {"min_artist_gap": 3}, [0, 1, 2], {}, ("no_more_matches", {})),
    ],
)  # fmt: skip
def test_reason_why_a_playlist_is_short(
    pool: dict[str, Any], constraints: dict[str, Any], chosen: list[int], left_out: Any, expected: Any
) -> None:
    given = {"max_per_artist": 0, "max_per_album": 0, **constraints}
    assert playlist._why_short(pool_of(3, **pool), PlaylistConstraints(**given), chosen, left_out) == expected


def unmet_of(pool: Pool, chosen: Sequence[int], violation: Violation, **fields: Any) -> list[UnmetConstraint]:
    given = {"max_per_artist": 0, "max_per_album": 0, **fields}
    return playlist._unmet_constraints(pool, PlaylistConstraints(**given), chosen, violation, {})


def test_missing_tracks_and_seconds_are_reported() -> None:
    pool = pool_of(3, seconds=[60.0, 120.0, 300.0])
    assert unmet_of(pool, [0, 1], SATISFIED, n=2) == []
    assert unmet_of(pool, [0, 1], Violation(3, 0.0, ()), n=5) == [UnmetConstraint("n", 5, 2, "other_versions", {})]
    short = Violation(0, 420.0, ())
    assert unmet_of(pool, [0, 1], short, seconds=600.0) == [UnmetConstraint("minutes", 10, 3, "other_versions", {})]
    assert unmet_of(pool, [0, 1], SATISFIED, seconds=210.0) == []


@pytest.mark.parametrize(
    ("excess", "fixed", "reason"),
    [
        (31.0, 0, "other_versions"), (30.0, 0, "no_closer_choice"), (-31.0, 0, "no_closer_choice"),
        (-31.0, 2, "seeds_alone"), (-31.0, 1, "no_closer_choice"), (31.0, 2, "other_versions"),
    ],
)  # fmt: skip
def test_reason_for_another_length(excess: float, fixed: int, reason: str) -> None:
    found = unmet_of(pool_of(3, fixed=fixed), [0, 1], Violation(0, excess, ()), seconds=300.0)
    assert found == [UnmetConstraint("minutes", 5, 2, reason, {})]


@pytest.mark.parametrize(
    ("quota", "members", "excess", "got", "reason"),
    [
        (Quota("a", count=3), [True, True, False, False], 1.0, 2, "no_more_matches"),
        (Quota("a", count=3), [True, True, False, True], 1.0, 2, "other_constraints"),
        (Quota("a", count=1), [True, True, False, False], -1.0, 2, "other_constraints"),
        (Quota("a", count=1), [False] * 4, 1.0, 0, "no_match"),
        (Quota("a", share=0.9), [True, True, False, False], 1.0, 2 / 3, "no_more_matches"),
        (Quota("a", share=0.1), [True, True, False, True], -1.0, 2 / 3, "other_constraints"),
        (Quota("a", share=0.5), [False] * 4, 1.0, 0, "no_match"),
    ],
)
def test_unmet_quotas_have_a_reason(quota: Quota, members: list[bool], excess: float, got: float, reason: str) -> None:
    pool = pool_of(4, quotas=[members, [True] * 4], quota_exhausted=(False, False))
    [found] = unmet_of(pool, [0, 1, 2], Violation(0, 0.0, (excess, 0.0)), n=3, quotas=(quota, Quota("b", count=3)))
    details = {
        "genre": "a", "unit": "count" if quota.share is None else "share", "n_tracks": 3,
        "n_genre_tracks": sum(members[:3]),
    }  # fmt: skip
    wanted = quota.count if quota.share is None else quota.share
    assert found == UnmetConstraint("quotas", wanted, pytest.approx(got), reason, details)  # type: ignore[arg-type]  # no float


def test_tracks_below_the_floor_are_reported() -> None:
    pool = pool_of(4, similarities=np.array([0.5, 0.2, 0.1, 0.5]), floor=0.5)
    [found] = unmet_of(pool, [0, 1, 2], SATISFIED, n=3)
    assert found == UnmetConstraint("min_similarity", 0, 2, "quota", {"n_tracks": 3, "floor": 0.5})
    assert unmet_of(pool, [0, 3], SATISFIED, n=2) == []


class Searches:
    """Records the candidates that :func:`select` asks for; the violations are those given, then the last again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, violations: Sequence[Violation], pool: Pool) -> None:
        self.asked: list[tuple[int, int]] = []
        left = list(violations)

        def build(*_: Any, n: int, search_depth: int, excluded: IdArray, **__: Any) -> Pool:
            self.asked.append((n, search_depth))
            self.excluded = excluded.tolist()
            return replace(pool, floor=float(len(self.asked)))

        monkeypatch.setattr(playlist, "build_candidates", build)
        monkeypatch.setattr(playlist, "select_tracks", lambda *_: [len(self.asked)])
        monkeypatch.setattr(playlist, "constraint_violation", lambda *_: left.pop(0) if len(left) > 1 else left[0])

    def select(self, likes: Sequence[int] = (1,), **fields: Any) -> tuple[int, Violation]:
        """The number of the search whose result is taken, and its violation."""
        liked = WeightedTracks.of([TRACKS.tracks[i] for i in likes])
        disliked = WeightedTracks.of([TRACKS.tracks[50]])
        pool, chosen, violation = select(
            TRACKS.index, liked, disliked, PlaylistConstraints(**fields), allowed=None, excluded=np.array([9]),
            quotas={}, tracks=TRACKS.lookup,
        )  # fmt: skip
        assert pool.floor == chosen[0]
        return chosen[0], violation


@pytest.mark.parametrize(
    ("fields", "likes", "asked"),
    [
        ({"n": 15}, (1,), (15, 60)), ({"n": 16}, (1,), (16, 64)), ({"n": 20}, (1, 21), (20, 60)),
        ({"n": 40}, (1, 21), (40, 80)), ({"n": 20, "exploration": 1.5}, (1,), (20, 200)),
        ({"seconds": 3000.0}, (1,), (21, 84)), ({"seconds": 3001.0}, (1,), (22, 88)),
        ({"seconds": 100.0}, (1,), (2, 60)),
        ({}, (1,), (1, 60)),
    ],
)  # fmt: skip
def test_depth_of_the_first_search(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], likes: tuple[int, ...], asked: tuple[int, int]
) -> None:
    searches = Searches(monkeypatch, [SATISFIED], pool_of(1))
    assert searches.select(likes, **fields) == (1, SATISFIED)
    assert searches.asked == [asked]
    assert searches.excluded == sorted({9, 50, *likes})


def test_search_is_widened_until_the_constraints_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = Searches(monkeypatch, [TOO_FEW, TOO_FEW, SATISFIED], pool_of(1))
    assert searches.select(n=4) == (3, SATISFIED)
    assert searches.asked == [(4, 60), (16, 240), (64, 960)]


@pytest.mark.parametrize(
    ("n", "asked"), [(5, [5, 20, 80]), (4, [4, 16, 64, 256]), (79, [79, 316]), (80, [80]), (81, [81])]
)
def test_search_ends_with_the_library(monkeypatch: pytest.MonkeyPatch, n: int, asked: list[int]) -> None:
    """There are 80 tracks."""
    searches = Searches(monkeypatch, [TOO_FEW], pool_of(1))
    assert searches.select(n=n) == (1, TOO_FEW)
    assert [found for found, _ in searches.asked] == asked


def test_search_ends_where_no_more_candidates_exist_or_a_thousand_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    complete = Searches(monkeypatch, [TOO_FEW], pool_of(1, is_complete=True))
    complete.select(n=4)
    assert len(complete.asked) == 1
    track = make_track(1)
    for size, n_searches in ((1000, 4), (1001, 1)):
        many = Searches(monkeypatch, [TOO_FEW], pool_of(1, tracks=(track,) * size))
        many.select(n=4)
        assert len(many.asked) == n_searches


def test_smallest_violation_of_all_searches_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    two, three = Violation(2, 0.0, ()), Violation(3, 0.0, ())
    assert Searches(monkeypatch, [three, two, three, three], pool_of(1)).select(n=4) == (2, two)
    assert Searches(monkeypatch, [two, two, three, two], pool_of(1)).select(n=4) == (1, two)
    assert Searches(monkeypatch, [three, two, two, TOO_FEW], pool_of(1)).select(n=4) == (4, TOO_FEW)


class Ordered:
    """The arguments with which a playlist of tracks 1 to 4 is ordered, here backwards but for a first track."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.unmet = UnmetConstraint("min_artist_gap", 2, 0, "too_few_other_artists", {})
        pool = pool_of(
            5, tracks=tuple(TRACKS.tracks[i] for i in (1, 2, 3, 4, 5)), interests=[0, 1, 0, 1, 1],
            similarities=np.array([0.5, 0.375, 0.75, 0.3125, 0.9]),
        )  # fmt: skip
        monkeypatch.setattr(playlist, "select", lambda *_, **__: (pool, [0, 1, 3], SATISFIED))
        monkeypatch.setattr(playlist, "order_tracks", self.order)

    def order(self, sequence: Sequence[Track], vectors: Any, edges: Any, **options: Any) -> Ordering:
        self.sequence, self.options = [track.id for track in sequence], options
        self.vectors, self.edges = vectors, edges
        first, n = options["first"], len(sequence)
        positions = [i for i in range(n - 1, -1, -1) if i != first]
        positions = positions if first is None else [first, *positions]
        return Ordering(tuple(positions), (self.unmet,), Smoothness(None, None, None, None, None), ())

    def recommend(self, after: Track | None = None, edges: Any = None, **fields: Any) -> PlaylistResult:
        return recommend_playlist(
            TRACKS.index, WeightedTracks.of([TRACKS.tracks[9]]), WeightedTracks.of([TRACKS.tracks[50]]),
            PlaylistConstraints(**{"n": 3, **fields}), excluded=NONE, quotas={}, tracks=TRACKS.lookup, after=after,
            edges=edges, out_of_range=OutOfRange(np.array([9, 11, 12, 50]), 10.0),
        )  # fmt: skip


def test_picks_are_in_playing_order_with_their_similarities(monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = Ordered(monkeypatch)
    result = ordered.recommend()
    assert [(pick.track.id, pick.score) for pick in result.picks] == [(4, 0.3125), (2, 0.375), (1, 0.5)]
    assert ordered.sequence == [1, 2, 4]
    assert np.array_equal(ordered.vectors, TRACKS.index.vectors(np.array([1, 2, 4])))
    assert ordered.edges is None
    assert (ordered.options["first"], ordered.options["min_gap"], ordered.options["energy"]) == (None, 0, None)
    assert ordered.options["blocks"].tolist() == [0, 1, 1]
    assert result.unmet_constraints == ()
    assert result.left_out["outside_duration_limits"] == 2
    assert (result.left_out["min_duration"], result.left_out["max_duration"]) == (10.0, 0.0)


def test_track_before_the_playlist_is_the_first_of_the_order_and_fits_every_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ordered = Ordered(monkeypatch)
    result = ordered.recommend(after=TRACKS.tracks[60])
    assert [(pick.track.id, pick.score) for pick in result.picks] == [(4, 0.3125), (2, 0.375), (1, 0.5)]
    assert ordered.sequence == [60, 1, 2, 4]
    assert ordered.options["first"] == 0
    assert ordered.options["blocks"].tolist() == [-1, 0, 1, 1]


def test_options_of_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = Ordered(monkeypatch)
    given = TrackEdges(*np.zeros((3, 3, 2)))

    def edges(ids: Sequence[int]) -> TrackEdges:
        assert ids == [1, 2, 4]
        return given

    result = ordered.recommend(edges=edges, energy_curve="arc", min_artist_gap=2, seed=5)
    assert result.unmet_constraints == (ordered.unmet,)
    assert ordered.edges is given
    assert (ordered.options["blocks"], ordered.options["energy"], ordered.options["min_gap"]) == (None, "arc", 3)
    assert ordered.options["rng"].random() == np.random.default_rng(5).random()


def test_violations_of_other_quotas_are_an_error() -> None:
    violation = Violation(0, 0.0, (0.0,))
    with pytest.raises(ValueError, match="zip"):
        playlist._search_may_help(violation, pool_of(1))
    with pytest.raises(ValueError, match="zip"):
        unmet_of(pool_of(1), [0], violation)
