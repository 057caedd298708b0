"""Likes and dislikes of the library."""

from recsys.database.catalogue import Catalogue
from recsys.domain.tracks import Ratings


def ratings(catalogue: Catalogue) -> Ratings:
    """What is liked and disliked."""
    values = catalogue.ratings()
    tracks = catalogue.get(values)
    return Ratings(
        likes=tuple(track for i, track in tracks.items() if values[i] > 0),
        dislikes=tuple(track for i, track in tracks.items() if values[i] < 0),
    )
