"""Regression test of all features: changes of decoding or speed must not change stored values.

``tests/data/features.npz`` (made by ``scripts/make_recorded_features.py``) contains the raw vectors of the recordings
of ``tests/recordings.py``. No value may differ by more than a hundredth of the standard deviation of its dimension over
the reference corpus; a larger change needs a new feature version and a new file.
"""

from pathlib import Path

import numpy as np
import pytest
from recordings import features_of, recordings

from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

RECORDED = Path(__file__).parents[1] / "data" / "features.npz"
TOLERANCE = 0.01  # standard deviations
RECORDINGS = recordings()


def test_recorded_file_has_this_version_and_all_recordings() -> None:
    with np.load(RECORDED) as recorded:
        assert int(recorded["feature_version"]) == FEATURE_VERSION
        assert recorded["names"].tolist() == list(RECORDINGS)
        assert recorded["vectors"].shape == (len(RECORDINGS), len(DIMENSIONS))


@pytest.mark.parametrize("name", RECORDINGS)
def test_features_equal_the_recorded_values(name: str, tmp_path: Path) -> None:
    with np.load(RECORDED) as recorded:
        expected = recorded["vectors"][recorded["names"].tolist().index(name)]
    deviation = np.abs(features_of(*RECORDINGS[name], tmp_path) - expected) / reference().std
    changed = {DIMENSIONS[i].name: float(deviation[i]) for i in np.flatnonzero(~(deviation <= TOLERANCE))}
    assert not changed, f"{name}: {changed} standard deviations; increase FEATURE_VERSION, or correct the change"
