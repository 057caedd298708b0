"""Descriptions of many tracks at once."""

from collections.abc import Iterable

import numpy as np

from recsys.database.catalogue import Catalogue
from recsys.domain.tracks import Description
from recsys.genre.descriptions import describe_sounds


def describe_tracks(catalogue: Catalogue, ids: Iterable[int]) -> dict[int, Description]:
    """The descriptions of tracks by id; those that have not been analysed are left out."""
    found: dict[int, Description] = {}
    for known, vectors, plane in catalogue.raw_batches(list(dict.fromkeys(ids))):
        complete = bool(np.isfinite(plane).all())
        found.update(zip(known, describe_sounds(vectors, plane if complete else None), strict=True))
    return found
