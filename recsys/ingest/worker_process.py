"""Prepare a worker process before it imports large packages."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, parent_process, resource_tracker
from types import FrameType, ModuleType

_ENVIRONMENT = {
    # One thread each for linear algebra, as workers share the machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # The allocator of glibc keeps the memory of large arrays for the next ones: to return it and get it again takes
    # 13 per cent of the time of an analysis.
    "MALLOC_MMAP_THRESHOLD_": str(1 << 26),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
}
INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
_MAIN_LOCK = threading.Lock()


@contextmanager
def without_main_module() -> Iterator[None]:
    """While a process is started: it does not import the ``__main__`` of this one.

    A started process imports the main module of its parent, so that functions of it can be called; workers call
    functions of recsys alone. Without this a script would need the guard ``if __name__ == "__main__":``.
    """
    with _MAIN_LOCK:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextmanager
def worker_environment() -> Iterator[None]:
    """Processes that are started inside the block have the environment variables of workers."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def blocked_interrupts() -> Iterator[None]:
    """While a process is started: neither Ctrl-C nor SIGTERM ends it, which all processes of a group may get.

    Its parent decides when it ends. A process inherits the signals that its thread blocks.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it would unblock the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Ctrl-C and SIGTERM inside the block take effect at its end; outside the main thread it has no effect."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[tuple[int, FrameType | None]] = []
    handlers = {each: signal.getsignal(each) for each in INTERRUPTS}
    held = {each: handler for each, handler in handlers.items() if callable(handler)}  # others never raise
    for each in held:
        signal.signal(each, lambda number, frame: received.append((number, frame)))
    try:
        yield
    finally:
        for each, handler in held.items():
            signal.signal(each, handler)
    for number, frame in received[:1]:
        held[signal.Signals(number)](number, frame)


def initialise_worker(*, nice: bool = False) -> None:
    """Run first in a worker: ignore Ctrl-C and SIGTERM, silence decoders, and end when the parent process ends.

    ``nice``: use the lowest priority for the processor and, where the system supports it, for the disk.
    """
    for each in INTERRUPTS:
        signal.signal(each, signal.SIG_IGN)
    if nice:
        lower_priority()
    _silence_stderr()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def lower_priority() -> None:
    """Give this process the lowest priority."""
    import psutil  # not at the top: few processes need it, and it takes 30 ms

    process = psutil.Process()
    with suppress(psutil.Error, OSError):
        process.nice(psutil.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 19)
        if sys.platform == "linux":
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
        elif sys.platform == "win32":
            process.ionice(psutil.IOPRIO_VERYLOW)


def _silence_stderr() -> None:
    """Redirect file descriptor 2, to which libmpg123 and FFmpeg write; errors are raised as exceptions."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    os.close(sink)
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
