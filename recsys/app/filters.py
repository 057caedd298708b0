"""Which tracks of a library match what is wanted, as their ids."""

from collections.abc import Callable

import numpy as np

from recsys.app.moods import read_moods
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.requests import MAX_DURATION, MIN_DURATION, TrackFilter
from recsys.domain.results import UnmetConstraint
from recsys.errors import InvalidRequest

_BATCH_SIZE = 5000  # tracks


def filter_ids(catalogue: Catalogue, filter: TrackFilter) -> IdArray | None:
    """Ids (m,) of what matches, missing or not; None for all: a million ids take longer than the search.

    Raises
    ------
    InvalidRequest
        A tag or a mood is none.
    """
    if filter == TrackFilter():
        return None
    describe = _has_description_filter(filter)
    matching = catalogue.filter_ids(filter)
    if filter.valence_range or filter.arousal_range:
        matching = _filter_by_mood(catalogue, matching, filter)
    return _filter_by_description(catalogue, matching, describe) if filter.tags or filter.moods else matching


def unfit_ids(
    catalogue: Catalogue, tracks: int, min_duration: float, max_duration: float
) -> tuple[IdArray, tuple[UnmetConstraint, ...]]:
    """Ids of tracks outside the duration limits in seconds (0: no limit); and the limits, where they do not apply.

    The usual limits tell songs from jingles and mixes. In a library of which they would leave out most of the
    ``tracks``, such as one of loops or of concerts, they do not apply.
    """
    unfit = catalogue.ids_outside_duration(min_duration, max_duration)
    if (min_duration, max_duration) == (MIN_DURATION, MAX_DURATION) and 2 * len(unfit) > tracks:
        details = {"min_duration": min_duration, "max_duration": max_duration}
        return unfit[:0], (UnmetConstraint("duration_limits", None, None, "most_tracks_outside", details),)
    return unfit, ()


def _has_description_filter(
    filter: TrackFilter,
) -> "Callable[[FloatArray], np.ndarray[tuple[int], np.dtype[np.bool_]]]":
    """Which of n tracks have all tags and moods that are wanted, from their raw vectors (n, D).

    Raises
    ------
    InvalidRequest
    """
    from recsys.features.schema import GROUPS
    from recsys.genre.moods import MOODS, described_by
    from recsys.genre.tags import has_tag, tag_names

    if unknown := [mood for mood in filter.moods if mood not in MOODS]:
        raise InvalidRequest(f"unknown mood {unknown[0]!r}; moods are: {', '.join(MOODS)}")
    moods = {*filter.moods, *(tag for tag in filter.tags if tag in MOODS)}
    tags = [tag for tag in filter.tags if tag not in MOODS]
    if unknown := [tag for tag in tags if tag not in tag_names()]:
        raise InvalidRequest(f"unknown tag {unknown[0]!r}; tags are: {', '.join([*MOODS, *tag_names()])}")

    def describe(vectors: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        kept = np.ones(len(vectors), np.bool_)
        if moods:
            words = described_by(vectors)
            kept &= np.all([words[:, list(MOODS).index(mood)] for mood in moods], axis=0)
        for tag in tags:
            kept &= has_tag(vectors[:, GROUPS["tags"]], tag)
        return kept

    return describe


def _filter_by_description(
    catalogue: Catalogue,
    ids: IdArray,
    describe: "Callable[[FloatArray], np.ndarray[tuple[int], np.dtype[np.bool_]]]",
) -> IdArray:
    """Those of some tracks that a description fits; none that has no vector."""
    kept = [np.empty(0, np.int64)]
    analysed = np.intersect1d(ids, catalogue.vector_ids())
    for start in range(0, len(analysed), _BATCH_SIZE):
        some = analysed[start : start + _BATCH_SIZE]
        kept.append(some[describe(catalogue.vectors_by_id(some.tolist(), "raw"))])
    return np.concatenate(kept)


def _filter_by_mood(catalogue: Catalogue, ids: IdArray, filter: TrackFilter) -> IdArray:
    """Without those whose valence or arousal is not stored yet and lies outside; what is stored is checked already."""
    unknown = np.intersect1d(ids, catalogue.ids_without_mood())
    outside = [
        track
        for track, mood in read_moods(catalogue, unknown).items()
        for number, ends in ((mood.valence, filter.valence_range), (mood.arousal, filter.arousal_range))
        if ends and not ends[0] <= number <= ends[1]
    ]
    return np.setdiff1d(ids, np.array(outside, np.int64))
