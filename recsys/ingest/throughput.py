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
_REMEMBERED = 200  # files that a price is the mean of, later ones counting more
_PRIOR = 4.0  # how many files a price from all suffixes is worth, against those of the suffix; and so on
_FEWEST = 3  # finished files before anything is told

Kind = tuple[str, int]


@dataclass(slots=True)
class _Price:
    """A running mean of seconds."""

    seconds: float = 0.0
    n: int = 0

    def learn(self, seconds: float) -> None:
        self.n = min(self.n + 1, _REMEMBERED)
        self.seconds += (seconds - self.seconds) / self.n

    def given(self, prior: float) -> float:
        """The mean, drawn towards ``prior`` while it rests on few files."""
        return (self.n * self.seconds + _PRIOR * prior) / (self.n + _PRIOR)


class Pace:
    """Learns what files cost as they are finished, and what is left from those that are expected."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._finished: deque[tuple[float, float, bool]] = deque()  # when, at what price, listened to
        self._left: Counter[Kind] = Counter()
        self._any = _Price()
        self._prices: dict[Kind | str, _Price] = {}

    def expect(self, path: str, size: int) -> None:
        """A file is still to come."""
        self._left[_kind(path, size)] += 1

    def begin(self) -> None:
        """The clock starts now."""
        self._started = time.monotonic()

    def tick(self, path: str, size: int, seconds: float, *, listened: bool = True) -> None:
        """A file is finished and took a worker ``seconds``; ``listened``: it was analysed, not only recognised."""
        now = time.monotonic()
        kind = _kind(path, size)
        self._left[kind] -= 1
        for price in (self._any, self._price(kind[0]), self._price(kind)):
            price.learn(seconds)
        self._finished.append((now, seconds, listened))
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
        if len(self._finished) < _FEWEST or not spent:
            return None
        return self._priced() * window / spent

    def _recent(self) -> tuple[float, float]:
        now = time.monotonic()
        since = max(self._started, now - RECENT_SECONDS)
        return since, max(now - since, 1e-3)

    def _priced(self) -> float:
        """Seconds of a worker that is left to do."""
        total = 0.0
        for kind, n in self._left.items():
            if n > 0:
                total += n * self._price(kind).given(self._price(kind[0]).given(self._any.seconds))
        return total

    def _price(self, kind: Kind | str) -> _Price:
        return self._prices.setdefault(kind, _Price())


def _kind(path: str, size: int) -> Kind:
    """Suffix, and size within a factor of two."""
    return PurePath(path).suffix.lower(), size.bit_length()
