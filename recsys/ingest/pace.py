"""How fast it goes and how long it will take, told honestly: from tracks listened to lately."""

import time
from collections import deque

RECENT_SECONDS = 60.0


class Pace:
    """Counts tracks as they are finished; files that needed no listening do not count."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._ticks: deque[float] = deque()

    def tick(self) -> None:
        """A track has been listened to."""
        now = time.monotonic()
        self._ticks.append(now)
        while self._ticks[0] < now - RECENT_SECONDS:
            self._ticks.popleft()

    @property
    def speed(self) -> float:
        """Tracks per second over the last minute."""
        now = time.monotonic()
        recent = sum(tick >= now - RECENT_SECONDS for tick in self._ticks)
        return recent / max(min(RECENT_SECONDS, now - self._started), 1e-3)

    def eta(self, left: int) -> float | None:
        """Seconds until ``left`` more tracks are done; None before there is anything to tell it from."""
        return left / self.speed if len(self._ticks) >= 3 and self.speed else None
