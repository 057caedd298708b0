"""The parts of a path: the costs of its candidates, copies, limits of artists, and what is reported."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit
from test_recommend_path import NONE, Library, cloud, ids

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.recommend import path as module
from recsys.recommend.beam_search import UNKNOWN_ARTIST, BeamProblem
from recsys.recommend.path import Endpoint, step_similarities


def at_degrees(*degrees: float) -> FloatArray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def route_of(*degrees: float, **fields: Any) -> list[Endpoint]:
    return [
        Endpoint(make_track(i, **{name: value[i] for name, value in fields.items()}), vector)
        for i, vector in enumerate(at_degrees(*degrees))
    ]


def unmet_of(*degrees: float, **fields: Any) -> list[Any]:
    route = route_of(*degrees, **fields)
    steps = np.cos(np.radians(np.diff(degrees))).tolist()
    return [(each.constraint, each.got, each.details) for each in module._unmet_constraints(route, steps)]


@pytest.mark.parametrize(
    ("degrees", "is_even"),
    [
        ((0, 90), True), ((0, 0, 41.3), True), ((0, 0, 41.5), False), ((0, 0, 60, 60), False), ((0, 60, 120), True),
        ((0, 60, 135.4), True), ((0, 60, 135.6), False), ((0, 30, 81.9, 112), True), ((0, 30, 82.1, 112), False),
    ],
)  # fmt: skip
def test_step_is_uneven_if_its_cosine_is_a_quarter_less_than_that_of_the_others(
    degrees: tuple[float, ...], is_even: bool
) -> None:
    assert (unmet_of(*degrees) == []) == is_even


def test_largest_step_is_reported_with_its_tracks() -> None:
    [(constraint, ratio, details)] = unmet_of(0, 20, 50, 130, 140)
    assert (constraint, ratio) == ("step_ratio", pytest.approx(4))
    assert details == {
        "largest_step": pytest.approx(80), "typical_step": pytest.approx(20), "position": 3,
        "before": make_track(2).label, "after": make_track(3).label,
    }  # fmt: skip
    [(_, ratio, _)] = unmet_of(0, 0, 0, 90)
    assert ratio == pytest.approx(9e7)
    assert module._unmet_constraints(route_of(0, 0), [1.0 + 1e-7]) == []
    [(_, opposite, _)] = [
        (each.constraint, each.got, each.details)
        for each in module._unmet_constraints(route_of(0, 0, 180), [1.0, -1.1])
    ]
    assert opposite == pytest.approx(180e6)


@pytest.mark.parametrize(
    ("artists", "n_close"),
    [("abcd", 0), ("abab", 0), ("aabc", 1), ("aabb", 2), ("aaaa", 3), ([None, None, "a", "b"], 0)],
)
def test_tracks_by_one_artist_in_a_row_are_counted(artists: Sequence[str | None], n_close: int) -> None:
    found = unmet_of(0, 10, 20, 30, artist=artists)
    assert found == ([("min_artist_gap", 0, {"n_close": n_close, "n_tracks": 4})] if n_close else [])


def test_steps_have_the_similarities_of_the_index() -> None:
    library = cloud(60)
    ends = [library.end(i) for i in (3, 8, 20)]
    found = step_similarities(library.index, ends)
    for (one, other), similarity in zip(((3, 8), (8, 20)), found.tolist(), strict=True):
        ranked, similarities = library.index.search(library.vectors[[one - 1]], 60)
        assert similarity == pytest.approx(float(similarities[ranked == other][0]), abs=1e-5)


class Problems:
    """The beam problem of each search, instead of its solution; the candidates are what ``solve`` returns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, n_found: Iterable[int]) -> None:
        self.problems: list[BeamProblem] = []
        left = iter(n_found)

        def solve(problem: BeamProblem) -> tuple[list[int], bool]:
            self.problems.append(problem)
            return list(range(next(left))), True

        monkeypatch.setattr(module, "beam_search", solve)


def arc(a: FloatArray, b: FloatArray, shares: DoubleArray) -> DoubleArray:
    angle = np.arccos(a.astype(float) @ b)
    points: DoubleArray = (np.sin((1 - shares) * angle)[:, None] * a + np.sin(shares * angle)[:, None] * b) / np.sin(
        angle
    )
    return points


