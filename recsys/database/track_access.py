"""The part of a catalogue that reads tracks."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from recsys.database import (
    credit_lists,
    id_queries,
    library_files,
    listeners,
    queries,
    spelling,
    trigrams,
)
from recsys.database.engine import TRACKS_REVISION, reading
from recsys.database.id_queries import PRESENT
from recsys.database.playback import StoredRecording, read_recording
from recsys.database.search import find_track, find_tracks
from recsys.database.statistics import TrackCounts, count_tracks, listener_statistics
from recsys.database.tables import file, recording, revision
from recsys.database.track_lists import Page, TrackSelection, list_ids, page_of
from recsys.database.vector_access import VectorAccess
from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import Counts, LibraryFile, StoredDetails, TrackSummary
from recsys.domain.credits import Album, Artist, Genre
from recsys.domain.requests import TrackFilter
from recsys.domain.statistics import ListenerStatistics
from recsys.domain.track_query import TrackOrder, TrackQuery
from recsys.domain.tracks import TaggableTrack, Track, TrackCredits

_MAX_KEPT = 20_000  # tracks that an open catalogue keeps, of 2 KB each: those that were read first are dropped


class TrackAccess(VectorAccess):
    """Tracks of a :class:`~recsys.database.catalogue.Catalogue`. Every method reads one consistent state."""

    def count(self) -> Counts:
        """Numbers of tracks, files and failures."""
        with reading(self._engine) as connection:
            return queries.count(connection, self._answers)

    def words(self) -> spelling.Words:
        """All words by which tracks are found."""
        return self._remembered("words", spelling.words_of, rest=10.0)

    def is_empty(self) -> bool:
        """Whether no track is present."""
        with reading(self._engine) as connection:
            return connection.execute(select(file.c.id).where(PRESENT).limit(1)).first() is None

    def genres(self) -> dict[str, int]:
        """The number of present tracks of each predicted genre, largest first."""
        return self._remembered("genres", queries.genre_counts)

    def tracks(
        self,
        query: TrackQuery | str | None = None,
        *,
        genre: str | None = None,
        tagged_genre: str | None = None,
        artist_id: int | None = None,
        album_id: int | None = None,
        order: TrackOrder | None = None,
        limit: int | None = None,
        offset: int = 0,
        after: int | None = None,
    ) -> list[Track]:
        """Present tracks that match, best first; without words and ``order``, by artist, album and number.

        ``offset`` and ``after``, the id of a track, are where the list begins.

        Raises
        ------
        InvalidRequest
            The query has an unknown field or an invalid value, or ``after`` is not in the list.
        NotFound
            The order is by plays or rating, and the listener does not exist.
        """
        parsed = query if isinstance(query, TrackQuery) else TrackQuery.parse(query or "")
        selection = TrackSelection(parsed, genre, tagged_genre, artist_id, album_id)
        if self._memory is not None and (after is not None or offset):  # a later page: the others will follow
            ids = page_of(self._every_id(selection, order), Page(limit, offset, after))
        else:
            page, of_listener = Page(limit, offset, after), _is_of_listener(order)
            ids = self._remembered(
                ("tracks", selection, order, page, self._listener if of_listener else None),
                lambda connection: self._list_ids(connection, selection, order, page), of_listener=of_listener,
            )  # fmt: skip
        with reading(self._engine) as connection:
            return list(queries.get_tracks(connection, self._answers, ids).values())

    def track_ids(
        self,
        query: TrackQuery,
        *,
        genre: str | None = None,
        tagged_genre: str | None = None,
        artist_id: int | None = None,
        album_id: int | None = None,
        order: TrackOrder | None = None,
    ) -> list[int]:
        """The ids of all tracks that :meth:`tracks` returns, in its order; raises as it does."""
        return list(self._every_id(TrackSelection(query, genre, tagged_genre, artist_id, album_id), order))

    def _every_id(self, selection: TrackSelection, order: TrackOrder | None) -> "array[int]":
        """The ids of all tracks of a selection; an array keeps them in a fifth of the memory of a list."""
        of_listener = _is_of_listener(order)
        return self._remembered(
            ("track_ids", selection, order, self._listener if of_listener else None),
            lambda connection: array("q", self._list_ids(connection, selection, order)), of_listener=of_listener,
        )  # fmt: skip

    def _list_ids(
        self, connection: Connection, selection: TrackSelection, order: TrackOrder | None, page: Page | None = None
    ) -> list[int]:
        listener = listeners.find(connection, self._listener) if _is_of_listener(order) else 0
        try:
            return list_ids(connection, self._answers, listener, selection, order, page)
        except DatabaseError as error:
            if not trigrams.is_damage(error):
                raise
            return list_ids(trigrams.without_index(connection), self._answers, listener, selection, order, page)

    def tracks_by_id(self, ids: Iterable[int]) -> dict[int, Track]:
        """The tracks with these ids, also missing ones, in the order of ``ids``; unknown ids are left out.

        An open catalogue keeps those that were read last: most of what is similar to one track is similar to others.
        """
        wanted = [int(i) for i in ids]
        kept: dict[int, Track] = self.remembered("tracks_by_id", dict) if len(wanted) <= _MAX_KEPT else {}
        found = {i: track for i in wanted if (track := kept.get(i))}
        if unread := [i for i in wanted if i not in found]:
            with reading(self._engine) as connection:
                read = queries.get_tracks(connection, self._answers, unread)
            kept.update(read)
            found = {i: track for i in wanted if (track := found.get(i) or read.get(i))}
            for i in list(islice(kept, max(0, len(kept) - _MAX_KEPT))):
                kept.pop(i, None)
        return found

    def track_credits(self) -> list[TrackCredits]:
        """Artists and album of every recording, also of missing ones, unordered."""
        with reading(self._engine) as connection:
            return queries.list_track_credits(connection)

    def artists(self, ids: Sequence[int] | None = None) -> list[Artist]:
        """Artists with present tracks, by name; all, or some."""
        if ids is None:
            return self._remembered("artists", lambda connection: credit_lists.list_artists(connection, None))
        with reading(self._engine) as connection:
            return credit_lists.list_artists(connection, ids)

    def albums(self, ids: Sequence[int] | None = None) -> list[Album]:
        """Albums with present tracks, by artist, year and title; all, or some."""
        if ids is None:
            return self._remembered("albums", lambda connection: credit_lists.list_albums(connection, None))
        with reading(self._engine) as connection:
            return credit_lists.list_albums(connection, ids)

    def statistics(self, ids: IdArray | None = None) -> tuple[TrackCounts, list[ListenerStatistics]]:
        """Counts of the present tracks, or of those among ``ids``, and of the listeners."""
        with reading(self._engine) as connection:
            return count_tracks(connection, self._answers, ids), listener_statistics(connection)

    def set_links(self, kind: Literal["artist", "album"]) -> list[tuple[int, int]]:
        """The id of each present track with that of each of its artists, or of its albums."""
        with reading(self._engine) as connection:
            return credit_lists.set_links(connection, kind)

    def album_track_ids(self, ids: Iterable[int]) -> dict[int, list[int]]:
        """Ids of the present tracks of each of some albums, ascending."""
        with reading(self._engine) as connection:
            return credit_lists.tracks_of_albums(connection, ids)

    def artist_track_ids(self, ids: Iterable[int]) -> dict[int, list[int]]:
        """Ids of the present tracks of each of some artists, and of their albums, ascending."""
        with reading(self._engine) as connection:
            return credit_lists.tracks_of_artists(connection, ids)

    def tagged_genres(self) -> list[Genre]:
        """Genres of the tags of present tracks, the most frequent first."""
        return self._remembered("tagged_genres", credit_lists.list_genres)

    def resolve_artist(self, reference: str | int) -> tuple[Artist, list[int]]:
        """The artist with this name, MusicBrainz artist or id, and the ids of the tracks; raises NotFound."""
        with reading(self._engine) as connection:
            found = credit_lists.find_artist(connection, reference)
            return found, credit_lists.artist_track_ids(connection, found.id)

    def resolve_album(self, reference: str | int) -> tuple[Album, list[int]]:
        """The album with this title, "artist - title", MusicBrainz release or id, and the ids of its tracks.

        Raises
        ------
        NotFound
            There is none.
        AmbiguousTrack
            There are several.
        """
        with reading(self._engine) as connection:
            found = credit_lists.find_album(connection, reference)
            return found, credit_lists.album_track_ids(connection, found.id)

    def resolve(self, reference: str) -> Track:
        """The one track with this id, path or name, or whose path or name begins so.

        A name is a title, a file name, or "artist - title"; case and accents are ignored. A whole name has precedence
        over the beginning of another, and a present track over a missing one. Of copies of one performance the best is
        found.

        Raises
        ------
        NotFound
            No track matches.
        AmbiguousTrack
            Several tracks match.
        """
        with reading(self._engine) as connection:
            found = find_track(connection, reference)
            return queries.get_tracks(connection, self._answers, [found])[found]

    def resolve_all(self, references: Iterable[str]) -> list[Track]:
        """The track of each reference, as by :meth:`resolve`; ids and paths are looked up at once."""
        with reading(self._engine) as connection:
            found = find_tracks(connection, references)
            tracks = queries.get_tracks(connection, self._answers, dict.fromkeys(found))
            return [tracks[i] for i in found]

    def ensure_known(self, ids: Iterable[int]) -> None:
        """Raise NotFound for the first of ``ids`` that no recording has."""
        with reading(self._engine) as connection:
            queries.ensure_known(connection, ids)

    def ids(self, *, analysed: bool = True) -> IdArray:
        """Ids (n,) of present tracks, ascending; by default of analysed ones."""
        with reading(self._engine) as connection:
            return id_queries.list_ids(connection, self._answers, analysed)

    def taggable_tracks(self, ids: Iterable[int]) -> list[TaggableTrack]:
        """What tags are written from, of the tracks with these ids, in their order; cheaper than Tracks for many."""
        with reading(self._engine) as connection:
            return list(queries.list_taggable_tracks(connection, self._answers, ids))

    def summaries(self) -> list[TrackSummary]:
        """Summaries of every present analysed track, by rising id; cheaper than Tracks for a million of them."""
        with reading(self._engine) as connection:
            return queries.list_summaries(connection, self._answers)

    def paths(self) -> dict[int, str]:
        """The path of every present track by its id; cheaper than Tracks."""
        with reading(self._engine) as connection:
            return queries.paths(connection)

    def filter_ids(self, filter: TrackFilter) -> IdArray:
        """Ids (n,) of tracks that match, ascending, also of missing ones: leaving those out would take longer."""
        with reading(self._engine) as connection:
            return id_queries.filter_ids(connection, self._answers, filter)

    def missing_ids(self) -> IdArray:
        """Ids (n,) of missing tracks, ascending."""
        return self._remembered("missing_ids", id_queries.missing_ids)

    def ids_outside_duration(self, min_duration: float, max_duration: float) -> IdArray:
        """Ids (n,) of recordings shorter or longer than these seconds, ascending; 0 is no limit."""
        return self._remembered(
            ("ids_outside_duration", min_duration, max_duration),
            lambda connection: id_queries.ids_outside_duration(connection, min_duration, max_duration),
        )

    def ids_without_prediction_from(self, model: str) -> IdArray:
        """Ids (n,), ascending, of recordings with a vector whose genre was not predicted by this model."""
        with reading(self._engine) as connection:
            return id_queries.ids_without_prediction_from(connection, self._answers, model)

    def ids_without_mood(self) -> IdArray:
        """Ids (n,), ascending, of recordings with a vector, but without valence and arousal."""
        with reading(self._engine) as connection:
            return id_queries.ids_without_mood(connection, self._answers)

    def ids_at(self, paths: Iterable[str]) -> dict[str, int]:
        """The recordings whose files are or were at these paths; unknown paths are left out."""
        with reading(self._engine) as connection:
            return id_queries.ids_at(connection, paths)

    def iter_files(self) -> Iterator[LibraryFile]:
        """Every file, also missing ones, by rising id."""
        with reading(self._engine) as connection:
            yield from library_files.iter_files(connection)

    def files_at(self, paths: Iterable[str]) -> list[LibraryFile]:
        """The files that are or were at some paths."""
        with reading(self._engine) as connection:
            return list(library_files.files_at(connection, paths))

    def track_details(self, track_id: int) -> StoredDetails:
        """What is stored of a track beyond its ``Track``.

        Raises
        ------
        NotFound
            The id is unknown.
        """
        with reading(self._engine) as connection:
            return queries.details(connection, self._answers, int(track_id))

    def stored_recording(self, track_id: int) -> StoredRecording:
        """What a player needs of a track, also of a missing one.

        Raises
        ------
        NotFound
            The id is unknown.
        """
        with reading(self._engine) as connection:
            return read_recording(connection, int(track_id))

    def genre_models(self) -> list[str]:
        """The models, each with its version, whose predictions are stored."""
        with reading(self._engine) as connection:
            return queries.genre_models(connection)

    def identity_token(self, track_id: int) -> str | None:
        """A text that identifies a track across catalogues; None for an unknown id."""
        with reading(self._engine) as connection:
            query = select(recording.c.audio_hash, recording.c.added_at).where(recording.c.id == track_id)
            row = connection.execute(query).first()
        return None if row is None else f"{track_id} {row.audio_hash} {row.added_at}"

    def tracks_revision(self) -> int:
        """A number that grows with every change of tracks or their files."""
        with reading(self._engine) as connection:
            query = select(revision.c.value).where(revision.c.name == TRACKS_REVISION)
            return int(connection.execute(query).scalar() or 0)


def _is_of_listener(order: TrackOrder | None) -> bool:
    """Whether an order depends on the listener."""
    return order is not None and order.field in ("plays", "rating")
