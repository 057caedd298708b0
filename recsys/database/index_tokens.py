"""The token of the index of a database: an index is used only if its file has the same one.

A token is part of a name in the table ``revision``, so that it needs no column: "index PLACE TOKEN". PLACE is the name
of the index file beside a SQLite database, which moves with it. The index of a server is on one machine of several; its
place is a digest of the machine and the path.
"""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from recsys.database.tables import revision


def read(connection: Connection, path: Path) -> str | None:
    """The token of the index that was last saved at this path."""
    prefix = _prefix(connection, path)
    name = connection.execute(select(revision.c.name).where(_has_prefix(prefix))).scalars().first()
    return None if name is None else name.removeprefix(prefix)


def store(connection: Connection, path: Path, token: str) -> None:
    """Replace the token of the index at this path."""
    prefix = _prefix(connection, path)
    connection.execute(delete(revision).where(_has_prefix(prefix)))
    connection.execute(revision.insert().values(name=prefix + token, value=0))


def _has_prefix(prefix: str) -> Any:
    return and_(revision.c.name > prefix, revision.c.name < prefix + "~")


def _prefix(connection: Connection, path: Path) -> str:
    text = path.name if connection.dialect.name == "sqlite" else f"{platform.node()}\0{path.absolute()}"
    digest = hashlib.blake2b(os.fsencode(text), digest_size=8).hexdigest()
    return f"index {digest} "
