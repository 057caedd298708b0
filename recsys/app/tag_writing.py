"""Genres, tempo and key written into the tags of the files themselves, when their owner says so, and taken back.

What would change is told before anything is written. Each file is written as a copy that takes its place, with its
sound and its other tags held against what they were; the journal in the library knows what stood there.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys.app.active_model import learned_labels
from recsys.app.context import LibraryContext
from recsys.domain.audio import FileStat
from recsys.domain.checks import check_range
from recsys.errors import InvalidRequest, NotFound
from recsys.metadata.names import genre_key
from recsys.tagging.planning import (
    FileChange,
    SkippedFile,
    TagWriteOptions,
    TagWritePlan,
    choose_genre,
    planned_changes,
    target_fields,
)

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.database.tag_edits import Run, TagEdit, TagEdits


class TagWriteResult(NamedTuple):
    """What was done: the run, files written or restored, files left; ``byte_identical`` ones are byte by byte what
    they were.
    """

    run: int
    written: int
    skipped: tuple[SkippedFile, ...]
    byte_identical: int = 0
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record of ``--json``."""
        return {
            "run": self.run,
            "written": self.written,
            "byte_identical": self.byte_identical,
            "skipped": [file.to_dict() for file in self.skipped],
        }


ProgressCallback = Callable[[int, int], None]


