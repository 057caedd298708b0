"""The classifiers that can be trained: from normalised vectors (n, D) to genres.

An *ensemble* is a list of members. Each member is a scikit-learn estimator or pipeline on some groups of dimensions;
the members' log probabilities are averaged (:mod:`recsys.genre.fusion`). Scaling and projection are steps of the
pipelines, so they are fitted inside the folds.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.errors import InvalidRequest
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.genre.dimensions import FEATURES, Vectors, take_dimensions
from recsys.genre.logistic import fit_logistic

_TINY = 1e-12
_BLOCK = 4096  # rows whose columns are copied at once
#: Parameters that must not exceed the number of training tracks.
_BOUNDED_BY_TRACKS = ("nystroem__n_components", "pca__n_components", "kneighborsclassifier__n_neighbors")
_TUTORIAL_GROUPS = ("tutorial",)  # not a group of the schema: the columns below
_TUTORIAL_PREFIXES = ("mfcc_", "chroma_", "tonnetz_")
_TUTORIAL_COLUMNS = [
    i for i, d in enumerate(DIMENSIONS) if d.name.startswith(_TUTORIAL_PREFIXES) and d.name.endswith("_mean")
]


class EnsembleMember(NamedTuple):
    """One classifier of an ensemble.

    Parameters
    ----------
    groups : tuple of str
        The groups of dimensions that the estimator uses.
    estimator
        A scikit-learn classifier, or a pipeline that ends in one.
    """

    groups: tuple[str, ...]
    estimator: Any

    def dimensions(self) -> IdArray:
        """The numbers (d,) of the dimensions that the estimator uses."""
        if self.groups == _TUTORIAL_GROUPS:
            return np.array(_TUTORIAL_COLUMNS)
        return np.concatenate([np.arange(GROUPS[group].start, GROUPS[group].stop) for group in self.groups])

    def columns(self, vectors: Vectors) -> DoubleArray:
        """The dimensions (n, d) of normalised vectors (n, D) that the estimator uses."""
        return take_dimensions(vectors, self.dimensions()).astype(np.float64)

    def fit(self, vectors: Vectors, genres: np.ndarray[Any, Any]) -> "EnsembleMember":
        """A copy of the member, fitted to normalised vectors (n, D) of the genres (n,).

        Parameters that must not exceed the number of tracks are lowered to it.
        """
        estimator = clone(self.estimator)
        if isinstance(estimator, LogisticRegression):
            fit_logistic(estimator, take_dimensions(vectors, self.dimensions()), genres)
            return EnsembleMember(self.groups, estimator)
        parameters = estimator.get_params()
        lowered = {name: len(vectors) for name in _BOUNDED_BY_TRACKS if parameters.get(name, 0) > len(vectors)}
        return EnsembleMember(self.groups, estimator.set_params(**lowered).fit(self.columns(vectors), genres))

    def logits(self, vectors: Vectors) -> DoubleArray:
        """Logits (n, c) of normalised vectors (n, D), up to a factor that calibration fits."""
        starts = range(0, max(1, len(vectors)), _BLOCK)
        return np.concatenate([self._logits(self.columns(vectors[start : start + _BLOCK])) for start in starts])

    def _logits(self, columns: DoubleArray) -> DoubleArray:
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(np.log(self.estimator.predict_proba(columns) + _TINY))
        margins = np.asarray(self.estimator.decision_function(columns), np.float64)
        return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins


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
TUTORIAL_MEMBER = EnsembleMember(_TUTORIAL_GROUPS, _svm())
