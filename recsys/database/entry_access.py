"""The part of a catalogue that reads what players show."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection

from recsys.database import credit_lists, listeners, performances, queries, track_entries
from recsys.database.browse_lists import BrowseLists
from recsys.database.browse_queries import read_lists
from recsys.database.engine import reading
from recsys.database.listener_tables import ALBUMS, ARTISTS, CREDITS, TRACKS, Rated
from recsys.database.performance_access import PerformanceAccess
from recsys.database.pruning import list_roots
from recsys.database.track_access import TrackAccess
from recsys.domain.credits import Album
from recsys.domain.entries import NO_TASTE, AlbumEntry, ArtistEntry, Taste, TrackEntry
from recsys.domain.listeners import CreditKind, iso_time
from recsys.domain.paths import relative_path

T = TypeVar("T")
_REST = 5.0  # times as long as the lists took: 10 seconds with 100,000 tracks
_MAX_ENTRIES = 20_000  # tracks that are kept, of 2 KB each: those that were read first are dropped


class EntryAccess(TrackAccess, PerformanceAccess):
    """What players show of a :class:`~recsys.database.catalogue.Catalogue`. A listener without a row has nothing."""

    def browse_lists(self) -> BrowseLists:
        """All that is browsed; of a large library up to some seconds old while an ingest stores tracks."""
        return self._remembered("browse_lists", read_lists, rest=_REST)

    def track_entries(self, ids: Sequence[int]) -> dict[int, TrackEntry]:
        """Tracks by id with everything but their moods, also missing ones; unknown ids are left out."""
        lists = None if self._memory is None else self.browse_lists()  # without a memory, a few albums are read faster
        kept: dict[int, TrackEntry] = self.remembered("entries", dict, of=lists)
        found = {i: entry for i in ids if (entry := kept.get(i))}
        if len(found) < len(ids):
            read = self._read_entries([i for i in ids if i not in found], lists)
            kept.update(read)
            found = {i: entry for i in ids if (entry := found.get(i) or read.get(i))}
            for i in list(kept)[: max(0, len(kept) - _MAX_ENTRIES)]:
                kept.pop(i, None)
        tastes = self.track_tastes(list(found))
        return {i: replace(entry, taste=tastes[i]) if i in tastes else entry for i, entry in found.items()}

    def _read_entries(self, ids: Sequence[int], lists: BrowseLists | None) -> dict[int, TrackEntry]:
        """Tracks without what the listener has stored."""
        roots = self._remembered("roots", list_roots)
        with reading(self._engine) as connection:
            tracks = queries.get_tracks(connection, self._answers, ids)
            facts = track_entries.read_facts(connection, ids)
            composers = track_entries.read_composers(connection, ids)
        of_tracks = {track.album_id for track in tracks.values()} - {None}
        albums = {each.id: each for each in self._albums(of_tracks, lists)}
        found = {}
        for i, track in tracks.items():
            composer_ids, names = zip(*composers[i], strict=True) if i in composers else ((), ())
            album = None if track.album_id is None else albums.get(track.album_id)
            found[i] = TrackEntry(
                track, album, relative_path(track.path, roots), **facts[i]._asdict(), composers=names,
                composer_ids=composer_ids,
            )  # fmt: skip
        return found

    def track_tastes(self, ids: Sequence[int]) -> dict[int, Taste]:
        """What the listener has stored of tracks, or of copies of them; tracks without any of that are left out."""
        copies = self._copies()
        found = self._tastes(dict.fromkeys(copy for i in ids for copy in copies.get(i, (i,))))
        of_copies = {i: [found[copy] for copy in copies[i] if copy in found] for i in ids if i in copies}
        return found | {i: track_entries.joined(tastes) for i, tastes in of_copies.items() if tastes}

    def album_entries(self, ids: Iterable[int]) -> list[AlbumEntry]:
        """Albums with present tracks, in this order; others are left out."""
        lists, plays = self.browse_lists(), self.album_plays()
        found = [lists.albums[i] for i in ids if i in lists.albums]
        tastes = self._tastes([entry.album.id for entry in found], ALBUMS)
        for i in {entry.album.id for entry in found} & plays.keys():
            tastes[i] = _with_plays(tastes.get(i, NO_TASTE), *plays[i])
        return [replace(each, taste=tastes[each.album.id]) if each.album.id in tastes else each for each in found]

    def artist_entries(self, ids: Iterable[int]) -> list[ArtistEntry]:
        """Artists with present tracks, in this order; others are left out."""
        lists = self.browse_lists()
        found = [lists.artists[i] for i in ids if i in lists.artists]
        tastes = self._tastes([entry.artist.id for entry in found], ARTISTS)
        return [replace(each, taste=tastes[each.artist.id]) if each.artist.id in tastes else each for each in found]

    def album_plays(self) -> Mapping[int, tuple[int, int]]:
        """The plays of the tracks of each album that was played, and the time of the last one in milliseconds, or 0."""
        lists = self.browse_lists()

        def compute() -> dict[int, tuple[int, int]]:
            tracks = lists.tracks
            nothing: list[tuple[int, int, int]] = []
            rows = np.array(self._of_listener(track_entries.played, nothing), np.int64).reshape(-1, 3)
            rows = rows[np.isin(rows[:, 0], tracks.ids)]
            found: dict[int, tuple[int, int]] = {}
            for album_id, plays, last in zip(
                tracks.albums_of(rows[:, 0]).tolist(), *rows[:, 1:].T.tolist(), strict=True
            ):
                before = found.get(album_id, (0, 0))
                found[album_id] = before[0] + plays, max(before[1], last)
            return found

        return self.remembered(("album_plays", self._listener), compute, of_listener=True, of=lists)

    def ids_on_album(self, album_id: int) -> list[int]:
        """The present tracks of an album by disc and number."""
        with reading(self._engine) as connection:
            return credit_lists.album_track_ids(connection, album_id)

    def liked_ids(self, kind: CreditKind | None = None) -> list[int]:
        """Tracks, or albums or artists, that the listener likes, the last one first; also missing ones."""
        rated = TRACKS if kind is None else CREDITS[kind]
        return self._of_listener(lambda connection, listener: track_entries.liked_ids(connection, listener, rated), [])

    def album_ids_by_stars(self) -> list[int]:
        """Albums that have stars of the listener, the most first; also missing ones."""
        return self._of_listener(
            lambda connection, listener: track_entries.starred_ids(connection, listener, ALBUMS), []
        )

    def _copies(self) -> Mapping[int, Sequence[int]]:
        """All copies of the performance of each track that has others."""
        return self._remembered(
            "copies", lambda connection: {i: group for group in performances.read_groups(connection) for i in group}
        )

    def _albums(self, ids: Collection[int | None], lists: BrowseLists | None) -> list[Album]:
        """Albums by their ids."""
        known = [i for i in ids if i is not None]
        return self.albums(known) if lists is None else [lists.albums[i].album for i in known if i in lists.albums]

    def _tastes(self, ids: Iterable[int], rated: Rated = TRACKS) -> dict[int, Taste]:
        wanted = list(ids)
        if not wanted:
            return {}
        return self._of_listener(
            lambda connection, listener: track_entries.read_tastes(connection, listener, wanted, rated), {}
        )

    def _of_listener(self, read: Callable[[Connection, int], T], nothing: T) -> T:
        """What is read of the listener, who may have no row yet."""
        with reading(self._engine) as connection:
            listener = listeners.known(connection, self._listener)
            return nothing if listener is None else read(connection, listener)


def _with_plays(taste: Taste, plays: int, last_ms: int) -> Taste:
    return taste._replace(plays=plays, last_played_at=iso_time(last_ms) if last_ms else None)
