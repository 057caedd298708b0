"""What an ingest did with single files."""

from typing import NamedTuple

from recsys.domain.records import IngestChangeRecord


class IngestChange(NamedTuple):
    """What an ingest did with a file: "new", "reanalysed", "updated", "moved" (from ``former_path``), "duplicates" or
    "removed"."""

    kind: str
    path: str
    former_path: str | None = None

    def to_dict(self) -> IngestChangeRecord:
        """The record as JSON values."""
        return {"kind": self.kind, "path": self.path, "former_path": self.former_path}
