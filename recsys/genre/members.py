"""The members of an ensemble: one classifier each, on some groups of the dimensions.

Neither this module nor a model of logistic regressions that only predicts imports scikit-learn: that takes longer than
to predict the genres of a library.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.genre.dimensions import SomeRows, Vectors, take_dimensions
from recsys.genre.model import softmax

TUTORIAL_GROUPS = ("tutorial",)  # not a group of the schema: the columns below
_TUTORIAL_PREFIXES = ("mfcc_", "chroma_", "tonnetz_")
_TUTORIAL_COLUMNS = [
    i for i, d in enumerate(DIMENSIONS) if d.name.startswith(_TUTORIAL_PREFIXES) and d.name.endswith("_mean")
]
_TINY = 1e-12
_BLOCK = 1024  # rows whose columns are copied at once
_LOGISTIC = ("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode")
#: Parameters that must not exceed the number of training tracks.
_BOUNDED_BY_TRACKS = ("nystroem__n_components", "pca__n_components", "kneighborsclassifier__n_neighbors")


class EnsembleMember(NamedTuple):
    """One classifier of an ensemble.

    Parameters
    ----------
    groups : tuple of str
        The groups of dimensions that the estimator uses.
    estimator
        A scikit-learn classifier, or a pipeline that ends in one; a :class:`LinearClassifier` can only predict.
    """

    groups: tuple[str, ...]
    estimator: Any

    def dimensions(self) -> IdArray:
        """The numbers (d,) of the dimensions that the estimator uses."""
        if self.groups == TUTORIAL_GROUPS:
            return np.array(_TUTORIAL_COLUMNS)
        return np.concatenate([np.arange(GROUPS[group].start, GROUPS[group].stop) for group in self.groups])

    def columns(self, vectors: Vectors) -> DoubleArray:
        """The dimensions (n, d) of normalised vectors (n, D) that the estimator uses."""
        return take_dimensions(vectors, self.dimensions()).astype(np.float64)

    def fit(self, vectors: Vectors, genres: np.ndarray[Any, Any]) -> "EnsembleMember":
        """A copy of the member, fitted to normalised vectors (n, D) of the genres (n,).

        Parameters that must not exceed the number of tracks are lowered to it.
        """
        from sklearn.base import clone
        from sklearn.linear_model import LogisticRegression

        from recsys.genre.logistic import fit_logistic

        estimator = clone(self.estimator)
        if isinstance(estimator, LogisticRegression):
            fit_logistic(estimator, take_dimensions(vectors, self.dimensions()), genres)
            return EnsembleMember(self.groups, estimator)
        parameters = estimator.get_params()
        lowered = {name: len(vectors) for name in _BOUNDED_BY_TRACKS if parameters.get(name, 0) > len(vectors)}
        return EnsembleMember(self.groups, estimator.set_params(**lowered).fit(self.columns(vectors), genres))

    def logits(self, vectors: Vectors | SomeRows) -> DoubleArray:
        """Logits (n, c) of normalised vectors (n, D), up to a factor that calibration fits."""
        starts = range(0, max(1, len(vectors)), _BLOCK)
        return np.concatenate([self._logits(self.columns(vectors[start : start + _BLOCK])) for start in starts])

    def _logits(self, columns: DoubleArray) -> DoubleArray:
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(np.log(self.estimator.predict_proba(columns) + _TINY))
        margins = np.asarray(self.estimator.decision_function(columns), np.float64)
        return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """What a logistic regression of c classes predicts with.

    Parameters
    ----------
    coefficients, intercepts : (c, d), (c,)
    """

    coefficients: DoubleArray
    intercepts: DoubleArray

    def predict_proba(self, columns: DoubleArray) -> DoubleArray:
        """Probability (n, c) of each class from columns (n, d).

        Examples
        --------
        >>> LinearClassifier(np.array([[0.0], [2.0]]), np.zeros(2)).predict_proba(np.array([[0.0], [1.0]])).round(2)
        array([[0.5 , 0.5 ],
               [0.12, 0.88]])
        """
        return softmax(columns @ self.coefficients.T + self.intercepts)

    def estimator(self) -> Any:
        """The logistic regression of scikit-learn that predicts the same, to be stored again."""
        from sklearn.linear_model import LogisticRegression

        classes, width = self.coefficients.shape
        kept = slice(1 if classes == 2 else 0, None)  # of two classes, one has a logit
        found = LogisticRegression()
        found.coef_, found.intercept_ = self.coefficients[kept], self.intercepts[kept]
        found.classes_, found.n_features_in_ = np.arange(classes), width
        return found


def read_linear_members(
    data: bytes, groups: Sequence[tuple[str, ...]], classes: int
) -> tuple[EnsembleMember, ...] | None:
    """The members of a file of skops that has fitted logistic regressions for these groups and classes, and no others.

    Arrays and numbers are read, and no object is made. None for any other file, also if it is damaged: it is then read
    with all checks.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            schema = json.loads(archive.read("schema.json"))
            found = [_linear_classifier(archive, node, classes) for node in schema["content"]]
        members = [EnsembleMember(*each) for each in zip(groups, found, strict=True)]
        valid = all(m.estimator and m.estimator.coefficients.shape[1] == len(m.dimensions()) for m in members)
    except Exception:  # noqa: BLE001 - what is wrong with it is found by the checks of the other way
        return None
    return tuple(members) if valid else None


def _linear_classifier(archive: zipfile.ZipFile, node: dict[str, Any], classes: int) -> LinearClassifier | None:
    """One classifier; None if it is of another class or has other shapes than it should."""
    if (node["__module__"], node["__class__"], node["__loader__"]) != _LOGISTIC:
        return None
    attributes = node["content"]["content"]

    def array(name: str) -> "np.ndarray[Any, Any]":
        return np.asarray(np.load(io.BytesIO(archive.read(attributes[name]["file"])), allow_pickle=False))

    coefficients, intercepts, width = array("coef_"), array("intercept_"), int(attributes["n_features_in_"]["content"])
    outputs = classes if classes > 2 else 1
    if coefficients.shape != (outputs, width) or intercepts.shape != (outputs,) or coefficients.dtype != np.float64:
        return None
    if intercepts.dtype != np.float64 or array("classes_").tolist() != list(range(classes)):
        return None
    if outputs == 1:  # the logit of the first class is 0
        coefficients, intercepts = (np.concatenate([0 * part, part]) for part in (coefficients, intercepts))
    return LinearClassifier(coefficients, intercepts)
