"""Which tracks of a library match what is wanted, as their ids."""

from collections.abc import Callable

import numpy as np

from recsys.app.moods import moods_of
from recsys.app.validation import beyond_lengths
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.requests import LONGEST, SHORTEST, Only
from recsys.errors import UsageError

_DESCRIBED_AT_A_TIME = 5000  # tracks


def allowed_ids(catalogue: Catalogue, only: Only) -> IdArray | None:
    """Ids (m,) of what matches, missing or not; None for all: a million ids take longer than the search.

    Raises
    ------
    UsageError
        A tag or a mood is none.
    """
    if only == Only():
        return None
    describe = _describes(only)
    matching = catalogue.matching(only)
    if only.valence or only.arousal:
        matching = _within_mood(catalogue, matching, only)
    return _described(catalogue, matching, describe) if only.tags or only.moods else matching


def unfit_ids(catalogue: Catalogue, tracks: int, shortest: float, longest: float) -> tuple[IdArray, str | None]:
    """Ids of tracks outside the limits of length in seconds (0: no limit); and a line where the limits do not apply.

    The usual limits tell songs from jingles and mixes. In a library of which they would leave out most of the
    ``tracks``, such as one of loops or of concerts, they do not apply.
    """
    unfit = catalogue.beyond(shortest, longest)
    if (shortest, longest) == (SHORTEST, LONGEST) and 2 * len(unfit) > tracks:
        most = f"most tracks of the library are {beyond_lengths(shortest, longest)}: the usual limits do not apply"
        return unfit[:0], most
    return unfit, None


def _describes(only: Only) -> "Callable[[FloatArray], np.ndarray[tuple[int], np.dtype[np.bool_]]]":
    """Which of n tracks have all tags and moods that are wanted, from their raw vectors (n, D).

    Raises
    ------
    UsageError
    """
    from recsys.features.schema import GROUPS
    from recsys.genre.moods import MOODS, described_by
    from recsys.genre.tags import known_tags, tagged

    if unknown := [mood for mood in only.moods if mood not in MOODS]:
        raise UsageError(f"unknown mood {unknown[0]!r}; moods are: {', '.join(MOODS)}")
    moods = {*only.moods, *(tag for tag in only.tags if tag in MOODS)}
    tags = [tag for tag in only.tags if tag not in MOODS]
    if unknown := [tag for tag in tags if tag not in known_tags()]:
        raise UsageError(f"unknown tag {unknown[0]!r}; tags are: {', '.join([*MOODS, *known_tags()])}")

    def describe(vectors: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        kept = np.ones(len(vectors), np.bool_)
        if moods:
            words = described_by(vectors)
            kept &= np.all([words[:, list(MOODS).index(mood)] for mood in moods], axis=0)
        for tag in tags:
            kept &= tagged(vectors[:, GROUPS["tags"]], tag)
        return kept

    return describe


def _described(
    catalogue: Catalogue,
    ids: IdArray,
    describe: "Callable[[FloatArray], np.ndarray[tuple[int], np.dtype[np.bool_]]]",
) -> IdArray:
    """Those of some tracks that a description fits; none that has no vector."""
    kept = [np.empty(0, np.int64)]
    analysed = np.intersect1d(ids, catalogue.vector_ids())
    for start in range(0, len(analysed), _DESCRIBED_AT_A_TIME):
        some = analysed[start : start + _DESCRIBED_AT_A_TIME]
        kept.append(some[describe(catalogue.vectors_of(some.tolist(), "raw"))])
    return np.concatenate(kept)


def _within_mood(catalogue: Catalogue, ids: IdArray, only: Only) -> IdArray:
    """Without those whose valence or arousal is not stored yet and lies outside; what is stored is checked already."""
    unknown = np.intersect1d(ids, catalogue.ids_without_mood())
    outside = [
        track
        for track, mood in moods_of(catalogue, unknown).items()
        for number, ends in ((mood.valence, only.valence), (mood.arousal, only.arousal))
        if ends and not ends[0] <= number <= ends[1]
    ]
    return np.setdiff1d(ids, np.array(outside, np.int64))
