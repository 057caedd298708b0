"""The evidence of two fingerprints: exact values, and the limits of every decision from both sides."""

import math

import numpy as np
import pytest
from performance_signals import Music, make_fingerprint, make_music

from recsys.domain.arrays import DoubleArray
from recsys.features.version import FEATURE_VERSION
from recsys.recommend import performances
from recsys.recommend.fingerprint import COLUMNS, N_HARMONY, Fingerprint
from recsys.recommend.performance_update import RULE
from recsys.recommend.performances import Evidence, _Model, compare, is_same, needs_audio

CUT = Evidence(np.inf, 60.0, 0.5, 1.0, 0.1, 1.0, -1.0, -1.0, -1.0, 0.0)
"""What a clear cut has."""
PLAUSIBLE = Evidence(np.inf, 60.0, 2.0, 5.0, 0.1, 1.0, 0.5, 0.5, 0.0, 0.0)
"""Not that of a cut by windows alone, but near it."""


def below(limit: float) -> float:
    return math.nextafter(limit, -math.inf)


def above(limit: float) -> float:
    return math.nextafter(limit, math.inf)


MUSIC, SHORT, NO_PULSE = make_music(0, 90.0), make_music(4, 20.0), make_music(3, 60.0, bpm=0.0)
EVIDENCE: dict[str, tuple[Music, Music, tuple[float, ...]]] = {
    "a cut at both ends": (
        MUSIC,
        MUSIC.cut(3.0, 1.0),
        (np.inf, 86.0, 0.32318809, 0.65262393, 0.025467617, 1.0, -0.44800004, -1.4700574, -3.5369065, 0.0),
    ),
    "a cut of more than may be": (
        MUSIC,
        MUSIC.cut(11.0, 0.0),
        (np.inf, 79.0, 0.6072944, 1.1517816, 0.071417872, 1.0, -0.76557801, -1.4102811, -1.7544619, 0.0),
    ),
    "a cut of more than may be at the end": (
        MUSIC,
        MUSIC.cut(0.0, 11.5),
        (np.inf, 78.5, 0.30400297, 0.43800061, 0.068643906, 1.0, 0.25555355, -1.2356846, -1.6650258, 0.0),
    ),
    "another tempo": (
        MUSIC,
        MUSIC.stretched(1.05),
        (np.inf, 85.7, 0.15986331, 0.71923562, 0.028364675, 1.0, 2.031445, 0.21477415, -3.6787046, 0.99659536),
    ),
    "a part more": (
        MUSIC,
        MUSIC.repeated(40.0, 8.0),
        (np.inf, 90.0, 0.40644982, 0.78262813, 0.053026283, 1.0, 1.0269992, 0.69313235, -2.215926, 0.0),
    ),
    "another mix": (
        MUSIC,
        MUSIC.shifted(0.35).cut(2.0, 0.0),
        (np.inf, 88.0, 0.73188313, 1.6271091, 0.29044009, 8.0, 0.40694508, -0.48789944, -1.8149065, 0.0),
    ),
    "other music of the same length": (
        MUSIC,
        make_music(7, 90.0, bpm=90.0),
        (1.9712118, 90.0, 26.009713, 31.395768, 1.6643597, 16.0, 21.533727, -2376.1071, 21.730857, np.nan),
    ),
    "a cut of short music": (
        SHORT,
        SHORT.cut(2.0, 0.0),
        (0.4986159, 18.0, 0.95413317, 1.0671625, 0.17758476, 1.0, -0.12732124, -13.497499, -1.9098732, 0.0),
    ),
    "music without a pulse": (
        NO_PULSE,
        NO_PULSE.cut(0.0, 4.0),
        (np.inf, 56.0, 0.35814042, 0.44722607, 0.036790937, 1.0, 0.35233435, -1.6518175, -2.9122421, np.nan),
    ),
}


@pytest.mark.parametrize(("one", "other", "expected"), EVIDENCE.values(), ids=EVIDENCE)
def test_evidence_has_the_values_of_the_current_rule(one: Music, other: Music, expected: tuple[float, ...]) -> None:
    """Stored groups depend on each of these numbers. Where one changes, RULE_VERSION has to be raised with it."""
    assert RULE == 1000 * FEATURE_VERSION + 2
    first, second = make_fingerprint(one), make_fingerprint(other, seed=1)
    found = compare(first, second)
    assert [np.nan if value is None else value for value in found] == pytest.approx(expected, rel=1e-6, nan_ok=True)
    assert compare(second, first) == found


@pytest.mark.parametrize(
    ("measure", "limit", "key_distance"),
    [
        ("unequal", 0.18, 9.0),
        ("misfit", 1.9, 0.0),
        ("worst_misfit", 4.0, 0.0),
        ("inserted", 0.15, 0.0),
        ("different", -0.35, 0.0),
        ("different", -0.35, 7.0),
        ("different", -0.35 - 0.2 * 2.0, 9.0),
        ("stretched", 0.4, 0.0),
    ],
)
def test_the_same_performance_is_below_each_limit(measure: str, limit: float, key_distance: float) -> None:
    evidence = CUT if measure != "unequal" else Evidence(0.0, 0.0)
    assert is_same(evidence._replace(**{measure: below(limit)}), key_distance)
    assert not is_same(evidence._replace(**{measure: limit}), key_distance)


