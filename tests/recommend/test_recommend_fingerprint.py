"""Fingerprints: bounds of music at the limits of its placement, shipped keys, and their fit."""

from pathlib import Path

import numpy as np
import pytest
from performance_signals import make_music, stored_features

from recsys.domain.arrays import DoubleArray
from recsys.errors import FeatureMismatch
from recsys.features.scaling import normalise
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.recommend import fingerprint as module
from recsys.recommend.fingerprint import (
    COLUMNS,
    N_HARMONY,
    Fingerprint,
    fingerprint,
    fit_keys,
    key_matrix,
    keys_of,
    music_bounds,
    save_keys,
)


def test_a_fingerprint_has_harmony_then_rhythm_without_key_and_tempo() -> None:
    names = [DIMENSIONS[i].name for i in COLUMNS]
    groups = [DIMENSIONS[i].group for i in COLUMNS]
    assert groups == ["harmony"] * N_HARMONY + ["rhythm"] * (len(COLUMNS) - N_HARMONY)
    left_out = {each.name for each in DIMENSIONS if each.group in ("harmony", "rhythm")} - set(names)
    assert {name for name in left_out if not name.startswith("key_")} == {
        "tempo_log2", "tempo_confidence", "pulse_clarity",
    }  # fmt: skip
    assert not any(name.startswith("key_") for name in names)
    assert len(names) == len(set(names)) > N_HARMONY > 0


def test_a_fingerprint_has_the_scaled_windows_bounds_and_tempo() -> None:
    windows, starts = stored_features(make_music(1, 60.0, bpm=90.0), before=2.0)
    found = fingerprint(windows, starts, 70.0, 90.0)
    np.testing.assert_array_equal(found.windows, normalise(windows.astype(np.float32))[:, COLUMNS])
    np.testing.assert_array_equal(found.starts, starts)
    assert (found.begin, found.end, found.bpm) == pytest.approx((2.0, 62.0, 90.0))
    assert found.duration == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([0.0], True),
        ([0, 6, 12, 18, 24], True),
        ([0, 6, 12, 18, 24.0009], True),
        ([0, 6, 12, 18, 24.0011], False),
        ([0, 6, 12, 18, 24, 30], False),  # more windows than a track has
    ],
)
def test_windows_of_short_music_follow_one_another(starts: list[float], expected: bool) -> None:
    windows = np.zeros((len(starts), len(COLUMNS)), np.float32)
    assert Fingerprint(windows, np.array(starts, float), 0.0, 30.0, 0.0).is_contiguous is expected


@pytest.mark.parametrize("begin", [0.0, 2.0])
@pytest.mark.parametrize("step", [6.5, 6.8, 6.82, 6.84, 7.5, 50.0])
def test_long_music_has_margins_of_a_twentieth(begin: float, step: float) -> None:
    """Five windows with margins are at least 6.83 s apart; nearer ones have margins only if there is room."""
    starts: DoubleArray = np.asarray(np.arange(5) * step + begin, np.float64)
    last = starts[-1] + 6
    length = (last - begin) / 0.9
    margin = 0.05 * length
    with_margins = (begin - margin, last + margin)
    is_long = step > (30 / 0.9 - 6) / 4
    assert music_bounds(starts, last + 100) == pytest.approx(
        with_margins if is_long or begin >= margin - 0.1 else (begin, last)
    )
    assert music_bounds(starts, last) == pytest.approx(with_margins if is_long else (begin, last))


def test_music_has_margins_if_there_is_room_to_a_tenth_of_a_second() -> None:
    margin = 0.05 * 32 / 0.9
    at: DoubleArray = np.asarray(6.5 * np.arange(5) + margin, np.float64)
    last = float(at[-1]) + 6
    for duration in (last + margin, last + margin - 0.09):
        assert music_bounds(at, duration) == pytest.approx((0.0, last + margin))
    assert music_bounds(at, last + margin - 0.11) == pytest.approx((margin, last))
    assert music_bounds(at - 0.09, last + margin) == pytest.approx((-0.09, last + margin - 0.09))
    assert music_bounds(at - 0.11, last + margin) == pytest.approx((margin - 0.11, last - 0.11))


@pytest.mark.parametrize(
    ("starts", "duration", "expected"),
    [
        ([1.0], 5.0, (1.0, 5.0)),
        ([1.0], 9.0, (1.0, 7.0)),
        ([1.0], 1.5, (1.0, 2.0)),  # at least a second
        ([1.0, 7.0], 11.0, (1.0, 11.0)),
        ([0.0, 6, 12, 18, 24], 100.0, (0.0, 30.0)),
        ([0.0, 6, 12, 18, 24.001], 29.0, (0.0, 29.0)),
        ([0.0, 20, 40, 60], 62.0, (0.0, 62.0)),
        ([0.0, 20, 40, 60, 80, 100], 103.0, (0.0, 103.0)),
    ],
)
def test_the_end_of_music_without_all_windows_is_that_of_the_file(
    starts: list[float], duration: float, expected: tuple[float, float]
) -> None:
    assert music_bounds(np.array(starts), duration) == expected


def test_keys_are_whitened_with_the_ridge_added_to_the_variances() -> None:
    """Differences of variance 1, 4 and 0.25; with a ridge of 0.1 their keys have these deviations."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float) * [1, 2, 0.5]
    matrix = fit_keys(corners)
    assert matrix.shape == (3, 3)
    np.testing.assert_allclose(np.abs(matrix[[2, 0, 1], [0, 1, 2]]), [0.35**-0.5, 1.1**-0.5, 4.1**-0.5])
    assert np.count_nonzero(np.abs(matrix) > 1e-9) == 3
    np.testing.assert_allclose(np.abs(fit_keys(corners, ridge=0.0, dimensions=1)), [[0], [0], [2]], atol=1e-9)
    wide = np.random.default_rng(0).standard_normal((200, 70))
    assert fit_keys(wide).shape == (70, 64)


def test_keys_are_a_linear_map_of_the_columns_that_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Files:
        def joinpath(self, *parts: str) -> Path:
            return tmp_path / parts[-1]

    rng = np.random.default_rng(0)
    features = rng.standard_normal((3, len(DIMENSIONS))).astype(np.float32)
    np.testing.assert_allclose(keys_of(features), features[:, COLUMNS] @ key_matrix(), rtol=1e-5)
    monkeypatch.setattr("recsys.recommend.fingerprint.resources.files", lambda package: Files())
    matrix = rng.standard_normal((len(COLUMNS), 2))
    save_keys(tmp_path / module.KEY_FILE, matrix)
    key_matrix.cache_clear()
    try:
        np.testing.assert_allclose(key_matrix(), matrix, rtol=1e-6)
        for shape, version in (((len(COLUMNS), 2), 9999), ((len(COLUMNS) - 1, 2), FEATURE_VERSION)):
            np.savez_compressed(tmp_path / module.KEY_FILE, matrix=np.ones(shape), feature_version=version)
            key_matrix.cache_clear()
            with pytest.raises(FeatureMismatch, match=f"feature version {version}.*fit_performances"):
                key_matrix()
    finally:
        key_matrix.cache_clear()


@pytest.mark.parametrize("shape", [(2, len(DIMENSIONS) - 1), (len(DIMENSIONS),)])
def test_keys_of_other_dimensions_raise(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureMismatch, match="analyse the track again"):
        keys_of(np.zeros(shape, np.float32))
