"""What MusiCNN's tags say of one track, in words: the tags worth telling.

MusiCNN gives 100 probabilities, many of them of the same thing ("female vocal", "woman"), and some high for
every track ("rock"). So synonyms are merged, and a tag is judged by how *unusual* its probability is: the
distance of its logarithm from the mean over a reference corpus, in standard deviations
(``data/tag_reference.npz``, written by ``scripts/train_genre.py``).
"""

import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.errors import ModelError
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.model import FLOOR

MIN_PROBABILITY = 0.1
"""Probability below which a tag is not told, however unusual."""

TAG_SIGMA = 1.0
"""Deviations above the usual from which a track is said to have a tag."""

MIN_ABSOLUTE = 0.03
"""Probability that it takes besides: MusiCNN never gives some tags, like "mellow", a tenth."""

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
"""Names that stand for several tags of either model; every other tag stands for itself, in small letters."""

_TAGS = (*MSD_TAGS, *MTT_TAGS)


def distinctive_tags(tags: FloatArray, n: int = 5) -> list[tuple[str, float]]:
    """The most unusual of a track's likely tags.

    Parameters
    ----------
    tags
        Tag probabilities (100,), MSD's 50 before MTT's.
    n
        At most how many; fewer come back where fewer are likely.

    Returns
    -------
    list of (name, probability)
        Most unusual first. A merged tag has the probability of its strongest synonym.

    Examples
    --------
    >>> tags = np.full(100, 0.01)
    >>> tags[_TAGS.index("harpsichord")] = 0.8
    >>> distinctive_tags(tags)
    [('harpsichord', 0.8)]
    """
    unusual = tag_z_scores(tags)
    found = []
    for name, members in _groups().items():
        strongest = max(members, key=lambda i: float(tags[i]))
        if tags[strongest] >= MIN_PROBABILITY:
            found.append((float(unusual[list(members)].max()), name, float(tags[strongest])))
    found.sort(key=lambda item: (-item[0], item[1]))
    return [(name, probability) for _, name, probability in found[:n]]


def probable_tags(tags: FloatArray) -> list[dict[str, float]]:
    """For each of n tracks with tags (n, 100) the merged tags that are both likely and unusual, with probability."""
    tags = np.asarray(tags, np.float64)
    mean, deviation = _reference()
    unusual = (np.log(np.maximum(tags, 0) + FLOOR) - mean) / deviation
    found: list[dict[str, float]] = [{} for _ in tags]
    for name, members in _groups().items():
        probability = tags[:, list(members)].max(axis=1)
        for i in np.flatnonzero(
            (probability >= MIN_PROBABILITY) & (unusual[:, list(members)].max(axis=1) >= TAG_SIGMA)
        ):
            found[i][name] = float(probability[i])
    return found


def voices(tags: FloatArray) -> DoubleArray:
    """Probabilities (n, 4) of a female, a male, any voice and none: of each its likeliest tag, from tags (n, 100)."""
    groups = _groups()
    named = (("female voice",), ("male voice",), ("voice", "choir", "opera"), ("instrumental",))
    columns = [[i for name in names for i in groups[name]] for names in named]
    return np.stack([np.asarray(tags, np.float64)[:, each].max(axis=1) for each in columns], axis=1)


def tag_z_scores(tags: FloatArray) -> DoubleArray:
    """Standard deviations by which each tag (100,) lies above its usual log probability."""
    tags = np.asarray(tags, dtype=np.float64)
    if tags.shape != (len(_TAGS),):
        raise ValueError(f"tags must be ({len(_TAGS)},), but are {tags.shape}")
    return np.asarray(all_tag_z_scores(tags[None])[0])


def all_tag_z_scores(tags: FloatArray) -> DoubleArray:
    """The same of the tags of several tracks (n, 100)."""
    mean, deviation = _reference()
    return np.asarray((np.log(np.maximum(tags.astype(np.float64), 0) + FLOOR) - mean) / deviation)


def tag_names() -> list[str]:
    """Every name that :func:`has_tag` understands."""
    return list(_groups())


def has_tag(tags: FloatArray, name: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which of n tracks sound like a tag of :func:`tag_names`, from their tags (n, 100).

    The tag must be one deviation more probable than usual, and possible.

    Raises
    ------
    KeyError
    """
    members = list(_groups()[name])
    unusual = all_tag_z_scores(tags)[:, members].max(axis=1)
    return np.asarray((unusual >= TAG_SIGMA) & (tags[:, members].max(axis=1) >= MIN_ABSOLUTE))


@cache
def _groups() -> dict[str, tuple[int, ...]]:
    """Numbers of the tags that each told name stands for."""
    told = {tag: name for name, members in SYNONYMS.items() for tag in members}
    groups: dict[str, list[int]] = {}
    for i, tag in enumerate(_TAGS):
        groups.setdefault(told.get(tag, tag.lower()), []).append(i)
    return {name: tuple(members) for name, members in groups.items()}


@cache
def _reference() -> tuple[DoubleArray, DoubleArray]:
    path = Path(__file__).parent / "data" / "tag_reference.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            names, mean, deviation = (file[name] for name in ("tags", "mean", "deviation"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"cannot read the tag reference {path} ({error}); install recsys again") from error
    if tuple(names) != _TAGS:
        raise ModelError(f"the tag reference {path} was made for other tags; install recsys again")
    return mean.astype(np.float64), deviation.astype(np.float64)
