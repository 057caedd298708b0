"""What the global options say, and the service made from them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from recsys import Library


@dataclass(frozen=True, slots=True)
class Session:
    """The options that stand before every command."""

    home: Path | None = None
    database: str | None = None
    quiet: bool = False
    verbose: bool = False

    def service(self, **options: Any) -> "Library":
        """The service for these and further options; None means not given."""
        from recsys import Library, load_settings

        return Library(load_settings(home=self.home, database=self.database, **options))


def session(context: typer.Context) -> Session:
    """The session of a running command."""
    found: Session = context.obj
    return found
