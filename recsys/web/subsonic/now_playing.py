"""What is being played, as players report it; it lives in memory.

A player that reports its whole playback needs no scrobble: a song counts as played once half of it, or four minutes,
are over. Between two reports of a song that plays, its position goes on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock

_MOST = 200  # players
_LASTS = 3600.0  # seconds after which what a player has reported is over, if its song is not over sooner
_GRACE = 60.0  # seconds after its end for which a song may still be playing
_ENOUGH = 240.0  # seconds of a song that are a play, if half of it is longer


@dataclass(frozen=True, slots=True)
class Playing:
    """A song that a player has begun, and where it was in it at the last report.

    Attributes
    ----------
    began, reported : float
        Times of the clock, in seconds.
    began_at : datetime
        The time of the play.
    duration, position : float
        Seconds.
    rate : float
        How fast it plays; 0 if it does not.
    counted : bool
        Whether it is stored as a play, or must not be.
    """

    track_id: int
    listener: str | None
    user: str
    player: str
    began: float
    duration: float
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    reported: float = 0.0
    position: float = 0.0
    rate: float = 0.0
    counted: bool = True

    def is_due(self, now: float) -> bool:
        """Whether so much of the song is over that it has to be stored as a play."""
        position = min(self.duration, self.position + (now - self.reported) * self.rate)
        return not self.counted and position >= min(self.duration / 2, _ENOUGH)


@dataclass(slots=True)
class NowPlaying:
    """The last song of each player."""

    clock: Callable[[], float] = time.monotonic
    _of_player: dict[tuple[str, str], Playing] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def report(self, track_id: int, listener: str | None, user: str, player: str, duration: float) -> None:
        """Store that a player has begun a song, of which it reports the play itself."""
        with self._lock:
            self._store(Playing(track_id, listener, user, player, self.clock(), duration))

    def follow(self, begun: Playing, state: str, position: float, rate: float) -> list[Playing]:
        """Store how far a player is in a song; returns what has to be stored as played: this song, or the one before.

        Parameters
        ----------
        begun : Playing
            As it is where the player begins it now; ``counted`` if it must not be stored as a play.
        state : str
            "starting", "playing", "paused" or "stopped".
        position : float
            Seconds.
        rate : float
            How fast it plays.
        """
        with self._lock:
            now, key = self.clock(), (begun.user, begun.player)
            before = self._of_player.get(key)
            is_new = before is None or before.track_id != begun.track_id or state == "starting"
            due = [before] if is_new and before is not None and before.is_due(now) else []
            current = replace(begun, began=now) if is_new or before is None else before
            current = replace(
                current, position=position, reported=now, rate=rate if state == "playing" else 0.0,
                counted=current.counted or begun.counted,
            )  # fmt: skip
            if current.is_due(now):
                due.append(current)
                current = replace(current, counted=True)
            self._store(current)
            if state == "stopped":
                del self._of_player[key]
            return due

    def of(self, listener: str | None) -> list[tuple[Playing, float]]:
        """What is playing for a listener, newest first, and how many seconds ago it began."""
        now = self.clock()
        with self._lock:
            playing = list(reversed(self._of_player.values()))
        mine = [(each, now - each.began) for each in playing if each.listener == listener]
        return [(each, ago) for each, ago in mine if ago < min(each.duration + _GRACE, _LASTS)]

    def _store(self, playing: Playing) -> None:
        self._of_player.pop((playing.user, playing.player), None)
        self._of_player[playing.user, playing.player] = playing
        while len(self._of_player) > _MOST:
            del self._of_player[next(iter(self._of_player))]
