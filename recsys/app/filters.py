"""Which tracks of a library pass a filter, as their ids."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from recsys.app.described_tracks import TaggedTracks, TracksOfMoods
from recsys.app.moods import read_moods
from recsys.app.validation import unknown_name_error
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import IdArray
from recsys.domain.paths import absolute_path
from recsys.domain.requests import MAX_DURATION, MIN_DURATION, TrackFilter
from recsys.domain.results import UnmetConstraint
from recsys.errors import Hint, NotFound

_BATCH_SIZE = 5000  # tracks whose vectors are read at once


def filter_ids(catalogue: Catalogue, filter: TrackFilter) -> IdArray | None:
    """Ids (m,) of the tracks that pass, missing or not; None for all: to list a million ids takes longer than a search.

    Raises
    ------
    InvalidRequest
        A tag or a mood does not exist.
    NotFound
        The library has no file in a folder of the filter.
    """
    if filter == TrackFilter():
        return None
    filter = with_known_folders(catalogue, filter)
    tags, moods = _split_words(filter)
    ids = catalogue.filter_ids(filter)
    if tags:
        tagged = catalogue.kept(TaggedTracks) or TaggedTracks()
        ids = np.intersect1d(ids, tagged.with_words(catalogue, tags), assume_unique=True)
    if filter.valence_range or filter.arousal_range:
        ids = _filter_by_mood(catalogue, ids, filter)
    return _filter_by_moods(catalogue, ids, moods) if moods else ids


def with_known_folders(catalogue: Catalogue, filter: TrackFilter) -> TrackFilter:
    """The filter with folders named as in the library, which has the names that links had when it was scanned.

    Raises
    ------
    NotFound
        The library has no file in a folder of the filter.
    """
    if not filter.folders and not filter.excluded_folders:
        return filter
    roots = catalogue.roots()
    folders = {
        folder: _known_folder(catalogue, folder, roots) for folder in (*filter.folders, *filter.excluded_folders)
    }
    for folder in filter.folders:
        if folders[folder] is None and roots:
            raise NotFound(f"the library has no files at or under {folder}", hint=Hint.LIST_TRACKS)
    return replace(
        filter,
        folders=[folders[folder] or folder for folder in filter.folders],
        excluded_folders=[folders[folder] or folder for folder in filter.excluded_folders],
    )


def _known_folder(catalogue: Catalogue, folder: str, roots: Sequence[str]) -> str | None:
    """The folder, or the same one by another link, under which the library has files; None if there is none."""
    try:
        target = os.path.realpath(folder)
    except ValueError:  # no file has such a name, with a null character
        return None
    below = ((root, os.path.relpath(target, os.path.realpath(root))) for root in roots)
    linked = (str(absolute_path(f"{root}{os.sep}{rest}")) for root, rest in below if not rest.startswith(os.pardir))
    return next((each for each in (folder, *linked) if any(catalogue.stored_files([each]))), None)


def ids_outside_duration(
    catalogue: Catalogue, n_tracks: int, min_duration: float, max_duration: float
) -> tuple[IdArray, tuple[UnmetConstraint, ...]]:
    """Ids of tracks outside the limits in seconds (0: no limit), and what is unmet where the limits are not applied.

    The default limits separate songs from jingles and mixes. In a library of loops or concerts they would exclude most
    of the ``n_tracks``; then they are not applied.
    """
    outside = catalogue.ids_outside_duration(min_duration, max_duration)
    if (min_duration, max_duration) == (MIN_DURATION, MAX_DURATION) and 2 * len(outside) > n_tracks:
        limits = {"min_duration": min_duration, "max_duration": max_duration}
        unmet = UnmetConstraint("duration_limits", None, None, "most_tracks_outside", limits)
        return outside[:0], (unmet,)
    return outside, ()


def _split_words(filter: TrackFilter) -> tuple[set[str], set[str]]:
    """The tags and the moods of a filter; a tag that is a mood counts as one.

    Raises
    ------
    InvalidRequest
        A tag or a mood does not exist.
    """
    if not filter.moods and not filter.tags:
        return set(), set()
    from recsys.genre.moods import MOODS
    from recsys.genre.tags import tag_names

    names = list(MOODS)
    if unknown := [mood for mood in filter.moods if mood not in MOODS]:
        raise unknown_name_error("moods", unknown[0], names)
    moods = {*filter.moods, *(tag for tag in filter.tags if tag in MOODS)}
    tags = {tag for tag in filter.tags if tag not in MOODS}
    if unknown := [tag for tag in filter.tags if tag not in MOODS and tag not in tag_names()]:
        raise unknown_name_error("tags", unknown[0], [*names, *tag_names()])
    return tags, moods


def _filter_by_moods(catalogue: Catalogue, ids: IdArray, moods: Iterable[str]) -> IdArray:
    """The analysed tracks among ``ids`` that all of these moods describe."""
    if (kept := catalogue.kept(TracksOfMoods)) is not None:
        return np.intersect1d(ids, kept.with_words(catalogue, moods), assume_unique=True)
    from recsys.genre.moods import MOODS, described_by

    columns = [list(MOODS).index(mood) for mood in moods]
    passing = [np.empty(0, np.int64)]
    analysed = np.intersect1d(ids, catalogue.vector_ids(), assume_unique=True)
    for start in range(0, len(analysed), _BATCH_SIZE):
        batch = analysed[start : start + _BATCH_SIZE]
        described = described_by(catalogue.vectors_by_id(batch.tolist(), "raw"))
        passing.append(batch[described[:, columns].all(axis=1)])
    return np.concatenate(passing)


def _filter_by_mood(catalogue: Catalogue, ids: IdArray, filter: TrackFilter) -> IdArray:
    """Without tracks whose valence or arousal, not stored yet, is outside; the database checks stored values."""
    not_stored = np.intersect1d(ids, catalogue.ids_without_mood())
    outside = [
        track_id
        for track_id, mood in read_moods(catalogue, not_stored).items()
        for value, ends in ((mood.valence, filter.valence_range), (mood.arousal, filter.arousal_range))
        if ends and not ends[0] <= value <= ends[1]
    ]
    return np.setdiff1d(ids, np.array(outside, np.int64))
