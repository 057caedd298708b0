"""The catalogue: the tracks of a library, their files, analyses, predictions and ratings.

A *recording* is one piece of encoded audio, identified by its audio hash; its ``id`` is public and never reused. A
*file* is a path at which a recording is stored; a moved, renamed or retagged file keeps its recording. A recording
without a present file is *missing*: it keeps its last path, its analysis and its rating, and reappears with its audio.

Methods take and return plain values; SQL stays inside :mod:`recsys.database`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from recsys.database import engine as database
from recsys.database import migrate, queries, renaming, trigrams, writes
from recsys.database.album_links import has_unlinked, link_remaining
from recsys.database.claims import Claims
from recsys.database.credit_rating_access import CreditRatingAccess
from recsys.database.credits import choose_names
from recsys.database.entry_access import EntryAccess
from recsys.database.links import LinkStore
from recsys.database.lock import ingest_lock
from recsys.database.maintenance import Maintenance
from recsys.database.memory import CatalogueMemory
from recsys.database.saved_playlists import PlaylistStore
from recsys.database.scan_comparison import ScanComparison, count_missing, count_present, open_scan
from recsys.database.tag_edits import TagEdits
from recsys.domain.audio import FileStat, GenrePrediction, IngestRecord, Reread
from recsys.domain.catalogue import FailedFile, KnownRecording
from recsys.domain.results import Failure
from recsys.errors import Hint, LibraryError, LibraryFull, LibraryNotFound, SchemaMismatch


class Catalogue(EntryAccess, CreditRatingAccess, Maintenance):
    """An open catalogue; a context manager. Create it with :meth:`open`.

    The methods that ingest uses are here; those that read tracks, ratings and the state of the database are inherited.
    """

    _is_view = False  # of a catalogue that another object closes

    @classmethod
    def open(
        cls,
        url: str,
        *,
        feature_version: int,
        compatible: Sequence[int] = (),
        read_only: bool = False,
        create: bool = True,
        full_synchronous: bool = False,
        listener: str | None = None,
    ) -> Self:
        """Open the catalogue at a SQLAlchemy ``url``; on first use create it or upgrade its schema.

        Vectors are stored and read at ``feature_version``; for a recording without an analysis of it, the newest
        ``compatible`` older version is read (:mod:`recsys.database.answering`). ``read_only`` never writes, not even
        the schema; a file or folder without write permission is opened so. ``full_synchronous``: committed data
        survives a power failure. ``listener``: whose ratings, plays and playlists; None is the default listener.

        Raises
        ------
        LibraryNotFound
            The database does not exist, and neither ``create`` nor write access allow to create it.
        SchemaMismatch
            The schema is newer than this program, is not of recsys, or has to be upgraded but is read-only.
        LibraryBusy, LibraryFull, LibraryError
            Another process is writing, the disk is full, or the database cannot be opened.
        """
        location = database.parse_url(url)
        file = database.sqlite_file(location)
        absent = LibraryNotFound(f"there is no library at {database.display_url(location)}", hint=Hint.INGEST)
        create = create and not read_only
        if file is not None and not file.exists():
            if not create:
                raise absent
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LibraryError(f"cannot create the folder {file.parent}: {error.strerror}") from error
        immutable = file is not None and file.exists() and not database.is_writable(file)
        read_only = read_only or immutable
        engine = database.connect(location, read_only=read_only, immutable=immutable, full_synchronous=full_synchronous)
        try:
            try:
                schema = _schema(engine)
            except LibraryFull:  # on a full disk SQLite can only read a database that is opened as immutable
                if create:
                    raise
                engine.dispose()
                read_only = immutable = True
                engine = database.connect(location, read_only=True, immutable=True)
                schema = _schema(engine)
            if schema is None and not create:
                raise absent
            if schema != migrate.HEAD:
                if read_only:
                    raise _old_schema(database.display_url(location), schema, is_writable=not immutable)
                with database.translate_errors(location):
                    migrate.upgrade(engine)
            if not read_only:
                database.enable_wal(engine)
                trigrams.adapt(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, feature_version, compatible, listener)

    @property
    def tag_edits(self) -> TagEdits:
        """The changes that were made to the tags of files."""
        return TagEdits(self._engine)

    @property
    def saved_playlists(self) -> PlaylistStore:
        """The saved playlists of the listener, and the history of those that were written."""
        return PlaylistStore(self._engine, self._listener)

    @property
    def links(self) -> LinkStore:
        """The links to servers of music."""
        return LinkStore(self._engine)

    def for_listener(self, listener: str | None) -> Self:
        """The same open catalogue for another listener; closing it leaves this one open."""
        view = type(self)(self._engine, self._version, self._compatible, listener)
        view._is_view = True
        view._memory, view.tags_file = self._memory, self.tags_file
        return view

    def remember(self) -> None:
        """Keep what is derived from the whole database until it changes, for a catalogue that stays open."""
        self._memory = CatalogueMemory(self._engine)

    def close(self) -> None:
        """Close all connections."""
        if not self._is_view:
            if self._memory is not None:
                self._memory.close()
            self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the ingest lock of a SQLite database; servers have none.

        Raises
        ------
        LibraryBusy
            Another process holds it.
        """
        file = database.sqlite_file(self._engine.url)
        with ingest_lock(file) if file else nullcontext():
            yield

    @contextmanager
    def claims(self) -> Iterator[Claims]:
        """The claims of one ingest, which end with the block."""
        claims = Claims(self._engine)
        try:
            yield claims
        finally:
            claims.release()

    @contextmanager
    def open_scan(self) -> Iterator[ScanComparison]:
        """Compare the files on the disk with the catalogue, in constant memory."""
        with open_scan(self._engine, self._answers) as scan:
            yield scan

    def count_present(self, root: str) -> int:
        """Number of files at or under an absolute root that the last scan found."""
        with database.reading(self._engine) as connection:
            return count_present(connection, root)

    def count_missing(self, roots: Iterable[str]) -> int:
        """Number of paths without a file at or under absolute roots, of which none is inside another."""
        with database.reading(self._engine) as connection:
            return count_missing(connection, roots)

    def find_by_hash(self, audio_hashes: Iterable[str]) -> dict[str, KnownRecording]:
        """The stored recordings among ``audio_hashes``, by audio hash."""
        with database.reading(self._engine) as connection:
            return queries.find_recordings(connection, audio_hashes, self._answers)

    def rename(self, stat: FileStat, audio_hash: str, *, copies: Sequence[str] = ()) -> bool:
        """Change only the audio hash of the recording of an unchanged file; return whether there was such a one.

        ``copies`` are paths of other unchanged files that have the new hash.
        """
        with database.reading(self._engine) as connection:
            found = renaming.find_renamed(connection, stat, audio_hash, copies)
        return self._rename(found, audio_hash)

    def may_be_known(self, stat: FileStat, audio_hash: str) -> bool:
        """Whether a file whose audio hash is not stored may be a stored one that was changed or moved since."""
        with database.reading(self._engine) as connection:
            return renaming.may_be_known(connection, stat, audio_hash)

    def replace_former_hash(self, former_hash: str, audio_hash: str) -> bool:
        """Change the audio hash of the recording with ``former_hash``; return whether there was such a one."""
        with database.reading(self._engine) as connection:
            found = renaming.find_by_hash(connection, former_hash)
        return self._rename(found, audio_hash)

    def _rename(self, recording_id: int | None, audio_hash: str) -> bool:
        if recording_id is None:
            return False
        with database.writing(self._engine) as connection:
            renaming.rename(connection, recording_id, audio_hash)
        return True

    def store(self, entries: Sequence[IngestRecord] = (), failures: Sequence[FailedFile] = ()) -> None:
        """Store a batch in one transaction; storing it again changes only the vector revision.

        A stored file is present, and its failure is deleted. A record without result keeps the analysis of its
        recording. The old paths of a recording that was missing are deleted.

        Raises
        ------
        FeatureMismatch
            An analysis has another feature version than the catalogue was opened with.
        """
        with database.writing(self._engine) as connection:
            writes.store_entries(connection, entries, self._version)
            writes.store_failures(connection, failures)

    def store_rereads(self, rereads: Sequence[tuple[FileStat, Reread]]) -> None:
        """Store what was read again of known and unchanged files, in one transaction."""
        with database.writing(self._engine) as connection:
            writes.store_rereads(connection, rereads)

    def complete_credits(self, *, changed: bool = True) -> None:
        """Complete the albums of the files that were stored, and choose the spellings of artists and genres.

        The methods that store files leave an album whose files move together until all of them are stored. Nothing is
        done if nothing was ``changed``, and no interrupted ingest has left anything.
        """
        with database.reading(self._engine) as connection:
            if not (changed or has_unlinked(connection)):
                return
        while True:  # page by page, so that other processes can write in between
            with database.writing(self._engine) as connection:
                if not link_remaining(connection):
                    choose_names(connection)
                    return

    def mark_missing(self, paths: Iterable[str]) -> None:
        """Record that there are no files at these paths.

        A path whose recording has another present file is deleted (the file was moved, or a copy was deleted), and so
        are failures; a recording without a present file keeps its last path and is missing.
        """
        with database.writing(self._engine) as connection:
            writes.mark_missing(connection, paths)

    def failures(self, paths: Iterable[str] | None = None) -> list[Failure]:
        """The files that could not be ingested, all or those among ``paths``, by path."""
        with database.reading(self._engine) as connection:
            return queries.list_failures(connection, paths)

    def clear_failures(self, paths: Iterable[str] | None = None) -> None:
        """Delete the failures at these paths, or all, so that the next ingest tries the files again."""
        with database.writing(self._engine) as connection:
            writes.clear_failures(connection, paths)

    def set_genres(self, ids: Sequence[int], predictions: Sequence[GenrePrediction]) -> None:
        """Replace the predicted genres of these tracks."""
        with database.writing(self._engine) as connection:
            writes.store_predictions(connection, dict(zip(map(int, ids), predictions, strict=True)))


def _old_schema(where: str, schema: str | None, *, is_writable: bool) -> SchemaMismatch:
    what = f"{where} has schema {schema}; this version of recsys needs {migrate.HEAD}"
    if is_writable:
        return SchemaMismatch(what, hint=Hint.UPGRADE_DATABASE)
    return SchemaMismatch(f"{what}, and the library cannot be written to upgrade it", hint=Hint.MAKE_WRITABLE)


def _schema(engine: Engine) -> str | None:
    with database.reading(engine) as connection:
        return migrate.schema_version(connection)
