"""Compute the outputs of MusiCNN for two synthetic patches by plain NumPy, in float64 and in the published order.

    python scripts/make_musicnn_golden.py [musicnn-0.1.0-py3-none-any.whl]

Writes ``tests/data/musicnn_golden.npz``, with which ``tests/features/test_features_embedding.py`` compares the models.
The computation shares only the checkpoint with the converted models: no Fourier transform, no removed filters. Requires
``tensorflow-cpu`` to read the checkpoint, as does ``make_musicnn.py``.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from make_musicnn import BANDS, FRAMES, Weights, fetch_wheel, read_checkpoint
from numpy.lib.stride_tricks import sliding_window_view

TARGET = Path(__file__).parents[1] / "tests" / "data" / "musicnn_golden.npz"


def synthetic_patches() -> np.ndarray:
    """Two patches (2, 187, 96): pulsating partials over a noise floor that falls with frequency; swelling noise."""
    rng = np.random.default_rng(20190914)
    time, band = np.arange(FRAMES)[:, None], np.arange(BANDS)[None, :]
    floor = 2.0 * np.exp(-band / 40) + 0.3 * rng.random((FRAMES, BANDS))
    beat = np.exp(-(time % 31) / 8.0)
    partials = sum(np.exp(-0.5 * ((band - centre) / 0.8) ** 2) for centre in (12, 24, 33, 40, 46))
    swell = (1 + np.sin(2 * np.pi * time / FRAMES)) * rng.random((FRAMES, BANDS))
    return np.stack([floor + 2.5 * beat * partials, swell]).astype(np.float32)


def normalise(weights: Weights, number: int, x: np.ndarray) -> np.ndarray:
    """Batch norm over the last axis."""
    prefix = f"batch_normalization_{number}/" if number else "batch_normalization/"
    parts = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (weights[prefix + part].astype(np.float64) for part in parts)
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


def convolve(weights: Weights, layer: str, x: np.ndarray) -> np.ndarray:
    """Convolution padded to keep its length in time, and ReLU: (187, b, c) to (187, b - width + 1, f)."""
    kernel = weights[f"{layer}/kernel"].astype(np.float64)
    if layer >= "conv2d_5":  # its kernel spans (time, channels, 1, filters)
        kernel = kernel.transpose(0, 2, 1, 3)
    length, width = kernel.shape[:2]
    before = (length - 1) // 2
    padded = np.pad(x, ((before, length - 1 - before), (0, 0), (0, 0)))
    windows = sliding_window_view(padded, (length, width), axis=(0, 1))  # (t, b, c, length, width)
    y = np.einsum("tbclw,lwcf->tbf", windows, kernel, optimize=True)
    return np.maximum(y + weights[f"{layer}/bias"], 0)


def musicnn(weights: Weights, mel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Embedding (200,) and tags (50,) of one patch."""
    x = normalise(weights, 0, mel.astype(np.float64)[..., None])
    layers = enumerate(("conv2d", *(f"conv2d_{i}" for i in range(1, 5))), start=1)
    front = [normalise(weights, i, convolve(weights, layer, x)).max(axis=1) for i, layer in layers]
    levels = [np.concatenate(front, axis=1)]
    for i in (5, 6, 7):
        y = normalise(weights, i + 1, convolve(weights, f"conv2d_{i}", levels[-1][:, None, :]))[:, 0]
        levels.append(y + levels[-1] if i > 5 else y)
    stack = np.concatenate(levels, axis=1)
    pooled = normalise(weights, 9, np.stack([stack.max(axis=0), stack.mean(axis=0)], axis=1).ravel())
    dense = np.maximum(pooled @ weights["dense/kernel"] + weights["dense/bias"], 0)
    embedding = normalise(weights, 10, dense)
    return embedding, 1 / (1 + np.exp(-(embedding @ weights["dense_1/kernel"] + weights["dense_1/bias"])))


def main() -> None:
    """Write the golden values."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, nargs="?", help="the musicnn wheel; downloaded from PyPI by default")
    arguments = parser.parse_args()
    patches = synthetic_patches()
    with tempfile.TemporaryDirectory() as folder:
        wheel = arguments.wheel or fetch_wheel(Path(folder))
        outputs = []
        for corpus in ("MSD", "MTT"):
            weights = read_checkpoint(wheel, corpus)
            outputs.append([musicnn(weights, mel) for mel in patches])
    embeddings, tags = (
        np.concatenate([[patch[kind] for patch in model] for model in outputs], axis=1) for kind in (0, 1)
    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(TARGET, mel=patches, embeddings=embeddings.astype(np.float32), tags=tags.astype(np.float32))
    print(f"{TARGET}: embeddings {embeddings.shape}, tags {tags.shape}")


if __name__ == "__main__":
    main()
