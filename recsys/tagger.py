"""Genres, tempo and key written into the tags of the files themselves, when their owner says so, and taken back.

What would change is told before anything is written. Each file is written as a copy that takes its place, with its
sound and its other tags held against what they were; the journal in the library knows what stood there.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recsys.errors import NothingFound, UsageError
from recsys.opened import Library
from recsys.reasons import between
from recsys.types import UNKNOWN, FileStat, Track

if TYPE_CHECKING:
    from recsys.library.catalogue import Catalogue
    from recsys.library.journal import Journal, Retag, Run

PROBABLE = 0.5
_OURS = re.compile(r"\s*\[recsys: [^\]]*\]")


class Wish(NamedTuple):
    """What to write: the genre into ``field`` ("genre", "comment", "custom" or None), the tempo, the key.

    ``only_if_empty`` leaves fields alone that say something; genres of less than ``min_probability`` are not written.
    """

    field: str | None = "genre"
    bpm: bool = False
    key: bool = False
    only_if_empty: bool = False
    min_probability: float = PROBABLE


class Change(NamedTuple):
    """What a field of a file says, and what it shall say."""

    field: str
    was: str
    now: str


class Intent(NamedTuple):
    """What shall change in a file, which holds the sound named ``payload``."""

    path: str
    payload: str
    changes: tuple[Change, ...]
    probability: float | None


class Left(NamedTuple):
    """A file that is left as it is, and why."""

    path: str
    reason: str


class Plan(NamedTuple):
    """What a wish comes to: ``alike`` files say it already, of ``unsure`` tracks the genre is too unsure."""

    intents: tuple[Intent, ...]
    left: tuple[Left, ...]
    alike: int
    unsure: int


class Done(NamedTuple):
    """What was done: the run, files written or restored, files left; ``exact`` ones are byte by byte what they were."""

    run: int
    files: int
    left: tuple[Left, ...]
    exact: int = 0


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
        intents: list[Intent] = []
        left: list[Left] = []
        alike = unsure = 0
        for number, track in enumerate(tracks):
            progress(number, len(tracks))
            wanted = _wanted(track, wish, spelled)
            unsure += wish.field is not None and wish.field not in wanted
            for path in dict.fromkeys((track.path, *track.paths)) if wanted else ():
                found = _changes(path, wanted, wish)
                if isinstance(found, Left):
                    left.append(found)
                elif found:
                    shown = track.genre_probability if wish.field in {change.field for change in found} else None
                    intents.append(Intent(path, payloads[track.id], found, shown))
                else:
                    alike += 1
        progress(len(tracks), len(tracks))
        return Plan(tuple(intents), tuple(left), alike, unsure)

    def write(self, intents: Sequence[Intent], *, progress: Tell = _silent) -> Done:
        """Write what was planned; who is interrupted has written some files, and none of them by half.

        Raises
        ------
        LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import Refused

        left: list[Left] = []
        with self._working() as (_, journal):
            run = journal.next_run()
            for number, intent in enumerate(intents):
                progress(number, len(intents))
                try:
                    _write(journal, run, intent)
                except Refused as refused:
                    left.append(Left(intent.path, str(refused)))
            progress(len(intents), len(intents))
        return Done(run, len(intents) - len(left), tuple(left))

    def undo(self, when: str | None = None, *, progress: Tell = _silent) -> Done:
        """Let files say again what they said before a run: by its number, the last without ``when``; since a time.

        A file that somebody else has changed since is left as it is.

        Raises
        ------
        NothingFound, UsageError, LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.tagging.rewrite import Refused

        left: list[Left] = []
        files = exact = 0
        with self._working() as (catalogue, journal):
            run, since = _moment(when, journal.runs())
            total = sum(1 for _ in journal.written(run=run, since=since))
            for number, entry in enumerate(journal.written(run=run, since=since)):
                progress(number, total)
                try:
                    exact += _take_back(catalogue, journal, entry)
                    files += 1
                except Refused as refused:
                    left.append(Left(entry.path, str(refused)))
            progress(total, total)
        return Done(run or 0, files, tuple(left), exact)

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

    path = _place(catalogue, entry)
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


def _place(catalogue: "Catalogue", entry: "Retag") -> str:
    """Where a file lies that is as it was left; Refused where none is."""
    from recsys.tagging.rewrite import Refused, digest_of

    known = catalogue.find([entry.payload]).get(entry.payload)
    places = [entry.path, *(place.path for place in known.places)] if known else [entry.path]
    found = next((place for place in places if digest_of(place) == entry.digest), None)
    if found is None:
        gone = not Path(entry.path).exists()
        raise Refused("it is not there any more" if gone else "somebody has changed it since")
    return found


def _moment(when: str | None, runs: "Sequence[Run]") -> tuple[int | None, str | None]:
    """The run that is meant, or the time since which everything is, in UTC."""
    standing = [run.number for run in runs if run.standing]
    if not standing:
        raise NothingFound("nothing that was written stands in any file any more")
    if when is None:
        return standing[0], None
    if when.isdecimal():
        if int(when) not in {run.number for run in runs}:
            raise NothingFound(f"there is no run {when}; see: recsys genre undo --list")
        if int(when) not in standing:
            raise NothingFound(f"nothing of run {when} stands in any file any more")
        return int(when), None
    try:
        moment = datetime.fromisoformat(when).astimezone(UTC)  # without a zone it is the time of this place
    except ValueError:
        raise UsageError(
            f"{when!r} is neither the number of a run nor a time like 2026-05-31 or 2026-05-31T18:30"
        ) from None
    since = moment.isoformat(timespec="microseconds")
    if not any(run.standing and run.at >= since for run in runs):
        raise NothingFound(f"nothing has been written since {when}")
    return None, since


def _wanted(track: Track, wish: Wish, spelled: Mapping[str, str]) -> dict[str, str]:
    """What the files of a track shall say, by field."""
    wanted = {}
    sure = (track.genre_probability or 0) >= wish.min_probability
    if wish.field and track.genre and track.genre != UNKNOWN and sure:
        genre = spelled.get(_letters(track.genre)) or string.capwords(track.genre)
        wanted[wish.field] = f"[recsys: {genre} {track.genre_probability:.0%}]" if wish.field == "comment" else genre
    if wish.bpm and track.bpm:
        wanted["bpm"] = f"{track.bpm:.0f}"
    if wish.key and track.key:
        tonic, mode = track.key.split()
        wanted["key"] = tonic + ("m" if mode == "minor" else "")
    return wanted


def _changes(path: str, wanted: Mapping[str, str], wish: Wish) -> tuple[Change, ...] | Left:
    """What is to change in a file, if anything is."""
    from recsys.tagging.rewrite import Refused, read_fields

    try:
        said = read_fields(path, tuple(wanted))
    except Refused as refused:
        return Left(path, str(refused))
    changes = []
    for field, text in wanted.items():
        values = [value for value in said[field] if value.strip()]
        if _says(field, values, text) or (values and wish.only_if_empty):
            continue
        if field == "comment":  # what its owner wrote stays
            text = " ".join([_OURS.sub("", values[0]) if values else "", text]).strip()
        changes.append(Change(field, "; ".join(values), text))
    return tuple(changes)


def _says(field: str, values: Sequence[str], text: str) -> bool:
    """Whether a field says already what it shall."""
    if field == "comment":
        return any(text in value for value in values)
    if field == "bpm":
        return any(_number(value) == int(text) for value in values)
    if field == "key":
        return text.casefold() in {value.strip().casefold() for value in values}
    return any(_names(value, text) for value in values)


def _names(said: str, genre: str) -> bool:
    """Whether a text names a genre, or a kind of it: "Death Metal" is metal."""
    return f" {_words(genre)} " in f" {_words(said)} " or _letters(genre) == _letters(said)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _number(text: str) -> int | None:
    try:
        return round(float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        return None


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
    spelled = {_letters(genre): genre for genre in ID3_GENRES}
    return spelled | {_letters(genre): genre for genre, _ in reversed(there.most_common())}


def _letters(text: str) -> str:
    """A genre without what its spellings differ in: "Hip-Hop" and "hip hop"."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
