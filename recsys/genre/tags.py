"""Distinctive tags of a track, from MusiCNN's tag probabilities.

MusiCNN returns 100 probabilities. Many are synonyms ("female vocal", "woman"), and some are high for every track
("rock"). So synonyms are merged, and tags are ranked by the z-score of their log probability over a reference corpus
(``data/tag_reference.npz``, written by ``scripts/train_genre.py``).
"""

import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.errors import Hint, ModelError
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.model import FLOOR

MIN_PROBABILITY = 0.1
"""Probability below which a tag is not distinctive, whatever its z-score."""

TAG_SIGMA = 1.0
"""z-score from which a track has a tag."""

MIN_ABSOLUTE = 0.03
"""Probability from which a track has a tag; MusiCNN never returns 0.1 for some tags, such as "mellow"."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "female voice": (
        "female vocalists", "female vocalist", "female", "woman", "female vocal", "female voice",
    ),
    "male voice": ("male vocalists", "male", "male vocal", "man", "male voice"),
    "voice": ("vocal", "singing", "vocals", "voice"),
    "instrumental": ("instrumental", "no vocals", "no vocal", "no voice"),
    "choir": ("choir", "choral"),
    "rock": ("rock",),
    "alternative": ("alternative", "alternative rock"),
    "indie": ("indie", "indie rock", "indie pop"),
    "metal": ("metal", "heavy metal"),
    "electronic": ("electronic", "electronica", "electro"),
    "classical": ("classical", "classic"),
    "chill": ("chillout", "chill"),
    "beat": ("beat", "beats"),
    "r&b": ("rnb",),
}  # fmt: skip
"""Tags of either network by merged name; every other tag has its own name, in lower case."""

_TAGS = (*MSD_TAGS, *MTT_TAGS)


def distinctive_tags(tags: FloatArray, n: int = 5) -> list[dict[str, float]]:
    """The probable tags with the highest z-scores of each of several tracks.

    Parameters
    ----------
    tags : (m, 100), in [0, 1]
        Tag probabilities, the 50 MSD tags before the 50 MTT tags.
    n : int
        Maximum number of tags of a track; there are fewer if fewer are probable.

    Returns
    -------
    list of {name: probability}
        Highest z-score first. A merged tag has the probability of its most probable synonym.

    Raises
    ------
    ValueError
        If ``tags`` has another shape.
    ModelError
        If the tag reference is missing or damaged.

    Examples
    --------
    >>> tags = np.full((1, 100), 0.01)
    >>> tags[0, _TAGS.index("harpsichord")] = 0.8
    >>> distinctive_tags(tags)
    [{'harpsichord': 0.8}]
    """
    tags = np.asarray(tags, np.float64)
    if tags.shape[1:] != (len(_TAGS),):
        raise ValueError(f"tags must have the shape (m, {len(_TAGS)}), got {tags.shape}")
    names = sorted(_groups())  # the order of tags with one z-score
    members = [list(_groups()[name]) for name in names]
    all_scores = all_tag_z_scores(tags)
    probabilities = np.stack([tags[:, columns].max(axis=1) for columns in members], axis=1)
    z_scores = np.stack([all_scores[:, columns].max(axis=1) for columns in members], axis=1)
    z_scores[probabilities < MIN_PROBABILITY] = -np.inf
    order = (-z_scores).argsort(axis=1, kind="stable")[:, :n]
    chosen = np.take_along_axis(probabilities, order, axis=1).tolist()
    return [
        {names[i]: probability for i, probability in zip(row, found, strict=True) if probability >= MIN_PROBABILITY}
        for row, found in zip(order.tolist(), chosen, strict=True)
    ]


def probable_tags(tags: FloatArray) -> list[dict[str, float]]:
    """The merged tags of each of n tracks, with their probabilities, from tag probabilities (n, 100).

    A tag is included from a probability of :data:`MIN_PROBABILITY` and a z-score of :data:`TAG_SIGMA`.
    """
    tags = np.asarray(tags, np.float64)
    z_scores = all_tag_z_scores(tags)
    found: list[dict[str, float]] = [{} for _ in tags]
    for name, members in _groups().items():
        probability = tags[:, list(members)].max(axis=1)
        for i in np.flatnonzero(
            (probability >= MIN_PROBABILITY) & (z_scores[:, list(members)].max(axis=1) >= TAG_SIGMA)
        ):
            found[i][name] = float(probability[i])
    return found


def voices(tags: FloatArray) -> DoubleArray:
    """Probabilities (n, 4) of a female voice, a male voice, any voice and no voice, from tag probabilities (n, 100).

    Each is the probability of its most probable tag.
    """
    groups = _groups()
    kinds = (("female voice",), ("male voice",), ("voice", "choir", "opera"), ("instrumental",))
    columns = [[i for name in names for i in groups[name]] for names in kinds]
    return np.stack([np.asarray(tags, np.float64)[:, each].max(axis=1) for each in columns], axis=1)


def tag_z_scores(tags: FloatArray) -> DoubleArray:
    """The z-score (100,) of the log probability of each tag over the reference corpus.

    Raises
    ------
    ValueError
        If ``tags`` does not have the shape (100,).
    """
    tags = np.asarray(tags, dtype=np.float64)
    if tags.shape != (len(_TAGS),):
        raise ValueError(f"tags must have the shape ({len(_TAGS)},), got {tags.shape}")
    return np.asarray(all_tag_z_scores(tags[None])[0])


def all_tag_z_scores(tags: FloatArray) -> DoubleArray:
    """The z-scores (n, 100) of several tracks; see :func:`tag_z_scores`."""
    return _z_scores(tags, *tag_reference())


def _z_scores(probabilities: FloatArray, mean: DoubleArray, deviation: DoubleArray) -> DoubleArray:
    return np.asarray((np.log(np.maximum(probabilities.astype(np.float64), 0) + FLOOR) - mean) / deviation)


def tag_names() -> list[str]:
    """The names that :func:`has_tag` accepts."""
    return list(_groups())


def has_tag(tags: FloatArray, name: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which of n tracks have a tag, from tag probabilities (n, 100).

    A track has a tag from a z-score of :data:`TAG_SIGMA` and a probability of :data:`MIN_ABSOLUTE`.

    Raises
    ------
    KeyError
        If ``name`` is not one of :func:`tag_names`.

    Examples
    --------
    >>> tags = np.full((2, 100), 0.01)
    >>> tags[1, _TAGS.index("harpsichord")] = 0.8
    >>> has_tag(tags, "harpsichord")
    array([False,  True])
    """
    members = list(_groups()[name])
    probabilities = tags[:, members]
    z_scores = _z_scores(probabilities, *(each[members] for each in tag_reference()))
    return np.asarray((z_scores.max(axis=1) >= TAG_SIGMA) & (probabilities.max(axis=1) >= MIN_ABSOLUTE))


