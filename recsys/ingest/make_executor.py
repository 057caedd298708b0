"""The executor of an ingest, by its settings."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from recsys.config import Settings
from recsys.ingest.executors import MakeExecutor
from recsys.ingest.process_pool import ProcessPool


def make_executor(settings: Settings, jobs: int, local: Sequence[Callable[[str], Any]]) -> MakeExecutor:
    """A function that creates worker processes, or connects to the Dask cluster of the settings.

    ``local`` are the functions that run on this machine if files are sent to the cluster.
    """
    limits: dict[str, Any] = {"file_timeout": settings.file_timeout, "nice": settings.nice}
    if settings.executor == "dask":
        from recsys.ingest.dask_executor import dask_executor

        return dask_executor(
            str(settings.scheduler), send_files=settings.send_files, local_functions=local, jobs=jobs, **limits
        )
    return partial(ProcessPool, jobs, **limits)