def test_costs_of_the_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The square of the angle from the waypoint, and eight times that of the angle along the arc; steps count by the
    fourth power."""
    library = cloud(40, d=3)
    searches = Problems(monkeypatch, [3])
    library.interpolate(1, 2, 3)
    [problem] = searches.problems
    a, b = library.vectors[0].astype(float), library.vectors[1].astype(float)
    angle = float(np.arccos(a @ b))
    vectors = library.vectors[2:].astype(float)  # all others, in the order of their ids
    beside = (b - (a @ b) * a) / np.linalg.norm(b - (a @ b) * a)
    along = np.arctan2(vectors @ beside, vectors @ a)
    for layer, share in enumerate((0.25, 0.5, 0.75)):
        waypoint = np.cos(share * angle) * a + np.sin(share * angle) * beside
        ahead = np.angle(np.exp(1j * (along - share * angle)))
        expected = np.arccos(np.clip(vectors @ waypoint, -1, 1)) ** 2 + 8 * ahead**2
        assert problem.node_costs[layer] == pytest.approx(expected, abs=1e-5)
        assert problem.candidates[layer].tolist() == np.argsort(problem.node_costs[layer], kind="stable").tolist()
    assert problem.first == pytest.approx(np.arccos(vectors @ a) ** 4, abs=1e-5)
    assert problem.last == pytest.approx(np.arccos(vectors @ b) ** 4, abs=1e-5)
    some, others = np.array([3, 5]), np.array([7, 9, 11])
    assert problem.steps(some, others) == pytest.approx(np.arccos(vectors[some] @ vectors[others].T) ** 4, abs=1e-5)
    assert problem.sound_groups.tolist() == list(range(38))
    assert len(np.unique(problem.artists)) == 38
    assert (problem.artists >= 0).all()


@pytest.mark.parametrize(("limit", "budgets"), [(2, [0, 1, 2, 1]), (3, [1, 2, 3, 2]), (0, [7, 7, 7, 7])])
def test_budgets_of_artists_count_the_ends_and_the_tracks_taken(
    monkeypatch: pytest.MonkeyPatch, limit: int, budgets: list[int]
) -> None:
    """The ends are by Abba; one of the tracks taken is by Cher, another by Dion, and one by an unknown artist."""
    names = {1: "Abba", 2: "Abba", 3: "Blur", 4: "Cher", 5: None, 6: "Dion", 7: None}
    library = cloud(12, artist=lambda i: names.get(i, ("Abba", "Cher", "Blur", "Dion")[i % 4]))
    searches = Problems(monkeypatch, [6])
    library.interpolate(1, 2, 6, taken=[library.tracks[i] for i in (1, 4, 5, 6)], max_per_artist=limit)
    [problem] = searches.problems
    numbers = {"Blur": problem.artists[0, 0]}  # ids 3 and 7 to 12 are candidates
    assert problem.artists[1, 0] == UNKNOWN_ARTIST
    for row, i in enumerate((8, 9, 10, 11, 12), 2):
        numbers[("Abba", "Cher", "Blur", "Dion")[i % 4]] = problem.artists[row, 0]
    assert [problem.artist_budget[numbers[name]] for name in ("Abba", "Cher", "Blur", "Dion")] == budgets
    assert [ends.tolist() for ends in problem.end_artists] == [[numbers["Abba"]]] * 2


@pytest.mark.parametrize(
    ("n_found", "n_allowed", "depths"),
    [
        ([4], 9000, [128]), ([3, 4], 9000, [128, 512]), ([3, 3, 4], 9000, [128, 512, 2048]),
        ([3, 3, 3, 2], 9000, [128, 512, 2048, 8192]), ([3, 2], 512, [128, 512]), ([3, 3, 2], 513, [128, 512, 2048]),
    ],
)  # fmt: skip
def test_search_is_widened_by_four_until_the_path_is_full(
    monkeypatch: pytest.MonkeyPatch, n_found: list[int], n_allowed: int, depths: list[int]
) -> None:
    library, searched = cloud(9), list[int]()
    candidates = module._Candidates([library.tracks[i] for i in (3, 4, 5, 6)], library.vectors[2:6], np.zeros((4, 4)))

    def find(*given: Any) -> Any:
        searched.append(given[3])
        return candidates

    Problems(monkeypatch, n_found)
    monkeypatch.setattr(module, "_candidates", find)
    found = library.interpolate(1, 2, 4, allowed=np.arange(n_allowed))
    assert searched == depths
    assert ids(found) == [3, 4, 5, 6][: n_found[-1]]
    short = [each for each in found.unmet_constraints if each.constraint == "n"]
    limited = UnmetConstraint("n", 4, n_found[-1], "artist_limit", {"limit": 2})
    assert short == ([limited] if n_found[-1] < 4 else [])


@pytest.mark.parametrize(("n", "n_searches"), [(128, 1), (129, 2), (512, 2), (513, 3)])
def test_search_is_not_wider_than_the_library_or_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, n: int, n_searches: int
) -> None:
    for size, allowed in ((n, None), (600, np.arange(1, n + 1))):
        library = cloud(size, d=3)
        searches = Problems(monkeypatch, [1] * 9)
        library.interpolate(1, 2, 4, allowed=allowed)
        assert len(searches.problems) == n_searches


def test_first_search_reads_the_sixty_four_cheapest_of_each_waypoint() -> None:
    library = cloud(500, d=3)
    read: list[int] = []

    def lookup(wanted: Iterable[int]) -> dict[int, Track]:
        read.extend(wanted)
        return {i: library.tracks[i] for i in read}

    module.interpolate(library.index, library.end(1), library.end(2), 1, missing_ids=NONE, tracks=lookup)
    assert len(read) == 64


@pytest.mark.parametrize(
    ("limit", "expected"), [(1, [0, 1, 4, 6, 7]), (2, [0, 1, 2, 4, 5, 6, 7]), (0, [0, 1, 2, 3, 4, 5, 6, 7])]
)
def test_best_rows_have_a_limit_for_each_artist(limit: int, expected: list[int]) -> None:
    names = ["Abba", "Blur", "Abba", "Abba", None, "Blur", None, "Cher"]
    order, track_ids = np.array([0, 1, 2, 3, 8, 4, 5, 6, 7]), np.arange(9) + 10
    known = {i + 10: make_track(i + 10, artist=name) for i, name in enumerate(names)}
    assert module._best_by_artist(order, track_ids, known, limit).tolist() == expected
    both = make_track(10, artist="Abba; Blur", artists=("Abba", "Blur"))
    assert module._best_by_artist(order, track_ids, known | {10: both}, 1).tolist() == [0, 4, 6, 7]


def test_at_most_sixty_four_rows_are_the_best() -> None:
    known = {i: make_track(i) for i in range(70)}
    assert module._best_by_artist(np.arange(70)[::-1], np.arange(70), known, 2).tolist() == list(range(69, 5, -1))


def test_copies_have_one_sound_group_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 9
    vectors = unit(np.random.default_rng(0).standard_normal((n, 40)))
    vectors[[4, 8]] = vectors[1]
    vectors[7] = vectors[2]
    vectors[6] = vectors[3]
    tracks = [make_track(i, artist="Abba", title="Waterloo", duration=100.0 if i != 6 else 200.0) for i in range(n)]
    candidates = module._Candidates(tracks, vectors, np.zeros((1, n)))
    for chunk in (1, 2, 3, 5, 512):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        assert module._sound_groups(candidates).tolist() == [0, 1, 2, 3, 1, 5, 6, 2, 1]


def test_limits_of_copies_are_those_of_a_recording() -> None:
    """A cosine above 0.95 with an end, an equal name and an equal length."""
    library = Library(at_degrees(0, 90, 17, 19, 45), artist=lambda _: "Abba", title=lambda _: "Waterloo")
    for i in library.tracks:
        library.tracks[i] = make_track(i, artist="Abba", title="Waterloo", duration=100.0)
    found = library.interpolate(1, 2, 3, max_per_artist=0)
    assert ids(found) == [4, 5]
    assert found.unmet_constraints[0].reason == "no_more_matches"


def test_ends_outside_the_library_are_no_copies_by_their_id() -> None:
    """Both have the id 0."""
    library = cloud(20)
    one, other = (
        Endpoint(make_track(0, title=title, duration=seconds), vector)
        for title, seconds, vector in zip("ab", (50.0, 70.0), library.vectors[:2], strict=True)
    )
    found = module.path(library.index, one, other, 4, missing_ids=NONE, tracks=library.lookup)
    assert [pick.track.title for pick in found.picks][::3] == ["a", "b"]
    assert found.picks[0].score == 1.0
    first = module.path(library.index, library.end(1), library.end(2), 2, missing_ids=NONE, tracks=library.lookup)
    assert ids(first) == [1, 2]
    assert first.picks[1].score == pytest.approx(
        float(step_similarities(library.index, [library.end(1), library.end(2)])[0])
    )


def test_artists_of_the_ends_are_those_of_the_first_and_of_the_last_track(monkeypatch: pytest.MonkeyPatch) -> None:
    library = cloud(4, artist=lambda i: f"artist {i % 2}")  # 1 and 3, 2 and 4
    searches = Problems(monkeypatch, [1])
    library.interpolate(1, 2, 1)
    [problem] = searches.problems
    assert [ends.tolist() for ends in problem.end_artists] == problem.artists.tolist()
    assert problem.artists[0] != problem.artists[1]
