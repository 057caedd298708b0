"""How fast it goes and how long it will take, told honestly.

A catalogue is mixed: a symphony as FLAC costs more than a jingle as MP3, a file that only moved costs next to
nothing, and such files lie together. So what is left is not counted but priced: each file at what files of its
suffix and about its size have cost lately, in seconds of a worker. How many such seconds are done in one second of
the clock is observed, too: it is the number of workers, less whatever else the machine is busy with.
"""

import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import PurePath

RECENT_SECONDS = 60.0
_MEAN_SAMPLES = 200  # files that a price is the mean of, later ones counting more
_PRIOR = 4.0  # how many files a price from all suffixes is worth, against those of the suffix; and so on
_MIN_FILES = 3  # finished files before anything is told

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
        """The mean, drawn towards ``prior`` while it rests on few files."""
        return (self.n * self.seconds + _PRIOR * prior) / (self.n + _PRIOR)


class ThroughputEstimator:
    """Learns what files cost as they are finished, and what is left from those that are expected."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._finished: deque[tuple[float, float, bool]] = deque()  # when, at what price, listened to
        self._pending: Counter[Kind] = Counter()
        self._overall = _MeanCost()
        self._costs: dict[Kind | str, _MeanCost] = {}

    def add_pending(self, path: str, size: int) -> None:
        """A file is still to come."""
        self._pending[_kind(path, size)] += 1

    def start(self) -> None:
        """The clock starts now."""
        self._started = time.monotonic()

    def record(self, path: str, size: int, seconds: float, *, analysed: bool = True) -> None:
        """A file is finished and took a worker ``seconds``; ``analysed``: it was analysed, not only recognised."""
        now = time.monotonic()
        kind = _kind(path, size)
        self._pending[kind] -= 1
        for price in (self._overall, self._cost(kind[0]), self._cost(kind)):
            price.add(seconds)
        self._finished.append((now, seconds, analysed))
        while self._finished[0][0] < now - RECENT_SECONDS:
            self._finished.popleft()

    @property
    def speed(self) -> float:
        """Tracks listened to per second, over the last minute."""
        since, window = self._recent()
        return sum(listened for when, _, listened in self._finished if when >= since) / window

    def eta(self) -> float | None:
        """Seconds until all that is expected is finished; None before there is anything to tell it from."""
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
        """Seconds of a worker that is left to do."""
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
