"""The layers of MusiCNN against direct convolution."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from recsys.features import musicnn


@pytest.mark.parametrize("bands", [1, 2, 38, 67, 95, 96])
def test_vertical_filters_are_the_maximum_of_a_convolution_over_bands(bands: int) -> None:
    rng = np.random.default_rng(bands)
    x = rng.normal(size=(20, 96)).astype(np.float32)
    kernels = rng.normal(size=(5, 7, bands)).astype(np.float32)
    padded = np.pad(x.astype(np.float64), ((3, 3), (0, 0)))
    direct = np.einsum("tmab,fab->tmf", sliding_window_view(padded, (7, bands)), kernels).max(axis=1)
    got = musicnn._VerticalFilters(kernels)(musicnn._band_spectra(x))
    np.testing.assert_allclose(got, direct, atol=1e-4)


@pytest.mark.parametrize("frames", [1, 16, 17, 187])
@pytest.mark.parametrize("length", [1, 32, 33, 128])
def test_horizontal_filters_are_the_maximum_of_a_convolution_over_time(length: int, frames: int) -> None:
    rng = np.random.default_rng(length)
    bands = rng.normal(size=(96, frames)).astype(np.float32)
    kernels = rng.normal(size=(3, length)).astype(np.float32)
    before = (length - 1) // 2
    padded = np.pad(bands.astype(np.float64), ((0, 0), (before, length - 1 - before)))
    direct = np.einsum("bti,fi->tbf", sliding_window_view(padded, length, axis=1), kernels).max(axis=1)
    np.testing.assert_allclose(musicnn._HorizontalFilters(kernels)(bands), direct, atol=1e-4)
