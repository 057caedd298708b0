"""Tempo and key by sonara and Essentia, for benchmarks/tempo_key.py; run by an interpreter that has them installed.

    PYTHON benchmarks/tempo_key_peers.py FILE.npz

The file has mono samples at 22050 Hz by name. Prints JSON: {system: {name: [bpm, key]}}, key as in "Eb minor". A
system that cannot be imported is left out.
"""

import json
import sys
from collections.abc import Callable

import numpy as np

Estimate = tuple[float, str]
SR = 22050


def sonara() -> Callable[[np.ndarray], Estimate]:
    import sonara

    def estimate(y: np.ndarray) -> Estimate:
        found = sonara.analyze_signal(y, sr=SR, mode="full")
        return float(found["bpm"]), str(found["key"])

    return estimate


def essentia() -> Callable[[np.ndarray], Estimate]:
    import essentia
    from essentia import standard

    essentia.log.infoActive = essentia.log.warningActive = False

    def estimate(y: np.ndarray) -> Estimate:
        y = standard.Resample(inputSampleRate=SR, outputSampleRate=44100)(y)
        bpm = standard.RhythmExtractor2013(method="multifeature")(y)[0]
        key, scale, _ = standard.KeyExtractor(profileType="edma")(y)
        return float(bpm), f"{key} {scale}"

    return estimate


def main() -> int:
    estimates: dict[str, dict[str, Estimate]] = {}
    for make in (sonara, essentia):
        try:
            estimate = make()
        except ImportError:
            continue
        with np.load(sys.argv[1]) as signals:
            estimates[make.__name__] = {name: estimate(signals[name].astype(np.float32)) for name in signals.files}
    print(json.dumps(estimates))
    return 0


if __name__ == "__main__":
    sys.exit(main())
