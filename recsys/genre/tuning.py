"""Looking for a better model: random search by successive halving, and an honest score of what it finds.

Many candidates are tried on few tracks, the best third of them on more, the best of these on all (Jamieson & Talwalkar,
AISTATS 2016; Li et al., "Hyperband", JMLR 2018). Of the last, those that are surely better together are joined, one
after the other (Caruana et al., "Ensemble selection from libraries of models", ICML 2004). To be judged, the search is
run once for each fold on the other folds (:func:`recsys.genre.training.tune`; Cawley & Talbot, JMLR 2010). No fold
tears an artist apart, in or out.

Best of many is mostly luck where tracks are few. Of Emotify's 274, three times five folds, each track by itself, the
candidate with the least log loss reads 0.780 where the blend that everyone gets reads 0.791; the blend with whatever
lowers its loss 0.768, with what lowers it by one standard error 0.783, by two 0.793. So two it is. (Measured with
the mean over candidates and errors over tracks; what is judged now, the mean over members and errors over artists, is
stricter, and was not measured again.)
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

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.features.schema import GROUPS
from recsys.genre.algorithms import FEATURES, EnsembleMember, build_ensemble
from recsys.genre.calibration import fit_temperature
from recsys.genre.collective import cluster_robust_gain
from recsys.genre.folds import out_of_fold
from recsys.genre.fusion import mean_log_probabilities
from recsys.genre.model import softmax
from recsys.genre.trained_model import Trial

CANDIDATES = 60
DEFAULT_ENSEMBLE = "blend on embedding"
_RUNGS = (9, 3, 1)  # what part of the tracks each rung has
_MIN_TRACKS = 150  # tracks of a rung, and
_MIN_TRACKS_PER_GENRE = 12  # for each genre
_REDUCTION_FACTOR = 3  # one in so many goes on, and
_MIN_CANDIDATES = 3  # at least
_MIN_STANDARD_ERRORS = 2.0  # standard errors by which a gain must be more than nothing
_BLEND = 4  # candidates, for which the blend counts in progress
_MAX_MEMBERS = 6  # members of an ensemble at most
_RUNG_DEADLINES = (0.4, 0.7, 1.0)  # of the time, when each rung must have ended
_EVALUATED: tuple[tuple[str, ...], ...] = (*FEATURES.values(), ("tags",), ("learned",))


class Candidate(NamedTuple):
    """One thing to try: what it is called, and its members, not fitted."""

    name: str
    members: tuple[EnsembleMember, ...]


class SearchResult(NamedTuple):
    """The outcome of a search: members, not fitted, their temperatures, and everything that was tried.

    ``logits`` (n, c) are what each member says of the tracks searched with, without their folds; ``plain`` the same of
    the members that everyone gets.
    """

    members: tuple[EnsembleMember, ...]
    temperatures: tuple[float, ...]
    logits: tuple[DoubleArray, ...]
    trials: tuple[Trial, ...]
    plain: tuple[DoubleArray, ...]


class _Evaluated(NamedTuple):
    candidate: Candidate
    logits: tuple[DoubleArray, ...]
    temperatures: tuple[float, ...]
    trials: Trial


def sample_candidate(rng: np.random.Generator) -> Candidate:
    """A random candidate: an algorithm, what it sees, and its hyper-parameters."""
    groups = _EVALUATED[rng.integers(len(_EVALUATED))]
    width = sum(GROUPS[group].stop - GROUPS[group].start for group in groups)
    algorithm = ("logistic", "svm (RBF)", "svm (linear)", "forest", "boosting", "knn")[rng.integers(6)]
    projects = algorithm in ("boosting", "knn") or (algorithm != "forest" and rng.random() < 0.3)
    components = min(int(2 ** rng.uniform(4.5, 7.5)), width - 1)
    steps: list[Any] = [StandardScaler()] if algorithm != "forest" else []
    steps += [PCA(components, random_state=0)] if projects else []
    seen = components if projects else width
    made, said = _estimators(algorithm, seen, rng)
    name = " ".join([algorithm, "on", "+".join(groups) if groups != FEATURES["all"] else "all"])
    said = ([f"PCA {components}"] if projects else []) + said
    return Candidate(f"{name}: {', '.join(said)}", (EnsembleMember(groups, make_pipeline(*steps, *made)),))


def _estimators(algorithm: str, width: int, rng: np.random.Generator) -> tuple[list[Any], list[str]]:
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
    near = int(rng.integers(3, 30))
    return [KNeighborsClassifier(near, weights="distance", algorithm="brute")], [f"k {near}"]


def search(
    vectors: FloatArray,
    truth: IdArray,
    folds: IdArray,
    groups: IdArray,
    *,
    seed: int = 0,
    seconds: float = math.inf,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda _share: None,
) -> SearchResult:
    """The best that can be found within some seconds for vectors (n, D) of genres (n,) in folds (n,) by groups (n,).

    ``jobs`` candidates are tried at a time; ``progress`` hears which share of the search is done. What
    :func:`~recsys.genre.algorithms.build_ensemble` has for everyone is judged in the last rung, however little time
    there is; what is not judged when a rung must end is given up. Given all the time it wants, the same seed finds the
    same.
    """
    rng = np.random.default_rng(seed)
    began = time.monotonic()
    everyone = Candidate(DEFAULT_ENSEMBLE, tuple(build_ensemble("blend", "embedding")))
    alive = list({one.name: one for one in (sample_candidate(rng) for _ in range(CANDIDATES))}.values())
    tried: list[Trial] = []
    judged: list[_Evaluated] = []
    sizes = _sizes(truth)
    for rung, size in enumerate(sizes):
        rows = _subsample(truth, size, rng)
        lesson = vectors[rows], truth[rows], folds[rows]
        until = began + seconds * _RUNG_DEADLINES[len(_RUNG_DEADLINES) - len(sizes) + rung]
        judged = []
        steps = len(alive) + _BLEND * (size == sizes[-1])

        def hear(done: float, rung: int = rung, steps: int = steps) -> None:
            progress((rung + done / max(1, steps)) / len(sizes))

        done = 0
        if size == sizes[-1]:
            judged.append(_evaluate_default(everyone, *lesson, hear))
            done = _BLEND
        for start in range(0, len(alive), jobs):
            hear(done + start)
            left = until - time.monotonic()
            if left <= 0:
                break
            some = alive[start : start + jobs]
            ended = Parallel(len(some))(delayed(_evaluate)(one, *lesson, left) for one in some)
            tried += [one for one in ended if isinstance(one, Trial)]
            judged += [one for one in ended if isinstance(one, _Evaluated)]
        tried += [one.trials for one in judged]
        ranked = sorted(judged, key=lambda one: one.trials.log_loss)
        alive = [one.candidate for one in ranked[: max(_MIN_CANDIDATES, math.ceil(len(judged) / _REDUCTION_FACTOR))]]
    chosen = _select_ensemble(judged, truth[rows], groups[rows])
    names, last = {one.candidate.name for one in chosen}, len(rows)
    told = (one._replace(chosen=one.name in names and one.tracks == last) for one in tried)
    progress(1.0)
    return SearchResult(
        tuple(member for one in chosen for member in one.candidate.members),
        tuple(t for one in chosen for t in one.temperatures),
        tuple(part for one in chosen for part in one.logits),
        tuple(sorted(told, key=lambda one: (-one.tracks, one.log_loss))),
        chosen[0].logits,
    )


def _sizes(truth: IdArray) -> list[int]:
    least = max(_MIN_TRACKS, _MIN_TRACKS_PER_GENRE * (int(truth.max()) + 1))
    return [len(truth) // part for part in _RUNGS if len(truth) // part >= least or part == 1]


def _subsample(truth: IdArray, size: int, rng: np.random.Generator) -> IdArray:
    """About ``size`` rows, as many of each genre as its share, but some of each."""
    if size >= len(truth):
        return np.arange(len(truth))
    rows = [rng.permutation(np.flatnonzero(truth == genre)) for genre in np.unique(truth)]
    share = size / len(truth)
    return np.sort(np.concatenate([own[: max(_MIN_TRACKS_PER_GENRE, round(share * len(own)))] for own in rows]))


def _evaluate(
    candidate: Candidate, vectors: FloatArray, truth: IdArray, folds: IdArray, seconds: float
) -> _Evaluated | Trial | None:
    """What a candidate is worth; why it cannot be fitted; None where its fits take longer than some seconds."""
    began = time.monotonic()

    def watch(_fold: int) -> None:
        if time.monotonic() - began > seconds:
            raise TimeoutError

    try:
        return _evaluate_members(candidate, vectors, truth, folds, watch)
    except TimeoutError:
        return None
    except Exception as error:  # noqa: BLE001 - a worker's edge: what cannot be fitted is a row
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        return Trial(candidate.name, len(truth), math.inf, 0.0, time.monotonic() - began, failed=why)


def _evaluate_default(
    blend: Candidate, vectors: FloatArray, truth: IdArray, folds: IdArray, on_progress: Callable[[float], None]
) -> _Evaluated:
    """What everyone gets: it has all the time it takes, and ``on_progress`` hears how far it is, to :data:`_BLEND`."""
    count = len(np.unique(folds))
    return _evaluate_members(blend, vectors, truth, folds, lambda fold: on_progress(_BLEND * fold / count))


def _evaluate_members(
    candidate: Candidate, vectors: FloatArray, truth: IdArray, folds: IdArray, progress: Callable[[int], None]
) -> _Evaluated:
    began = time.monotonic()
    _, folds = np.unique(folds, return_inverse=True)
    logits = tuple(out_of_fold(candidate.members, vectors, truth, folds, progress))
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    said = mean_log_probabilities(logits, temperatures)
    loss, accuracy = float(_losses(said, truth).mean()), float((said.argmax(axis=1) == truth).mean())
    seconds = time.monotonic() - began
    return _Evaluated(candidate, logits, temperatures, Trial(candidate.name, len(truth), loss, accuracy, seconds))


def _losses(said: DoubleArray, truth: IdArray) -> DoubleArray:
    """Log loss (n,) of each answer after calibration."""
    probabilities = softmax(said / fit_temperature(said, truth))
    losses: DoubleArray = -np.log(probabilities[np.arange(len(truth)), truth] + 1e-12)
    return losses


def _select_ensemble(judged: Sequence[_Evaluated], truth: IdArray, groups: IdArray) -> list[_Evaluated]:
    """What everyone gets, and whatever makes it better by more than chance does, one after the other.

    Judged is the mean over all members, which is what is fused in the end. Chance is counted in groups (n,).
    """
    _, groups = np.unique(groups, return_inverse=True)
    chosen = [one for one in judged if one.candidate.name == DEFAULT_ENSEMBLE]
    losses = _losses(_fused(chosen), truth)
    while len(chosen) < _MAX_MEMBERS:
        others = [one for one in judged if one.candidate.name not in {c.candidate.name for c in chosen}]
        gains = [losses - _losses(_fused([*chosen, one]), truth) for one in others]
        sure = [
            gain - _MIN_STANDARD_ERRORS * error for gain, error in (cluster_robust_gain(each, groups) for each in gains)
        ]
        if not sure or max(sure) <= 0:
            break
        best = int(np.argmax(sure))
        losses = losses - gains[best]
        chosen.append(others[best])
    return chosen


def _fused(chosen: Sequence[_Evaluated]) -> DoubleArray:
    """What the members of all say together (n, c)."""
    return mean_log_probabilities(
        [part for one in chosen for part in one.logits], [t for one in chosen for t in one.temperatures]
    )
