"""The classifiers that can be trained: from normalised vectors (n, D) to genres.

An *ensemble* is a list of members. Each member is a scikit-learn estimator or pipeline on some groups of dimensions;
the members' log probabilities are averaged (:mod:`recsys.genre.fusion`). Scaling and projection are steps of the
pipelines, so they are fitted inside the folds.
"""

from collections.abc import Callable
from typing import Any

from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from recsys.errors import InvalidRequest
from recsys.genre.dimensions import FEATURES
from recsys.genre.members import TUTORIAL_GROUPS, EnsembleMember


def _logistic(c: float = 0.02) -> Any:
    return LogisticRegression(C=c, class_weight="balanced", max_iter=5000)


def _svm(c: float = 1.0) -> Any:
    """A support vector machine with an RBF kernel, approximated from 256 of the tracks (Williams & Seeger, NIPS 2001).

    With fewer tracks it is exact; with many it still trains in seconds and predicts in microseconds.
    """
    kernel = Nystroem(n_components=256, random_state=0)  # its gamma is one over the number of features
    return make_pipeline(StandardScaler(), kernel, LinearSVC(C=c, class_weight="balanced", max_iter=20_000))


def _linear_svm() -> Any:
    return make_pipeline(StandardScaler(), LinearSVC(C=0.001, class_weight="balanced", max_iter=20_000))


def _forest() -> Any:
    return RandomForestClassifier(400, min_samples_leaf=2, class_weight="balanced_subsample", random_state=0)


def _boosting() -> Any:
    return make_pipeline(
        StandardScaler(),
        PCA(60, random_state=0),
        HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, early_stopping=False, class_weight="balanced", random_state=0
        ),  # early stopping would validate on artists of the training data, and fails for a class of one track
    )


def _knn() -> Any:
    return make_pipeline(
        StandardScaler(), PCA(60, random_state=0), KNeighborsClassifier(11, weights="distance", algorithm="brute")
    )


#: The constructor of each algorithm with one estimator; "blend" has several, see :func:`build_ensemble`.
_ESTIMATORS: dict[str, Callable[[], Any]] = {
    "svm": _svm, "linear-svm": _linear_svm, "forest": _forest, "logistic": _logistic, "boosting": _boosting,
    "knn": _knn,
}  # fmt: skip
ALGORITHMS = ("blend", *_ESTIMATORS)


def build_ensemble(algorithm: str, features: str) -> list[EnsembleMember]:
    """The unfitted members of an algorithm.

    Parameters
    ----------
    algorithm : str
        One of :data:`ALGORITHMS`.
    features : str
        One of :data:`FEATURES`.

    Raises
    ------
    InvalidRequest
        If ``algorithm`` or ``features`` has another value.

    Examples
    --------
    >>> [member.groups for member in build_ensemble("blend", "embedding")]
    [('tags',), ('learned', 'tags')]
    """
    if features not in FEATURES:
        raise InvalidRequest(f"must be one of {', '.join(FEATURES)}", field="features", value=features)
    if algorithm not in ALGORITHMS:
        raise InvalidRequest(f"must be one of {', '.join(ALGORITHMS)}", field="algorithm", value=algorithm)
    if algorithm != "blend":
        return [EnsembleMember(FEATURES[features], _ESTIMATORS[algorithm]())]
    embedding, descriptors = FEATURES["embedding"], FEATURES["descriptors"]
    # Trained on 148 of Emotify's tracks and scored on 126 by other artists, 16 times: accuracy 0.757, with a third
    # member (an SVM) 0.754, with a fourth on the descriptors 0.753, the first alone 0.756; differences have a standard
    # error of 0.004.
    on_embedding = [EnsembleMember(("tags",), _logistic(0.1)), EnsembleMember(embedding, _logistic(0.002))]
    on_descriptors = [EnsembleMember(descriptors, _svm())]
    return {
        "embedding": on_embedding,
        "descriptors": [*on_descriptors, EnsembleMember(descriptors, _forest())],
        "all": on_embedding + on_descriptors,
    }[features]


#: The classifier of most tutorials: the means of MFCC, chroma and tonnetz, standardised, with a support vector machine.
TUTORIAL_MEMBER = EnsembleMember(TUTORIAL_GROUPS, _svm())
