"""Records of the rows of tables."""

from typing import Annotated, Literal

from recsys.domain.records import TrackRecord


class TrackRowRecord(TrackRecord):
    """A track as a row of a table."""

    year: int | None
    disc_number: int | None
    track_number: int | None
    loudness: Annotated[float | None, "LUFS (ITU-R BS.1770)"]
    added_at: Annotated[str | None, "when it came into the library; UTC, ISO 8601"]
    rating: Annotated[Literal[-1, 0, 1], "1 liked, -1 disliked, 0 neither; also by stars"]
    plays: int
    missing: Annotated[bool, "whether no file of it existed at the last ingest"]
