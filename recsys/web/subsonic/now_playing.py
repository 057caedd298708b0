"""What is being played, as players report it; it lives in memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

_MOST = 200  # players
_LASTS = 3600.0  # seconds after which what a player has reported is over, if its song is not over sooner


@dataclass(frozen=True, slots=True)
class Playing:
    """A song that a player has begun, at a time of the clock, and how long it is, in seconds."""

    track_id: int
    listener: str | None
    user: str
    player: str
    began: float
    duration: float


@dataclass(slots=True)
class NowPlaying:
    """The last song of each player."""

    clock: Callable[[], float] = time.monotonic
    _of_player: dict[tuple[str, str], Playing] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def report(self, track_id: int, listener: str | None, user: str, player: str, duration: float) -> None:
        """Store that a player has begun a song."""
        with self._lock:
            self._of_player.pop((user, player), None)
            self._of_player[user, player] = Playing(track_id, listener, user, player, self.clock(), duration)
            while len(self._of_player) > _MOST:
                del self._of_player[next(iter(self._of_player))]

    def of(self, listener: str | None) -> list[tuple[Playing, float]]:
        """What is playing for a listener, newest first, and how many seconds ago it began."""
        now = self.clock()
        with self._lock:
            playing = list(reversed(self._of_player.values()))
        mine = [(each, now - each.began) for each in playing if each.listener == listener]
        return [(each, ago) for each, ago in mine if ago < min(each.duration + 60.0, _LASTS)]