def test_keys_and_length_of_the_same_performance() -> None:
    assert is_same(CUT, 9.0)
    assert not is_same(CUT, above(9.0))
    assert is_same(CUT._replace(seconds=30.0), 0.0)
    assert not is_same(CUT._replace(seconds=below(30.0)), 0.0)


@pytest.mark.parametrize(
    ("tempo_ratio", "nearest", "growth", "limit"),
    [
        (None, 0.1, 1.0, -0.1),
        (0.0, 0.1, 1.0, 0.4),
        (0.0, below(0.22), 8.0, 0.4),
        (0.0, 0.22, 1.0, -0.15),
        (below(0.25), 0.1, 1.0, 0.4),
        (-below(0.25), 0.1, 1.0, 0.4),
        (0.25, 0.1, 1.0, -0.15),
        (-0.25, 0.1, 1.0, -0.15),
        (0.75, 0.1, 1.0, -0.15),
        (above(0.75), 0.1, 1.0, -0.6),
        (below(1.3), 0.1, 1.0, -0.6),
        (1.3, 0.1, 1.0, -0.15),
        (0.0, 0.1, above(8.0), -0.4),
        (None, 0.1, 16.0, -0.4),
        (1.0, 0.1, 16.0, -0.6),
    ],
)
def test_the_limit_of_a_stretch_depends_on_tempo_and_growth(
    tempo_ratio: float | None, nearest: float, growth: float, limit: float
) -> None:
    evidence = CUT._replace(tempo_ratio=tempo_ratio, nearest=nearest, growth=growth)
    assert is_same(evidence._replace(stretched=below(limit)), 0.0)
    assert not is_same(evidence._replace(stretched=limit), 0.0)


@pytest.mark.parametrize(
    ("measure", "limit"),
    [("misfit", 3.0), ("worst_misfit", 5.5), ("inserted", 0.6), ("different", 0.5), ("stretched", 1.0)],
)
def test_audio_is_compared_below_each_limit(measure: str, limit: float) -> None:
    assert needs_audio(PLAUSIBLE._replace(**{measure: below(limit)}), 0.0)
    assert not needs_audio(PLAUSIBLE._replace(**{measure: limit}), 0.0)


@pytest.mark.parametrize(
    ("seconds", "different", "farthest"),
    [(30.0, -0.25, 7.0), (30.0, below(-0.25), 9.0), (below(30.0), 0.0, 11.0), (below(30.0), -1.0, 11.0)],
)
def test_audio_is_compared_up_to_a_distance_of_keys(seconds: float, different: float, farthest: float) -> None:
    evidence = PLAUSIBLE._replace(seconds=seconds, different=different)
    assert needs_audio(evidence, farthest)
    assert not needs_audio(evidence, above(farthest))


def test_equal_windows_need_no_audio_if_there_are_enough() -> None:
    assert not needs_audio(CUT._replace(unequal=below(0.18), seconds=30.0), 0.0)
    assert needs_audio(CUT._replace(unequal=0.18, seconds=30.0), 0.0)
    assert needs_audio(Evidence(below(0.18), below(30.0)), 0.0)  # of nothing else there is evidence
    assert not needs_audio(Evidence(0.18, below(30.0)), 0.0)


def track(
    harmony: list[float], starts: list[float], end: float, *, bpm: float = 0.0, begin: float = 0.0
) -> Fingerprint:
    """Windows with one value for all of harmony, and no rhythm."""
    windows = np.zeros((len(harmony), len(COLUMNS)), np.float32)
    windows[:, :N_HARMONY] = np.array(harmony)[:, None]
    return Fingerprint(windows, np.array(starts), begin, end, bpm)


def test_the_largest_difference_of_windows_at_the_same_position() -> None:
    spaced, near = [5.0, 20.0, 40.0], [0.0, 6.0, 12.0]
    long = track([0, 0, 0], spaced, 125.0)
    for other, expected in (
        (track([0.25, 0.5, 0], spaced, 125.0), 0.5),
        (track([0.25, 0.5, 0], spaced, 124.5), 0.5),  # 0.4 per cent shorter
        (track([0.25, 0.5, 0], spaced, 124.49), np.inf),
        (track([0.25, 0.5], spaced[:2], 125.0), np.inf),
    ):
        assert compare(long, other).unequal == compare(other, long).unequal == expected
    contiguous = track([0, 0, 0], near, 18.0)
    for other, expected in (
        (track([0.25, 0.5, 1.0], near, 18.0), 1.5),  # the last counts if both are as long
        (track([0.25, 0.5, 1.0], near, 17.9), 0.75),
        (track([0.25, 0.5, 1.0], near, 17.86), 0.75),
        (track([0.25, 0.5, 1.0], near, 17.8), 1.0),
        (track([0.25, 0.5], near[:2], 12.0), 0.5),
        (track([0.25], near[:1], 6.0), 0.5),  # there is no other
        (track([0.25, 0.5, 1.0], spaced, 17.8), np.inf),
    ):
        assert compare(contiguous, other).unequal == compare(other, contiguous).unequal == expected


