"""The global options, and the library that they choose."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from recsys.cli.waiting import waiting_for

if TYPE_CHECKING:
    from recsys import Library


@dataclass(frozen=True, slots=True)
class Session:
    """The values of the global options."""

    home: Path | None = None
    database: str | None = None
    listener: str | None = None
    quiet: bool = False
    verbose: bool = False

    def library(
        self,
        *,
        jobs: int | None = None,
        min_duration: float | None = None,
        max_duration: float | None = None,
        ignore: list[str] | None = None,
        time_budget: str | None = None,
        file_timeout: float | None = None,
        nice: bool | None = None,
        executor: str | None = None,
        scheduler: str | None = None,
        send_files: bool | None = None,
        keep_open: bool = False,
    ) -> "Library":
        """The library with these settings; None is a setting that the command line does not give.

        Raises
        ------
        InvalidRequest
            A setting is invalid, or ``config.toml`` cannot be read.
        """
        from recsys import Library, load_settings

        if keep_open:  # a program that stays
            from recsys.cli.allocator import keep_little_free_memory

            keep_little_free_memory()
        return Library(
            load_settings(
                home=self.home, database=self.database, jobs=jobs, min_duration=min_duration,
                max_duration=max_duration, ignore=ignore, time_budget=time_budget, file_timeout=file_timeout,
                nice=nice, executor=executor, scheduler=scheduler, send_files=send_files,
                listener=self.listener,
            ),
            keep_open=keep_open,
            on_task=waiting_for,
        )  # fmt: skip


def session(context: typer.Context) -> Session:
    """The session of a running command."""
    found: Session = context.obj
    return found
