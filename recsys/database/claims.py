"""Claims of files: ingests into one library on a server share their work.

An ingest claims a file before it processes it. A claim is a lease: it ends when the file is stored, or some seconds
after the ingest has extended it for the last time, as after a kill or a lost network. An insert that replaces only
expired claims is one atomic statement; ``SELECT … FOR UPDATE SKIP LOCKED`` would need a row for every file that has to
be processed, and an advisory lock of a session outlives a lost network by hours. The table has only the files that are
processed at the moment. All times are of the clock of the server.

A SQLite library has one ingest at a time (:mod:`recsys.database.lock`), which has every claim.
"""

import time
import uuid
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Double, Engine, cast, delete, func, or_, update

from recsys.database import engine as database
from recsys.database.inserts import insert_statement
from recsys.database.tables import ingest_claim
from recsys.domain.arrays import in_chunks

LEASE_SECONDS = 30.0
"""After this time without extension another ingest may process the files."""
_EXTENSIONS = 3  # in one lease


class Claims:
    """The claims of one ingest."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._clock = engine, clock
        self._owner = uuid.uuid4().hex
        self._extended = clock()
        self.shared = engine.dialect.name == "postgresql"
        """Whether other ingests may process files of the library at the same time."""

    def claim(self, paths: Sequence[str]) -> set[str]:
        """Claim files; return the paths of those that no other ingest has claimed."""
        if not self.shared:
            return set(paths)
        claimed: set[str] = set()
        # Of two statements that insert the same paths in one order, one waits for the other; in two, both would.
        for chunk in in_chunks(sorted(set(paths))):
            with database.translate_errors(self._engine.url), self._engine.begin() as connection:
                insert = insert_statement(connection, ingest_claim)
                rows = [{"path": path, "owner": self._owner, "expires_at": _in(LEASE_SECONDS)} for path in chunk]
                new = {name: insert.excluded[name] for name in ("owner", "expires_at")}
                free = or_(ingest_claim.c.expires_at < _in(0.0), ingest_claim.c.owner == self._owner)
                statement = insert.values(rows).on_conflict_do_update(index_elements=["path"], set_=new, where=free)
                claimed.update(connection.execute(statement.returning(ingest_claim.c.path)).scalars())
        return claimed

    def extend(self) -> None:
        """Extend all claims, if it is time; call it at least once a second."""
        if self.shared and self._clock() - self._extended > LEASE_SECONDS / _EXTENSIONS:
            self._extended = self._clock()
            with database.translate_errors(self._engine.url), self._engine.begin() as connection:
                mine = update(ingest_claim).where(ingest_claim.c.owner == self._owner)
                connection.execute(mine.values(expires_at=_in(LEASE_SECONDS)))

    def release(self, paths: Iterable[str] | None = None) -> None:
        """End the claims of files that are stored, or all."""
        if not self.shared:
            return
        mine = delete(ingest_claim).where(ingest_claim.c.owner == self._owner)
        chosen = [mine] if paths is None else [mine.where(ingest_claim.c.path.in_(chunk)) for chunk in in_chunks(paths)]
        for statement in chosen:
            with database.translate_errors(self._engine.url), self._engine.begin() as connection:
                connection.execute(statement)


def _in(seconds: float) -> ColumnElement[float]:
    """The time of the server in this number of seconds."""
    return cast(func.extract("epoch", func.clock_timestamp()), Double) + seconds