@pytest.mark.parametrize(
    ("long", "short", "is_model"),
    [(100.0, 79.0, True), (100.0, 78.99, False), (40.0, 24.0, True), (40.0, 23.99, False)],
)
def test_a_cut_is_of_at_most_ten_and_a_half_seconds_or_a_fifth_at_each_end(
    long: float, short: float, is_model: bool
) -> None:
    found = compare(track([0, 1, 0], [1.0, 8.0, 16.0], long), track([0, 1, 0], [1.0, 8.0, 16.0], short))
    assert found.seconds == short
    assert np.isfinite(found.different) == is_model


def test_a_cut_begins_above_the_precision_of_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performances, "EDGE_SECONDS", 0.125)
    one = track([0, 0, 0], [0.0, 6.0, 12.0], 18.0)
    other = track([0.5, 0.5, 0], [0.0, 6.0, 12.0], 17.875)
    assert compare(one, other).unequal == 0.75
    assert compare(one, other._replace(end=17.75)).unequal == 1.0


def test_windows_are_equal_below_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    one = track([0, 0, 0], [5.0, 20.0, 40.0], 50.0)
    other = one._replace(windows=one.windows + np.float32(0.125))
    monkeypatch.setattr(performances, "MAX_UNEQUAL", 0.125)
    assert np.isfinite(compare(one, other).misfit)
    monkeypatch.setattr(performances, "MAX_UNEQUAL", above(0.125))
    assert compare(one, other).misfit == np.inf


def test_equal_windows_are_compared_no_further() -> None:
    one = track([0, 0, 0], [5.0, 20.0, 40.0], 50.0)
    assert compare(one, one._replace(windows=one.windows + np.float32(0.125))) == Evidence(0.125, 50.0)


@pytest.mark.parametrize(
    ("long_bpm", "short_bpm", "short", "expected"),
    [
        (100.0, 110.0, 125 / 1.1, 1.0),
        (100.0, 100.0, 120.0, 0.0),
        (100.0, 50.0, 120.0, np.log(0.5) / np.log(125 / 120)),
        (0.0, 100.0, 120.0, None),
        (100.0, 0.0, 120.0, None),
        (100.0, 110.0, 124.5, np.log(1.1) / np.log(125 / 124.5)),
        (100.0, 110.0, 124.51, None),  # of equal length
    ],
)
def test_the_ratio_of_tempi_is_that_of_lengths_if_one_is_faster(
    long_bpm: float, short_bpm: float, short: float, expected: float | None
) -> None:
    starts = [5.0, 40.0, 80.0]
    found = compare(track([0, 3, 0], starts, 125.0, bpm=long_bpm), track([3, 0, 3], starts, short, bpm=short_bpm))
    assert found.tempo_ratio == (None if expected is None else pytest.approx(expected))


def model(long: list[float], short: list[float]) -> _Model:
    squares = np.arange(1.0, 2 * len(long) * len(short) + 1).reshape(2, len(long), len(short))
    return _Model(track([0, 1, 0], long, 100.0), track([0, 1, 0], short, 100.0), squares)


def test_windows_overlap_if_they_are_less_than_five_seconds_apart() -> None:
    assert model([0.0, 30.0, 60.0], [5.0, 35.0, 65.0]).cut(np.zeros(1)) == (np.inf,) * 4
    _, mean, worst, _ = model([0.0, 30.0, 60.0], [5.0, 34.0, 65.0]).cut(np.zeros(1))
    assert mean == worst  # of one pair
    assert np.isfinite(mean)


NOISE, WEIGHTS = np.array([0.03, 0.08]) ** 2, np.array([0.6, 0.4])
VARIANCE = np.array([1.0, 0.02])  # the sum of those of both tracks: in rhythm the least


def likeliest(expected: DoubleArray) -> float:
    """The cost of squared differences that are as expected: no other expectation has a lower one."""
    return float(WEIGHTS @ (np.log(expected) + 1))


def model_of(squares: DoubleArray) -> _Model:
    """Of two tracks with two windows, where all pairs have these squared differences of harmony and rhythm."""
    one = track([0.0, 1.0], [0.0, 30.0], 36.0)
    return _Model(one, one, np.broadcast_to(squares[:, None, None], (2, 2, 2)))


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 4.0])
def test_windows_that_do_not_agree_differ_by_the_likeliest_multiple_of_the_variance(scale: float) -> None:
    expected = NOISE + scale * VARIANCE
    assert model_of(expected).different() == pytest.approx(likeliest(expected))


@pytest.mark.parametrize("growth", [1.0, 2.0, 4.0, 8.0, 16.0])
@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2])
def test_a_stretch_is_as_uneven_and_music_changes_as_fast_as_is_likely(growth: float, seconds: float) -> None:
    expected = NOISE + VARIANCE * growth * (seconds / 6) ** 1.5
    assert model_of(expected).stretched() == pytest.approx(likeliest(expected))
