"""The part of a catalogue that reads and writes what belongs to listeners: ratings, stars, plays; and listeners."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from recsys.database import copies, listeners, performances, play_queues, plays, ratings
from recsys.database.access import CatalogueAccess
from recsys.database.engine import reading, writing
from recsys.database.listener_tables import CREDITS, RATING_TABLES, track_like, track_stars
from recsys.database.queries import ensure_known
from recsys.domain.listeners import CreditKind, Listener, PlayCount, PlayEvent, Stars, TrackTaste
from recsys.domain.play_queues import PlayQueue
from recsys.domain.tracks import Rating

_log = logging.getLogger(__name__)
_NO_STARS: Mapping[int, Stars] = {}
_NO_COUNTS: Mapping[int, int] = {}
_NO_CREDITS: Mapping[CreditKind, Mapping[int, Rating]] = {}


class RatingAccess(CatalogueAccess):
    """Ratings and plays of the listener of a :class:`~recsys.database.catalogue.Catalogue`.

    Methods that read raise NotFound for a listener that does not exist; those that write add it.
    """

    @contextmanager
    def _writing_for_listener(self) -> Iterator[tuple[Connection, int]]:
        """A transaction that writes, and the id of the listener, who is added if there is no such one."""
        with writing(self._engine, changes_tracks=False) as connection:
            known = listeners.known(connection, self._listener)
            yield connection, listeners.add(connection, str(self._listener)) if known is None else known
        if known is None:
            _log.warning("%r is a new listener", str(self._listener).strip())

    def _ratings(self, connection: Connection, listener: int) -> dict[int, Rating]:
        """Every rating by the id of the best copy, with the plays of all copies."""
        rated = ratings.list_ratings(connection, listener)
        groups = performances.read_groups(connection, rated)
        valid = copies.valid_ratings(rated, {other: best for best, *others in groups for other in others})
        counts = plays.list_counts(connection, listener, [i for group in groups for i in group]) if groups else {}
        for group in groups:
            n = sum(counts[i].plays for i in group if i in counts)
            valid[group[0]] = valid[group[0]]._replace(plays=n)
        return valid

    def _best(self, connection: Connection, ids: Iterable[int]) -> list[int]:
        """The best copies of these tracks; raises NotFound if one is unknown."""
        given = list(dict.fromkeys(int(i) for i in ids))
        ensure_known(connection, given)
        return copies.best_copies(connection, given)

    def set_rating(self, ids: Iterable[int], value: int) -> None:
        """Like (+1) or dislike (-1) these tracks manually, or remove likes and dislikes (0); stars stay.

        Raises
        ------
        NotFound
            An id is unknown; then no track is rated.
        InvalidRequest
            ``value`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            rated = self._best(connection, ids)
            copies.delete_other_ratings(connection, [track_like], listener, rated)
            ratings.set_rating(connection, listener, rated, value)

    def set_stars(self, ids: Iterable[int], stars: int) -> None:
        """Rate these tracks with 1 to 5 stars manually, or remove the stars (0); likes and dislikes stay.

        Raises
        ------
        NotFound
            An id is unknown; then no track is rated.
        InvalidRequest
            ``stars`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            rated = self._best(connection, ids)
            copies.delete_other_ratings(connection, [track_stars], listener, rated)
            ratings.set_stars(connection, listener, rated, stars)

    def clear_ratings(self, ids: Iterable[int]) -> None:
        """Remove likes, dislikes and stars of these tracks.

        Raises
        ------
        NotFound
            An id is unknown; then no rating is removed.
        """
        with writing(self._engine, changes_tracks=False) as connection:
            listener, rated = listeners.find(connection, self._listener), self._best(connection, ids)
            copies.delete_other_ratings(connection, RATING_TABLES, listener, rated)
            ratings.clear_ratings(connection, listener, rated)

    def import_ratings(
        self,
        imported: Mapping[int, Rating],
        stars: Mapping[int, Stars] = _NO_STARS,
        counts: Mapping[int, int] = _NO_COUNTS,
        history: Iterable[PlayEvent] = (),
        credits: Mapping[CreditKind, Mapping[int, Rating]] = _NO_CREDITS,
    ) -> None:
        """Store ratings and stars by track id as they are, play counts that are larger than the stored ones, and plays
        with times that are not stored; ratings of albums and artists (``credits``) by id; all or none.

        Raises
        ------
        NotFound
            An id is unknown.
        InvalidRequest
            A value, strength, number of plays or of stars is out of range.
        """
        with self._writing_for_listener() as (connection, listener):
            copies.delete_other_ratings(connection, RATING_TABLES, listener, {**imported, **stars})
            ratings.import_ratings(connection, listener, imported, stars)
            plays.import_counts(connection, listener, counts)
            plays.import_history(connection, listener, history)
            for kind, rated in credits.items():
                ratings.import_ratings(connection, listener, rated, {}, CREDITS[kind])

    def ratings(self) -> dict[int, Rating]:
        """Every like and dislike by track id, oldest first, also those that stars imply."""
        with reading(self._engine) as connection:
            return self._ratings(connection, listeners.find(connection, self._listener))

    def rated_tracks(self) -> dict[int, int]:
        """Every like (+1) and dislike (-1) by track id, oldest first, also those that stars imply."""
        return {i: rating.value for i, rating in self.ratings().items()}

    def stars(self) -> dict[int, Stars]:
        """All stars by track id, oldest first."""
        with reading(self._engine) as connection:
            stars = ratings.list_stars(connection, listeners.find(connection, self._listener))
            return copies.valid_ratings(stars, performances.read_representatives(connection, stars))

    def track_taste(self, track_id: int) -> TrackTaste:
        """What is stored of one track."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            group = [track_id, *copies.other_copies(connection, [track_id])]
            best = dict.fromkeys(group, track_id)
            rated = {i: given for j in group for i, given in ratings.list_ratings(connection, listener, j).items()}
            starred = {i: given for j in group for i, given in ratings.list_stars(connection, listener, j).items()}
            rating = copies.valid_ratings(rated, best).get(track_id)
            stars = copies.valid_ratings(starred, best).get(track_id)
            counted = copies.total_counts(plays.list_counts(connection, listener, group), best)
            counts = counted.get(track_id, PlayCount())
        return TrackTaste(rating.value if rating else 0, stars.stars if stars else None, counts)

    def add_plays(self, events: Iterable[PlayEvent]) -> int:
        """Store plays and skips; how many are new: a track has one at a time.

        Raises
        ------
        NotFound
            An id is unknown; then nothing is stored.
        """
        with self._writing_for_listener() as (connection, listener):
            return plays.add_plays(connection, listener, events)

    def new_plays(self, events: Iterable[PlayEvent]) -> list[PlayEvent]:
        """The plays that are not stored."""
        with reading(self._engine) as connection:
            return plays.new_plays(connection, listeners.find(connection, self._listener), events)

    def recent_plays(self, n: int, *, since_ms: int | None = None, track_id: int | None = None) -> list[PlayEvent]:
        """The last plays and skips, newest first: of all tracks or one, at or after a time."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            of_tracks = None if track_id is None else [track_id, *copies.other_copies(connection, [track_id])]
            events = plays.recent_plays(connection, listener, n, since_ms, of_tracks)
            best = performances.read_representatives(connection, {event.track_id for event in events})
        return [event._replace(track_id=best.get(event.track_id, event.track_id)) for event in events]

    def play_counts(self, ids: Iterable[int] | None = None) -> dict[int, PlayCount]:
        """How often tracks were played and skipped, all that were or some of them, by track id."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            if ids is None:
                counts = plays.list_counts(connection, listener)
                return copies.total_counts(counts, performances.read_representatives(connection, counts))
            wanted = list(ids)
            counts = plays.list_counts(connection, listener, [*wanted, *copies.other_copies(connection, wanted)])
            best = performances.read_representatives(connection, counts)
            total = copies.total_counts(counts, best)
        return {i: total[best.get(i, i)] for i in wanted if best.get(i, i) in total}

    def save_play_queue(self, ids: Sequence[int], current: int | None, position_ms: int, player: str) -> None:
        """Replace the play queue.

        Raises
        ------
        NotFound
            An id is unknown; then the queue stays.
        """
        with self._writing_for_listener() as (connection, listener):
            play_queues.save(connection, listener, ids, current, position_ms, player)

    def play_queue(self) -> PlayQueue:
        """The play queue as it was saved last; empty if none was saved."""
        with reading(self._engine) as connection:
            return play_queues.load(connection, listeners.find(connection, self._listener))

    def most_played(self, min_plays: int, n: int, rated: Collection[int]) -> dict[int, PlayCount]:
        """The ``n`` most played tracks that are not ``rated`` and have no stars, with ``min_plays`` more than skips."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            if not (played := plays.most_played(connection, listener, min_plays)):
                return {}
            starred = set(copies.best_copies(connection, ratings.list_stars(connection, listener)))
            ids = [i for i in copies.best_copies(connection, played) if i not in rated and i not in starred]
        counts = self.play_counts(ids[:n])
        return {i: count for i, count in counts.items() if count.plays - count.skips >= min_plays}

    def has_listener(self) -> bool:
        """Whether the listener of the catalogue exists."""
        with reading(self._engine) as connection:
            return listeners.known(connection, self._listener) is not None

    def listeners(self) -> list[Listener]:
        """All listeners, with counts of what belongs to them, the default listener first."""
        with reading(self._engine) as connection:
            return listeners.list_listeners(connection)

    def add_listener(self, name: str) -> None:
        """Add a listener.

        Raises
        ------
        InvalidRequest
            The name is taken or invalid.
        """
        with writing(self._engine, changes_tracks=False) as connection:
            listeners.add(connection, name)

    def rename_listener(self, name: str, new_name: str) -> None:
        """Change the name of a listener.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            The new name is taken or invalid.
        """
        with writing(self._engine, changes_tracks=False) as connection:
            listeners.rename(connection, name, new_name)

    def remove_listener(self, name: str) -> Listener:
        """Remove a listener with all that belongs to it, and return what that was.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            It is the default listener.
        """
        with writing(self._engine, changes_tracks=False) as connection:
            return listeners.remove(connection, name)
