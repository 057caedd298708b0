"""Model of the cost of large libraries: a simulation of one writer with many workers, and totals from unit costs."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAY, WEEK = 86_400.0, 7 * 86_400.0
IN_FLIGHT, BATCH = 4, 64  # as in recsys.ingest
GIGABIT = 125e6  # bytes per second
EFFICIENCY = 0.8  # share of a link that is available for files


@dataclass(frozen=True)
class Units:
    """Measured unit costs: seconds of a core and of the parent process per track, and bytes per track."""

    analysis: Sequence[float]
    parent: float  # all work of the parent process for a track except writing it
    write: float
    file: float
    row: float
    windows: float
    dimension: int
    vector: int  # of features

    @property
    def mean(self) -> float:
        return float(np.mean(self.analysis))

    @property
    def ceiling(self) -> float:
        """Tracks per second of a parent process that never waits."""
        return 1 / (self.parent + self.write)


def simulate(units: Units, workers: int, tracks: int, *, failing: float = 0.001, seed: int = 0) -> float:
    """Tracks per second of ``workers`` with one parent that submits, collects and writes, as recsys.ingest does.

    Analysis times are sampled from those measured. A failing job takes its worker twice the time and is not written. A
    job goes to the first free worker, as from a queue.
    """
    rng = np.random.default_rng(seed)
    service = rng.choice(np.asarray(units.analysis), tracks)
    failed = rng.random(tracks) < failing
    service = np.where(failed, 2 * service, service)
    free = [0.0] * workers
    running: list[tuple[float, int]] = []
    clock, submitted, collected = 0.0, 0, 0
    for _ in range(tracks):
        while submitted < tracks and len(running) < IN_FLIGHT * workers:
            finish = max(clock, heapq.heappop(free)) + float(service[submitted])
            heapq.heappush(free, finish)
            heapq.heappush(running, (finish, submitted))
            submitted += 1
        finish, job = heapq.heappop(running)
        clock = max(clock, finish) + units.parent
        collected += not failed[job]
        if collected == BATCH:
            clock, collected = clock + BATCH * units.write, 0
    return tracks / (clock + collected * units.write)


def code_bytes(dimension: int) -> int:
    """Bytes of a product-quantised vector: about a third of its numbers, in equal parts."""
    return max(n for n in range(1, dimension // 2 + 1) if dimension % n == 0)


@dataclass(frozen=True)
class Sums:
    """Totals for a library: cores and parent processes to finish in a day and in a week, bytes of disk and memory."""

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
    """The totals for ``tracks``; ``flat_ns`` is the time of an exact search per vector, in nanoseconds."""
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
