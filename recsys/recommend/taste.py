"""What somebody would like who likes these: a score for every sound, and the interests behind the likes.

*Score.* Kernel ridge regression, which is the mean of a Gaussian process (Rasmussen & Williams, "Gaussian processes for
machine learning", 2006, ch. 2): what is liked is worth 1, and a sample of the library, of which nothing is known, 0. So
a sound is good that is near to likes, and nearer than the library is on the whole; several likes of a kind strengthen
each other, and likes of different kinds are never averaged. The kernel is ``exp(KERNEL_GAMMA (cosine - 1))``. The
sample weighs as much as all likes together. Dislikes have no part in it: they act on their close neighbours alone
(:mod:`recsys.recommend.dislikes`), or one about other music would change the score of everything.

*Interests.* Likes are clustered by Ward's criterion (Ward, 1963), as PinnerSage does it (Pal et al., KDD 2020): each
cluster is an interest, stands for as much as its likes weigh, and is named by its medoid.

*Chance.* What a similarity means depends on the library and on the vectors, so all that is compared with one is
measured on the pairs of the sample: the *floor* is the similarity that a share :data:`CHANCE_SHARE` of random pairs
does not reach. Two groups of likes are one interest from the floor on, and what is nearer to no like than that is no
better than a track drawn at random (``scripts/measure_floor.py`` shows it). In a library of one kind of music random
pairs are near to each other; there the floor is :data:`MAX_FLOOR`, as high as in libraries of several kinds.
"""

from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray

KERNEL_GAMMA = 3.0
NOISE = 0.1  # of a like that weighs 1, in a taste that is particular
REGULARISATION = 0.5  # the same where likes stand for kinds of music (fit_taste)
CHANCE_SHARE = 0.8  # of random pairs that lie below the floor, see scripts/measure_floor.py
MAX_FLOOR = 0.33  # the highest floor of three collections that differ (scripts/measure_floor.py): game music
MAX_INTERESTS = 12
_MIN_SHARE = 20  # sounds: a quantile of fewer pairs says little, and would leave lists of small libraries empty
MAX_LIKES = 100  # likes that have their say; chance chooses among more, the heavier the likelier


@dataclass(frozen=True, slots=True)
class Interest:
    """Some likes that belong together, by their places among all likes: medoid, members, and their share of weight."""

    medoid: int
    members: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class UserModel:
    """A fitted taste, see :func:`fit_preference_model`; all likes are there, whether or not they had their say.

    ``artist_specificity``, in [0, 1], is how far the likes stand for something particular, certain artists or tracks
    that were named, and not for kinds of music. ``floor`` is the similarity up to which nearness is chance.
    """

    likes: FloatArray
    all_likes: FloatArray
    interests: tuple[Interest, ...]
    support_vectors: FloatArray
    dual_coefficients: DoubleArray
    artist_specificity: float
    floor: float

    def scores(self, vectors: FloatArray) -> DoubleArray:
        """How much each sound (n, d) would be liked, (n,): about 1 like a like, 0 like anything."""
        return np.asarray(_kernel(vectors @ self.support_vectors.T) @ self.dual_coefficients)

    def nearest(self, vectors: FloatArray) -> tuple[IdArray, FloatArray]:
        """The interest (n,) of the like nearest to each sound (n, d), and the cosine (n,) with the nearest of all."""
        cosines = vectors @ self.likes.T
        owner = np.empty(len(self.likes), np.int64)
        for number, interest in enumerate(self.interests):
            owner[list(interest.members)] = number
        return owner[cosines.argmax(axis=1)], (vectors @ self.all_likes.T).max(axis=1)


def fit_preference_model(
    likes: FloatArray,
    weights: DoubleArray,
    background: FloatArray,
    *,
    floor: float,
    artist_specificity: float = 1.0,
) -> UserModel:
    """A taste from unit vectors.

    Parameters
    ----------
    likes : (l, d) at least one weights : (l,) how much each counts, in (0, 1] background : (b, d) a sample of the
    library, at least one floor : mean cosine from which two groups of likes are one interest, see :func:`chance_floor`
    artist_specificity : in [0, 1], how far the likes stand for something particular: 1 for certain artists or tracks,
    whose
        nearest are looked for, each in its turn; 0 for kinds of music, where likes that others agree with count more
    """
    anchors = np.vstack([likes, background])
    cosines = anchors @ anchors.T
    scores = np.concatenate([np.ones(len(likes)), np.zeros(len(background))])
    unknown = np.full(len(background), weights.sum() / len(background))
    doubt = (REGULARISATION - NOISE) * (
        1 - artist_specificity
    )  # the same for every like: what weighs little is not doubted more
    noise = np.concatenate([NOISE / weights + doubt, (NOISE + doubt) / unknown])
    pull = np.linalg.solve(_kernel(cosines) + np.diag(noise), scores)
    return UserModel(
        likes, likes, tuple(find_interests(likes, weights, floor)), anchors, pull, artist_specificity, floor
    )


def chance_floor(similarities: FloatArray) -> float:
    """The similarity below which :data:`CHANCE_SHARE` of the pairs lie, from those (b, b) of a sample of the library.

    :data:`MAX_FLOOR` at most, and -1, which nothing lies below, where the sample is too small.

    Examples
    --------
    >>> chance_floor(np.array([[1.0]], np.float32))
    -1.0
    """
    n = len(similarities)
    if n < _MIN_SHARE:
        return -1.0
    pairs = similarities[np.triu_indices(n, 1)]
    place = int(CHANCE_SHARE * len(pairs))
    return min(MAX_FLOOR, float(np.partition(pairs, place)[place]))


def _kernel(cosines: FloatArray) -> DoubleArray:
    return np.exp(KERNEL_GAMMA * (cosines.astype(np.float64) - 1))


def find_interests(likes: FloatArray, weights: DoubleArray, merge_similarity: float) -> list[Interest]:
    """Clusters of unit vectors (l, d) that weigh (l,), the heaviest first; ``merge_similarity`` is the cosine that
    joins.
    """
    found = []
    for members in _ward(likes.astype(np.float64), merge_similarity):
        inside = likes[members] @ (likes[members] * weights[members, None]).sum(axis=0)
        share = float(weights[members].sum() / weights.sum())
        found.append(Interest(members[int(inside.argmax())], tuple(members), share))
    return sorted(found, key=lambda one: (-one.share, one.medoid))


def _ward(points: DoubleArray, merge_similarity: float) -> list[list[int]]:
    """Groups of unit vectors (n, d): the two whose union is tightest become one, while they belong together.

    Two groups do where the mean cosine between them is ``merge_similarity`` or more; or there are too many.
    """
    groups = [[i] for i in range(len(points))]
    means, sizes = points.copy(), np.ones(len(points))
    while len(groups) > 1:
        cosines = means @ means.T
        squares = np.diag(cosines)[:, None] + np.diag(cosines)[None, :] - 2 * cosines
        costs = squares * sizes[:, None] * sizes / (sizes[:, None] + sizes)  # by which the sum of squares grows
        if len(groups) <= MAX_INTERESTS:
            costs[cosines < merge_similarity] = np.inf
        np.fill_diagonal(costs, np.inf)
        i, j = sorted(divmod(int(costs.argmin()), len(groups)))
        if not np.isfinite(costs[i, j]):
            break
        means[i] = (sizes[i] * means[i] + sizes[j] * means[j]) / (sizes[i] + sizes[j])
        sizes[i] += sizes[j]
        groups[i] += groups.pop(j)
        means, sizes = np.delete(means, j, 0), np.delete(sizes, j)
    return [sorted(group) for group in groups]
