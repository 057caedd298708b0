#!/usr/bin/env python3
"""Import hostile files: each command ends soon, in bounded memory, with one clear line or with what it has read.

    scripts/hostile_imports.py [--size 300] [--seconds 60] [--memory 2500] [KIND...]

The kinds are in tests/hostile_files.py; --size is their size in MB. Each file is imported by a command of its own
(``recsys likes import FILE --dry-run``), in a library with a few tracks. A finding is a command that takes more than
--seconds of computing time or --memory MB, that ends with a traceback or an unexpected exception, or whose error is
not one line. The exit code is 1 if there are findings.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from hostile_files import KINDS

_EXPECTED = (0, 2, 3)  # read, refused, nothing found
_MAX_LINES = 30  # of what a command that reads a file prints


class Outcome(NamedTuple):
    """How a command has ended."""

    status: int
    seconds: float
    memory: float
    errors: list[str]
    output: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help="parts of the names of kinds; default: all")
    parser.add_argument("--size", type=int, default=300, help="MB")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--memory", type=float, default=2500, help="MB")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)  # a file of the kind
    arguments = parser.parse_args()
    if arguments.write:
        KINDS[arguments.kinds[0]][1](arguments.write, arguments.size)
        return 0
    findings = 0
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        make_home(home)
        chosen = [kind for kind in KINDS if not arguments.kinds or any(part in kind for part in arguments.kinds)]
        for kind in [*chosen, *(["endless pipe", "device of zeros"] if not arguments.kinds else [])]:
            folder = Path(name) / "files"
            folder.mkdir()
            try:
                outcome = try_kind(kind, folder, home, arguments.size << 20)
            finally:
                subprocess.run(["rm", "-rf", str(folder)], check=True)
            fault = finding(outcome, arguments.seconds, arguments.memory)
            findings += bool(fault)
            line = next(iter(outcome.errors), outcome.output[0] if outcome.output else "")
            line = line.replace(str(folder) + "/", "").removeprefix("recsys: error: ")
            print(
                f"{kind:42} {outcome.seconds:6.1f} s {outcome.memory:6.0f} MB  {fault or 'ok':12} {line[:150]}",
                flush=True,
            )
    print(f"{len(chosen)} kinds, {findings} findings")
    return 1 if findings else 0


def make_home(home: Path) -> None:
    """A library with a few tracks."""
    from make_entries import make_entry
    from synthetic_library import make_library

    from recsys.domain.audio import Tags

    home.mkdir()
    tags = [Tags(title=f"title {letter}", artists=(f"artist {letter}",)) for letter in "abcdefgh"]
    make_library(home, [make_entry(f"/music/{i}.mp3", tags=each, analysed=False) for i, each in enumerate(tags)])


def try_kind(kind: str, folder: Path, home: Path, size: int) -> Outcome:
    """Write a file of a kind, and import it."""
    if kind == "device of zeros":
        return run(Path("/dev/zero"), home)
    if kind == "endless pipe":
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        threading.Thread(target=feed, args=[pipe], daemon=True).start()
        return run(pipe, home)
    file = folder / KINDS[kind][0]
    # In a process of its own: the memory of a process counts for those that it starts.
    subprocess.run([sys.executable, __file__, kind, "--size", str(size), "--write", str(file)], check=True)
    return run(file, home)


def feed(pipe: Path) -> None:
    """Write to a pipe until the reader closes it."""
    try:
        with pipe.open("wb") as file:
            while True:
                file.write(b"a\n" * (1 << 19))
    except BrokenPipeError:
        pass


def run(file: Path, home: Path) -> Outcome:
    """The import of a file, with its computing time and its largest memory."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RECSYS_HOME": str(home)}
    command = [sys.executable, "-m", "recsys", "likes", "import", "--dry-run", str(file)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(1 << 20).decode(errors="replace").splitlines())
    seconds = usage.ru_utime + usage.ru_stime
    return Outcome(process.returncode, seconds, usage.ru_maxrss / 1024, texts[1], texts[0])


def finding(outcome: Outcome, seconds: float, memory: float) -> str:
    """What is wrong with an outcome; "" if nothing is."""
    if outcome.status not in _EXPECTED:
        return f"status {outcome.status}"
    if any("unexpected" in line or "Traceback" in line for line in outcome.errors):
        return "unexpected"
    if outcome.status and sum(line.startswith("recsys: error:") for line in outcome.errors) != 1:
        return "no line"
    if len(outcome.errors) > _MAX_LINES:
        return "many lines"
    if outcome.seconds > seconds:
        return "slow"
    return "large" if outcome.memory > memory else ""


if __name__ == "__main__":
    sys.exit(main())
