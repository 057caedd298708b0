"""The stored groups of recordings of one performance, brought up to date.

Groups are derived from the stored vectors and windows. Only recordings whose vectors changed are compared again, and
the members of the groups that they belong or belonged to; the result is the same as that of comparing all. Everything
is derived anew where the rule (:data:`RULE_VERSION`) has changed.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray, in_chunks
from recsys.domain.catalogue import StoredPerformances, WindowFeatures
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.fingerprint import fingerprint, keys_of, music_bounds
from recsys.recommend.performance_groups import candidate_pairs, form_groups
from recsys.recommend.performances import compare, is_same

RULE_VERSION = 1
"""Raised with every change of the keys or of the decision; groups of another rule are derived anew."""
RULE = 1000 * FEATURE_VERSION + RULE_VERSION
_PAIRS = 2000  # pairs whose windows are in memory at a time


class PerformanceStore(Protocol):
    """The vectors and windows that groups are derived from, and the stored groups."""

    def vector_revision(self) -> int:
        """A number that grows with every change of a vector."""

    def performance_state(self) -> tuple[int, int]:
        """The vector revision and the rule of the stored groups."""

    def stored_performances(self) -> StoredPerformances:
        """The group of every recording that has one."""

    def vectors_with_starts(
        self, *, since: int = 0
    ) -> Iterable[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
        """Ids, normalised vectors, starts of windows and durations that changed after a revision."""

    def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
        """The features of windows by id."""

    def store_performances(self, rows: StoredPerformances, *, revision: int, rule: int, replace: bool = False) -> None:
        """Store groups."""


def update_performances(store: PerformanceStore) -> bool:
    """Bring the stored groups up to date; whether they had to change.

    Raises
    ------
    FeatureMismatch
        The vectors do not have the dimensions of this feature version.
    """
    revision = store.vector_revision()  # read first: what is written meanwhile is read again, not missed
    since, rule = store.performance_state()
    if (since, rule) == (revision, RULE):
        return False
    is_new = rule != RULE or since > revision
    stored = _empty() if is_new else store.stored_performances()
    changed = _read_changed(store, 0 if is_new else since)
    rows = _merge(stored, changed)
    groups, refreshed = _derive(store, rows, np.searchsorted(rows.ids, changed.ids))
    updated = StoredPerformances(rows.ids[refreshed], groups[refreshed], rows.seconds[refreshed], rows.keys[refreshed])
    store.store_performances(updated, revision=revision, rule=RULE, replace=is_new)
    return len(updated.ids) > 0


def _read_changed(store: PerformanceStore, since: int) -> StoredPerformances:
    """The rows of changed recordings, each in a group of its own, by id."""
    batches = list(_changed_batches(store, since))
    if not batches:
        return _empty()
    ids, seconds, keys = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    order = np.argsort(ids)
    return StoredPerformances(ids[order], ids[order], seconds[order], keys[order])


def _changed_batches(store: PerformanceStore, since: int) -> Iterator[tuple[IdArray, DoubleArray, FloatArray]]:
    for ids, normalised, starts, durations in store.vectors_with_starts(since=since):
        bounds = [
            music_bounds(np.array(at), duration) if at else (0.0, duration)
            for at, duration in zip(starts, durations.tolist(), strict=True)
        ]
        seconds = np.array([end - begin for begin, end in bounds])
        # Rounded as they are stored, so that a later update finds the same.
        yield ids, seconds, keys_of(normalised).astype(np.float16).astype(np.float32)


def _empty() -> StoredPerformances:
    none = np.empty(0, np.int64)
    return StoredPerformances(none, none, np.empty(0), np.empty((0, 0), np.float32))


def _merge(stored: StoredPerformances, changed: StoredPerformances) -> StoredPerformances:
    """All rows by id; of a changed recording the new row, with its old group."""
    if not len(stored.ids):
        return changed
    if not len(changed.ids):
        return stored
    kept = ~np.isin(stored.ids, changed.ids)
    old = dict(zip(stored.ids.tolist(), stored.groups.tolist(), strict=True))
    groups = np.array([old.get(i, i) for i in changed.ids.tolist()], np.int64)
    ids = np.concatenate([stored.ids[kept], changed.ids])
    order = np.argsort(ids)
    return StoredPerformances(
        ids[order],
        np.concatenate([stored.groups[kept], groups])[order],
        np.concatenate([stored.seconds[kept], changed.seconds])[order],
        np.concatenate([stored.keys[kept], changed.keys])[order],
    )


def _derive(store: PerformanceStore, rows: StoredPerformances, changed: IdArray) -> tuple[IdArray, IdArray]:
    """The group ids (n,) of all rows, and the numbers (m,) of the rows whose groups were formed again."""
    same: set[tuple[int, int]] = set()
    compared: set[tuple[int, int]] = set()
    done: IdArray = np.empty(0, np.int64)
    todo = changed
    while len(todo):
        pairs, distances = candidate_pairs(rows.keys, rows.seconds, todo)
        new = [
            (one, other, distance)
            for (one, other), distance in zip(pairs.tolist(), distances.tolist(), strict=True)
            if (one, other) not in compared
        ]
        compared.update((one, other) for one, other, _ in new)
        same |= _same_performances(store, rows, new)
        done = np.union1d(done, todo)
        # The groups that a changed recording was in or is in may be others now, and so may be their other members'.
        touched = np.union1d(done, np.array([track for pair in same for track in pair], np.int64))
        members = np.flatnonzero(np.isin(rows.groups, rows.groups[touched]))
        todo = np.setdiff1d(np.union1d(touched, members), done)
    groups = rows.groups.copy()
    groups[done] = rows.ids[done]
    for group in form_groups(sorted(same), rows.keys):
        groups[group] = rows.ids[group[0]]
    return groups, done


def _same_performances(
    store: PerformanceStore, rows: StoredPerformances, pairs: list[tuple[int, int, float]]
) -> set[tuple[int, int]]:
    """The pairs that are the same performance."""
    same = set()
    for batch in in_chunks(pairs, _PAIRS):
        ids = sorted({int(rows.ids[track]) for one, other, _ in batch for track in (one, other)})
        found = {i: fingerprint(*features) for i, features in store.window_features(ids).items()}
        for one, other, distance in batch:
            first, second = found.get(int(rows.ids[one])), found.get(int(rows.ids[other]))
            if first is not None and second is not None and is_same(compare(first, second), distance):
                same.add((one, other))
    return same
