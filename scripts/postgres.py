#!/usr/bin/env python3
"""Run a command with a temporary PostgreSQL server.

    scripts/postgres.py COMMAND...
    scripts/postgres.py scripts/test

The data is in a temporary folder; the server listens on a free port of the loopback address, and runs as an ordinary
user (started by root, as the user ``postgres`` or ``nobody``). RECSYS_TEST_POSTGRES has its address. Needs the
programs of PostgreSQL 12 or newer (Debian: apt install postgresql) and nothing but Python's standard library.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def programs() -> Path:
    """The folder of the newest initdb and pg_ctl."""
    for folder in (shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)):
        if folder:
            return Path(folder).resolve().parent
    sys.exit("scripts/postgres.py: PostgreSQL is not installed; on Debian and Ubuntu: apt install postgresql")


def ordinary_user() -> pwd.struct_passwd | None:
    """The user of the server, which does not run as root; None for the current user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    sys.exit("scripts/postgres.py: root cannot run PostgreSQL, and there is no user postgres or nobody")


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yield its SQLAlchemy URL."""
    binaries, user = programs(), ordinary_user()
    with socket.socket() as free, tempfile.TemporaryDirectory(prefix="recsys-postgres-") as scratch:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        if user:
            os.chown(scratch, user.pw_uid, user.pw_gid)
        as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

        def call(program: str, *arguments: str) -> None:
            command = [str(binaries / program), *arguments]
            done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False, **as_user)
            if done.returncode:
                sys.exit(f"scripts/postgres.py: {program} failed: {(done.stderr or done.stdout).strip()}")

        data = f"{scratch}/data"
        call("initdb", "-D", data, "-U", "recsys", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        # The output goes to a file; otherwise the pipe of pg_ctl stays open until the server ends.
        call("pg_ctl", "-D", data, "-w", "-l", f"{scratch}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://recsys@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "stop")


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "RECSYS_TEST_POSTGRES": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
