"""The part of a library that shows its tracks in a table: their ids in order, and rows of what a table has."""

from collections.abc import Iterable, Sequence
from typing import Literal

from recsys.app.context import LibraryContext
from recsys.app.credits import find_album, find_artist
from recsys.domain.credits import Album, Artist
from recsys.domain.requests import TrackFilter
from recsys.domain.row_records import TrackRowRecord
from recsys.domain.track_query import TrackOrder, TrackQuery
from recsys.domain.tracks import TrackList
from recsys.metadata.text import fold

NO_FILTER = TrackFilter()


class TrackRows:
    """Tracks for a table of which only a part is in view."""

    _context: LibraryContext

    def track_ids(
        self,
        query: str | None = None,
        *,
        genre: str | None = None,
        tagged_genre: str | None = None,
        artist: Artist | str | int | None = None,
        album: Album | str | int | None = None,
        sort: str | None = None,
        filter: TrackFilter = NO_FILTER,
    ) -> list[int]:
        """The ids of all tracks that match a query, in the order of :meth:`~recsys.Library.tracks`; may be empty.

        ``filter``: of those, the tracks that pass it.

        Raises
        ------
        NotFound, AmbiguousTrack
            The artist or the album matches nothing, or several.
        InvalidRequest
            The query has an unknown field or a malformed value, ``sort``, a tag or a mood is unknown.

        Examples
        --------
        >>> [lib.track(i).title for i in lib.track_ids("davis", sort="title")]
        ['Blue in Green', 'So What']
        """
        parsed, order = TrackQuery.parse(query or ""), None if sort is None else TrackOrder.parse(sort)
        with self._context.open() as catalogue:
            found = catalogue.track_ids(
                parsed, genre=genre, tagged_genre=tagged_genre,
                artist_id=None if artist is None else find_artist(catalogue, artist).id,
                album_id=None if album is None else find_album(catalogue, album).id, order=order,
            )  # fmt: skip
            if filter == NO_FILTER:
                return found
            from recsys.app.filters import filter_ids

            passing = catalogue.remembered(("filter", filter), lambda: filter_ids(catalogue, filter))
            allowed = None if passing is None else set(passing.tolist())
        return [i for i in found if allowed is None or i in allowed]

    def corrected_query(self, query: str) -> str | None:
        """A query with each word that no track has replaced by the most similar one that is in the library.

        None where every word is somewhere, or one resembles none.

        >>> lib.corrected_query("miles davsi"), lib.corrected_query("davis")
        ('miles davis', None)
        """
        from recsys.database.spelling import nearest

        with self._context.open() as catalogue:
            known = catalogue.words()
        corrected = query
        for word in TrackQuery.parse(query).words:
            folded = fold(word)
            if any(folded in each for each in known):
                continue
            found = nearest(folded, known)
            if found is None:
                return None
            corrected = corrected.replace(word, found, 1)
        return None if corrected == query else corrected

    def tracks_by_id(self, ids: Iterable[int]) -> TrackList:
        """The tracks of some ids, in their order, also missing ones; unknown ids are left out.

        >>> [found] = lib.tracks_by_id([lib.track("So What").id, 999])
        >>> found.title
        'So What'
        """
        wanted = list(ids)
        with self._context.open() as catalogue:
            found = catalogue.tracks_by_id(dict.fromkeys(wanted))
        return TrackList([found[i] for i in wanted if i in found])

    def track_rows(self, ids: Sequence[int]) -> list[TrackRowRecord]:
        """The rows of a table of tracks: their records, with year, number, rating and plays; unknown ids are left out.

        >>> [row] = lib.track_rows([lib.track("So What").id])
        >>> row["year"], row["rating"]
        (1959, 1)
        """
        with self._context.open() as catalogue:
            found = catalogue.tracks_by_id(dict.fromkeys(ids))
            ratings = catalogue.rated_tracks()
            plays = catalogue.play_counts(found)
        rows: list[TrackRowRecord] = []
        for track in (found[i] for i in ids if i in found):
            row: TrackRowRecord = {
                **track.to_dict(),
                "year": track.year,
                "disc_number": track.disc_number,
                "track_number": track.track_number,
                "loudness": None if track.loudness is None else round(track.loudness, 4),
                "added_at": track.added_at,
                "rating": _rating(ratings.get(track.id, 0)),
                "plays": plays[track.id].plays if track.id in plays else 0,
                "missing": track.missing,
            }
            rows.append(row)
        return rows


def _rating(value: int) -> Literal[-1, 0, 1]:
    return 1 if value > 0 else -1 if value < 0 else 0
