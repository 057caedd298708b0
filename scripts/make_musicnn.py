"""Convert the two checkpoints of MusiCNN to the weights of recsys, reproducibly to the byte.

Reads the wheel of the PyPI package ``musicnn`` 0.1.0 (ISC licence) and writes ``musicnn_msd.npz``,
``musicnn_mtt.npz`` and ``LICENSE-musicnn`` to ``recsys/features/data``. Requires ``tensorflow-cpu``, which recsys
itself does not need.

    python scripts/make_musicnn.py [musicnn-0.1.0-py3-none-any.whl] [--output recsys/features/data]

The network is the published one (Pons & Serra 2019, "musicnn: pre-trained convolutional neural networks for music
audio tagging"), as ``recsys/features/musicnn.py`` computes it, with two changes that preserve its outputs:

* The order of convolution, ReLU, batch norm, maximum over frequency is changed to convolution, maximum, ReLU, batch
  norm. A channel whose batch norm has a negative slope needs the minimum instead: its kernel is negated, and the sign
  is restored after the maximum.
* Most filters of the front end are dead: 497 of 561 in the MSD model and 353 in the MTT model have a kernel so small
  that their output is constant for any input. They are removed, and the contribution of their constants to later layers
  is added to the biases of these.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

FRAMES, BANDS = 187, 96
EPSILON = 1e-3  # of every batch norm
MAX_INPUT = 4.0  # largest magnitude of normalised log-mel values
TOLERANCE = 1e-2  # a filter whose output varies by less is dead; without dead filters embeddings change by < 3e-5
FRONT = {  # our names of the layers
    "conv2d": "vertical_38", "conv2d_1": "vertical_67",
    "conv2d_2": "horizontal_128", "conv2d_3": "horizontal_64", "conv2d_4": "horizontal_32",
}  # fmt: skip
MIDDLE = {"conv2d_5": "middle_0", "conv2d_6": "middle_1", "conv2d_7": "middle_2"}
DATA = Path(__file__).parents[1] / "recsys" / "features" / "data"

Weights = dict[str, np.ndarray]


def fetch_wheel(folder: Path) -> Path:
    """Download the wheel from PyPI."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, "musicnn==0.1.0"], check=True)
    return next(folder.glob("musicnn-*.whl"))


def read_checkpoint(wheel: Path, corpus: str) -> Weights:
    """Weights of one model, "MSD" or "MTT", without the state of the optimiser."""
    import tensorflow as tf

    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        for suffix in (".index", ".data-00000-of-00001"):  # TensorFlow cannot open an empty prefix
            (Path(folder) / f"m{suffix}").write_bytes(archive.read(f"musicnn/{corpus}_musicnn/{suffix}"))
        reader = tf.train.load_checkpoint(str(Path(folder) / "m"))
        names = [n for n in reader.get_variable_to_shape_map() if "Adam" not in n and "power" not in n]
        return {name: reader.get_tensor(name) for name in names}


def batch_norm(weights: Weights, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of a batch norm at inference."""
    prefix = f"batch_normalization_{number}/" if number else "batch_normalization/"
    slope = weights[prefix + "gamma"] / np.sqrt(weights[prefix + "moving_variance"] + EPSILON)
    return slope, weights[prefix + "beta"] - weights[prefix + "moving_mean"] * slope


def front_branch(weights: Weights, layer: str, number: int) -> tuple[np.ndarray, Weights, np.ndarray]:
    """Kernels of the live filters of a branch of the front end, their affine maps, and the constants of the dead ones.

    The constants are NaN for live filters.
    """
    slope, offset = batch_norm(weights, number)
    kernel, bias = weights[f"{layer}/kernel"][:, :, 0], weights[f"{layer}/bias"]  # frames, bands, filters
    reach = np.abs(slope) * np.abs(kernel).sum((0, 1)) * MAX_INPUT
    live = reach >= TOLERANCE
    dead = np.where(live, np.nan, slope * np.maximum(bias, 0) + offset)
    sign = np.where(slope[live] < 0, -1.0, 1.0)
    maps = {"bias": bias[live] * sign, "sign": sign, "slope": slope[live], "offset": offset[live]}
    return kernel[..., live].transpose(2, 0, 1) * sign[:, None, None], maps, dead


def convolve_constants(dead: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Contribution (187, filters) of dead channels (c,) to a zero-padded convolution (7, c, filters) over time."""
    reach = kernel.shape[0] // 2
    times = np.arange(FRAMES)[:, None] + np.arange(-reach, reach + 1)
    inside = (times >= 0) & (times < FRAMES)
    return np.asarray(inside @ np.einsum("c,kcf->kf", np.nan_to_num(dead), kernel))


def convert(weights: Weights) -> Weights:
    """The arrays of ``recsys.features.musicnn.Network``."""
    slope, offset = batch_norm(weights, 0)
    arrays = {"input_slope": slope, "input_offset": offset}
    branches = {name: front_branch(weights, layer, i) for i, (layer, name) in enumerate(FRONT.items(), 1)}
    for name, (kernel, _, _) in branches.items():
        arrays[name] = kernel if name.startswith("vertical") else kernel[:, :, 0]
    for part in ("bias", "sign", "slope", "offset"):
        arrays[f"front_{part}"] = np.concatenate([maps[part] for _, maps, _ in branches.values()])
    dead = np.concatenate([constants for _, _, constants in branches.values()])
    live = np.isnan(dead)

    for i, (layer, name) in enumerate(MIDDLE.items()):
        kernel, bias = weights[f"{layer}/kernel"][:, :, 0, :], weights[f"{layer}/bias"]  # frames, channels, filters
        if i == 0:
            bias = bias + convolve_constants(dead, kernel)
            kernel = kernel[:, live]
        slope, offset = batch_norm(weights, 6 + i)
        arrays |= {f"{name}_kernel": kernel.reshape(-1, kernel.shape[2]), f"{name}_bias": bias,
                   f"{name}_slope": slope, f"{name}_offset": offset}  # fmt: skip

    # The published order is maximum and mean of each channel; here it is all maxima, then all means.
    slope, offset = batch_norm(weights, 9)
    kernel = slope[:, None] * weights["dense/kernel"]
    bias = weights["dense/bias"] + offset @ weights["dense/kernel"]
    by_channel = kernel.reshape(-1, 2, kernel.shape[1])
    bias = bias + np.nan_to_num(dead) @ by_channel[: len(dead)].sum(axis=1)
    kept = np.concatenate([by_channel[: len(dead)][live], by_channel[len(dead) :]])
    slope, offset = batch_norm(weights, 10)
    return arrays | {
        "dense_kernel": kept.transpose(1, 0, 2).reshape(-1, kernel.shape[1]), "dense_bias": bias,
        "embedding_slope": slope, "embedding_offset": offset,
        "tags_kernel": weights["dense_1/kernel"], "tags_bias": weights["dense_1/bias"],
    }  # fmt: skip


def main() -> None:
    """Convert both models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, nargs="?", help="the musicnn wheel; downloaded from PyPI by default")
    parser.add_argument("--output", type=Path, default=DATA)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = arguments.wheel or fetch_wheel(Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            notice = archive.read("musicnn-0.1.0.dist-info/LICENSE.md")
        (arguments.output / "LICENSE-musicnn").write_bytes(notice)
        for corpus in ("MSD", "MTT"):
            path = arguments.output / f"musicnn_{corpus.lower()}.npz"
            arrays = convert(read_checkpoint(wheel, corpus))
            banks: dict[str, Any] = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
            np.savez(path, **banks)
            print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
