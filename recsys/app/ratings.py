"""Likes and dislikes of the library."""

from recsys.database.catalogue import Catalogue
from recsys.domain.tracks import RatedTracks


def rated_tracks(catalogue: Catalogue) -> RatedTracks:
    """What is liked and disliked."""
    values = catalogue.rated_tracks()
    tracks = catalogue.tracks_by_id(values)
    return RatedTracks(
        likes=tuple(track for i, track in tracks.items() if values[i] > 0),
        dislikes=tuple(track for i, track in tracks.items() if values[i] < 0),
    )
