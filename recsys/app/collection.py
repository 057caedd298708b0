"""The part of a library that fills it, keeps it in order, and returns its tracks and features."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.credits import find_album, find_artist
from recsys.app.inputs import StrPath, TrackLike, paths_of, reference_of
from recsys.config import Settings
from recsys.domain.checks import check_min, check_range
from recsys.domain.credits import Album, Artist
from recsys.domain.prune_results import PruneResult
from recsys.domain.records import TrackDetailsRecord
from recsys.domain.requests import TrackFilter
from recsys.domain.results import (
    CheckResult,
    Failure,
    IngestSummary,
    Progress,
)
from recsys.domain.track_query import TrackOrder, TrackQuery
from recsys.domain.tracks import Description, Track, TrackList
from recsys.errors import NotFound, RecsysError

if TYPE_CHECKING:
    from recsys.app.completion import NameKind
    from recsys.app.ingestion import InTurn
    from recsys.app.vectors import VectorKind, Vectors
    from recsys.domain.duplicates import DuplicateGroup

_MAX_LIMIT = 1 << 31  # tracks; databases refuse larger numbers than 64 bits have


class Collection:
    """Ingests folders, and returns the tracks and features of a library."""

    settings: Settings
    _context: LibraryContext

    def ingest(
        self,
        paths: StrPath | Sequence[StrPath],
        *,
        retry: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestSummary:
        """Analyse and store what is new at or below ``paths``; what is known and unchanged is skipped.

        Parameters
        ----------
        paths : path-like or sequence of path-like
            Folders or files.
        retry : bool
            Also try files that failed before.
        on_progress : callable or None
            Called with the :class:`~recsys.Progress` now and then.

        Raises
        ------
        NotFound
            A path does not exist, or no audio file is in any of them.
        LibraryBusy, LibraryFull, LibraryError
            Another process is writing, the disk is full, or the database cannot be used.

        Examples
        --------
        >>> summary = lib.ingest(folder / "music")
        >>> summary.scanned, summary.new, summary.failed
        (1, 1, 0)
        """
        from recsys.app.ingestion import ingest

        return ingest(self._context, paths_of(paths), retry=retry, on_progress=on_progress)

    def duplicates(self, *, n: int | None = None) -> "list[DuplicateGroup]":
        """Files that are one performance: other encodings, with more silence, or cut off; the most files first.

        Lists have each performance once, as the preferred file. Nothing is removed.

        Parameters
        ----------
        n : int or None
            How many groups; None is all.

        Raises
        ------
        InvalidRequest
            ``n`` is less than 1.

        Examples
        --------
        >>> lib.duplicates()
        []
        """
        from recsys.app.duplicates import duplicates

        return duplicates(self._context, n=n)

    def failures(self) -> list[Failure]:
        """Files that could not be ingested.

        >>> lib.failures()
        []
        """
        with self._context.open() as catalogue:
            return catalogue.failures()

    def retry_failures(self, *, on_progress: Callable[[Progress], None] | None = None) -> IngestSummary:
        """Try every failed file again; failures of files that no longer exist are removed.

        >>> lib.retry_failures().scanned
        0
        """
        from recsys.app.ingestion import retry_failures

        return retry_failures(self._context, on_progress=on_progress)

    def prune(
        self, roots: StrPath | Sequence[StrPath] = (), *, force: bool = False, dry_run: bool = False
    ) -> PruneResult:
        """Remove tracks whose files are gone from the disk, at or below ``roots``, or anywhere.

        Files in a folder that does not exist, is empty or cannot be read are kept, as a drive may not be mounted;
        ``force`` removes those of a folder that is named in ``roots``.

        Raises
        ------
        PruneRefused
            Without ``force``: more than half of a root is gone, or all files in ``roots`` are kept.
        NotFound
            No file of the library is at or below a root.
        LibraryBusy
            Another process is writing.

        Examples
        --------
        >>> lib.prune(dry_run=True).tracks
        0
        """
        from recsys.app.ingestion import prune

        return prune(self._context, paths_of(roots), force=force, dry_run=dry_run)

    def watch(
        self,
        folders: StrPath | Sequence[StrPath],
        *,
        debounce: float = 5.0,
        poll: bool = False,
        on_event: Callable[[IngestSummary | RecsysError | str], None],
        on_progress: Callable[[Progress], None] | None = None,
        in_turn: "InTurn | None" = None,
    ) -> None:
        """Ingest ``folders`` now, and every change once the folder is unchanged for ``debounce`` seconds.

        Ends with KeyboardInterrupt. ``on_event`` is called with the summary of each ingest, with the error for which a
        folder is waited for, and with messages; ``poll`` scans again and again, for network mounts that report no
        changes. A folder of the library that does not exist now is waited for. ``on_progress`` is that of
        :meth:`ingest`. ``in_turn`` is called with a folder and the function that ingests it, and returns what that
        returns: it can wait until another task has finished.

        Raises
        ------
        NotFound
            A folder does not exist.
        InvalidRequest
            ``debounce`` is negative.
        LibraryFull, LibraryError
            The disk is full, or the database cannot be used.
        """
        from recsys.app.ingestion import watch

        watch(
            self._context, paths_of(folders), debounce=debounce, poll=poll, on_event=on_event, on_progress=on_progress,
            in_turn=in_turn,
        )  # fmt: skip

    def check(self, *, fix: bool = False) -> Iterator[CheckResult]:
        """Check database, vectors, index and free space, and compare the files on the disk with the library.

        ``fix`` first removes what is damaged.

        Raises
        ------
        LibraryNotFound
            There is no database.

        Examples
        --------
        >>> {result.status for result in lib.check()} <= {"ok", "warning"}
        True
        """
        from recsys.app.diagnostics import run_checks

        return run_checks(self.settings, fix=fix)

    def upgrade_database(self) -> None:
        """Bring the schema of the database up to date."""
        self._context.open().close()

    def genres(self) -> dict[str, int]:
        """How many tracks each predicted genre has, most first.

        >>> lib.genres()
        {'jazz': 2, 'metal': 1}
        """
        with self._context.open() as catalogue:
            return dict(catalogue.genres())

    def tracks(
        self,
        query: str | None = None,
        *,
        genre: str | None = None,
        tagged_genre: str | None = None,
        artist: Artist | str | int | None = None,
        album: Album | str | int | None = None,
        sort: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        after: Track | int | None = None,
    ) -> TrackList:
        """Tracks that match a query, best first: a title that equals its words, one that begins with them, others.

        Parameters
        ----------
        query : str or None
            Words that are in artist, title, album or path, and conditions such as "artist:bowie", "year:1970-1979",
            'album:"low"' or "-genre:rock"; see :mod:`recsys.domain.track_query`. None: all tracks.
        genre, tagged_genre : str or None
            A predicted genre, and one that the tags of the files name.
        artist, album : Artist or Album, or a reference as for :meth:`artist` and :meth:`album`
        sort : str or None
            "title", "year:desc" or another field of :data:`recsys.domain.track_query.SORT_FIELDS`, instead of the best
            first. Without a query the order is by artist, album and number.
        limit : int or None
        offset : int
            How many tracks are left out at the beginning.
        after : Track or int or None
            The track after which the list begins, for the next page: the last one of the page before, or its id.

        Raises
        ------
        NotFound
            No track, artist or album matches.
        AmbiguousTrack
            Several albums match.
        InvalidRequest
            The query has an unknown field or a malformed value, ``sort`` is unknown, ``limit`` is less than 1,
            ``offset`` is negative, or ``after`` is not in the list.

        Examples
        --------
        >>> [track.title for track in lib.tracks("davis", limit=1)]
        ['So What']
        >>> [track.title for track in lib.tracks("artist:davis year:1950-1959", sort="title:desc")]
        ['So What', 'Blue in Green']
        """
        from recsys.app.validation import ensure_library_not_empty

        check_min("limit", limit, 1)
        check_range("offset", offset, 0, _MAX_LIMIT)
        parsed = TrackQuery.parse(query or "")
        order = None if sort is None else TrackOrder.parse(sort)
        with self._context.open() as catalogue:
            artist_id = None if artist is None else find_artist(catalogue, artist).id
            album_id = None if album is None else find_album(catalogue, album).id
            found = catalogue.tracks(
                parsed, genre=genre, tagged_genre=tagged_genre, artist_id=artist_id, album_id=album_id, order=order,
                limit=None if limit is None else min(limit, _MAX_LIMIT), offset=offset,
                after=after.id if isinstance(after, Track) else after,
            )  # fmt: skip
            if not found and not offset and after is None:
                genres, tagged = [genre] if genre else [], [tagged_genre] if tagged_genre else []
                ensure_library_not_empty(catalogue, TrackFilter(genres=genres, tagged_genres=tagged))
                raise NotFound(f"no track matches {query!r}" if query else "no track is present")
            return TrackList(found)

    def complete(self, prefix: str, *, kind: "NameKind" = "track", limit: int = 50) -> list[str]:
        """Names that begin with ``prefix``, whatever its case, for the completion of what a user types.

        Parameters
        ----------
        prefix : the beginning of a name; empty for the first names from "a" on
        kind : "track" for titles and "artist - title"; "artist", "album", "genre", "tagged_genre", "tag", "mood",
            "genre_model", "saved_playlist" or "listener"
        limit : number of names

        Raises
        ------
        LibraryNotFound
            There is no database.
        LibraryError
            The database cannot be read, or has another schema.
        InvalidRequest
            The kind is unknown, or ``limit`` is less than 1.

        Examples
        --------
        >>> lib.complete("so w")
        ['So What']
        >>> lib.complete("miles davis - b")
        ['Miles Davis - Blue in Green']
        """
        from recsys.app.completion import complete_names

        return complete_names(self.settings, prefix, kind=kind, limit=limit)

    def track(self, reference: TrackLike) -> Track:
        """The track of an id, a path, a title, "artist - title", or the beginning of one of them.

        Raises
        ------
        NotFound
            No track matches.
        AmbiguousTrack
            Several do; ``candidates`` has them.

        Examples
        --------
        >>> lib.track("Miles Davis - So What").duration
        562.0
        """
        with self._context.open() as catalogue:
            return catalogue.resolve(reference_of(reference))

    def details(self, reference: TrackLike) -> TrackDetailsRecord:
        """Everything that is stored of one track: its record, description, all tags, rating, files, codec …

        Raises
        ------
        NotFound, AmbiguousTrack
            As for :meth:`track`.

        Examples
        --------
        >>> lib.details("So What")["year"]
        1959
        """
        from recsys.export.records import details_record
        from recsys.genre.descriptions import describe_all

        with self._context.open() as catalogue:
            track = catalogue.resolve(reference_of(reference))
            details = catalogue.track_details(track.id)
            taste = catalogue.track_taste(track.id)
        return details_record(track, details, taste, describe_all(details["vector"]))

    def describe(self, tracks: Iterable[Track]) -> list[Description | None]:
        """Moods and distinctive tags of each track; None for one that has not been analysed.

        >>> [description] = lib.describe([lib.track("So What")])
        >>> "jazz" in description.distinctive_tags
        True
        """
        from recsys.app.descriptions import describe_tracks

        ids = [track.id for track in tracks]
        with self._context.open() as catalogue:
            found = describe_tracks(catalogue, ids)
        return [found.get(i) for i in ids]

    def vectors(self, tracks: Iterable[Track | int] | None = None, *, kind: "VectorKind" = "normalised") -> "Vectors":
        """Feature vectors (n, d) of all analysed tracks, or of some, as arrays.

        Parameters
        ----------
        tracks : iterable of Track or int, or None
            Tracks, such as a playlist, or their ids.
        kind : VectorKind
            "raw" features, "normalised" ones (centred and scaled by the reference corpus), or the "similarity" vectors
            whose inner product is the cosine similarity.

        Raises
        ------
        NotAnalysed
            A track, or the whole library, has not been analysed.

        Examples
        --------
        >>> found = lib.vectors(kind="similarity")
        >>> found.vectors.shape
        (3, 128)
        """
        from recsys.app.vectors import read_vectors

        ids = None if tracks is None else [each.id if isinstance(each, Track) else int(each) for each in tracks]
        return read_vectors(self._context, ids, kind)
