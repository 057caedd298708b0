"""What somebody would like who likes these: a score for every sound, and the interests behind the likes.

*Score.* Kernel ridge regression, which is the mean of a Gaussian process (Rasmussen & Williams, "Gaussian processes for
machine learning", 2006, ch. 2): what is liked is worth 1, what is disliked -1, and a sample of the library, of which
nothing is known, 0. So a sound is good that is near to likes, nearer than the library is on the whole, and far from
dislikes; several likes of a kind strengthen each other, and likes of different kinds are never averaged. The kernel is
``exp(SHARPNESS (cosine - 1))``. The sample weighs as much as all likes together.

*Interests.* Likes are clustered by Ward's criterion (Ward, 1963), as PinnerSage does it (Pal et al., KDD 2020): each
cluster is an interest, stands for as much as its likes weigh, and is named by its medoid.
"""

from dataclasses import dataclass

import numpy as np

from recsys.types import DoubleArray, FloatArray, IdArray

SHARPNESS = 3.0
NOISE = 0.1  # of a like that weighs 1
TOGETHER = 0.2  # mean cosine from which two groups of likes are one interest
MOST_INTERESTS = 12
MOST = 100  # likes, or dislikes, that have their say; chance chooses among more, the heavier the likelier


@dataclass(frozen=True, slots=True)
class Interest:
    """Some likes that belong together, by their places among all likes: medoid, members, and their share of weight."""

    medoid: int
    members: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Taste:
    """A fitted taste, see :func:`fit_taste`; all likes and dislikes are there, whether or not they had their say."""

    likes: FloatArray
    all_likes: FloatArray
    all_dislikes: FloatArray
    interests: tuple[Interest, ...]
    anchors: FloatArray
    pull: DoubleArray

    def scores(self, vectors: FloatArray) -> DoubleArray:
        """How much each sound (n, d) would be liked, (n,): about 1 like a like, 0 like anything, -1 like a dislike."""
        return np.asarray(_kernel(vectors, self.anchors) @ self.pull)

    def standing(self, vectors: FloatArray) -> FloatArray:
        """How many times as near each sound (n, d) lies to a like as to a dislike, (n,): infinite far from dislikes."""
        if not len(self.all_dislikes):
            return np.full(len(vectors), np.inf, np.float32)
        shade = np.maximum((vectors @ self.all_dislikes.T).max(axis=1), 0)
        light = np.maximum((vectors @ self.all_likes.T).max(axis=1), 0)
        return np.asarray(np.where(shade > 0, light / np.maximum(shade, 1e-6), np.inf), np.float32)

    def nearest(self, vectors: FloatArray) -> tuple[IdArray, FloatArray]:
        """The interest (n,) of the like nearest to each sound (n, d), and the cosine (n,) with the nearest of all."""
        cosines = vectors @ self.likes.T
        owner = np.empty(len(self.likes), np.int64)
        for number, interest in enumerate(self.interests):
            owner[list(interest.members)] = number
        return owner[cosines.argmax(axis=1)], (vectors @ self.all_likes.T).max(axis=1)


def fit_taste(
    likes: FloatArray,
    weights: DoubleArray,
    dislikes: FloatArray,
    aversions: DoubleArray,
    background: FloatArray,
) -> Taste:
    """A taste from unit vectors.

    Parameters
    ----------
    likes : (l, d) at least one
    weights : (l,) how much each counts, in (0, 1]
    dislikes : (m, d)
    aversions : (m,) how much each counts, in (0, 1]
    background : (b, d) a sample of the library, at least one
    """
    anchors = np.vstack([likes, dislikes, background])
    worth = np.concatenate([np.ones(len(likes)), -np.ones(len(dislikes)), np.zeros(len(background))])
    unknown = np.full(len(background), weights.sum() / len(background))
    noise = NOISE / np.concatenate([weights, aversions, unknown])
    pull = np.linalg.solve(_kernel(anchors, anchors) + np.diag(noise), worth)
    return Taste(likes, likes, dislikes, tuple(interests(likes, weights)), anchors, pull)


def _kernel(one: FloatArray, other: FloatArray) -> DoubleArray:
    return np.exp(SHARPNESS * ((one @ other.T).astype(np.float64) - 1))


def interests(likes: FloatArray, weights: DoubleArray) -> list[Interest]:
    """Clusters of unit vectors (l, d) that weigh (l,), the heaviest first."""
    found = []
    for members in _ward(likes.astype(np.float64)):
        inside = likes[members] @ (likes[members] * weights[members, None]).sum(axis=0)
        share = float(weights[members].sum() / weights.sum())
        found.append(Interest(members[int(inside.argmax())], tuple(members), share))
    return sorted(found, key=lambda one: (-one.share, one.medoid))


def _ward(points: DoubleArray) -> list[list[int]]:
    """Groups of unit vectors (n, d): the two whose union is tightest become one, while they belong together.

    Two groups do where the mean cosine between them is :data:`TOGETHER` or more; or there are too many.
    """
    groups = [[i] for i in range(len(points))]
    means, sizes = points.copy(), np.ones(len(points))
    while len(groups) > 1:
        cosines = means @ means.T
        squares = np.diag(cosines)[:, None] + np.diag(cosines)[None, :] - 2 * cosines
        costs = squares * sizes[:, None] * sizes / (sizes[:, None] + sizes)  # by which the sum of squares grows
        if len(groups) <= MOST_INTERESTS:
            costs[cosines < TOGETHER] = np.inf
        np.fill_diagonal(costs, np.inf)
        i, j = sorted(divmod(int(costs.argmin()), len(groups)))
        if not np.isfinite(costs[i, j]):
            break
        means[i] = (sizes[i] * means[i] + sizes[j] * means[j]) / (sizes[i] + sizes[j])
        sizes[i] += sizes[j]
        groups[i] += groups.pop(j)
        means, sizes = np.delete(means, j, 0), np.delete(sizes, j)
    return [sorted(group) for group in groups]
