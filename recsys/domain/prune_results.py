"""What is removed from a library, and what is kept."""

from dataclasses import dataclass
from typing import NamedTuple

from recsys.domain.records import KeptFilesRecord, PruneRecord
from recsys.errors import Hint, pluralise


class KeptFiles(NamedTuple):
    """Files that :meth:`recsys.Library.prune` keeps, and the folder that is the reason for it.

    ``reason`` is "not_mounted" (the folder does not exist or is empty), "unreadable" (it cannot be read), or "moved"
    (it has new files of the same size, which are not ingested).
    """

    folder: str
    files: int
    reason: str

    def describe(self) -> str:
        """A sentence.

        >>> KeptFiles("/mnt/usb", 2, "not_mounted").describe()
        '2 files are kept: /mnt/usb does not exist or is empty (is a drive not mounted?)'
        """
        reasons = {
            "not_mounted": f"{self.folder} does not exist or is empty (is a drive not mounted?)",
            "unreadable": f"{self.folder} cannot be read",
            "moved": f"{self.folder} has new files of the same size, to which they may have moved",
        }
        return f"{pluralise(self.files, 'file is', 'files are')} kept: {reasons[self.reason]}"

    @property
    def remedy(self) -> Hint:
        """What helps; its value is the folder."""
        return {
            "not_mounted": Hint.FORGET_FOLDER, "unreadable": Hint.OPEN_FOLDER, "moved": Hint.INGEST_FOLDER,
        }[self.reason]  # fmt: skip

    def to_dict(self) -> KeptFilesRecord:
        """The record as JSON values."""
        return {"folder": self.folder, "files": self.files, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class PruneResult:
    """What was removed, or would be: ``tracks``, of which ``rated`` had a rating, ``locations`` and ``failures``.

    ``reappeared`` files are marked as missing but exist again; they are kept. ``sample_paths`` are the first hundred
    locations. ``kept`` are files that were not found and may still exist.
    """

    tracks: int = 0
    locations: int = 0
    rated: int = 0
    failures: int = 0
    reappeared: int = 0
    sample_paths: tuple[str, ...] = ()
    kept: tuple[KeptFiles, ...] = ()

    def to_dict(self) -> PruneRecord:
        """The record as JSON values."""
        return {
            "tracks": self.tracks,
            "locations": self.locations,
            "rated": self.rated,
            "failures": self.failures,
            "reappeared": self.reappeared,
            "sample_paths": list(self.sample_paths),
            "kept": [files.to_dict() for files in self.kept],
        }
