"""The catalogue: every track, where it lies, what listening to it found, and what its owner thinks of it.

A *recording* is a sound, known by the hash of its encoded audio; its ``id`` is public and never used again. A *file* is
a place where a recording lies; a moved, renamed or retagged file keeps its recording. A recording that lies nowhere is
*missing*: it keeps its last place, its analysis and its rating, and comes back when its sound does.

Plain values go in and come out; no caller ever sees SQL.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Literal, Self

from sqlalchemy import Engine, select

from recsys.database import engine as database
from recsys.database import migrate, queries, ratings, renaming, vectors, writes
from recsys.database.lock import ingest_lock
from recsys.database.maintenance import Maintenance
from recsys.database.saved_playlists import PlaylistStore
from recsys.database.scan_comparison import ScanComparison, count_missing, count_present, open_scan
from recsys.database.search import find_track
from recsys.database.tables import recording, revision
from recsys.database.tag_edits import TagEdits
from recsys.domain.arrays import FloatArray, HalfArray, IdArray
from recsys.domain.audio import FileStat, GenrePrediction, IngestRecord
from recsys.domain.catalogue import (
    Counts,
    FailedFile,
    KnownRecording,
    LibraryFile,
    StoredDetails,
    TrackEdges,
)
from recsys.domain.requests import TrackFilter
from recsys.domain.results import Failure
from recsys.domain.tracks import Rating, Track, TrackCredits
from recsys.errors import Hint, LibraryError, LibraryFull, LibraryNotFound, SchemaMismatch


class Catalogue(Maintenance):
    """An open catalogue; a context manager. Made by :meth:`open`."""

    def __init__(self, engine: Engine, feature_version: int, compatible: Sequence[int] = ()) -> None:
        self._engine = engine
        self._version = feature_version
        self._compatible = tuple(compatible)

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
    ) -> Self:
        """Open the catalogue at a SQLAlchemy ``url``; make it or bring its schema up to date on first use.

        ``feature_version`` is the one vectors are stored and asked for at; a recording that has none yet answers with
        one of an older version that is ``compatible`` with it (:mod:`recsys.database.answering`). ``read_only`` never
        writes, not even the schema; a file or folder that is closed to us is opened so. Without ``create``, a catalogue
        that does not exist is ``LibraryNotFound``. ``full_synchronous``: what is stored outlives a power cut.

        Raises
        ------
        LibraryNotFound, SchemaMismatch, LibraryBusy, LibraryFull, LibraryError
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
                raise LibraryError(f"cannot make the folder {file.parent}: {error.strerror}") from error
        sealed = file is not None and file.exists() and not database.is_writable(file)
        read_only = read_only or sealed
        engine = database.connect(location, read_only=read_only, immutable=sealed, full_synchronous=full_synchronous)
        try:
            try:
                schema = _schema(engine)
            except LibraryFull:  # on a full disk SQLite cannot even read, unless it knows that it need not write
                if create:
                    raise
                engine.dispose()
                read_only = True
                engine = database.connect(location, read_only=True, immutable=True)
                schema = _schema(engine)
            if schema is None and not create:
                raise absent
            if schema != migrate.HEAD:
                if read_only:
                    raise SchemaMismatch(
                        f"{database.display_url(location)} has schema {schema}; "
                        f"this version of recsys needs {migrate.HEAD}",
                        hint=Hint.UPGRADE_DATABASE,
                    )
                with database.translate_errors(location):
                    migrate.upgrade(engine)
            if not read_only:
                database.enable_wal(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, feature_version, compatible)

    @property
    def tag_edits(self) -> TagEdits:
        """What was written into the tags of files."""
        return TagEdits(self._engine)

    @property
    def saved_playlists(self) -> PlaylistStore:
        """Recipes of playlists, and the last lists."""
        return PlaylistStore(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to ingest, or LibraryBusy naming the process that does; only SQLite needs it."""
        file = database.sqlite_file(self._engine.url)
        with ingest_lock(file) if file else nullcontext():
            yield

    # What ingest needs

    @contextmanager
    def open_scan(self) -> Iterator[ScanComparison]:
        """Compare what lies on the disk with what is known, however much it is."""
        with open_scan(self._engine, self._answers) as survey:
            yield survey

    def count_present(self, root: str) -> int:
        """How many files at or under an absolute root were there when last looked at."""
        with database.reading(self._engine) as connection:
            return count_present(connection, root)

    def count_missing(self, roots: Iterable[str]) -> int:
        """How many places at or under absolute roots, none within another, hold nothing any more."""
        with database.reading(self._engine) as connection:
            return count_missing(connection, roots)

    def find_by_hash(self, audio_hashes: Iterable[str]) -> dict[str, KnownRecording]:
        """The recordings among ``audio_hashes`` that are stored, by payload."""
        with database.reading(self._engine) as connection:
            return queries.find_recordings(connection, audio_hashes, self._answers)

    def rename(self, stat: FileStat, audio_hash: str) -> bool:
        """Give the recording of an unchanged file another payload and nothing else; whether there was one to rename."""
        with database.reading(self._engine) as connection:
            found = renaming.find_renamed(connection, stat, audio_hash, self._version)
        if found is None:
            return False
        with database.writing(self._engine) as connection:
            renaming.rename(connection, found, audio_hash)
        return True

    def store(self, entries: Sequence[IngestRecord] = (), failures: Sequence[FailedFile] = ()) -> None:
        """Store a batch in one transaction; storing it again changes nothing but the revision.

        A stored file is present, and no failure any more. An entry without outcome leaves the analysis of its
        recording as it is. Old places of a recording that was missing are forgotten.

        Raises
        ------
        FeatureMismatch
            An analysis is of another feature version than the catalogue was opened at.
        """
        with database.writing(self._engine) as connection:
            writes.store_entries(connection, entries, self._version)
            writes.store_failures(connection, failures)

    def mark_missing(self, paths: Iterable[str]) -> None:
        """These files are no longer on the disk.

        A place whose recording lies elsewhere too is forgotten (the file moved, or a copy was deleted), and
        so are failures there; a recording that lies nowhere keeps its last place and is missing.
        """
        with database.writing(self._engine) as connection:
            writes.mark_missing(connection, paths)

    def failures(self, paths: Iterable[str] | None = None) -> list[Failure]:
        """Every file that could not be ingested, or those among ``paths``, by path."""
        with database.reading(self._engine) as connection:
            return queries.list_failures(connection, paths)

    def clear_failures(self, paths: Iterable[str] | None = None) -> None:
        """Forget the failures of these paths, or all, so that the next ingest tries them again."""
        with database.writing(self._engine) as connection:
            writes.clear_failures(connection, paths)

    # What questions need

    def count(self) -> Counts:
        """How much there is."""
        with database.reading(self._engine) as connection:
            return queries.count(connection, self._answers)

    def genres(self) -> dict[str, int]:
        """How many present tracks each predicted genre has, most first."""
        with database.reading(self._engine) as connection:
            return queries.genre_counts(connection)

    def tracks(
        self, query: str | None = None, *, genre: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Track]:
        """Present tracks by artist, album, number; every word of ``query`` is in these, title or path."""
        with database.reading(self._engine) as connection:
            return queries.list_tracks(connection, self._answers, query, genre, limit, offset)

    def tracks_by_id(self, ids: Iterable[int]) -> dict[int, Track]:
        """The tracks of these ids, missing ones too, in the order asked for; unknown ids are left out."""
        with database.reading(self._engine) as connection:
            return queries.get_tracks(connection, self._answers, ids)

    def track_credits(self) -> list[TrackCredits]:
        """Whose every recording is, missing ones too, in no order."""
        with database.reading(self._engine) as connection:
            return queries.list_track_credits(connection)

    def resolve(self, reference: str) -> Track:
        """The one track meant by an id, a path, a name, or the beginning of a path or name.

        A name is a title, a file name, or "artist - title"; case and accents do not matter, and a whole name
        goes before the beginning of others. Missing tracks are found only where nothing else is.

        Raises
        ------
        NotFound, AmbiguousTrack
        """
        with database.reading(self._engine) as connection:
            found = find_track(connection, reference)
            return queries.get_tracks(connection, self._answers, [found])[found]

    def ids(self, *, analysed: bool = True) -> IdArray:
        """Ids (n,) of present tracks, rising; by default the analysed."""
        with database.reading(self._engine) as connection:
            return queries.list_ids(connection, self._answers, analysed)

    def genre_and_bpm(self) -> list[tuple[int, str | None, float | None]]:
        """Id, genre and BPM of every present analysed track, rising; a million of them cost less than their Tracks."""
        with database.reading(self._engine) as connection:
            return queries.list_genre_and_bpm(connection, self._answers)

    def filter_ids(self, filter: TrackFilter) -> IdArray:
        """Ids (n,) of tracks that match, rising, also of missing ones: quicker than to ask who is present."""
        with database.reading(self._engine) as connection:
            return queries.filter_ids(connection, self._answers, filter)

    def missing_ids(self) -> IdArray:
        """Ids (n,) of missing tracks, rising: those that :meth:`ids` leaves out."""
        with database.reading(self._engine) as connection:
            return queries.missing_ids(connection)

    def ids_outside_duration(self, min_duration: float, max_duration: float) -> IdArray:
        """Ids of recordings shorter or longer than these seconds; 0 is no limit."""
        with database.reading(self._engine) as connection:
            return queries.ids_outside_duration(connection, min_duration, max_duration)

    def iter_files(self) -> Iterator[LibraryFile]:
        """Every file that lies or lay somewhere, in no order: what lists of other programs are matched with."""
        with database.reading(self._engine) as connection:
            yield from queries.iter_files(connection)

    def track_details(self, track_id: int) -> StoredDetails:
        """What is stored of one track beyond its ``Track``; NotFound for an unknown id."""
        with database.reading(self._engine) as connection:
            return queries.details(connection, self._answers, int(track_id))

    def vector_revision(self) -> int:
        """A number that grows with every change of a stored vector."""
        with database.reading(self._engine) as connection:
            query = select(revision.c.value).where(revision.c.name == "vector")
            return int(connection.execute(query).scalar_one())

    def vectors(
        self, *, since: int = 0, kind: Literal["raw", "normalised"] = "normalised"
    ) -> tuple[IdArray, FloatArray]:
        """Ids (n,), rising, and vectors (n, D) of all analysed tracks whose vector is newer than ``since``.

        Missing tracks are among them: they come back as they were. :meth:`ids` says who is present.

        Raises
        ------
        FeatureMismatch
            Vectors of one version differ in length.
        """
        with database.reading(self._engine) as connection:
            return vectors.read_vectors(connection, self._answers, since, kind)

    def vector_batches(self, *, since: int = 0) -> Iterator[tuple[IdArray, FloatArray]]:
        """Normalised vectors as :meth:`vectors` has them, in no order, some thousand at a time.

        Raises
        ------
        FeatureMismatch
        """
        with database.reading(self._engine) as connection:
            yield from vectors.vector_batches(connection, self._answers, since, "normalised")

    def windows(self, track_id: int) -> tuple[tuple[float, ...], HalfArray]:
        """Starts (w,) in seconds and raw vectors (w, D) of its windows; NotFound before analysis."""
        with database.reading(self._engine) as connection:
            return vectors.read_windows(connection, self._answers, int(track_id))

    def track_edges(self, ids: Sequence[int]) -> TrackEdges:
        """How some recordings that have a vector begin and end, in this order."""
        with database.reading(self._engine) as connection:
            return vectors.read_track_edges(connection, self._answers, ids)

    def vector_ids(self) -> IdArray:
        """Ids (n,), rising, of all recordings that have a vector, also of those that are missing."""
        with database.reading(self._engine) as connection:
            return vectors.vector_ids(connection, self._answers)

    def vectors_by_id(self, ids: Sequence[int], kind: Literal["raw", "normalised"] = "normalised") -> FloatArray:
        """Vectors (n, D) of some recordings that have one, in this order."""
        with database.reading(self._engine) as connection:
            return vectors.vectors_by_id(connection, self._answers, ids, kind)

    def ids_without_prediction_from(self, model: str) -> IdArray:
        """Ids (n,), rising, of all that have a vector but no genre by this model."""
        with database.reading(self._engine) as connection:
            return queries.ids_without_prediction_from(connection, self._answers, model)

    def genre_models(self) -> list[str]:
        """The models, each with its version, that have said the genre of a track."""
        with database.reading(self._engine) as connection:
            return queries.genre_models(connection)

    def identity_token(self, track_id: int) -> str | None:
        """A text that no track of another catalogue has under this id; None for an unknown id."""
        with database.reading(self._engine) as connection:
            row = connection.execute(
                select(recording.c.audio_hash, recording.c.added_at).where(recording.c.id == track_id)
            ).first()
        return None if row is None else f"{track_id} {row.audio_hash} {row.added_at}"

    # What the owner thinks

    def set_rating(self, ids: Iterable[int], value: int) -> None:
        """Like (+1), dislike (-1) or forget (0) these tracks.

        Raises
        ------
        NotFound
            An id is unknown; then none is rated.
        """
        with database.writing(self._engine) as connection:
            ratings.set_rating(connection, ids, value)

    def import_ratings(self, imported: Mapping[int, Rating]) -> None:
        """Store opinions as they are, all of them or none; :meth:`set_rating` is for what is said by hand.

        Raises
        ------
        NotFound
        """
        with database.writing(self._engine) as connection:
            ratings.import_ratings(connection, imported)

    def ratings(self) -> dict[int, Rating]:
        """Every like and dislike with its strength, plays, time and source, by track id, oldest first."""
        with database.reading(self._engine) as connection:
            return ratings.list_ratings(connection)

    def rated_tracks(self) -> dict[int, int]:
        """Every like (+1) and dislike (-1) by track id, oldest first."""
        with database.reading(self._engine) as connection:
            return ratings.list_rated_tracks(connection)

    def set_genres(self, ids: Sequence[int], predictions: Sequence[GenrePrediction]) -> None:
        """Replace the predicted genres of these tracks, without audio."""
        with database.writing(self._engine) as connection:
            writes.store_predictions(connection, dict(zip(map(int, ids), predictions, strict=True)))


def _schema(engine: Engine) -> str | None:
    with database.reading(engine) as connection:
        return migrate.schema_version(connection)
