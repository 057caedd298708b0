"""Groups of files that have one performance."""

from dataclasses import dataclass
from typing import NamedTuple

from recsys.domain.records import DuplicateFileRecord, DuplicateGroupRecord


class DuplicateFile(NamedTuple):
    """A file that has the same performance as others.

    Attributes
    ----------
    id : int
        Its track.
    bit_rate : int
        Bits per second, of the whole file.
    duration : float
        Seconds.
    size : int
        Bytes.
    preferred : bool
        Whether lists have this one: lossless before lossy, then by sample rate or bit rate.
    """

    id: int
    path: str
    artist: str | None
    title: str
    codec: str
    lossless: bool
    bit_rate: int
    sample_rate: int
    duration: float
    size: int
    preferred: bool = False

    def to_dict(self) -> DuplicateFileRecord:
        """The record as JSON values."""
        return {
            "id": self.id,
            "path": self.path,
            "codec": self.codec,
            "lossless": self.lossless,
            "bit_rate": self.bit_rate,
            "sample_rate": self.sample_rate,
            "duration": round(self.duration, 4),
            "size": self.size,
            "preferred": self.preferred,
        }


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Files of one performance, the preferred one first; ``rating`` is 1 if it is liked, -1 if disliked, else 0."""

    artist: str | None
    title: str
    rating: int
    files: tuple[DuplicateFile, ...]

    def to_dict(self) -> DuplicateGroupRecord:
        """The record as JSON values."""
        return {
            "artist": self.artist,
            "title": self.title,
            "rating": self.rating or None,
            "files": [file.to_dict() for file in self.files],
        }
