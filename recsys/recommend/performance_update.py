"""The stored groups of recordings of one performance, brought up to date.

Groups are derived from the stored vectors and windows. Only recordings whose vectors changed are compared again, and
the members of the groups that they belong or belonged to; the result is the same as that of comparing all. Everything
is derived anew where the rule (:data:`RULE_VERSION`) has changed.

Pairs that need a comparison of their audio are stored without an answer. Until there is one, windows decide.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray, in_chunks
from recsys.domain.catalogue import AudioChecks, StoredPerformances, WindowFeatures
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.fingerprint import fingerprint, keys_of, music_bounds
from recsys.recommend.performance_groups import candidate_pairs, form_groups
from recsys.recommend.performances import compare, is_same, needs_audio

RULE_VERSION = 2
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
        self, *, since: int
    ) -> Iterable[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
        """Ids, normalised vectors, starts of windows and durations that changed after a revision."""

    def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
        """The features of windows by id."""

    def audio_checks(self) -> AudioChecks:
        """Pairs whose audio was or has to be compared."""

    def store_performances(
        self, rows: StoredPerformances, checks: AudioChecks, *, revision: int, rule: int, replace: bool = False
    ) -> None:
        """Store groups, and pairs whose audio was or has to be compared."""


def update_performances(store: PerformanceStore, answers: Mapping[tuple[int, int], bool] | None = None) -> bool:
    """Bring the stored groups up to date; whether they had to change.

    Parameters
    ----------
    store : PerformanceStore
    answers : mapping of (int, int) to bool, optional
        Pairs of ids, the smaller first, whose audio has been compared: whether it is the same.

    Raises
    ------
    FeatureMismatch
        The vectors do not have the dimensions of this feature version.
    """
    answers = answers or {}
    revision = store.vector_revision()  # read first: what is written meanwhile is read again, not missed
    since, rule = store.performance_state()
    if (since, rule) == (revision, RULE) and not answers:
        return False
    is_new = rule != RULE or since > revision
    stored = _empty() if is_new else store.stored_performances()
    changed = _read_changed(store, 0 if is_new else since)
    rows = _merge(stored, changed)
    checks = {**store.audio_checks(), **answers}
    answered = np.array([i for pair in answers for i in pair], np.int64)
    compare_again = np.flatnonzero(np.isin(rows.ids, np.union1d(changed.ids, answered)))
    groups, refreshed, unanswered = _derive(store, rows, checks, compare_again)
    updated = StoredPerformances(rows.ids[refreshed], groups[refreshed], rows.seconds[refreshed], rows.keys[refreshed])
    new_checks: AudioChecks = {**dict.fromkeys(unanswered), **answers}
    store.store_performances(updated, new_checks, revision=revision, rule=RULE, replace=is_new)
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


def _derive(
    store: PerformanceStore, rows: StoredPerformances, checks: AudioChecks, changed: IdArray
) -> tuple[IdArray, IdArray, set[tuple[int, int]]]:
    """The group ids (n,) of all rows, the numbers (m,) of the rows whose groups were formed again, and the pairs of ids
    whose audio has to be compared."""
    same: set[tuple[int, int]] = set()
    unanswered: set[tuple[int, int]] = set()
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
        same |= _same_performances(store, rows, checks, new, unanswered)
        done = np.union1d(done, todo)
        # The groups that a changed recording was in or is in may be others now, and so may be their other members'.
        touched = np.union1d(done, np.array([track for pair in same for track in pair], np.int64))
        members = np.flatnonzero(np.isin(rows.groups, rows.groups[touched]))
        todo = np.setdiff1d(np.union1d(touched, members), done)
    groups = rows.groups.copy()
    groups[done] = rows.ids[done]
    for group in form_groups(sorted(same), rows.keys):
        groups[group] = rows.ids[group[0]]
    return groups, done, unanswered


def _same_performances(
    store: PerformanceStore,
    rows: StoredPerformances,
    checks: AudioChecks,
    pairs: list[tuple[int, int, float]],
    unanswered: set[tuple[int, int]],
) -> set[tuple[int, int]]:
    """The pairs that are the same performance; those whose audio has to be compared are added to ``unanswered``."""
    same = set()
    for batch in in_chunks(pairs, _PAIRS):
        ids = sorted({int(rows.ids[track]) for one, other, _ in batch for track in (one, other)})
        found = {i: fingerprint(*features) for i, features in store.window_features(ids).items()}
        for one, other, distance in batch:
            pair = int(rows.ids[one]), int(rows.ids[other])
            if pair[0] not in found or pair[1] not in found:
                continue
            evidence = compare(found[pair[0]], found[pair[1]])
            answer = None
            if needs_audio(evidence, distance):
                answer = checks.get(pair)
                if answer is None:
                    unanswered.add(pair)
            if is_same(evidence, distance) if answer is None else answer:
                same.add((one, other))
    return same
