"""What somebody would like who likes these: candidates for a playlist, best first.

Several likes are several interests, so they are never averaged: between jazz and metal lies music that
pleases nobody. Instead the likes take turns, each naming the track nearest to it that is still free. So every
like has the same say, ten likes of jazz beside two of metal give five times as much jazz, and an interest in
a crowded region does not drown the others.

A dislike pushes: a candidate's score with a like is their cosine less ``PUSH`` times its cosine with the
nearest dislike, where that is positive. A little chance (``CHANCE``, the deviation of what is added to each
score) and the order of turns make the list of another seed a different one, nearly as good.
"""

from collections.abc import Iterator

import numpy as np

from recsys.nearest import NOBODY, NearestIndex
from recsys.types import FloatArray, IdArray

PUSH = 0.6
CHANCE = 0.02
MOST = 100  # likes that have their say in one list; chance chooses among more


def candidates(
    index: NearestIndex,
    likes: IdArray,
    dislikes: IdArray,
    *,
    allowed: IdArray | None,
    absent: IdArray,
    reach: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, float]]:
    """Ids and their cosine with the nearest like, in the order in which they are wanted.

    Parameters
    ----------
    index : similarity vectors of all ids that follow
    likes : (l,) at least one
    dislikes : (m,)
    allowed : (k,) ids to choose from, None: all; likes and dislikes among them are left out
    absent : (a,) ids not to choose from: missing tracks
    reach : how many neighbours of each like to consider
    rng : decides the order of turns and the little chance

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    """
    barred = np.concatenate([likes, dislikes, absent])
    likes = rng.permutation(likes)[:MOST]
    wanted = index.vectors(likes)
    near, _ = index.search(wanted, reach, densities=index.densities(likes), allowed=allowed, barred=barred)
    ids = np.setdiff1d(near, [NOBODY])
    if not len(ids):
        return
    vectors = index.vectors(ids)
    cosines = np.clip(wanted @ vectors.T, -1, 1)
    scores = cosines - PUSH * _repulsion(index.vectors(dislikes), vectors) + rng.normal(0, CHANCE, len(ids))
    nearest = cosines.max(axis=0)
    for column in _turns(scores.astype(np.float32)):
        yield int(ids[column]), float(nearest[column])


def _repulsion(dislikes: FloatArray, vectors: FloatArray) -> FloatArray:
    """How near (n,) each vector is to the nearest dislike, 0 where that lies on the other side."""
    if not len(dislikes):
        return np.zeros(len(vectors), np.float32)
    pull: FloatArray = np.maximum((dislikes @ vectors.T).max(axis=0), 0)
    return pull


def _turns(scores: FloatArray) -> Iterator[int]:
    """Columns of ``scores`` (l, n) in the order in which the rows, taking turns, choose their best."""
    wishes = [iter(row) for row in np.argsort(-scores, axis=1, kind="stable").tolist()]
    taken: set[int] = set()
    while len(taken) < scores.shape[1]:
        for wish in wishes:
            column = next((c for c in wish if c not in taken), None)
            if column is not None:
                taken.add(column)
                yield column
