"""Logistic regression of many tracks: the model of scikit-learn, fitted without copies of the vectors.

What takes the time of a fit is the number of passes over the vectors. L-BFGS needs hundreds of them where dimensions
are correlated, as those of an embedding are. Here it searches in coordinates in which the curvature at the start is the
same in all directions: those of the principal axes, each divided by the root of its curvature. A pass is two products
of single precision; what is summed over tracks is double.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_sample_weight

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray

_BLOCK = 1024  # rows of vectors that stay in the cache for both products
_TOLERANCE = 1e-4  # of the gradient in scaled coordinates
_MANY, _TOLERANCE_OF_MANY = 10_000, 1e-3  # for these rows and more: half of the passes, a tenth of a standard error
_MAX_ITERATIONS = 1000


def fit_logistic(estimator: LogisticRegression, vectors: FloatArray, labels: "np.ndarray[Any, Any]") -> None:
    """Fit an estimator with its ``C`` and ``class_weight`` to vectors (n, d) with labels (n,); the penalty is L2.

    Raises
    ------
    ValueError
        ``C`` is not positive.

    Examples
    --------
    >>> few = np.array([[0.0], [1.0], [4.0], [5.0]], np.float32)
    >>> estimator = LogisticRegression()
    >>> fit_logistic(estimator, few, np.array(["low", "low", "high", "high"]))
    >>> estimator.predict(few).tolist()
    ['low', 'low', 'high', 'high']
    """
    if not estimator.C > 0:
        raise ValueError(f"C must be positive, got {estimator.C}")
    classes, truth = np.unique(labels, return_inverse=True)
    weight = compute_sample_weight(estimator.class_weight, labels)
    problem = _Problem.of(vectors, truth, weight, len(classes), estimator.C)
    tolerance = _TOLERANCE if len(vectors) < _MANY else _TOLERANCE_OF_MANY
    found = minimize(
        problem.loss, np.zeros(problem.outputs * (vectors.shape[1] + 1)), jac=True, method="L-BFGS-B",
        options={"maxiter": _MAX_ITERATIONS, "gtol": tolerance, "ftol": 64 * np.finfo(float).eps, "maxcor": 20},
    )  # fmt: skip
    estimator.coef_, estimator.intercept_ = problem.coefficients(found.x)
    estimator.classes_, estimator.n_features_in_ = classes, vectors.shape[1]
    estimator.n_iter_ = np.array([found.nit], np.int32)


class _Problem(NamedTuple):
    """The penalised loss of weights (k, d) in scaled coordinates and biases (k,), for centred vectors.

    There are k outputs for as many classes; one for two classes, where the logit of the first is 0.
    """

    vectors: FloatArray
    truth: IdArray
    weight: FloatArray  # of each row, with the mean 1
    penalty: float
    outputs: int
    mean: DoubleArray
    scaled: DoubleArray  # (d, d): weights are these times the scaled ones

    @classmethod
    def of(cls, vectors: FloatArray, truth: IdArray, weight: DoubleArray, classes: int, c: float) -> "_Problem":
        penalty = 1 / (c * weight.sum())
        relative: FloatArray = (weight / weight.mean()).astype(np.float32)
        n, d = vectors.shape
        mean, covariance = np.zeros(d), np.zeros((d, d))
        for start in range(0, n, _BLOCK):
            block, of_block = vectors[start : start + _BLOCK], relative[start : start + _BLOCK]
            mean += of_block @ block
            covariance += (block.T * of_block) @ block
        mean /= n
        variances, axes = np.linalg.eigh(covariance / n - np.outer(mean, mean))
        curvature = np.maximum(variances, 0) / classes + penalty
        return cls(vectors, truth, relative, penalty, classes if classes > 2 else 1, mean, axes / np.sqrt(curvature))

    def coefficients(self, flat: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
        """Weights (k, d) and biases (k,) for the vectors as they are."""
        scaled, bias = np.split(flat, [-self.outputs])
        weights = scaled.reshape(self.outputs, -1) @ self.scaled.T
        return weights, bias - weights @ self.mean

    def loss(self, flat: DoubleArray) -> tuple[float, DoubleArray]:
        """The loss and its gradient."""
        weights, bias = self.coefficients(flat)
        single, column = weights.astype(np.float32), bias.astype(np.float32)[:, None]
        value, slope, bias_slope = 0.0, np.zeros_like(weights), np.zeros_like(bias)
        for start in range(0, len(self.vectors), _BLOCK):
            rows = slice(start, start + _BLOCK)
            block, truth, weight = self.vectors[rows], self.truth[rows], self.weight[rows]
            logits = single @ block.T + column  # (k, block): sums over classes are sums of rows
            if self.outputs == 1:
                logits = np.vstack([np.zeros_like(logits), logits])
            logits -= logits.max(axis=0)
            correct = truth, np.arange(len(truth))
            of_truth = logits[correct]
            np.exp(logits, out=logits)
            total = logits.sum(axis=0)
            value += float(((np.log(total) - of_truth) * weight).sum(dtype=np.float64))
            logits *= weight / total
            logits[correct] -= weight
            errors = logits[-self.outputs :]
            slope += errors @ block
            bias_slope += errors.sum(axis=1)
        n = len(self.vectors)
        slope = (slope - np.outer(bias_slope, self.mean)) / n + self.penalty * weights
        gradient = np.concatenate([(slope @ self.scaled).ravel(), bias_slope / n])
        return value / n + self.penalty / 2 * float((weights**2).sum()), gradient
