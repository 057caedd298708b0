"""Groups of tracks that are one performance in several files, in lists.

A list has each performance once, as the best copy that may be listed; what is excluded, is excluded in every copy.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import ACCESS_STAGE
from recsys.domain.tracks import Track
from recsys.errors import RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.domain.catalogue import AudioPair
    from recsys.matching.match import Match

_log = logging.getLogger(__name__)
_PAIRS = 20  # of which answers are stored together

COMPARISON_SECONDS = 60.0
"""How long the audio of pairs is compared at a time."""


class Copies:
    """The groups of a catalogue, as they are when they are first used."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._catalogue = catalogue

    @cached_property
    def _groups(self) -> list[list[int]]:
        return self._catalogue.performance_groups()

    @cached_property
    def _group_of(self) -> dict[int, list[int]]:
        return {i: group for group in self._groups for i in group}

    @property
    def groups(self) -> dict[int, int]:
        """For each track that has copies, the id of the best one of its group."""
        return {i: group[0] for group in self._groups for i in group}

    def with_copies(self, ids: Iterable[int] | IdArray) -> IdArray:
        """These ids and those of all other copies, ascending."""
        given = np.array([int(i) for i in ids], np.int64)
        copies = [other for i in given.tolist() for other in self._group_of.get(i, ())]
        return np.union1d(given, np.array(copies, np.int64))

    def are_copies(self, one: int, other: int) -> bool:
        """Whether two tracks are copies of one performance, or the same."""
        return one == other or other in self._group_of.get(one, ())

    def excluded(self, allowed: IdArray | None, excluded: IdArray, *, listed: Iterable[int] | IdArray) -> IdArray:
        """Ids that a list must not have, ascending: ``excluded``, what is ``listed`` already in any copy, spare copies.

        Parameters
        ----------
        allowed : (m,) or None
            Ids that pass a filter; None is all.
        excluded : (e,)
            Ids that are excluded for another reason, such as a missing file.
        listed : iterable of int
            Ids of tracks that are in the list, or must not be in it in any copy.
        """
        excluded = np.union1d(excluded, self.with_copies(listed))
        return np.union1d(excluded, self.spare(allowed, excluded))

    def spare(self, allowed: IdArray | None, excluded: IdArray) -> IdArray:
        """Ids of the tracks of which a better copy is allowed and not excluded, ascending.

        Parameters
        ----------
        allowed : (m,) or None
            Ids; None is all.
        excluded : (e,)
        """
        members = np.array(sorted(self._group_of), np.int64)
        listed = set(np.setdiff1d(members if allowed is None else np.intersect1d(members, allowed), excluded).tolist())
        spare = [i for group in self._groups for i in [j for j in group if j in listed][1:]]
        return np.array(sorted(spare), np.int64)


def update_performances(catalogue: "Catalogue") -> None:
    """Bring the groups up to date; an error is logged, since it makes lists worse and not impossible."""
    from recsys.recommend.performance_update import update_performances as update

    try:
        update(catalogue)
    except RecsysError as error:
        _log.warning("%s", error)


def compare_audio(catalogue: "Catalogue", *, seconds: float = COMPARISON_SECONDS) -> None:
    """Compare the audio of pairs of files whose windows do not show whether they are one performance.

    A comparison takes some tenths of a second, and the number of pairs may grow faster than the library. So the most
    similar ones are compared first, and after ``seconds`` the others are left to the next call, as are files that
    cannot be read because a drive is not mounted; damaged ones are left to their windows. An error is logged, as by
    :func:`update_performances`.
    """
    update_performances(catalogue)
    try:
        if pairs := catalogue.audio_pairs():
            _compare_audio(catalogue, _most_similar_first(catalogue, pairs), time.monotonic() + seconds)
    except RecsysError as error:
        _log.warning("%s", error)


def _most_similar_first(catalogue: "Catalogue", pairs: Sequence["AudioPair"]) -> list["AudioPair"]:
    stored = catalogue.stored_performances()
    one, other = np.searchsorted(stored.ids, np.array([pair.ids for pair in pairs]).T).clip(max=len(stored.ids) - 1)
    distances = np.linalg.norm(stored.keys[one] - stored.keys[other], axis=1)
    return [pairs[i] for i in np.argsort(distances, kind="stable").tolist()]


def _compare_audio(catalogue: "Catalogue", pairs: Sequence["AudioPair"], deadline: float) -> None:
    from recsys.ingest.file_workers import FileWorkers
    from recsys.ingest.whole_files import compare_audio as compare
    from recsys.ingest.worker import AnalysisFailure
    from recsys.recommend.performance_update import update_performances as update

    _log.info("comparing the audio of %d pairs of similar tracks", len(pairs))
    answers: dict[tuple[int, int], bool] = {}
    with FileWorkers() as workers:
        for n_compared, pair in enumerate(pairs, start=1):
            same = workers.call(partial(compare, other=pair.paths[1]), pair.paths[0])
            if isinstance(same, AnalysisFailure):
                _log.info("%s and %s cannot be compared: %s", *pair.paths, same.reason)
                if same.stage != ACCESS_STAGE:
                    catalogue.delete_audio_check(pair.ids)
            else:
                answers[pair.ids] = same
            is_last = n_compared == len(pairs) or time.monotonic() > deadline
            if answers and (is_last or len(answers) == _PAIRS):
                update(catalogue, answers)
                answers = {}
            if is_last:
                break


def present_copies(catalogue: "Catalogue", tracks: Mapping[int, Track]) -> dict[int, Track]:
    """The tracks by the same ids; instead of a missing one its best copy, if that is present."""
    best = catalogue.representatives(i for i, track in tracks.items() if track.missing)
    copies = catalogue.tracks_by_id(best.values())
    present = {i: copies[j] for i, j in best.items() if j in copies and not copies[j].missing}
    return {i: present.get(i, track) for i, track in tracks.items()}


def best_matches(catalogue: "Catalogue", matches: Sequence[Sequence["Match | None"]]) -> list[list["Match | None"]]:
    """Matches with the best copies of their tracks, to which ratings belong."""
    best = catalogue.representatives({found.id for of_file in matches for found in of_file if found})
    return [[found and found._replace(id=best[found.id]) for found in of_file] for of_file in matches]
