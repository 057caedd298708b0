"""Record the features that tests/features/test_features_recorded.py compares with those of later versions.

Run it only if FEATURE_VERSION is increased, or the recordings of tests/recordings.py change:

    python scripts/make_recorded_features.py

Each recording is also analysed with additional noise of a millionth of full scale. If that changes a value by half of
the tolerance of the test, the value is close to a discontinuity, and another processor or library could change it as
much; then nothing is written, and the recording must be changed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from recordings import features_of, recordings

from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

ALLOWED = 0.005  # standard deviations: half of the test's tolerance
NOISE = 1e-6  # full scale is 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "data" / "features.npz")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    vectors, unstable = [], False
    with tempfile.TemporaryDirectory() as folder:
        for name, (rate, samples) in recordings().items():
            vector = features_of(rate, samples, Path(folder))
            noise = NOISE * rng.standard_normal(samples.shape).astype(np.float32)
            change = np.abs(features_of(rate, samples + noise, Path(folder)) - vector) / reference().std
            worst = int(change.argmax())
            print(f"{name:10} changes by {change[worst]:.5f} standard deviations at most ({DIMENSIONS[worst].name})")
            unstable |= not change[worst] <= ALLOWED
            vectors.append(vector)
    if unstable:
        sys.exit(f"nothing written: a recording changes by more than {ALLOWED} standard deviations; replace it")
    np.savez_compressed(
        arguments.output, vectors=np.stack(vectors), names=list(recordings()), feature_version=FEATURE_VERSION
    )
    print(f"{arguments.output}: {len(vectors)} vectors of feature version {FEATURE_VERSION}")


if __name__ == "__main__":
    main()
