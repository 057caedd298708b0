"""The journal of tag edits, which makes them reversible.

Each edited file of a run is one entry. The entry is stored before the file changes, and has the digest of the new
content before that replaces the file: after a crash, the content of the file shows whether the change was made.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, Select, case, delete, func, insert, null, select, update

from recsys.database.engine import reading, writing
from recsys.database.tables import file, tag_edit
from recsys.database.writes import now, update_tags
from recsys.domain.audio import FileStat, Tags

_COLUMNS = [column for column in tag_edit.c if column is not tag_edit.c.undo_patch]
_INCOMPLETE_STATES = ("writing", "undoing")
_PAGE = 500


class TagEdit(NamedTuple):
    """One file of one run; see :class:`recsys.database.tables.TagEditColumns`."""

    id: int
    run: int
    started_at: str
    path: str
    audio_hash: str
    fields: dict[str, Any]
    had_no_tags: bool
    size: int
    digest_before: str
    digest_after: str
    pending_digest: str
    state: str
    copy_name: str | None = None


class Run(NamedTuple):
    """One run: its number, its start (UTC), the number of edited files, and in how many the edit is still applied."""

    number: int
    at: str
    files: int
    still_applied: int

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return self._asdict()


class TagEdits:
    """The tag edits of a catalogue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def next_run(self) -> int:
        """The number of the next run."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.max(tag_edit.c.run), 0))).scalar_one()) + 1

    def tagged_genres(self) -> dict[str, int]:
        """The genre tags of all files as they are spelled, with the number of files of each."""
        query = select(file.c.genre, func.count()).where(file.c.genre.is_not(None)).group_by(file.c.genre)
        with reading(self._engine) as connection:
            return {str(genre): int(files) for genre, files in connection.execute(query)}

    def begin(self, run: int, path: str, audio_hash: str, copy_name: str) -> int:
        """Add an entry for a file that will be written by way of a copy with this name; return its id."""
        row = {"run": run, "started_at": now(), "path": path, "audio_hash": audio_hash, "fields": {}}
        row |= {"had_no_tags": False, "size": 0}
        row |= {"digest_before": "", "digest_after": "", "pending_digest": "", "state": "writing"}
        row |= {"copy_name": copy_name}
        with writing(self._engine) as connection:
            [number] = connection.execute(insert(tag_edit).returning(tag_edit.c.id), row).scalars()
        return number

    def begin_undo(self, number: int, path: str, copy_name: str) -> None:
        """Mark an entry as being undone by way of a copy with this name; the file is now at ``path``."""
        self._set(number, state="undoing", path=path, copy_name=copy_name)

    def stage(self, number: int, digest: str, **before: Any) -> None:
        """Store the digest of the content that is about to replace the file.

        ``before`` are the columns ``fields``, ``size``, ``digest_before`` and ``undo_patch`` of an edit that is written
        for the first time.
        """
        self._set(number, pending_digest=digest, **before)

    def commit(self, number: int, stat: FileStat, tags: Tags) -> None:
        """Complete an entry: the staged content has replaced the file, which now has ``stat`` and ``tags``."""
        state = case({"writing": "written", "undoing": "undone"}, value=tag_edit.c.state, else_=tag_edit.c.state)
        patch = case((tag_edit.c.state == "undoing", null()), else_=tag_edit.c.undo_patch)
        entry = update(tag_edit).where(tag_edit.c.id == number)
        new = {"digest_after": tag_edit.c.pending_digest, "pending_digest": "", "state": state, "undo_patch": patch}
        with writing(self._engine) as connection:
            connection.execute(entry.values(copy_name=None, **new))
            update_tags(connection, stat, tags)

    def roll_back(self, number: int) -> None:
        """Return an entry to its state before :meth:`begin` or :meth:`begin_undo`: the file has not changed."""
        with writing(self._engine) as connection:
            connection.execute(delete(tag_edit).where(tag_edit.c.id == number, tag_edit.c.state == "writing"))
            undone = update(tag_edit).where(tag_edit.c.id == number, tag_edit.c.state == "undoing")
            connection.execute(undone.values(state="written", pending_digest="", copy_name=None))

    def rebase_digest(self, path: str, digest: str, new: str) -> None:
        """Replace the digest of applied edits of a file whose bytes, but not whose tags, have changed."""
        applied = (tag_edit.c.path == path) & (tag_edit.c.digest_after == digest) & (tag_edit.c.state == "written")
        with writing(self._engine) as connection:
            connection.execute(update(tag_edit).where(applied).values(digest_after=new))

    def _set(self, number: int, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(tag_edit).where(tag_edit.c.id == number).values(**values))

    def undo_patch(self, number: int) -> bytes | None:
        """What undoes an edit byte for byte; None for edits of older programs."""
        with reading(self._engine) as connection:
            return connection.execute(select(tag_edit.c.undo_patch).where(tag_edit.c.id == number)).scalar_one()

    def incomplete(self) -> list[TagEdit]:
        """Entries that were begun, and neither committed nor rolled back."""
        query = select(*_COLUMNS).where(tag_edit.c.state.in_(_INCOMPLETE_STATES)).order_by(tag_edit.c.id)
        return list(self._entries(query))

    def applied(self, *, run: int | None = None, since: str | None = None) -> Iterator[TagEdit]:
        """Edits that are applied, of one run or since a time (UTC, ISO 8601), newest first."""
        query = select(*_COLUMNS).where(tag_edit.c.state == "written").order_by(tag_edit.c.id.desc())
        if run is not None:
            query = query.where(tag_edit.c.run == run)
        if since is not None:
            query = query.where(tag_edit.c.started_at >= since)
        last: int | None = None
        while page := list(self._entries((query if last is None else query.where(tag_edit.c.id < last)).limit(_PAGE))):
            yield from page
            last = page[-1].id

    def later_edits(self, entry: TagEdit) -> list[TagEdit]:
        """Applied edits of files with the same audio by later runs, newest first."""
        query = select(*_COLUMNS).where(tag_edit.c.audio_hash == entry.audio_hash, tag_edit.c.id > entry.id)
        return list(self._entries(query.where(tag_edit.c.state == "written").order_by(tag_edit.c.id.desc())))

    def _entries(self, query: Select[Any]) -> Iterator[TagEdit]:
        with reading(self._engine) as connection:
            rows: list[Row[Any]] = list(connection.execute(query))
        return (TagEdit(**row._mapping) for row in rows)

    def genres(self) -> dict[str, tuple[str, str]]:
        """The genre tag before the first and after the last applied edit, by path, of files whose genre was edited."""
        found: dict[str, tuple[str, str]] = {}
        for entry in self.applied():  # newest first: the last entry of a path has the original genre
            if genre := entry.fields.get("genre"):
                found[entry.path] = (genre["was"], found.get(entry.path, ("", genre["is"]))[1])
        return found

    def written(self) -> dict[str, dict[str, set[str]]]:
        """The texts of applied edits, by audio hash and field: a moved file keeps its hash."""
        found: dict[str, dict[str, set[str]]] = {}
        for entry in self.applied():
            fields = found.setdefault(entry.audio_hash, {})
            for name, values in entry.fields.items():
                fields.setdefault(name, set()).add(values["is"])
        return found

    def runs(self) -> list[Run]:
        """Every run, newest first."""
        applied = func.sum(case((tag_edit.c.state == "written", 1), else_=0))
        query = select(tag_edit.c.run, func.min(tag_edit.c.started_at), func.count(), applied)
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(tag_edit.c.run).order_by(tag_edit.c.run.desc()))
            return [Run(int(run), at, int(files), int(n)) for run, at, files, n in rows]