def _no_progress(_done: int, _all: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class TagWriter:
    """The tags of the files of a library."""

    context: LibraryContext

    def plan(
        self, query: str | None, options: TagWriteOptions, *, progress: ProgressCallback = _no_progress
    ) -> TagWritePlan:
        """What a wish would change in the files of tracks that match ``query``, or of all; nothing is written.

        Raises
        ------
        NotFound, InvalidRequest
        """
        if not (options.field or options.bpm or options.key):
            raise InvalidRequest(
                "is None, and neither {bpm} nor {key} is set: there is nothing to write", field="field",
                others=["bpm", "key"],
            )  # fmt: skip
        check_range("min_probability", options.min_probability, 0, 1)
        with self.context.open() as catalogue:
            tracks = catalogue.tracks(query or None)
            if not tracks:
                raise NotFound(f"no track matches {query!r}" if query else "no track is present")
            audio_hashes = catalogue.tag_edits.audio_hashes(track.id for track in tracks)
            spelled = _genre_spellings(catalogue)
        labels = learned_labels(self.context.settings.home / "models")
        intents: list[FileChange] = []
        left: list[SkippedFile] = []
        alike = unsure = other = contradicted = 0
        for number, track in enumerate(tracks):
            progress(number, len(tracks))
            genre = choose_genre(track, options, labels)
            wanted = target_fields(track, genre, options, spelled)
            unsure += options.field is not None and genre is None
            contradicted += genre is not None and genre.conflicts_with_label
            for path in dict.fromkeys((track.path, *track.paths)) if wanted else ():
                found = planned_changes(path, wanted, options)
                if isinstance(found, SkippedFile):
                    left.append(found)
                    continue
                changes, kept = found
                if changes:
                    shown = genre.probability if genre and options.field in {c.field for c in changes} else None
                    intents.append(FileChange(path, audio_hashes[track.id], changes, shown))
                elif kept:
                    other += 1
                else:
                    alike += 1
        progress(len(tracks), len(tracks))
        intents.sort(key=lambda intent: intent.path)
        return TagWritePlan(tuple(intents), tuple(left), alike, unsure, other, contradicted)

    def apply(self, changes: Sequence[FileChange], *, progress: ProgressCallback = _no_progress) -> TagWriteResult:
        """Write what was planned; whoever interrupts it has some files written, none of them by half, and is told.

        Raises
        ------
        LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import TagWriteRefused

        left: list[SkippedFile] = []
        interrupted = False
        with self._working() as (_, journal):
            run = journal.next_run()
            try:
                for number, intent in enumerate(changes):
                    progress(number, len(changes))
                    try:
                        _write(journal, run, intent)
                    except TagWriteRefused as refused:
                        left.append(SkippedFile(intent.path, str(refused)))
                progress(len(changes), len(changes))
            except KeyboardInterrupt:
                interrupted = True
                _complete_interrupted(journal)  # the file of that moment is written or it is not
            files = sum(1 for _ in journal.applied(run=run))
        return TagWriteResult(run, files, tuple(left), interrupted=interrupted)

    def undo(self, when: str | None = None, *, progress: ProgressCallback = _no_progress) -> TagWriteResult:
        """Let files say again what they said before a run: by its number, or before all runs since a time.

        Without ``when`` it is the latest run of which anything can be taken back; whatever stands of later ones is
        left, as is any file that somebody else has changed since, or a later run has written.

        Raises
        ------
        NotFound, InvalidRequest, LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import TagWriteRefused

        left: dict[str, SkippedFile] = {}
        files = exact = 0
        interrupted = False
        with self._working() as (catalogue, journal):
            for run, since in _parse_when(when, journal.runs()):
                total = sum(1 for _ in journal.applied(run=run, since=since))
                try:
                    for number, entry in enumerate(journal.applied(run=run, since=since)):
                        progress(number, total)
                        try:
                            exact += _undo_edit(catalogue, journal, entry)
                        except TagWriteRefused as refused:
                            left.setdefault(entry.path, SkippedFile(entry.path, str(refused)))
                    progress(total, total)
                except KeyboardInterrupt:
                    interrupted = True
                    _complete_interrupted(journal)  # the file of that moment is restored or it is not
                files = total - sum(1 for _ in journal.applied(run=run, since=since))
                if files or interrupted:
                    break
        return TagWriteResult(run or 0, files, tuple(left.values()), exact, interrupted)

    def history(self) -> "list[Run]":
        """What was written, run by run, the latest first."""
        with self.context.open() as catalogue:
            if not catalogue.tag_edits.incomplete():
                return catalogue.tag_edits.runs()
        with self._working() as (_, journal):
            return journal.runs()

    @contextmanager
    def _working(self) -> "Iterator[tuple[Catalogue, TagEdits]]":
        """The journal, true before and after whatever happens."""
        with self.context.open(full_synchronous=True) as catalogue, catalogue.writing():
            journal = catalogue.tag_edits
            _complete_interrupted(journal)
            try:
                yield catalogue, journal
            finally:
                _complete_interrupted(journal)


def _complete_interrupted(edits: "TagEdits") -> None:
    """End what a killed process has begun: by the content of the file, it has happened or it has not."""
    from recsys.tagging.rewrite import file_digest, temporary_path

    for entry in edits.incomplete():
        temporary_path(entry.path, entry.id).unlink(missing_ok=True)
        if entry.pending_digest and file_digest(entry.path) == entry.pending_digest:
            _record_run(edits, entry.id, entry.path)
            _rebase_later_edits(edits, entry)
        else:
            edits.roll_back(entry.id)


def _record_run(edits: "TagEdits", number: int, path: str) -> None:
    from recsys.audio.identity import read_tags_with_title

    now = Path(path).stat()
    edits.commit(number, FileStat(path, now.st_size, now.st_mtime_ns), read_tags_with_title(path))


def _rebase_later_edits(edits: "TagEdits", entry: "TagEdit") -> None:
    """What was taken back may be there in other bytes than before; the run before this knows it by those."""
    if entry.state == "undoing" and entry.pending_digest != entry.digest_before:
        edits.rebase_digest(entry.path, entry.digest_before, entry.pending_digest)


def _write(edits: "TagEdits", run: int, change: FileChange) -> None:
    from recsys.tagging.rewrite import TagWriteRefused, commit, prepare

    number = edits.begin(run, change.path, change.audio_hash)
    try:
        made = prepare(change.path, number, change.audio_hash, {change.field: change.new for change in change.changes})
        fields = {
            change.field: dict(zip(("before", "after"), made.fields[change.field], strict=True))
            | {"was": change.old, "is": change.new}
            for change in change.changes
        }
        edits.stage(
            number,
            made.digest_after,
            fields=fields,
            had_no_tags=made.had_no_tags,
            size=made.size,
            digest_before=made.digest_before,
        )
        commit(change.path, made)
    except TagWriteRefused:
        edits.roll_back(number)
        raise
    _record_run(edits, number, change.path)


def _undo_edit(catalogue: "Catalogue", edits: "TagEdits", entry: "TagEdit") -> bool:
    """Restore a file; whether it is byte for byte what it was."""
    from recsys.tagging.rewrite import TagWriteRefused, commit, prepare

    path = _find_file(catalogue, edits, entry)
    before = {field: said["before"] for field, said in entry.fields.items()}
    edits.begin_undo(entry.id, path)
    try:
        made = prepare(path, entry.id, entry.audio_hash, before, size=entry.size, had_no_tags=entry.had_no_tags)
        edits.stage(entry.id, made.digest_after)
        commit(path, made)
    except TagWriteRefused:
        edits.roll_back(entry.id)
        raise
    _record_run(edits, entry.id, path)
    _rebase_later_edits(edits, entry._replace(path=path, pending_digest=made.digest_after, state="undoing"))
    return made.digest_after == entry.digest_before


def _find_file(catalogue: "Catalogue", edits: "TagEdits", entry: "TagEdit") -> str:
    """Where a file lies that is as it was left; Refused where none is."""
    from recsys.tagging.rewrite import TagWriteRefused, file_digest

    known = catalogue.find_by_hash([entry.audio_hash]).get(entry.audio_hash)
    places = [entry.path, *(place.path for place in known.paths)] if known else [entry.path]
    contents = {file_digest(place): place for place in reversed(places)}
    if entry.digest_after in contents:
        return contents[entry.digest_after]
    later = next((each.run for each in edits.later_edits(entry) if each.digest_after in contents), None)
    if later is not None:
        raise TagWriteRefused(f"run {later} has written it since; take that back first: recsys genre undo {later}")
    raise TagWriteRefused("somebody has changed it since" if Path(entry.path).exists() else "it is not there any more")


def _parse_when(when: str | None, runs: "Sequence[Run]") -> list[tuple[int | None, str | None]]:
    """The runs that may be meant, the first of which anything can be taken back; or the time since which, in UTC."""
    standing = [run.number for run in runs if run.still_applied]
    if not standing:
        raise NotFound("nothing that was written stands in any file any more")
    if when is None:
        return [(run, None) for run in standing]
    if when.isdecimal():
        if int(when) not in {run.number for run in runs}:
            raise NotFound(f"there is no run {when}; see: recsys genre undo --list")
        if int(when) not in standing:
            raise NotFound(f"nothing of run {when} stands in any file any more")
        return [(int(when), None)]
    try:
        moment = datetime.fromisoformat(when).astimezone(UTC)  # without a zone it is the time of this place
    except ValueError:
        raise InvalidRequest(
            f"{when!r} is neither the number of a run nor a time like 2026-05-31 or 2026-05-31T18:30"
        ) from None
    since = moment.isoformat(timespec="microseconds")
    if not any(run.still_applied and run.at >= since for run in runs):
        raise NotFound(f"nothing has been written since {when}")
    return [(None, since)]


def _genre_spellings(catalogue: "Catalogue") -> dict[str, str]:
    """How each genre is spelled: as most files of the library do, else as ID3 does."""
    from recsys.tagging.containers import ID3_GENRES

    written = {said for _, said in catalogue.tag_edits.genres().values()}
    there = Counter(
        genre.strip()
        for text, files in catalogue.tag_edits.tagged_genres().items()
        for genre in text.split(";")
        for _ in range(files)
        if genre.strip() not in written
    )
    spelled = {genre_key(genre): genre for genre in ID3_GENRES}
    return spelled | {genre_key(genre): genre for genre, _ in reversed(there.most_common())}
