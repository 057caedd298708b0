"""The similarity vector: what of a track's features counts when two sounds are compared."""

import numpy as np

from recsys.types import FloatArray

#: Raised whenever :func:`similarity_vectors` would give other numbers; indexes of another version are rebuilt.
SIMILARITY_VERSION = 1


def similarity_vectors(normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) whose inner product is how alike two tracks sound, from normalised (n, D)."""
    from recsys.features.layout import GROUPS

    tags = normalised[:, GROUPS["tags"]]
    lengths = np.linalg.norm(tags, axis=1, keepdims=True)
    return (tags / np.maximum(lengths, 1e-9)).astype(np.float32)
