"""The map of a library: its tracks as points in the plane, similar tracks close together."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, TypedDict

from recsys.domain.arrays import FloatArray, IdArray

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NO_GENRE = 65535  # in ``genre_numbers``


class MapLabelRecord(TypedDict):
    """The name of a region of the map."""

    x: Annotated[float, "in [-1, 1]"]
    y: Annotated[float, "in [-1, 1]"]
    text: Annotated[str, "a genre"]
    tracks: Annotated[int, "how many tracks of this genre are in the region"]


class MapRecord(TypedDict):
    """The map of a library without its points."""

    revision: Annotated[str, "changes with the points"]
    count: Annotated[int, "points"]
    genres: Annotated[list[str], "the genres that points refer to"]
    labels: Annotated[list[MapLabelRecord], "names of regions"]


@dataclass(frozen=True, eq=False)
class LibraryMap:
    """The present analysed tracks of a library as points in the plane.

    Parameters
    ----------
    ids : (n,)
        In rising order.
    points : (n, 2)
        In [-1, 1]. The second axis points upwards.
    years : (n,) uint16
        0 is none.
    bpms, loudnesses : (n,)
        NaN is none. Loudness is in LUFS.
    genre_numbers : (n,) uint16
        Index of each track's genre in ``genres``; 65535 is none.
    genres : tuple of str
    labels : tuple of dict
        Names of regions, of the largest first.
    """

    ids: IdArray
    points: FloatArray
    years: "npt.NDArray[np.uint16]"
    bpms: FloatArray
    loudnesses: FloatArray
    genre_numbers: "npt.NDArray[np.uint16]"
    genres: tuple[str, ...]
    labels: tuple[MapLabelRecord, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def revision(self) -> str:
        """A digest of the map: two maps with one revision are equal."""
        digest = blake2b(self.to_bytes(), digest_size=8)
        digest.update(repr((self.genres, self.labels)).encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def to_bytes(self) -> bytes:
        """The points as columns, little endian, one after the other.

        int32 id, float32 x, float32 y, uint16 year, float32 BPM, float32 loudness, uint16 genre; n of each.
        """
        columns = (
            (self.ids, "<i4"), (self.points[:, 0], "<f4"), (self.points[:, 1], "<f4"), (self.years, "<u2"),
            (self.bpms, "<f4"), (self.loudnesses, "<f4"), (self.genre_numbers, "<u2"),
        )  # fmt: skip
        return b"".join(values.astype(dtype).tobytes() for values, dtype in columns)

    def to_dict(self) -> MapRecord:
        """The record as JSON values, without the points."""
        return {
            "revision": self.revision,
            "count": len(self),
            "genres": list(self.genres),
            "labels": list(self.labels),
        }
