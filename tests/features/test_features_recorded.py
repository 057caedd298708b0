"""Changes of decoding and speed keep the feature version as long as no number moves.

``tests/data/features.npz`` (made by ``scripts/make_recorded_features.py``) holds raw vectors of the recordings of
``tests/recordings.py``. None may differ by more than a hundredth of the dimension's standard deviation over the
reference corpus; what moves further needs a new feature version, and the file made again.
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


def test_the_record_is_of_this_version_and_of_all_recordings() -> None:
    with np.load(RECORDED) as recorded:
        assert int(recorded["feature_version"]) == FEATURE_VERSION
        assert recorded["names"].tolist() == list(RECORDINGS)
        assert recorded["vectors"].shape == (len(RECORDINGS), len(DIMENSIONS))


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_number_is_as_it_was_recorded(name: str, tmp_path: Path) -> None:
    with np.load(RECORDED) as recorded:
        expected = recorded["vectors"][recorded["names"].tolist().index(name)]
    moved = np.abs(features_of(*RECORDINGS[name], tmp_path) - expected) / reference().std
    further = {DIMENSIONS[i].name: float(moved[i]) for i in np.flatnonzero(~(moved <= TOLERANCE))}
    assert not further, f"{name}: {further} standard deviations; raise FEATURE_VERSION, or mend what moved them"
