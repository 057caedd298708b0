"""A store of performances in memory, of made-up music."""

from collections.abc import Iterable, Iterator

import numpy as np
from performance_signals import Music, stored_features

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.catalogue import AudioChecks, StoredPerformances, WindowFeatures
from recsys.features.schema import DIMENSIONS


class Store:
    """Tracks with the performances of made-up music, in memory."""

    def __init__(self) -> None:
        self.features: dict[int, WindowFeatures] = {}
        self.revisions: dict[int, int] = {}
        self.stored: dict[int, tuple[int, float, FloatArray]] = {}
        self.state = (0, 0)
        self.checks: AudioChecks = {}
        self.compared: list[int] = []

    def add(self, track_id: int, music: Music, *, before: float = 0.0, after: float = 0.0) -> None:
        """Add a track with silence before and after the music."""
        windows, starts = stored_features(music, seed=track_id, before=before)
        self.features[track_id] = WindowFeatures(windows, starts, before + music.seconds + after, music.bpm)
        self.revisions[track_id] = self.vector_revision() + 1

    def vector_revision(self) -> int:
        return max(self.revisions.values(), default=0)

    def performance_state(self) -> tuple[int, int]:
        return self.state

    def stored_performances(self) -> StoredPerformances:
        ids = sorted(self.stored)
        rows = [self.stored[i] for i in ids]
        keys = np.stack([row[2] for row in rows]) if rows else np.empty((0, 0), np.float32)
        return StoredPerformances(np.array(ids), np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), keys)

    def vectors_with_starts(
        self, *, since: int = 0
    ) -> Iterator[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
        ids = [i for i, revision in self.revisions.items() if revision > since]
        for i in ids:  # normalised features with keys near those of other tracks of one music
            found = self.features[i]
            vector = np.zeros((1, len(DIMENSIONS)), np.float32)
            yield np.array([i]), vector, [found.starts], np.array([found.duration])

    def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
        self.compared += ids
        return {i: self.features[i] for i in ids}

    def audio_checks(self) -> AudioChecks:
        return self.checks

    def store_performances(
        self, rows: StoredPerformances, checks: AudioChecks, *, revision: int, rule: int, replace: bool = False
    ) -> None:
        self.checks = {**self.checks, **checks}
        if replace:
            self.stored.clear()
        for i, group, seconds, key in zip(
            rows.ids.tolist(), rows.groups.tolist(), rows.seconds, rows.keys, strict=True
        ):
            self.stored[i] = group, float(seconds), key
        self.state = revision, rule

    def groups(self) -> list[list[int]]:
        members: dict[int, list[int]] = {}
        for i, (group, _, _) in sorted(self.stored.items()):
            members.setdefault(group, []).append(i)
        return sorted(group for group in members.values() if len(group) > 1)
