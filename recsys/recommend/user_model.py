"""User models: a preference score for every track, and the interests behind a user's likes.

*Score.* Kernel ridge regression, which is the mean of a Gaussian process (Rasmussen & Williams, "Gaussian processes for
machine learning", 2006, ch. 2): the target is 1 for likes and 0 for a background sample of the library, whose ratings
are not known. A track has a high score if it is near likes, and nearer than the library is on average; several similar
likes reinforce each other, and likes of different kinds are never averaged. The kernel is
``exp(KERNEL_GAMMA (cosine - 1))``. The sample has the same total weight as the likes. Dislikes are not part of the
model: a dislike of other music would change the score of every track. They exclude their close neighbours only
(:mod:`recsys.recommend.dislikes`).

*Interests.* Likes are clustered by Ward's criterion (Ward, 1963), as in PinnerSage (Pal et al., KDD 2020): each cluster
is an interest, its share is the weight of its likes, and its medoid represents it.

*Chance.* What a similarity means depends on the library and on the vectors, so thresholds are measured on the pairs of
the sample: the *floor* is the similarity that a share :data:`CHANCE_SHARE` of random pairs does not reach. Two groups
of likes are one interest from the floor on, and a track that is nearer to no like than that is no better than a track
drawn at random (``scripts/measure_floor.py`` measures it). In a library of one kind of music, random pairs are similar;
there the floor is :data:`MAX_FLOOR`, as high as in libraries of several kinds.
"""

from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray

KERNEL_GAMMA = 3.0
NOISE = 0.1  # of a like of weight 1, if the likes stand for certain artists
REGULARISATION = 0.5  # the same if they stand for kinds of music (fit_preference_model)
CHANCE_SHARE = 0.8  # share of random pairs below the floor, see scripts/measure_floor.py
MAX_FLOOR = 0.33  # the highest floor of three different collections (scripts/measure_floor.py), that of game music
MAX_INTERESTS = 12
_MIN_SAMPLE = 20  # tracks: a quantile of fewer pairs is unreliable, and would leave playlists of small libraries empty
MAX_LIKES = 100  # likes that a model is fitted to; more are sampled by weight
_BLOCK = 256  # vectors with scores at a time: their kernel fits into the cache


@dataclass(frozen=True, slots=True)
class Interest:
    """A cluster of likes: the indices of its medoid and of its members among all likes, and its share of the weight."""

    medoid: int
    members: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class UserModel:
    """A fitted user model, see :func:`fit_preference_model`.

    Attributes
    ----------
    likes : (l, d)
        Vectors of the likes that the model was fitted to.
    all_likes : (a, d)
        Vectors of all likes.
    interests : tuple of Interest
    support_vectors, dual_coefficients : (s, d), (s,)
        Of the kernel ridge regression.
    artist_specificity : float
        In [0, 1]: 1 if the likes stand for certain artists or named tracks, 0 if they stand for kinds of music.
    floor : float
        Similarity up to which a track is no nearer to a like than chance.
    """

    likes: FloatArray
    all_likes: FloatArray
    interests: tuple[Interest, ...]
    support_vectors: FloatArray
    dual_coefficients: DoubleArray
    artist_specificity: float
    floor: float

    def scores(self, vectors: FloatArray) -> DoubleArray:
        """Preference score (n,) of each vector (n, d): about 1 for a like, 0 for an average track."""
        scores = np.empty(len(vectors))
        for start in range(0, len(vectors), _BLOCK):
            rows = slice(start, start + _BLOCK)
            scores[rows] = _kernel(vectors[rows] @ self.support_vectors.T) @ self.dual_coefficients
        return scores

    def nearest_cosines(self, vectors: FloatArray) -> FloatArray:
        """Cosine (n,) of each vector (n, d) with the nearest of all likes."""
        return np.asarray((vectors @ self.all_likes.T).max(axis=1))

    def interests_of(self, vectors: FloatArray) -> IdArray:
        """Number (n,) of the interest of each vector (n, d): that of the nearest like that the model was fitted to."""
        cosines = vectors @ self.likes.T
        interest_of_like = np.empty(len(self.likes), np.int64)
        for number, interest in enumerate(self.interests):
            interest_of_like[list(interest.members)] = number
        return np.asarray(interest_of_like[cosines.argmax(axis=1)])


