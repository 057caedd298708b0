"""The Fourier transform of frames: that of scipy.fft, without the import of its package."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import fft

from recsys.domain.arrays import FloatArray
from recsys.features import fourier


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_that_of_scipy(dtype: type) -> None:
    x: FloatArray = np.random.default_rng(1).normal(size=(3, 5, 60)).astype(dtype)
    assert np.array_equal(fourier.compiled()(x), fft.rfft(x))
    assert np.array_equal(fourier.rfft(x), fft.rfft(x))


def test_scipy_without_the_compiled_module(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nowhere:
        find_spec = staticmethod(lambda name, path: None)

    monkeypatch.setattr(fourier, "PathFinder", Nowhere)
    fourier._transform.cache_clear()
    try:
        assert np.array_equal(fourier.rfft(np.ones((1, 4), np.float32)), [[4, 0, 0]])
    finally:
        fourier._transform.cache_clear()


def test_workers_do_not_import_scipy() -> None:
    code = "import recsys.ingest.preload, recsys.features.fourier as f, numpy as np, sys; f.rfft(np.ones((1, 4)));"
    code += "sys.exit(any(name.split('.')[0] in ('scipy', 'sklearn', 'librosa') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
