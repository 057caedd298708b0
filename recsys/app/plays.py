"""Plays and skips, as players report them."""

import time
from dataclasses import dataclass
from datetime import datetime

from recsys.app.context import LibraryContext
from recsys.app.inputs import TrackLike, reference_of
from recsys.domain.checks import check_min
from recsys.domain.listeners import Play, PlayCount, PlayEvent, iso_time, milliseconds
from recsys.domain.tracks import Track


@dataclass(frozen=True, slots=True)
class Plays:
    """The plays and skips of a listener; :attr:`recsys.Library.plays`.

    The play count of a liked track strengthens the like. A track without a rating that is played often is a weak like;
    skips take plays away, and are no dislike.
    """

    context: LibraryContext

    def add(self, track: TrackLike, *, at: datetime | str | None = None) -> Track:
        """Store that a track was played, at a time (in UTC if it has no zone) or now.

        A track has one play or skip at a time, so that reporting a play again changes nothing.

        Raises
        ------
        NotFound, AmbiguousTrack
            The reference matches no track, or several.
        InvalidRequest
            The time is not one in ISO 8601.

        Examples
        --------
        >>> lib.plays.add("So What", at="2026-05-01T20:15").title
        'So What'
        >>> lib.plays.counts()[lib.track("So What").id].plays
        1
        """
        return self._store(track, at, skipped=False)

    def skip(self, track: TrackLike, *, at: datetime | str | None = None) -> Track:
        """Store that a track was skipped; raises as :meth:`add`."""
        return self._store(track, at, skipped=True)

    def recent(self, n: int = 50, *, track: TrackLike | None = None, since: datetime | str | None = None) -> list[Play]:
        """The last ``n`` plays and skips, newest first: of all tracks or one, at or after a time.

        Raises
        ------
        NotFound, AmbiguousTrack
            The reference matches no track, or several.
        InvalidRequest
            ``n`` is less than 1, or the time is not one in ISO 8601.

        Examples
        --------
        >>> played = lib.plays.add("So What", at="2026-05-01T20:15")
        >>> [(play.track.title, play.played_at) for play in lib.plays.recent()]
        [('So What', '2026-05-01T20:15:00.000+00:00')]
        """
        check_min("n", n, 1)
        since_ms = None if since is None else milliseconds(since, field="since")
        with self.context.open() as catalogue:
            track_id = None if track is None else catalogue.resolve(reference_of(track)).id
            events = catalogue.recent_plays(n, since_ms=since_ms, track_id=track_id)
            tracks = catalogue.tracks_by_id(dict.fromkeys(event.track_id for event in events))
        return [
            Play(tracks[event.track_id], iso_time(event.played_at_ms), event.skipped, event.source)
            for event in events
            if event.track_id in tracks
        ]

    def counts(self) -> dict[int, PlayCount]:
        """How often each track that was played or skipped was, and when it was played last, by track id.

        Counts that were imported without times are included.
        """
        with self.context.open() as catalogue:
            return catalogue.play_counts()

    def _store(self, reference: TrackLike, at: datetime | str | None, *, skipped: bool) -> Track:
        time_ms = time.time_ns() // 1_000_000 if at is None else milliseconds(at)
        with self.context.open() as catalogue:
            track = catalogue.resolve(reference_of(reference))
            catalogue.add_plays([PlayEvent(track.id, time_ms, skipped)])
        return track
