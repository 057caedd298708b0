"""Libraries of files that exist, which are stored without an analysis."""

from collections.abc import Sequence
from pathlib import Path

from synthetic_library import open_catalogue

from recsys.audio.identity import identify
from recsys.domain.audio import FileStat, IngestRecord


def store_files(home: Path, root: Path, files: Sequence[Path]) -> None:
    """Store files of one folder that was ingested; in a new library their ids are 1, 2 … in this order."""
    with open_catalogue(home) as catalogue:
        catalogue.add_roots([str(root)])
        catalogue.store([record_of(file) for file in files])


def record_of(file: Path) -> IngestRecord:
    """What an ingest stores of a file."""
    status = file.stat()
    return IngestRecord(FileStat(str(file), status.st_size, status.st_mtime_ns), identify(file), None)
