"""Synthetic training sets: each genre is a cluster of vectors, each artist an offset within it."""

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.schema import DIMENSIONS
from recsys.genre.training_set import TrainingSet

GENRES = ("folk", "jazz", "metal")


def make_training_set(artists: int = 5, tracks: int = 4, *, spread: float = 1.0, seed: int = 0) -> TrainingSet:
    """``artists`` of each genre with ``tracks`` each; a larger ``spread`` makes the genres overlap more."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((len(GENRES), len(DIMENSIONS)))
    vectors, genres, groups = [], [], []
    for genre, centre in zip(GENRES, centres, strict=True):
        for artist in range(artists):
            offset_centre = centre + 0.3 * rng.standard_normal(len(centre))
            for _ in range(tracks):
                vectors.append(offset_centre + spread * rng.standard_normal(len(centre)))
                genres.append(genre)
                groups.append(f"{genre} {artist}")
    paths = tuple(f"/music/{i}.mp3" for i in range(len(vectors)))
    return TrainingSet(
        np.array(vectors, np.float32), tuple(genres), tuple(groups), paths, tuple(range(len(paths))), "labels of a test"
    )


def vectors_of(examples: TrainingSet) -> FloatArray:
    """The vectors (n, D) of a training set that has all dimensions."""
    assert isinstance(examples.vectors, np.ndarray)
    return examples.vectors
