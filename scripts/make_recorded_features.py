"""Record the features that tests/features/test_features_recorded.py holds later changes to.

Run it when FEATURE_VERSION is raised, or the recordings of tests/recordings.py change, and at no other time:

    python scripts/make_recorded_features.py

Each recording is also analysed with noise of a millionth of full scale added. Where that alone moves a number by half
of what the test allows, the recording lies on the edge of a decision, and another processor or library might move it as
far: nothing is written, and the recording is to be changed.
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
WHISPER = 1e-6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "data" / "features.npz")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    vectors, unstable = [], False
    with tempfile.TemporaryDirectory() as folder:
        for name, (rate, samples) in recordings().items():
            vector = features_of(rate, samples, Path(folder))
            whisper = WHISPER * rng.standard_normal(samples.shape).astype(np.float32)
            moved = np.abs(features_of(rate, samples + whisper, Path(folder)) - vector) / reference().std
            worst = int(moved.argmax())
            print(f"{name:10} moves by {moved[worst]:.5f} standard deviations at most ({DIMENSIONS[worst].name})")
            unstable |= not moved[worst] <= ALLOWED
            vectors.append(vector)
    if unstable:
        sys.exit(f"nothing written: a recording moves by more than {ALLOWED}; change it")
    np.savez_compressed(
        arguments.output, vectors=np.stack(vectors), names=list(recordings()), feature_version=FEATURE_VERSION
    )
    print(f"{arguments.output}: {len(vectors)} vectors of feature version {FEATURE_VERSION}")


if __name__ == "__main__":
    main()
