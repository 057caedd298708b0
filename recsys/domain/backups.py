"""What a backup has, and what was restored from one."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BackupResult:
    """A backup that was written: its file and size in bytes, the schema, and the numbers of tracks and genre models."""

    file: Path
    size: int
    schema: str
    tracks: int
    models: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """A library that was restored.

    Attributes
    ----------
    database : Path
        The file of the database.
    schema : str
        The schema of the backup; the library has that of this version.
    tracks, models : int
        Numbers of tracks and genre models.
    replaced : tuple of Path
        Where the files of the library are now that was there before.
    settings : Path or None
        Where the settings of the backup are, if it has any.
    settings_in_use : bool
        Whether they are in use; if there were settings before, these stay in use.
    """

    database: Path
    schema: str
    tracks: int
    models: int
    replaced: tuple[Path, ...] = ()
    settings: Path | None = None
    settings_in_use: bool = False
