"""SQLite's own check of a database file, in another process: it runs beside the other checks."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from recsys.database.engine import read_only_uri

_MAX_STRAY = 1000  # rows that are counted
_PROGRAM = f"""
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], uri=True)
connection.execute("PRAGMA busy_timeout = 10000")
try:
    print(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    print(len(connection.execute("PRAGMA foreign_key_check").fetchmany({_MAX_STRAY})))
except sqlite3.Error as error:
    print(error)
    print(0)
"""


class Integrity(NamedTuple):
    """What is wrong with the pages of a database, "" if nothing is, and how many rows refer to one that is not there.

    At most 1000 rows are counted.
    """

    problem: str
    n_stray: int


@contextmanager
def checking_file(file: Path) -> Iterator[Callable[[], Integrity]]:
    """Check every page and every foreign key of a SQLite database; the function waits for the result."""
    command = [sys.executable, "-I", "-c", _PROGRAM, read_only_uri(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace") as process:
        try:
            yield lambda: _result(file, process)
        finally:
            process.kill()


def _result(file: Path, process: "subprocess.Popen[str]") -> Integrity:
    output, _ = process.communicate()
    if process.returncode:  # such as a signal
        return Integrity(f"the check of {file} did not end (exit code {process.returncode})", 0)
    result, n_stray = output.splitlines()[-2:]
    return Integrity("" if result == "ok" else result, int(n_stray))