def fit_preference_model(
    likes: FloatArray,
    weights: DoubleArray,
    background: FloatArray,
    *,
    floor: float,
    artist_specificity: float = 1.0,
) -> UserModel:
    """Fit a user model to unit vectors.

    Parameters
    ----------
    likes : (l, d)
        At least one.
    weights : (l,)
        Weight of each like, in (0, 1].
    background : (b, d)
        A sample of the library, at least one.
    floor : float
        Mean cosine from which two groups of likes are one interest, see :func:`chance_floor`.
    artist_specificity : float
        In [0, 1]. With 1, likes stand for certain artists or tracks, and the nearest tracks of each like have the
        highest scores; with 0 they stand for kinds of music, and likes that agree with other likes count more.

    Returns
    -------
    UserModel

    Examples
    --------
    >>> likes, background = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> model = fit_preference_model(likes, np.ones(1), background, floor=0.3)
    >>> near, far = model.scores(np.array([[0.8, 0.6], [0.6, 0.8]]))
    >>> bool(near > far)
    True
    """
    anchors = np.vstack([likes, background])
    cosines = anchors @ anchors.T
    scores = np.concatenate([np.ones(len(likes)), np.zeros(len(background))])
    background_weights = np.full(len(background), weights.sum() / len(background))
    artist_noise = (REGULARISATION - NOISE) * (
        1 - artist_specificity
    )  # the same for every like: a small weight does not add to it
    noise = np.concatenate([NOISE / weights + artist_noise, (NOISE + artist_noise) / background_weights])
    coefficients = np.linalg.solve(_kernel(cosines) + np.diag(noise), scores)
    return UserModel(
        likes, likes, tuple(find_interests(likes, weights, floor)), anchors, coefficients, artist_specificity, floor
    )


def chance_floor(similarities: FloatArray) -> float:
    """The similarity below which :data:`CHANCE_SHARE` of random pairs are.

    Parameters
    ----------
    similarities : (b, b)
        Of a sample of the library.

    Returns
    -------
    float
        At most :data:`MAX_FLOOR`; -1, so that no similarity is below, if the sample is too small.

    Examples
    --------
    >>> chance_floor(np.array([[1.0]], np.float32))
    -1.0
    """
    n = len(similarities)
    if n < _MIN_SAMPLE:
        return -1.0
    pairs = similarities[np.triu_indices(n, 1)]
    rank = int(CHANCE_SHARE * len(pairs))
    return min(MAX_FLOOR, float(np.partition(pairs, rank)[rank]))


def _kernel(cosines: FloatArray) -> DoubleArray:
    return np.exp(KERNEL_GAMMA * (cosines.astype(np.float64) - 1))


def find_interests(likes: FloatArray, weights: DoubleArray, merge_similarity: float) -> list[Interest]:
    """Cluster likes into interests.

    Parameters
    ----------
    likes : (l, d)
        Unit vectors.
    weights : (l,)
    merge_similarity : float
        Mean cosine from which two clusters are merged.

    Returns
    -------
    list of Interest
        Largest share first.

    Examples
    --------
    >>> likes = np.array([[1.0, 0.0], [0.0, 1.0], [0.96, 0.28]], np.float32)
    >>> [interest.members for interest in find_interests(likes, np.ones(3), 0.5)]
    [(0, 2), (1,)]
    """
    found = []
    for members in _ward(likes.astype(np.float64), merge_similarity):
        centrality = likes[members] @ (likes[members] * weights[members, None]).sum(axis=0)
        share = float(weights[members].sum() / weights.sum())
        found.append(Interest(members[int(centrality.argmax())], tuple(members), share))
    return sorted(found, key=lambda interest: (-interest.share, interest.medoid))


def _ward(points: DoubleArray, merge_similarity: float) -> list[list[int]]:
    """Cluster unit vectors (n, d) by Ward's criterion; returns the indices of each cluster.

    The two clusters with the smallest increase of the sum of squares are merged, while the mean cosine between them is
    at least ``merge_similarity`` or there are more than :data:`MAX_INTERESTS` clusters.
    """
    groups = [[i] for i in range(len(points))]
    means, sizes = points.copy(), np.ones(len(points))
    while len(groups) > 1:
        cosines = means @ means.T
        squares = np.diag(cosines)[:, None] + np.diag(cosines)[None, :] - 2 * cosines
        costs = squares * sizes[:, None] * sizes / (sizes[:, None] + sizes)  # increase of the sum of squares
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
