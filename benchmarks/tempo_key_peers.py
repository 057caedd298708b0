"""Tempo and key by sonara and Essentia, for benchmarks/tempo_key.py; run by the interpreter that has them.

    PYTHON benchmarks/tempo_key_peers.py FILE.npz

The file holds mono samples at 22050 Hz by name. Prints JSON: {system: {name: [bpm, key]}}, key as in "Eb minor". A
system that cannot be imported is left out.
"""

import json
import sys
from collections.abc import Callable

import numpy as np

Answer = tuple[float, str]
SR = 22050


def sonara() -> Callable[[np.ndarray], Answer]:
    import sonara

    def listen(y: np.ndarray) -> Answer:
        found = sonara.analyze_signal(y, sr=SR, mode="full")
        return float(found["bpm"]), str(found["key"])

    return listen


def essentia() -> Callable[[np.ndarray], Answer]:
    import essentia
    from essentia import standard

    essentia.log.infoActive = essentia.log.warningActive = False

    def listen(y: np.ndarray) -> Answer:
        y = standard.Resample(inputSampleRate=SR, outputSampleRate=44100)(y)
        bpm = standard.RhythmExtractor2013(method="multifeature")(y)[0]
        key, scale, _ = standard.KeyExtractor(profileType="edma")(y)
        return float(bpm), f"{key} {scale}"

    return listen


def main() -> int:
    answers: dict[str, dict[str, Answer]] = {}
    for make in (sonara, essentia):
        try:
            listen = make()
        except ImportError:
            continue
        with np.load(sys.argv[1]) as signals:
            answers[make.__name__] = {name: listen(signals[name].astype(np.float32)) for name in signals.files}
    print(json.dumps(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
