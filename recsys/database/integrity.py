"""SQLite's own check of a database, for a file in another process: it runs beside the other checks."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, text

from recsys.database.engine import sqlite_file

_MAX_STRAY = 1000  # rows that are counted
_PAGES, _KEYS = "PRAGMA quick_check(1)", "PRAGMA foreign_key_check"
_PROGRAM = f"""
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], uri=True)
connection.execute("PRAGMA busy_timeout = 10000")
print(connection.execute("{_PAGES}").fetchone()[0])
print(len(connection.execute("{_KEYS}").fetchmany({_MAX_STRAY})))
"""


class Integrity(NamedTuple):
    """What is wrong with the pages of a database, "" if nothing is, and how many rows refer to one that is not there.

    At most 1000 rows are counted.
    """

    problem: str
    n_stray: int


@contextmanager
def checking(connection: Connection) -> Iterator[Callable[[], Integrity]]:
    """Check every page and every foreign key of a SQLite database; the function waits for the result.

    Where the process fails, as on a full or read-only disk, this connection checks: it is open, and its errors are
    translated.
    """
    file = sqlite_file(connection.engine.url)
    if file is None:
        yield lambda: _check(connection)
        return
    command, pipe = [sys.executable, "-I", "-c", _PROGRAM, f"{file.as_uri()}?mode=ro"], subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace")
    except OSError:
        yield lambda: _check(connection)
        return
    with process:
        try:
            yield lambda: _result(process) or _check(connection)
        finally:
            process.kill()


def _result(process: "subprocess.Popen[str]") -> Integrity | None:
    output, _ = process.communicate()
    if process.returncode:
        return None
    problem, n_stray = output.splitlines()[-2:]
    return Integrity("" if problem == "ok" else problem, int(n_stray))


def _check(connection: Connection) -> Integrity:
    problem = str(connection.execute(text(_PAGES)).scalar_one())
    n_stray = len(connection.execute(text(_KEYS)).fetchmany(_MAX_STRAY))
    return Integrity("" if problem == "ok" else problem, n_stray)
