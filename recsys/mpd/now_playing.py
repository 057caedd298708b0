"""What plays, and whether it counts as a play or as a skip when it ends.

A song counts as played after half of it or four minutes, as scrobbling services count. It counts as skipped if another
one is started before. One that is stopped before counts as neither, as does one that MPD cannot decode.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

PLAYED_SECONDS = 240.0
PLAYED_SHARE = 0.5
_TOLERANCE = 2.0  # seconds by which a report may be behind the clock
_END_SHARE = 0.9  # where a song that begins again has ended before


class Ended(NamedTuple):
    """A song that ended, and when it was started."""

    file: str
    kind: Literal["played", "skipped"]
    started_at: datetime


@dataclass(slots=True)
class _Song:
    """The song that plays; ``elapsed`` seconds were played at the time ``at`` of the clock."""

    song_id: str
    file: str
    started_at: datetime
    duration: float
    elapsed: float
    at: float
    is_playing: bool


class NowPlaying:
    """Follows what a server reports, in order."""

    def __init__(self, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._clock, self._now = clock, now
        self._song: _Song | None = None

    @property
    def file(self) -> str | None:
        """The song that plays or pauses."""
        return None if self._song is None else self._song.file

    def update(self, status: Mapping[str, str], song: Mapping[str, str]) -> Ended | None:
        """Take what ``status`` and ``currentsong`` return; the song that has ended since the last time."""
        state = status.get("state", "stop")
        found = None if state == "stop" or "file" not in song else self._read(status, song)
        before, ended = self._song, None
        if before is not None and (found is None or not self._goes_on(before, found)):
            is_next = found is not None and "error" not in status
            ended = self._ended(before, is_skipped=is_next)
        elif before is not None and found is not None:
            found.started_at = before.started_at
        self._song = found
        return ended

    def disconnected(self) -> None:
        """The server is not there: the song is neither played on nor ended, as far as can be seen."""
        if self._song is not None:
            self._song.elapsed, self._song.is_playing = self._position(self._song), False

    def stop(self) -> Ended | None:
        """The song that plays, if it counts as played already; nothing is followed any more."""
        before, self._song = self._song, None
        return None if before is None else self._ended(before, is_skipped=False)

    def _read(self, status: Mapping[str, str], song: Mapping[str, str]) -> _Song:
        duration = _number(status.get("duration") or song.get("duration") or song.get("Time"))
        return _Song(
            status.get("songid", ""), song["file"], self._now(), duration, _number(status.get("elapsed")),
            self._clock(), status.get("state") == "play",
        )  # fmt: skip

    def _position(self, song: _Song) -> float:
        position = song.elapsed + (self._clock() - song.at if song.is_playing else 0.0)
        return min(position, song.duration) if song.duration else position

    def _goes_on(self, before: _Song, found: _Song) -> bool:
        """Whether two reports are of one playback; a server that was started again gives songs other ids."""
        position = self._position(before)
        is_earlier = found.elapsed + _TOLERANCE < position
        has_ended = before.duration > 0 and position >= _END_SHARE * before.duration
        return before.file == found.file and not (is_earlier and (has_ended or before.song_id != found.song_id))

    def _ended(self, song: _Song, *, is_skipped: bool) -> Ended | None:
        enough = min(PLAYED_SECONDS, PLAYED_SHARE * song.duration) if song.duration else PLAYED_SECONDS
        if self._position(song) >= enough:
            return Ended(song.file, "played", song.started_at)
        return Ended(song.file, "skipped", song.started_at) if is_skipped else None


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
