"""The matrix logarithm of a Gaussian against that of scipy, and for degenerate covariances."""

import numpy as np
import pytest
from scipy.linalg import logm
from signals import chord, music, noise, tone

from recsys.domain.arrays import FloatArray
from recsys.features import scaling
from recsys.features.gaussian import SIZE, log_gaussians
from recsys.features.schema import DIMENSIONS, index_of
from recsys.features.spectrum import Spectrum
from recsys.features.summary import frame_features, summarise
from recsys.features.timbre import mfcc

N = 20


def features(y: FloatArray) -> FloatArray:
    """A normalised vector with the timbre of ``y``; other groups have the mean of the reference corpus."""
    raw = scaling.reference().mean.copy()
    timbre = summarise(frame_features(Spectrum(y)))["timbre"]
    raw[: len(timbre)] = timbre
    return scaling.normalise(raw)


def test_log_gaussian_is_the_matrix_logarithm_of_the_frames() -> None:
    y = music(6)
    frames = mfcc(Spectrum(y)).astype(np.float64)
    mean, covariance = frames.mean(axis=1), np.cov(frames, bias=True) + 0.1 * np.eye(N)
    joint = np.block([[covariance + np.outer(mean, mean), mean[:, None]], [mean[None, :], np.ones((1, 1))]])
    [found] = log_gaussians(features(y)[None])
    logarithm = logm(joint)
    rows, columns = np.triu_indices(N + 1)
    expected = logarithm[rows, columns] * np.where(rows == columns, 1, np.sqrt(2))
    assert found.shape == (SIZE,)
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(logarithm), rel=1e-3)


def test_same_music_is_nearer_than_other_music() -> None:
    original, louder, other, hiss = log_gaussians(
        np.stack([features(y) for y in (music(6), 0.9 * music(6), chord((60, 64, 67), 6), noise(6))])
    )
    assert np.linalg.norm(original - louder) < 0.2 * np.linalg.norm(original - other)
    assert np.linalg.norm(original - louder) < 0.2 * np.linalg.norm(original - hiss)


@pytest.mark.parametrize("y", [tone(440, 6), np.full(6 * 22050, 1e-3, np.float32)], ids=["tone", "direct current"])
def test_log_gaussian_of_constant_spectra_is_finite(y: FloatArray) -> None:
    assert np.isfinite(log_gaussians(features(y)[None])).all()


def test_log_gaussian_of_indefinite_covariances_is_finite() -> None:
    vectors = np.zeros((1, len(DIMENSIONS)), np.float32)
    vectors[0, [index_of("mfcc_cov_0_1"), index_of("mfcc_cov_3_9")]] = 8.0
    vectors[0, index_of("mfcc_0_std")] = -8.0
    assert np.isfinite(log_gaussians(vectors)).all()
