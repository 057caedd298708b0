"""Genres, tempo and key written into the tags of the files of a library, and restored again.

A plan lists every change before anything is written. Each file is written as a copy that replaces it, after its audio
and everything else in it have been compared with the original. A journal in the database has what turns each file into
what it was, so that a run can be undone.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from recsys.app.active_model import learned_labels
from recsys.app.context import LibraryContext, models_folder
from recsys.app.tag_journal import complete_interrupted, undo_edit, write_edit
from recsys.app.validation import describe_filter, ensure_library_not_empty
from recsys.domain.checks import check_range
from recsys.domain.requests import TrackFilter
from recsys.domain.track_query import TrackQuery
from recsys.domain.tracks import TaggableTrack
from recsys.errors import Hint, InvalidRequest, NotFound
from recsys.metadata.genre_tags import GENRES
from recsys.metadata.names import genre_key
from recsys.tagging.planning import (
    FileChange,
    RestoredFields,
    SkippedFile,
    TagWriteOptions,
    TagWritePlan,
    choose_genre,
    find_hard_links,
    planned_changes,
    target_fields,
)

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.database.tag_edits import Run, TagEdits

DEFAULT_OPTIONS = TagWriteOptions()
_ALL_TRACKS = TrackFilter()

_FIELDS_ONLY = "the run that wrote it stored its former fields, but not its former bytes"

ProgressCallback: TypeAlias = Callable[[int, int], None]
"""Called with the number of files that are finished, and of all."""


class TagWriteResult(NamedTuple):
    """What a run did: the number of files written or restored, and the files that were skipped.

    ``run`` is 0 for an undo of everything since a time. ``byte_identical`` counts restored files that are byte for byte
    what they were; ``fields_only`` has the others. If the run was interrupted, every file is either fully written or
    untouched.
    """

    run: int
    written: int
    skipped: tuple[SkippedFile, ...]
    byte_identical: int = 0
    fields_only: tuple[RestoredFields, ...] = ()
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "run": self.run,
            "written": self.written,
            "byte_identical": self.byte_identical,
            "fields_only": [file.to_dict() for file in self.fields_only],
            "skipped": [file.to_dict() for file in self.skipped],
        }


def _no_progress(_done: int, _all: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class TagWriter:
    """The tags of the files of a library; :attr:`recsys.Library.tags`."""

    context: LibraryContext

    def plan(
        self,
        query: str | None = None,
        options: TagWriteOptions = DEFAULT_OPTIONS,
        *,
        filter: TrackFilter = _ALL_TRACKS,
        progress: ProgressCallback = _no_progress,
    ) -> TagWritePlan:
        """The changes in the files of all tracks that match ``query``, or of all tracks; nothing is written.

        A genre, tempo or key that recsys has not written is kept, unless ``options.overwrite`` is set.

        Parameters
        ----------
        query : str or None
            Words in artist, title, album or path.
        options : TagWriteOptions
            What is written.
        filter : TrackFilter
            Which tracks. With ``folders`` or ``excluded_folders``, only those of their files that are there.
        progress : callable
            Called with the number of tracks that are finished, and of all.

        Raises
        ------
        NotFound
            No track matches.
        InvalidRequest
            The options have nothing to write, or ``min_probability`` is not in [0, 1].

        Examples
        --------
        >>> lib.tags.plan("So What").skipped[0].reason
        'it does not exist any more'
        """
        if not (options.field or options.bpm or options.key):
            raise InvalidRequest(
                "there is nothing to write: choose {field}, {bpm} or {key}", others=["field", "bpm", "key"]
            )  # fmt: skip
        from recsys.app.filters import with_known_folders

        check_range("min_probability", options.min_probability, 0, 1)
        with self.context.open() as catalogue:
            filter = with_known_folders(catalogue, filter)
            tracks = _matching_tracks(catalogue, query, filter)
            written = catalogue.tag_edits.written()
            spellings = _genre_spellings(catalogue)
        labels = learned_labels(models_folder(self.context))
        changes: list[FileChange] = []
        kept: list[FileChange] = []
        skipped: list[SkippedFile] = []
        unchanged = below_threshold = kept_existing = label_conflicts = agreeing = 0
        for number, track in enumerate(tracks):
            progress(number, len(tracks))
            genre = choose_genre(track, options, labels)
            targets = target_fields(track, genre, options, spellings)
            below_threshold += options.field is not None and genre is None
            label_conflicts += genre is not None and genre.conflicts_with_label
            audio_hash = track.audio_hash
            for path in _paths_inside(track, filter) if targets else ():
                planned = planned_changes(path, targets, options, written.get(audio_hash, {}))
                if isinstance(planned, SkippedFile):
                    skipped.append(planned)
                    continue
                agreeing += planned.agrees
                for fields, into in ((planned.changes, changes), (planned.kept, kept)):
                    if fields:
                        has_genre = genre is not None and options.field in {change.field for change in fields}
                        probability = genre.probability if genre and has_genre else None
                        into.append(FileChange(path, audio_hash, fields, probability))
                kept_existing += bool(planned.kept and not planned.changes)
                unchanged += not (planned.kept or planned.changes)
        progress(len(tracks), len(tracks))
        changes.sort(key=_by_path)
        return TagWritePlan(
            tuple(changes), tuple(sorted(skipped)), unchanged, below_threshold, kept_existing,
            label_conflicts, tuple(sorted(kept, key=_by_path)), agreeing,
            find_hard_links([change.path for change in changes]),
        )  # fmt: skip

    def apply(self, changes: Sequence[FileChange], *, progress: ProgressCallback = _no_progress) -> TagWriteResult:
        """Write planned changes as one run.

        A KeyboardInterrupt ends the run and is not raised: every file is either fully written or untouched, and the
        result has the count.

        Raises
        ------
        LibraryBusy, LibraryFull, LibraryError
            The database cannot be written.
        """
        from recsys.tagging.rewrite import TagWriteRefused

        skipped: list[SkippedFile] = []
        interrupted = False
        with self._open_journal() as (_, edits):
            run = edits.next_run()
            try:
                for number, change in enumerate(changes):
                    progress(number, len(changes))
                    try:
                        write_edit(edits, run, change)
                    except TagWriteRefused as refused:
                        skipped.append(SkippedFile(change.path, str(refused)))
                progress(len(changes), len(changes))
            except KeyboardInterrupt:
                interrupted = True
                complete_interrupted(edits)
            written = sum(1 for _ in edits.applied(run=run))
        return TagWriteResult(run, written, tuple(skipped), interrupted=interrupted)

    def undo(self, when: str | None = None, *, progress: ProgressCallback = _no_progress) -> TagWriteResult:
        """Restore the files that a run has written, or all runs since a time, byte for byte.

        Files that another program or a later run has changed are skipped. Of runs of programs that stored only the
        former fields, these are restored.

        Parameters
        ----------
        when : str or None
            The number of a run, or a time such as "2026-05-31" or "2026-05-31T18:30". None: the latest run of which a
            file can be restored.
        progress : callable
            Called with the number of files that are finished, and of all.

        Raises
        ------
        NotFound
            There is no such run, or no edit of it is still applied.
        InvalidRequest
            ``when`` is neither a number nor a time.
        LibraryBusy, LibraryFull, LibraryError
            The database cannot be written.
        """
        from recsys.tagging.rewrite import TagWriteRefused

        skipped: dict[str, SkippedFile] = {}
        differing: list[str] = []
        restored = 0
        interrupted = False
        with self._open_journal() as (catalogue, edits):
            for run, since in _runs_to_undo(when, edits.runs()):
                total = sum(1 for _ in edits.applied(run=run, since=since))
                try:
                    for number, edit in enumerate(edits.applied(run=run, since=since)):
                        progress(number, total)
                        try:
                            if not undo_edit(catalogue, edits, edit):
                                differing.append(edit.path)
                        except TagWriteRefused as refused:
                            skipped.setdefault(edit.path, SkippedFile(edit.path, str(refused)))
                    progress(total, total)
                except KeyboardInterrupt:
                    interrupted = True
                    differing += complete_interrupted(edits)
                restored = total - sum(1 for _ in edits.applied(run=run, since=since))
                if restored or interrupted:
                    break
        fields_only = tuple(RestoredFields(path, _FIELDS_ONLY) for path in differing)
        identical = restored - len(fields_only)
        return TagWriteResult(run or 0, restored, tuple(skipped.values()), identical, fields_only, interrupted)

    def history(self) -> "list[Run]":
        """All runs, the latest first.

        >>> lib.tags.history()
        []
        """
        with self.context.open() as catalogue:
            if not catalogue.tag_edits.incomplete():
                return catalogue.tag_edits.runs()
        with self._open_journal() as (_, edits):
            return edits.runs()

    @contextmanager
    def _open_journal(self) -> "Iterator[tuple[Catalogue, TagEdits]]":
        """The catalogue and its journal, which has no incomplete edit before and after, whatever is raised."""
        with self.context.open(full_synchronous=True) as catalogue, catalogue.writing():
            edits = catalogue.tag_edits
            complete_interrupted(edits)
            try:
                yield catalogue, edits
            finally:
                complete_interrupted(edits)


def _by_path(change: FileChange) -> str:
    return change.path


def _matching_tracks(catalogue: "Catalogue", query: str | None, filter: TrackFilter) -> list[TaggableTrack]:
    """The present tracks that match a query and a filter, of which a file is in its folders.

    Raises
    ------
    NotFound
        There is none.
    """
    from recsys.app.filters import filter_ids

    ids = filter_ids(catalogue, replace(filter, folders=(), excluded_folders=()))  # which compare one file of each
    allowed = None if ids is None else set(ids.tolist())
    every = catalogue.track_ids(TrackQuery.parse(query)) if query else catalogue.ids(analysed=False).tolist()
    tracks = catalogue.taggable_tracks(i for i in every if allowed is None or i in allowed)
    found = [track for track in tracks if _paths_inside(track, filter)]
    if not found:
        ensure_library_not_empty(catalogue, filter)
        raise NotFound(f"no track {describe_filter(filter)}{f'matches {query!r}' if query else 'is present'}")
    return found


def _paths_inside(track: TaggableTrack, filter: TrackFilter) -> Sequence[str]:
    """The paths of the files of a track that are in the folders of a filter."""
    paths = track.paths
    if not filter.folders and not filter.excluded_folders:
        return paths
    wanted, excluded = (list(map(Path, folders)) for folders in (filter.folders, filter.excluded_folders))
    return [
        path
        for path in paths
        if (not wanted or any(Path(path).is_relative_to(folder) for folder in wanted))
        and not any(Path(path).is_relative_to(folder) for folder in excluded)
    ]


def _runs_to_undo(when: str | None, runs: "Sequence[Run]") -> list[tuple[int | None, str | None]]:
    """Numbers of runs, the first of which has a file to restore is undone; or None and a time in UTC."""
    applied = [run.number for run in runs if run.still_applied]
    if not applied:
        raise NotFound("no edit is still applied to any file")
    if when is None:
        return [(run, None) for run in applied]
    if when.isdecimal():
        if int(when) not in {run.number for run in runs}:
            raise NotFound(f"there is no run {when}", hint=Hint.LIST_TAG_RUNS)
        if int(when) not in applied:
            raise NotFound(f"no edit of run {when} is still applied to any file", hint=Hint.LIST_TAG_RUNS)
        return [(int(when), None)]
    try:
        moment = datetime.fromisoformat(when).astimezone(UTC)  # a time without a zone is local time
    except ValueError:
        raise InvalidRequest(
            "must be the number of a run, or a time such as 2026-05-31 or 2026-05-31T18:30", field="when", value=when
        ) from None
    since = moment.isoformat(timespec="microseconds")
    if not any(run.still_applied and run.at >= since for run in runs):
        raise NotFound(f"no edit since {when} is still applied to any file", hint=Hint.LIST_TAG_RUNS)
    return [(None, since)]


def _genre_spellings(catalogue: "Catalogue") -> dict[str, str]:
    """How each genre is spelled, by its key: as in most files of the library, else as in ID3."""
    written = {new for _, new in catalogue.tag_edits.genres().values()}
    found = Counter(
        genre.strip()
        for text, n_files in catalogue.tag_edits.tagged_genres().items()
        for genre in text.split(";")
        for _ in range(n_files)
        if genre.strip() not in written
    )
    spellings = {genre_key(genre): genre for genre in GENRES}
    return spellings | {genre_key(genre): genre for genre, _ in reversed(found.most_common())}
