"""Measurement of whole commands on chosen cores, with one thread each: wall seconds and peak memory."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_INTERVAL = 0.02  # seconds between two samples of the memory


@dataclass(frozen=True)
class Run:
    """One run of a command: wall seconds, peak MB of its first process and of the largest of its children."""

    seconds: float
    parent_mb: float
    child_mb: float

    @property
    def peak_mb(self) -> float:
        """Peak of the largest process."""
        return max(self.parent_mb, self.child_mb)


def recsys(home: Path | str, *arguments: object) -> list[str]:
    """The command line of recsys on a library in ``home``."""
    return [sys.executable, "-m", "recsys", "--home", str(home), *map(str, arguments)]


def run(command: list[str], *, cores: int = 1, allowed: tuple[int, ...] = (0,)) -> Run:
    """Run a command on the first ``cores`` cores of this process (if the system can pin), without output.

    Raises
    ------
    SystemExit
        If its exit code is not in ``allowed``.
    """
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if before:
        os.sched_setaffinity(0, set(sorted(before)[:cores]))
    try:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    finally:
        if before:
            os.sched_setaffinity(0, before)
    watched = _Memory(process.pid)
    errors = process.communicate()[1]
    seconds = time.perf_counter() - start
    watched.stop()
    if process.returncode not in allowed:
        raise SystemExit(f"{' '.join(command[:8])} … exited with {process.returncode}: {errors[-500:]}")
    return Run(seconds, watched.parent / 1e6, watched.child / 1e6)


class _Memory(threading.Thread):
    """Samples the resident memory of a process and its children, in bytes, until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.parent = self.child = 0
        self._process = psutil.Process(pid)
        self._end = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._end.wait(_INTERVAL):
            try:
                self.parent = max(self.parent, _resident(self._process))
                for child in self._process.children(recursive=True):
                    self.child = max(self.child, _resident(child))
            except psutil.Error:
                continue

    def stop(self) -> None:
        self._end.set()
        self.join()


def _resident(process: psutil.Process) -> int:
    """Peak so far if the system has it, else the current value."""
    try:
        for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return int(process.memory_info().rss)
