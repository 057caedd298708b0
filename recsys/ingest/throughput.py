"""Estimate the speed and the remaining time of an ingest.

Files differ in cost: a symphony as FLAC takes longer than a jingle as MP3, a file that only moved takes almost no time,
and files of one kind are often in one folder. Therefore the remaining files are not counted: each is expected to cost
what recent files of its suffix and approximate size have cost, in seconds of a worker. The number of such seconds that
are processed per second of the clock is measured too: it is the number of workers, less the other load of the machine.
"""

import random
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from recsys.domain.audio import FileStat

RECENT_SECONDS = 60.0
_MEAN_SAMPLES = 200  # files in a mean cost; later ones have more weight
_PRIOR = 4.0  # weight, in files, of the mean cost of a suffix against that of a size, and of all against a suffix
_MIN_FILES = 3  # finished files before the first estimate

Kind = tuple[str, int]


@dataclass(slots=True)
class _MeanCost:
    """A running mean of seconds."""

    seconds: float = 0.0
    n: int = 0

    def add(self, seconds: float) -> None:
        self.n = min(self.n + 1, _MEAN_SAMPLES)
        self.seconds += (seconds - self.seconds) / self.n

    def shrunk_mean(self, prior: float) -> float:
        """The mean, shrunk towards ``prior`` while it has few files."""
        return (self.n * self.seconds + _PRIOR * prior) / (self.n + _PRIOR)


class ThroughputEstimator:
    """Estimates the cost of pending files from finished ones."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._finished: deque[tuple[float, float, bool]] = deque()  # end, seconds, analysed
        self._pending: Counter[Kind] = Counter()
        self._overall = _MeanCost()
        self._costs: dict[Kind | str, _MeanCost] = {}

    def add_pending(self, path: str, size: int) -> None:
        """Add a file that has to be processed."""
        self._pending[_kind(path, size)] += 1

    def add_all(self, files: Iterable[FileStat], *, sample_size: int) -> list[FileStat]:
        """Add files that have to be processed; return a random sample of them."""
        sample: list[FileStat] = []
        rng = random.Random(0)
        for i, file in enumerate(files):
            self.add_pending(file.path, file.size)
            slot = rng.randrange(i + 1)  # reservoir sampling (Vitter 1985)
            if len(sample) < sample_size:
                sample.append(file)
            elif slot < len(sample):
                sample[slot] = file
        return sample

    def remove_pending(self, path: str, size: int) -> None:
        """A file that was added does not have to be processed any more."""
        self._pending[_kind(path, size)] -= 1

    def start(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    def record(self, path: str, size: int, seconds: float, *, analysed: bool = True) -> None:
        """A file is finished; it took a worker ``seconds``, and was ``analysed`` or only recognised."""
        now = time.monotonic()
        kind = _kind(path, size)
        self._pending[kind] -= 1
        for cost in (self._overall, self._cost(kind[0]), self._cost(kind)):
            cost.add(seconds)
        self._finished.append((now, seconds, analysed))
        while self._finished[0][0] < now - RECENT_SECONDS:
            self._finished.popleft()

    @property
    def speed(self) -> float:
        """Analysed tracks per second, over the last minute."""
        since, window = self._recent()
        return sum(analysed for when, _, analysed in self._finished if when >= since) / window

    def eta(self) -> float | None:
        """Seconds until all pending files are finished; None before the first estimate."""
        since, window = self._recent()
        spent = sum(seconds for when, seconds, _ in self._finished if when >= since)
        if len(self._finished) < _MIN_FILES or not spent:
            return None
        return self._pending_cost() * window / spent

    def _recent(self) -> tuple[float, float]:
        now = time.monotonic()
        since = max(self._started, now - RECENT_SECONDS)
        return since, max(now - since, 1e-3)

    def _pending_cost(self) -> float:
        """Seconds of a worker that pending files will take."""
        total = 0.0
        for kind, n in self._pending.items():
            if n > 0:
                total += n * self._cost(kind).shrunk_mean(self._cost(kind[0]).shrunk_mean(self._overall.seconds))
        return total

    def _cost(self, kind: Kind | str) -> _MeanCost:
        return self._costs.setdefault(kind, _MeanCost())


def _kind(path: str, size: int) -> Kind:
    """Suffix, and size within a factor of two."""
    return PurePath(path).suffix.lower(), size.bit_length()
