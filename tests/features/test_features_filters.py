"""The stored filter banks equal those of librosa."""

import numpy as np
import pytest

from recsys.features import filters


@pytest.mark.parametrize("parameters", [(22050, 2048, 128), (16000, 512, 96), (8000, 256, 20)])
def test_mel_filters_agree_with_librosa(parameters: tuple[int, int, int]) -> None:
    expected = filters.compute_mel_filters(*parameters)
    np.testing.assert_allclose(filters.mel_filters(*parameters), expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("parameters", [(22050, 2048), (11025, 1024)])
def test_chroma_filters_agree_with_librosa(parameters: tuple[int, int]) -> None:
    expected = filters.compute_chroma_filters(*parameters)
    np.testing.assert_allclose(filters.chroma_filters(*parameters), expected, rtol=1e-5, atol=1e-7)


def test_all_filter_banks_in_use_are_stored() -> None:
    assert set(filters.stored_filters()) == {"mel_22050_2048_128", "mel_16000_512_96", "chroma_22050_2048"}


@pytest.mark.parametrize(("sr", "n_fft", "n_mels"), [(22050, 2048, 128), (16000, 512, 96), (8000, 512, 5)])
def test_mel_power_is_the_product_with_the_bank(sr: int, n_fft: int, n_mels: int) -> None:
    power = np.random.default_rng(0).random((1 + n_fft // 2, 9)).astype(np.float32)
    expected = filters.mel_filters(sr, n_fft, n_mels) @ power
    np.testing.assert_allclose(filters.mel_power(power, sr=sr, n_fft=n_fft, n_mels=n_mels), expected, rtol=1e-5)
