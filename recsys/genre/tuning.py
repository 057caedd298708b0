"""Tuning: random search by successive halving, and greedy selection of an ensemble.

Many candidates are evaluated on few tracks, the best third of them on more, the best of these on all (Jamieson &
Talwalkar, AISTATS 2016; Li et al., "Hyperband", JMLR 2018). To the default ensemble are added, one after the other, the
candidates that make it significantly better (Caruana et al., "Ensemble selection from libraries of models", ICML 2004).
The score of the search is cross-validated: it is run once for each fold on the other folds
(:func:`recsys.genre.training.tune`; Cawley & Talbot, JMLR 2010). No fold, outer or inner, splits an artist.

The best of many candidates is mostly luck where tracks are few. On Emotify's 274, three times five folds, each track by
itself, the candidate with the lowest log loss has an accuracy of 0.780, the default ensemble of 0.791; the ensemble
with whatever lowers its loss 0.768, with what lowers it by more than one standard error 0.783, by two 0.793. So a gain
must exceed two. (Measured with the mean over candidates and errors over tracks; the present criterion, the mean over
members and errors over artists, is stricter, and was not measured again.)
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.features.schema import GROUPS
from recsys.genre.algorithms import build_ensemble
from recsys.genre.calibration import fit_temperature
from recsys.genre.collective import cluster_robust_gain
from recsys.genre.dimensions import FEATURES, Vectors
from recsys.genre.folds import out_of_fold
from recsys.genre.fusion import mean_log_probabilities
from recsys.genre.members import EnsembleMember
from recsys.genre.model import softmax
from recsys.genre.trained_model import Trial

CANDIDATES = 60
DEFAULT_ENSEMBLE = "blend on embedding"
_RUNG_DIVISORS = (9, 3, 1)  # a rung has the number of tracks divided by this
MIN_TRACKS = 150  # of a rung
MIN_TRACKS_PER_GENRE = 12  # of a rung
_REDUCTION_FACTOR = 3  # one in this many candidates reaches the next rung
_MIN_CANDIDATES = 3  # that reach the next rung
_MIN_STANDARD_ERRORS = 2.0  # that a gain must exceed
_DEFAULT_STEPS = 4  # candidates that the default ensemble counts as in progress
_MAX_CANDIDATES_CHOSEN = 6  # for an ensemble, the default included
_RUNG_DEADLINES = (0.4, 0.7, 1.0)  # share of the time budget at which each rung ends
_FEATURE_CHOICES: tuple[tuple[str, ...], ...] = (*FEATURES.values(), ("tags",), ("learned",))


class Candidate(NamedTuple):
    """A candidate of the search: its name, with hyper-parameters, and its members, not fitted."""

    name: str
    members: tuple[EnsembleMember, ...]


class SearchResult(NamedTuple):
    """The result of a search.

    Parameters
    ----------
    members : tuple of EnsembleMember
        The selected ensemble, not fitted.
    temperatures : tuple of float
        One for each member.
    logits, default_logits : tuple of (n, c)
        Out-of-fold logits of each member of the selected and of the default ensemble.
    trials : tuple of Trial
        Every evaluation: most tracks first, then lowest log loss first.
    """

    members: tuple[EnsembleMember, ...]
    temperatures: tuple[float, ...]
    logits: tuple[DoubleArray, ...]
    trials: tuple[Trial, ...]
    default_logits: tuple[DoubleArray, ...]


class Evaluated(NamedTuple):
    """A candidate with its out-of-fold logits (n, c) and temperature for each member."""

    candidate: Candidate
    logits: tuple[DoubleArray, ...]
    temperatures: tuple[float, ...]
    trial: Trial


def sample_candidate(rng: np.random.Generator) -> Candidate:
    """A random candidate: an algorithm, the groups of features that it uses, and its hyper-parameters."""
    groups = _FEATURE_CHOICES[rng.integers(len(_FEATURE_CHOICES))]
    width = sum(GROUPS[group].stop - GROUPS[group].start for group in groups)
    algorithm = ("logistic", "svm (RBF)", "svm (linear)", "forest", "boosting", "knn")[rng.integers(6)]
    projects = algorithm in ("boosting", "knn") or (algorithm != "forest" and rng.random() < 0.3)
    components = min(int(2 ** rng.uniform(4.5, 7.5)), width - 1)
    steps: list[Any] = [StandardScaler()] if algorithm != "forest" else []
    steps += [PCA(components, random_state=0)] if projects else []
    estimators, parameters = _estimators(algorithm, components if projects else width, rng)
    name = " ".join([algorithm, "on", "+".join(groups) if groups != FEATURES["all"] else "all"])
    parameters = ([f"PCA {components}"] if projects else []) + parameters
    member = EnsembleMember(groups, make_pipeline(*steps, *estimators))
    return Candidate(f"{name}: {', '.join(parameters)}", (member,))


def _estimators(algorithm: str, width: int, rng: np.random.Generator) -> tuple[list[Any], list[str]]:
    """The last steps of a pipeline on ``width`` features, and a description of their hyper-parameters."""
    c = float(10 ** rng.uniform(-4, 1))
    if algorithm == "logistic":
        return [LogisticRegression(C=c / 10, class_weight="balanced", max_iter=5000)], [f"C {c / 10:.2g}"]
    if algorithm == "svm (linear)":
        return [LinearSVC(C=c / 10, class_weight="balanced", max_iter=20_000)], [f"C {c / 10:.2g}"]
    if algorithm == "svm (RBF)":
        gamma, c = float(10 ** rng.uniform(-1, 0.5)) / width, 100 * c ** (1 / 2)
        kernel = Nystroem(gamma=gamma, n_components=384, random_state=0)
        classifier = LinearSVC(C=c / 20, class_weight="balanced", max_iter=20_000)
        return [kernel, classifier], [f"C {c / 20:.2g}", f"gamma {gamma:.2g}"]
    if algorithm == "forest":
        leaf, share = int(rng.integers(1, 5)), float(rng.choice([0.02, 0.05, 0.1]))
        forest = RandomForestClassifier(
            200, min_samples_leaf=leaf, max_features=share, class_weight="balanced_subsample", random_state=0
        )
        return [forest], [f"leaves of {leaf}", f"{share:.0%} of the features"]
    if algorithm == "boosting":
        rate, leaves = float(10 ** rng.uniform(-1.5, -0.7)), int(rng.integers(4, 24))
        boosting = HistGradientBoostingClassifier(
            learning_rate=rate, max_iter=100, max_leaf_nodes=leaves, early_stopping=False, class_weight="balanced",
            random_state=0,
        )  # fmt: skip
        return [boosting], [f"rate {rate:.2g}", f"{leaves} leaves"]
    k = int(rng.integers(3, 30))
    return [KNeighborsClassifier(k, weights="distance", algorithm="brute")], [f"k {k}"]


def search(
    vectors: Vectors,
    truth: IdArray,
    folds: IdArray,
    groups: IdArray,
    *,
    seed: int = 0,
    seconds: float = math.inf,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda _share: None,
) -> SearchResult:
    """Search for the best ensemble within a time budget.

    Parameters
    ----------
    vectors : (n, D)
        Normalised.
    truth, folds, groups : (n,)
        Class, fold and group of each row.
    seed
        Without a time limit, the same seed returns the same result.
    seconds
        Time budget. The default ensemble is always evaluated in the last rung; a candidate that is not evaluated at
        the end of its rung is dropped.
    jobs
        Number of candidates that are evaluated in parallel.
    progress
        Called with the finished share of the search, in [0, 1].
    """
    rng = np.random.default_rng(seed)
    start = time.monotonic()
    default = Candidate(DEFAULT_ENSEMBLE, tuple(build_ensemble("blend", "embedding")))
    candidates = list({each.name: each for each in (sample_candidate(rng) for _ in range(CANDIDATES))}.values())
    trials: list[Trial] = []
    evaluated: list[Evaluated] = []
    sizes = _sizes(truth)
    for rung, size in enumerate(sizes):
        rows = _subsample(truth, size, rng)
        data = vectors[rows], truth[rows], folds[rows]
        deadline = start + seconds * _RUNG_DEADLINES[len(_RUNG_DEADLINES) - len(sizes) + rung]
        evaluated = []
        steps = len(candidates) + _DEFAULT_STEPS * (size == sizes[-1])

        def report(done: float, rung: int = rung, steps: int = steps) -> None:
            progress((rung + done / max(1, steps)) / len(sizes))

        done = 0
        if size == sizes[-1]:
            evaluated.append(_evaluate_default(default, *data, report))
            done = _DEFAULT_STEPS
        for first in range(0, len(candidates), jobs):
            report(done + first)
            left = deadline - time.monotonic()
            if left <= 0:
                break
            batch = candidates[first : first + jobs]
            results = Parallel(len(batch))(delayed(evaluate)(each, *data, left) for each in batch)
            trials += [each for each in results if isinstance(each, Trial)]
            evaluated += [each for each in results if isinstance(each, Evaluated)]
        trials += [each.trial for each in evaluated]
        ranked = sorted(evaluated, key=lambda each: each.trial.log_loss)
        n_kept = max(_MIN_CANDIDATES, math.ceil(len(evaluated) / _REDUCTION_FACTOR))
        candidates = [each.candidate for each in ranked[:n_kept]]
    chosen = select_ensemble(evaluated, truth[rows], groups[rows])
    names, last = {each.candidate.name for each in chosen}, len(rows)
    trials = [trial._replace(chosen=trial.name in names and trial.tracks == last) for trial in trials]
    progress(1.0)
    return SearchResult(
        tuple(member for each in chosen for member in each.candidate.members),
        tuple(t for each in chosen for t in each.temperatures),
        tuple(part for each in chosen for part in each.logits),
        tuple(sorted(trials, key=lambda trial: (-trial.tracks, trial.log_loss))),
        chosen[0].logits,
    )


def _sizes(truth: IdArray) -> list[int]:
    """The number of tracks of each rung; a rung that is too small is left out."""
    least = max(MIN_TRACKS, MIN_TRACKS_PER_GENRE * (int(truth.max()) + 1))
    return [len(truth) // divisor for divisor in _RUNG_DIVISORS if len(truth) // divisor >= least or divisor == 1]


def _subsample(truth: IdArray, size: int, rng: np.random.Generator) -> IdArray:
    """About ``size`` rows, stratified by genre, with at least :data:`MIN_TRACKS_PER_GENRE` of each if there are."""
    if size >= len(truth):
        return np.arange(len(truth))
    rows = [rng.permutation(np.flatnonzero(truth == genre)) for genre in np.unique(truth)]
    share = size / len(truth)
    return np.sort(np.concatenate([own[: max(MIN_TRACKS_PER_GENRE, round(share * len(own)))] for own in rows]))


def evaluate(
    candidate: Candidate, vectors: Vectors, truth: IdArray, folds: IdArray, seconds: float
) -> Evaluated | Trial | None:
    """Cross-validate a candidate; a failed Trial if it cannot be fitted, None if it exceeds the time budget."""
    start = time.monotonic()

    def check_time(_fold: int) -> None:
        if time.monotonic() - start > seconds:
            raise TimeoutError

    try:
        return _evaluate_members(candidate, vectors, truth, folds, check_time)
    except TimeoutError:
        return None
    except Exception as error:  # noqa: BLE001 - a worker's edge: a candidate that cannot be fitted becomes a trial
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return Trial(candidate.name, len(truth), math.inf, 0.0, time.monotonic() - start, failed=reason)


def _evaluate_default(
    default: Candidate, vectors: Vectors, truth: IdArray, folds: IdArray, on_progress: Callable[[float], None]
) -> Evaluated:
    """Cross-validate the default ensemble without a time limit; progress is counted up to :data:`_DEFAULT_STEPS`."""
    count = len(np.unique(folds))
    return _evaluate_members(default, vectors, truth, folds, lambda fold: on_progress(_DEFAULT_STEPS * fold / count))


def _evaluate_members(
    candidate: Candidate, vectors: Vectors, truth: IdArray, folds: IdArray, progress: Callable[[int], None]
) -> Evaluated:
    start = time.monotonic()
    _, folds = np.unique(folds, return_inverse=True)
    logits = tuple(out_of_fold(candidate.members, vectors, truth, folds, progress))
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    fused = mean_log_probabilities(logits, temperatures)
    loss, accuracy = float(log_losses(fused, truth).mean()), float((fused.argmax(axis=1) == truth).mean())
    seconds = time.monotonic() - start
    return Evaluated(candidate, logits, temperatures, Trial(candidate.name, len(truth), loss, accuracy, seconds))


def log_losses(logits: DoubleArray, truth: IdArray) -> DoubleArray:
    """Log loss (n,) of each row of logits (n, c) after calibration, where ``truth`` (n,) is the correct class."""
    probabilities = softmax(logits / fit_temperature(logits, truth))
    losses: DoubleArray = -np.log(probabilities[np.arange(len(truth)), truth] + 1e-12)
    return losses


def select_ensemble(evaluated: Sequence[Evaluated], truth: IdArray, groups: IdArray) -> list[Evaluated]:
    """The default ensemble, and the candidates that make it significantly better, added one after the other.

    The criterion is the mean over all members, as in the final ensemble; its standard error is taken over groups (n,).
    """
    _, groups = np.unique(groups, return_inverse=True)
    chosen = [each for each in evaluated if each.candidate.name == DEFAULT_ENSEMBLE]
    losses = log_losses(fused_logits(chosen), truth)
    while len(chosen) < _MAX_CANDIDATES_CHOSEN:
        names = {each.candidate.name for each in chosen}
        others = [each for each in evaluated if each.candidate.name not in names]
        gains = [losses - log_losses(fused_logits([*chosen, each]), truth) for each in others]
        statistics = [cluster_robust_gain(each, groups) for each in gains]
        margins = [gain - _MIN_STANDARD_ERRORS * error for gain, error in statistics]
        if not margins or max(margins) <= 0:
            break
        best = int(np.argmax(margins))
        losses = losses - gains[best]
        chosen.append(others[best])
    return chosen


def fused_logits(chosen: Sequence[Evaluated]) -> DoubleArray:
    """Mean log probabilities (n, c) over the members of all candidates."""
    return mean_log_probabilities(
        [part for each in chosen for part in each.logits], [t for each in chosen for t in each.temperatures]
    )
