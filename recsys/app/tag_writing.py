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
from typing import TYPE_CHECKING, NamedTuple

from recsys.app.active_model import labels_learned
from recsys.app.context import Library
from recsys.app.validation import between
from recsys.domain.audio import FileStat
from recsys.errors import NothingFound, UsageError
from recsys.metadata.names import genre_key
from recsys.tagging.planning import Intent, Left, Plan, Wish, changes_of, genre_of, wanted_of

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.database.tag_edits import Journal, Retag, Run


class Done(NamedTuple):
    """What was done: the run, files written or restored, files left; ``exact`` ones are byte by byte what they were."""

    run: int
    files: int
    left: tuple[Left, ...]
    exact: int = 0
    interrupted: bool = False


Tell = Callable[[int, int], None]


def _silent(_done: int, _all: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Tagger:
    """The tags of the files of a library."""

    library: Library

    def plan(self, query: str | None, wish: Wish, *, progress: Tell = _silent) -> Plan:
        """What a wish would change in the files of tracks that match ``query``, or of all; nothing is written.

        Raises
        ------
        NothingFound, UsageError
        """
        if not (wish.field or wish.bpm or wish.key):
            raise UsageError("there is nothing to write; give a --field, --bpm or --key")
        between("--min-probability", wish.min_probability, 0, 1)
        with self.library.open() as catalogue:
            tracks = catalogue.tracks(query or None)
            if not tracks:
                raise NothingFound(f"no track matches {query!r}" if query else "no track is present")
            payloads = catalogue.journal.payloads(track.id for track in tracks)
            spelled = _spellings(catalogue)
        labels = labels_learned(self.library.settings.home / "models")
        intents: list[Intent] = []
        left: list[Left] = []
        alike = unsure = other = contradicted = 0
        for number, track in enumerate(tracks):
            progress(number, len(tracks))
            genre = genre_of(track, wish, labels)
            wanted = wanted_of(track, genre, wish, spelled)
            unsure += wish.field is not None and genre is None
            contradicted += genre is not None and genre.contradicted
            for path in dict.fromkeys((track.path, *track.paths)) if wanted else ():
                found = changes_of(path, wanted, wish)
                if isinstance(found, Left):
                    left.append(found)
                    continue
                changes, kept = found
                if changes:
                    shown = genre.probability if genre and wish.field in {c.field for c in changes} else None
                    intents.append(Intent(path, payloads[track.id], changes, shown))
                elif kept:
                    other += 1
                else:
                    alike += 1
        progress(len(tracks), len(tracks))
        intents.sort(key=lambda intent: intent.path)
        return Plan(tuple(intents), tuple(left), alike, unsure, other, contradicted)

    def write(self, intents: Sequence[Intent], *, progress: Tell = _silent) -> Done:
        """Write what was planned; whoever interrupts it has some files written, none of them by half, and is told.

        Raises
        ------
        LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import Refused

        left: list[Left] = []
        interrupted = False
        with self._working() as (_, journal):
            run = journal.next_run()
            try:
                for number, intent in enumerate(intents):
                    progress(number, len(intents))
                    try:
                        _write(journal, run, intent)
                    except Refused as refused:
                        left.append(Left(intent.path, str(refused)))
                progress(len(intents), len(intents))
            except KeyboardInterrupt:
                interrupted = True
                _settle(journal)  # the file of that moment is written or it is not
            files = sum(1 for _ in journal.written(run=run))
        return Done(run, files, tuple(left), interrupted=interrupted)

    def undo(self, when: str | None = None, *, progress: Tell = _silent) -> Done:
        """Let files say again what they said before a run: by its number, or before all runs since a time.

        Without ``when`` it is the latest run of which anything can be taken back; whatever stands of later ones is
        left, as is any file that somebody else has changed since, or a later run has written.

        Raises
        ------
        NothingFound, UsageError, LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import Refused

        left: dict[str, Left] = {}
        files = exact = 0
        interrupted = False
        with self._working() as (catalogue, journal):
            for run, since in _moments(when, journal.runs()):
                total = sum(1 for _ in journal.written(run=run, since=since))
                try:
                    for number, entry in enumerate(journal.written(run=run, since=since)):
                        progress(number, total)
                        try:
                            exact += _take_back(catalogue, journal, entry)
                        except Refused as refused:
                            left.setdefault(entry.path, Left(entry.path, str(refused)))
                    progress(total, total)
                except KeyboardInterrupt:
                    interrupted = True
                    _settle(journal)  # the file of that moment is restored or it is not
                files = total - sum(1 for _ in journal.written(run=run, since=since))
                if files or interrupted:
                    break
        return Done(run or 0, files, tuple(left.values()), exact, interrupted)

    def runs(self) -> "list[Run]":
        """What was written, run by run, the latest first."""
        with self.library.open() as catalogue:
            if not catalogue.journal.unsettled():
                return catalogue.journal.runs()
        with self._working() as (_, journal):
            return journal.runs()

    @contextmanager
    def _working(self) -> "Iterator[tuple[Catalogue, Journal]]":
        """The journal, true before and after whatever happens."""
        with self.library.open(durable=True) as catalogue, catalogue.writing():
            journal = catalogue.journal
            _settle(journal)
            try:
                yield catalogue, journal
            finally:
                _settle(journal)


def _settle(journal: "Journal") -> None:
    """End what a killed process has begun: by the content of the file, it has happened or it has not."""
    from recsys.tagging.rewrite import copy_of, digest_of

    for entry in journal.unsettled():
        copy_of(entry.path, entry.id).unlink(missing_ok=True)
        if entry.pending and digest_of(entry.path) == entry.pending:
            _note(journal, entry.id, entry.path)
            _follow(journal, entry)
        else:
            journal.back(entry.id)


def _note(journal: "Journal", number: int, path: str) -> None:
    from recsys.audio.identity import named_tags

    now = Path(path).stat()
    journal.done(number, FileStat(path, now.st_size, now.st_mtime_ns), named_tags(path))


def _follow(journal: "Journal", entry: "Retag") -> None:
    """What was taken back may be there in other bytes than before; the run before this knows it by those."""
    if entry.state == "undoing" and entry.pending != entry.before:
        journal.follow(entry.path, entry.before, entry.pending)


def _write(journal: "Journal", run: int, intent: Intent) -> None:
    from recsys.tagging.rewrite import Refused, commit, prepare

    number = journal.begin(run, intent.path, intent.payload)
    try:
        made = prepare(intent.path, number, intent.payload, {change.field: change.now for change in intent.changes})
        fields = {
            change.field: dict(zip(("before", "after"), made.fields[change.field], strict=True))
            | {"was": change.was, "is": change.now}
            for change in intent.changes
        }
        journal.promise(number, made.digest, fields=fields, bare=made.bare, size=made.size, before=made.before)
        commit(intent.path, made)
    except Refused:
        journal.back(number)
        raise
    _note(journal, number, intent.path)


def _take_back(catalogue: "Catalogue", journal: "Journal", entry: "Retag") -> bool:
    """Restore a file; whether it is byte for byte what it was."""
    from recsys.tagging.rewrite import Refused, commit, prepare

    path = _place(catalogue, journal, entry)
    before = {field: said["before"] for field, said in entry.fields.items()}
    journal.begin_undo(entry.id, path)
    try:
        made = prepare(path, entry.id, entry.payload, before, size=entry.size, bare=entry.bare)
        journal.promise(entry.id, made.digest)
        commit(path, made)
    except Refused:
        journal.back(entry.id)
        raise
    _note(journal, entry.id, path)
    _follow(journal, entry._replace(path=path, pending=made.digest, state="undoing"))
    return made.digest == entry.before


def _place(catalogue: "Catalogue", journal: "Journal", entry: "Retag") -> str:
    """Where a file lies that is as it was left; Refused where none is."""
    from recsys.tagging.rewrite import Refused, digest_of

    known = catalogue.find([entry.payload]).get(entry.payload)
    places = [entry.path, *(place.path for place in known.places)] if known else [entry.path]
    contents = {digest_of(place): place for place in reversed(places)}
    if entry.digest in contents:
        return contents[entry.digest]
    later = next((each.run for each in journal.later(entry) if each.digest in contents), None)
    if later is not None:
        raise Refused(f"run {later} has written it since; take that back first: recsys genre undo {later}")
    raise Refused("somebody has changed it since" if Path(entry.path).exists() else "it is not there any more")


def _moments(when: str | None, runs: "Sequence[Run]") -> list[tuple[int | None, str | None]]:
    """The runs that may be meant, the first of which anything can be taken back; or the time since which, in UTC."""
    standing = [run.number for run in runs if run.standing]
    if not standing:
        raise NothingFound("nothing that was written stands in any file any more")
    if when is None:
        return [(run, None) for run in standing]
    if when.isdecimal():
        if int(when) not in {run.number for run in runs}:
            raise NothingFound(f"there is no run {when}; see: recsys genre undo --list")
        if int(when) not in standing:
            raise NothingFound(f"nothing of run {when} stands in any file any more")
        return [(int(when), None)]
    try:
        moment = datetime.fromisoformat(when).astimezone(UTC)  # without a zone it is the time of this place
    except ValueError:
        raise UsageError(
            f"{when!r} is neither the number of a run nor a time like 2026-05-31 or 2026-05-31T18:30"
        ) from None
    since = moment.isoformat(timespec="microseconds")
    if not any(run.standing and run.at >= since for run in runs):
        raise NothingFound(f"nothing has been written since {when}")
    return [(None, since)]


def _spellings(catalogue: "Catalogue") -> dict[str, str]:
    """How each genre is spelled: as most files of the library do, else as ID3 does."""
    from recsys.tagging.containers import ID3_GENRES

    written = {said for _, said in catalogue.journal.genres().values()}
    there = Counter(
        genre.strip()
        for text, files in catalogue.journal.tagged_genres().items()
        for genre in text.split(";")
        for _ in range(files)
        if genre.strip() not in written
    )
    spelled = {genre_key(genre): genre for genre in ID3_GENRES}
    return spelled | {genre_key(genre): genre for genre, _ in reversed(there.most_common())}
