"""What follows from measured unit costs: a simulation of one writer with many workers, and the sums for a catalogue."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAY, WEEK = 86_400.0, 7 * 86_400.0
IN_FLIGHT, BATCH = 4, 64  # as recsys.ingest has them
GIGABIT = 125e6  # bytes a second
EFFICIENCY = 0.8  # of a link, what is left for files


@dataclass(frozen=True)
class Units:
    """Measured: seconds of one core a track and their distribution, of the parent a track, and bytes a track."""

    listen: Sequence[float]
    parent: float  # all that the one parent does for a track, but for writing it
    write: float
    file: float
    row: float
    windows: float
    dimension: int
    vector: int  # of features

    @property
    def mean(self) -> float:
        return float(np.mean(self.listen))

    @property
    def ceiling(self) -> float:
        """Tracks a second of one parent that waits for nothing."""
        return 1 / (self.parent + self.write)


def simulate(units: Units, workers: int, tracks: int, *, failing: float = 0.001, seed: int = 0) -> float:
    """Tracks a second of ``workers`` with one parent that hands out, takes in and writes, as recsys.ingest does.

    Listening times are drawn from those measured. A failing job costs its worker twice and is not written. A job goes
    to the worker that is free first, which is what a queue does.
    """
    rng = np.random.default_rng(seed)
    service = rng.choice(np.asarray(units.listen), tracks)
    failed = rng.random(tracks) < failing
    service = np.where(failed, 2 * service, service)
    free = [0.0] * workers
    running: list[tuple[float, int]] = []
    clock, handed_in, gathered = 0.0, 0, 0
    for _ in range(tracks):
        while handed_in < tracks and len(running) < IN_FLIGHT * workers:
            finish = max(clock, heapq.heappop(free)) + float(service[handed_in])
            heapq.heappush(free, finish)
            heapq.heappush(running, (finish, handed_in))
            handed_in += 1
        finish, job = heapq.heappop(running)
        clock = max(clock, finish) + units.parent
        gathered += not failed[job]
        if gathered == BATCH:
            clock, gathered = clock + BATCH * units.write, 0
    return tracks / (clock + gathered * units.write)


def code_bytes(dimension: int) -> int:
    """Bytes of a product-quantised vector: about a third of its numbers, in equal parts."""
    return max(n for n in range(1, dimension // 2 + 1) if dimension % n == 0)


@dataclass(frozen=True)
class Sums:
    """What a catalogue of ``tracks`` takes; cores for a day and a week, parents to keep them busy, bytes of memory."""

    tracks: int
    core_hours: float
    cores_day: int
    cores_week: int
    parents_day: int
    parents_week: int
    ship_links_day: float  # gigabit links
    disk: float
    disk_without_windows: float
    flat: float
    flat_ms: float
    hnsw: float
    ivf_pq: float
    build: float


def sums(units: Units, tracks: int, flat_ns: float) -> Sums:
    """The sums for ``tracks``; ``flat_ns`` is the time that an exact search spends on one vector."""
    seconds = tracks * units.mean
    vector = 4 * units.dimension
    return Sums(
        tracks,
        seconds / 3600,
        math.ceil(seconds / DAY),
        math.ceil(seconds / WEEK),
        math.ceil(tracks / DAY / units.ceiling),
        math.ceil(tracks / WEEK / units.ceiling),
        tracks * units.file / DAY / (GIGABIT * EFFICIENCY),
        tracks * units.row,
        tracks * (units.row - units.windows),
        tracks * (vector + 8),
        tracks * flat_ns / 1e6,
        tracks * (vector + 2 * 32 * 4 + 8),
        tracks * (code_bytes(units.dimension) + 8),
        tracks * (4 * units.vector + vector),
    )
