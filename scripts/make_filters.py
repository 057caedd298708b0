#!/usr/bin/env python3
"""Compute the filter banks of the features by librosa, and write them to ``recsys/features/data/filters.npz``.

    python scripts/make_filters.py

The file in the repository was made with librosa 0.11.0; ``tests/features/test_features_filters.py`` compares it with
the installed version.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.features import embedding, musicnn, spectrum
from recsys.features.filters import FILTERS_FILE, compute_chroma_filters, compute_mel_filters

MEL = ((spectrum.SR, spectrum.N_FFT, spectrum.N_MELS), (embedding.MODEL_SR, embedding.N_FFT, musicnn.N_BANDS))
CHROMA = ((spectrum.SR, spectrum.N_FFT),)


def main() -> None:
    banks: dict[str, Any] = {}
    banks |= {f"mel_{sr}_{n_fft}_{n_mels}": compute_mel_filters(sr, n_fft, n_mels) for sr, n_fft, n_mels in MEL}
    banks |= {f"chroma_{sr}_{n_fft}": compute_chroma_filters(sr, n_fft) for sr, n_fft in CHROMA}
    target = ROOT / "recsys" / "features" / "data" / FILTERS_FILE
    np.savez_compressed(target, **banks)
    for name, bank in banks.items():
        print(f"{name}: {bank.shape}, sum {bank.sum():.6f}")
    print(f"{target.stat().st_size} bytes in {target}")


if __name__ == "__main__":
    main()