def has_tags(tags: FloatArray, names: Sequence[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Which of n tracks have each of m tags (n, m); see :func:`has_tag`."""
    found = np.empty((len(tags), len(names)), np.bool_)
    for i, name in enumerate(names):
        found[:, i] = has_tag(tags, name)
    return found


@cache
def _groups() -> dict[str, tuple[int, ...]]:
    """Columns of the tags that are merged into each name."""
    merged = {tag: name for name, members in SYNONYMS.items() for tag in members}
    groups: dict[str, list[int]] = {}
    for i, tag in enumerate(_TAGS):
        groups.setdefault(merged.get(tag, tag.lower()), []).append(i)
    return {name: tuple(members) for name, members in groups.items()}


@cache
def tag_reference() -> tuple[DoubleArray, DoubleArray]:
    """Mean and standard deviation (100,) of the log probability of each tag over the reference corpus.

    The logarithms are of the probability plus :data:`recsys.genre.model.FLOOR`.

    Raises
    ------
    ModelError
        If the file is missing, damaged, or of other tags.
    """
    path = Path(__file__).parent / "data" / "tag_reference.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            names, mean, deviation = (file[name] for name in ("tags", "mean", "deviation"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"cannot read the tag reference {path} ({error})", hint=Hint.REINSTALL) from error
    if tuple(names) != _TAGS:
        raise ModelError(f"the tag reference {path} has other tags", hint=Hint.REINSTALL)
    return mean.astype(np.float64), deviation.astype(np.float64)
