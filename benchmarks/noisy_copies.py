"""Real tracks and noisy copies of them, for libraries of any size in benchmarks/nearest.py and benchmarks/path.py."""

import sys
from pathlib import Path

import numpy as np
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.vectors import similarity_vectors

_CHUNK = 5000


def read_features(home: Path) -> tuple[list[str], FloatArray]:
    """Resolved paths (n) and normalised feature vectors (n, D) of all analysed tracks of a library."""
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        ids, vectors = catalogue.vectors()
        tracks = catalogue.tracks_by_id(ids.tolist())
    return [str(Path(tracks[i].path).resolve()) for i in ids.tolist()], vectors


def noisy_copies(features: FloatArray, tracks: int, noise: float) -> FloatArray:
    """Similarity vectors (tracks, d) of features (n, D), and of copies with normal noise of this standard deviation."""
    rng = np.random.default_rng(0)
    found = [similarity_vectors(features)]
    left = tracks - len(features)
    while left > 0:
        chosen = features[rng.integers(0, len(features), min(left, _CHUNK))]
        found.append(similarity_vectors(chosen + noise * rng.standard_normal(chosen.shape).astype(np.float32)))
        left -= len(chosen)
    return np.vstack(found)
