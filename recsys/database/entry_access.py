"""The part of a catalogue that reads what players show."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from recsys.database import listeners, queries, track_entries
from recsys.database.engine import reading
from recsys.database.listener_tables import CREDITS, TRACKS, Rated
from recsys.database.pruning import list_roots
from recsys.database.track_access import TrackAccess
from recsys.database.track_entries import Taste
from recsys.domain.credits import Album
from recsys.domain.entries import TrackEntry
from recsys.domain.listeners import CreditKind
from recsys.domain.paths import relative_path

_NO_TASTE = Taste()


class EntryAccess(TrackAccess):
    """What players show of a :class:`~recsys.database.catalogue.Catalogue`. A listener without a row has nothing."""

    def track_entries(self, ids: Sequence[int]) -> dict[int, TrackEntry]:
        """Tracks by id with everything but their moods, also missing ones; unknown ids are left out."""
        roots = self._remembered("roots", list_roots)
        with reading(self._engine) as connection:
            tracks = queries.get_tracks(connection, self._answers, ids)
            facts = track_entries.read_facts(connection, ids)
            composers = track_entries.read_composers(connection, ids)
            tastes = self._tastes(connection, ids)
        albums = self._albums(track.album_id for track in tracks.values())
        found = {}
        for i, track in tracks.items():
            composer_ids, names = zip(*composers[i], strict=True) if i in composers else ((), ())
            album = None if track.album_id is None else albums.get(track.album_id)
            taste = tastes.get(i, _NO_TASTE)
            found[i] = TrackEntry(
                track, album, relative_path(track.path, roots), **facts[i]._asdict(), composers=names,
                composer_ids=composer_ids, **taste._asdict(),
            )  # fmt: skip
        return found

    def credit_tastes(self, kind: CreditKind, ids: Sequence[int]) -> dict[int, Taste]:
        """What the listener has stored of albums or artists; others are left out."""
        with reading(self._engine) as connection:
            return self._tastes(connection, ids, CREDITS[kind])

    def _albums(self, ids: Iterable[int | None]) -> dict[int, Album]:
        """Albums by id: of a catalogue that stays open all, which are read once."""
        if self._memory is not None:
            return self.remembered("albums_by_id", lambda: {album.id: album for album in self.albums()})
        return {album.id: album for album in self.albums([i for i in set(ids) if i is not None])}

    def _tastes(self, connection: Connection, ids: Sequence[int], rated: Rated = TRACKS) -> dict[int, Taste]:
        listener = listeners.known(connection, self._listener)
        return {} if listener is None else track_entries.read_tastes(connection, listener, ids, rated)
