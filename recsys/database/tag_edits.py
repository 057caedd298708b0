"""The journal of what was written into the tags of files, so that it can be taken back.

Each file of a run is an entry. It is begun before anything happens, and says what is about to take the place of the
file before it does: whoever comes after a killed process can tell by the content of the file how far that had come.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, Select, case, delete, func, insert, select, update

from recsys.database.engine import reading, writing
from recsys.database.tables import file, recording, retag
from recsys.database.writes import now, update_tags
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat, Tags

_INCOMPLETE_STATES = ("writing", "undoing")
_PAGE = 500


class TagEdit(NamedTuple):
    """One file of one run; see :class:`recsys.database.tables.RetagColumns`."""

    id: int
    run: int
    at: str
    path: str
    payload: str
    fields: dict[str, Any]
    bare: bool
    size: int
    before: str
    digest: str
    pending: str
    state: str


class Run(NamedTuple):
    """One run: its number, when it began (UTC), how many files it wrote, and in how many that still stands."""

    number: int
    at: str
    files: int
    standing: int


class TagEdits:
    """The journal of a library."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def next_run(self) -> int:
        """A number that no run has had."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.max(retag.c.run), 0))).scalar_one()) + 1

    def audio_hashes(self, ids: Iterable[int]) -> dict[int, str]:
        """What names the sound of each of these recordings; unknown ids are left out."""
        found: dict[int, str] = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(ids):
                query = select(recording.c.id, recording.c.payload).where(recording.c.id.in_(chunk))
                found.update((row.id, row.payload) for row in connection.execute(query))
        return found

    def tagged_genres(self) -> dict[str, int]:
        """The genre tags of all files as they are spelled, and how many files say so."""
        query = select(file.c.genre, func.count()).where(file.c.genre.is_not(None)).group_by(file.c.genre)
        with reading(self._engine) as connection:
            return {str(genre): int(files) for genre, files in connection.execute(query)}

    def begin(self, run: int, path: str, audio_hash: str) -> int:
        """A file will be written; the number of its entry."""
        row = {"run": run, "at": now(), "path": path, "payload": audio_hash, "fields": {}, "bare": False, "size": 0}
        row |= {"before": "", "digest": "", "pending": "", "state": "writing"}
        with writing(self._engine) as connection:
            [number] = connection.execute(insert(retag).returning(retag.c.id), row).scalars()
        return number

    def begin_undo(self, number: int, path: str) -> None:
        """What was written will be taken back, of the file that lies there now."""
        self._set(number, state="undoing", path=path)

    def stage(self, number: int, digest: str, **was: Any) -> None:
        """A file of this content is about to stand there; ``was`` says, the first time, what stood there before."""
        self._set(number, pending=digest, **was)

    def commit(self, number: int, stat: FileStat, tags: Tags) -> None:
        """What was promised has come true: the file is ``stat`` now and says ``tags`` of itself."""
        state = case({"writing": "written", "undoing": "undone"}, value=retag.c.state, else_=retag.c.state)
        entry = update(retag).where(retag.c.id == number)
        with writing(self._engine) as connection:
            connection.execute(entry.values(digest=retag.c.pending, pending="", state=state))
            update_tags(connection, stat, tags)

    def roll_back(self, number: int) -> None:
        """What was begun has not happened."""
        with writing(self._engine) as connection:
            connection.execute(delete(retag).where(retag.c.id == number, retag.c.state == "writing"))
            undone = update(retag).where(retag.c.id == number, retag.c.state == "undoing")
            connection.execute(undone.values(state="written", pending=""))

    def rebase_digest(self, path: str, digest: str, new: str) -> None:
        """What earlier entries left as ``digest`` says the same in other bytes now: those of ``new``."""
        with writing(self._engine) as connection:
            there = (retag.c.path == path) & (retag.c.digest == digest) & (retag.c.state == "written")
            connection.execute(update(retag).where(there).values(digest=new))

    def _set(self, number: int, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(retag).where(retag.c.id == number).values(**values))

    def incomplete(self) -> list[TagEdit]:
        """Entries that were begun and not ended."""
        return list(self._entries(select(retag).where(retag.c.state.in_(_INCOMPLETE_STATES)).order_by(retag.c.id)))

    def applied(self, *, run: int | None = None, since: str | None = None) -> Iterator[TagEdit]:
        """What stands in files by a run, or since a moment (UTC, ISO 8601), the latest first."""
        query = select(retag).where(retag.c.state == "written").order_by(retag.c.id.desc())
        if run is not None:
            query = query.where(retag.c.run == run)
        if since is not None:
            query = query.where(retag.c.at >= since)
        last: int | None = None
        while page := list(self._entries((query if last is None else query.where(retag.c.id < last)).limit(_PAGE))):
            yield from page
            last = page[-1].id

    def later_edits(self, entry: TagEdit) -> list[TagEdit]:
        """What later runs wrote into files of the same sound and still stands, the latest first."""
        query = select(retag).where(retag.c.payload == entry.payload, retag.c.id > entry.id)
        return list(self._entries(query.where(retag.c.state == "written").order_by(retag.c.id.desc())))

    def _entries(self, query: Select[Any]) -> Iterator[TagEdit]:
        with reading(self._engine) as connection:
            rows: list[Row[Any]] = list(connection.execute(query))
        return (TagEdit(**row._mapping) for row in rows)

    def genres(self) -> dict[str, tuple[str, str]]:
        """By path, how the genre of files read before and reads since, where it was written and stands."""
        found: dict[str, tuple[str, str]] = {}
        for entry in self.applied():  # the latest first: what it says stands there, what the first found was there
            if said := entry.fields.get("genre"):
                found[entry.path] = (said["was"], found.get(entry.path, ("", said["is"]))[1])
        return found

    def runs(self) -> list[Run]:
        """Every run, the latest first."""
        standing = func.sum(case((retag.c.state == "written", 1), else_=0))
        query = select(retag.c.run, func.min(retag.c.at), func.count(), standing)
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(retag.c.run).order_by(retag.c.run.desc()))
            return [Run(int(run), at, int(files), int(stand)) for run, at, files, stand in rows]
