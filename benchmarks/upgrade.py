#!/usr/bin/env python3
"""Time of upgrading a library of an older schema in place, against copying its file.

    benchmarks/upgrade.py [--tracks 100000] [--from 0008] [--rounds 3] [--without-vectors]

The library is synthetic: the rows of an ingest, downgraded to the older schema. The file is copied within one folder
and both times end with the data on the disk (fsync). The upgrade is timed in a process that has imported nothing.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from bulk_library import make_rows, path_of
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.database.engine import connect, parse_url, writing
from recsys.database.migrate import migrations
from recsys.domain.audio import FileStat

_UPGRADE = """
import sys, time
from recsys.database.engine import connect, parse_url
from recsys.database.migrate import upgrade
start = time.perf_counter()
upgrade(connect(parse_url(sys.argv[1])))
print(time.perf_counter() - start)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=100_000, metavar="N")
    parser.add_argument("--from", dest="revision", default="0008")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-vectors", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        old, copy = Path(scratch) / "library.db", Path(scratch) / "copy.db"
        make_rows(Path(scratch), _files(arguments.tracks), vectors=not arguments.without_vectors)
        _downgrade(old, arguments.revision)
        megabytes = old.stat().st_size / 1e6
        copies, upgrades = [], []
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            shutil.copyfile(old, copy)
            _to_disk(copy)
            copies.append(time.perf_counter() - start)
            upgrades.append(_upgrade(copy))
    print("| tracks | file, MB | copy, s | upgrade, s | times |\n|---|---|---|---|---|")
    copied, upgraded = statistics.median(copies), statistics.median(upgrades)
    cells = f"{arguments.tracks:,}", f"{megabytes:.0f}", f"{copied:.2f}", f"{upgraded:.2f}", f"{upgraded / copied:.1f}"
    print(f"| {' | '.join(cells)} |")
    return 0


def _files(n: int) -> Iterator[FileStat]:
    for number in range(n):
        yield FileStat(f"/music/{path_of(number)}", 30_000_000 + number, 1_700_000_000_000_000_000)


def _downgrade(path: Path, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    with writing(connect(parse_url(f"sqlite:///{path}"))) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _upgrade(path: Path) -> float:
    """Seconds of the upgrade, with the data on the disk."""
    arguments = [sys.executable, "-c", _UPGRADE, f"sqlite:///{path}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seconds = float(subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True).stdout)
    start = time.perf_counter()
    _to_disk(path)
    return seconds + time.perf_counter() - start


def _to_disk(path: Path) -> None:
    for part in (path, path.with_name(path.name + "-wal")):
        if part.exists():
            with part.open("r+b") as file:
                os.fsync(file.fileno())


if __name__ == "__main__":
    sys.exit(main())
