"""Records of similar artists and albums; see :mod:`recsys.domain.records`."""

from typing import Annotated, TypedDict

from recsys.domain.records import AlbumRecord, ArtistRecord


class NamedTrackRecord(TypedDict):
    """A track by its id and title."""

    id: int
    title: str


class TrackPairRecord(TypedDict):
    """Two tracks that make artists or albums similar."""

    track: Annotated[NamedTrackRecord, "of the one that was asked for"]
    other: Annotated[NamedTrackRecord, "of the similar one"]
    similarity: Annotated[float, "0 to 1"]


class SimilarArtistRecord(ArtistRecord):
    """An artist who is similar to another."""

    similarity: Annotated[float, "0 to 1"]
    pairs: Annotated[list[TrackPairRecord], "the most similar tracks, most similar first"]


class SimilarAlbumRecord(AlbumRecord):
    """An album that is similar to another."""

    similarity: Annotated[float, "0 to 1"]
    pairs: Annotated[list[TrackPairRecord], "the most similar tracks, most similar first"]
