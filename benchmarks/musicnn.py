#!/usr/bin/env python3
"""Milliseconds of one core that MusiCNN takes for a patch, beside the same layers as direct convolutions.

    OMP_NUM_THREADS=1 benchmarks/musicnn.py [--rounds 60]

"Direct" copies the input of every filter position into a matrix and multiplies it with the kernels, as a general
runtime does. Both run alternately in one process; medians, and the largest difference of the embeddings.
"""

import argparse
import statistics
import sys
import time

import numpy as np
from measure import ROOT
from numpy.lib.stride_tricks import sliding_window_view

sys.path.insert(0, str(ROOT))

from recsys.features import embedding, musicnn


class Direct(musicnn.Network):
    """The network with direct convolutions in its front end."""

    def _front_end(self, x: np.ndarray) -> np.ndarray:
        outputs = []
        for name in (*musicnn.VERTICAL, *musicnn.HORIZONTAL):
            kernels = self._weights[name] if name in musicnn.VERTICAL else self._weights[name][:, :, None]
            count, frames, bands = kernels.shape
            before = (frames - 1) // 2
            padded = np.pad(x, ((before, frames - 1 - before), (0, 0)))
            runs = sliding_window_view(padded, (frames, bands)).reshape(-1, frames * bands)
            positions = runs @ kernels.reshape(count, -1).T
            outputs.append(positions.reshape(len(x), -1, count).max(axis=1))
        weights = self._weights
        y = (np.concatenate(outputs, axis=1) + weights["front_bias"]) * weights["front_sign"]
        return np.asarray(np.maximum(y, 0) * weights["front_slope"] + weights["front_offset"], np.float32)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60, metavar="N")
    rounds = parser.parse_args().rounds
    patch = (3 * np.random.default_rng(0).random((musicnn.PATCH_FRAMES, musicnn.N_BANDS))).astype(np.float32)
    print("| model | direct, ms | recsys, ms | ratio | largest difference |\n|---|---|---|---|---|")
    for name in embedding.MODELS:
        networks = (Direct(embedding.network(name)._weights), embedding.network(name))
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for network, measured in zip(networks, times, strict=True):
                start = time.perf_counter()
                network(patch)
                measured.append(1e3 * (time.perf_counter() - start))
        direct, ours = map(statistics.median, times)
        difference = np.abs(networks[0](patch)[0] - networks[1](patch)[0]).max()
        print(f"| {name.upper()} | {direct:.1f} | {ours:.1f} | {direct / ours:.2f} | {difference:.0e} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
