"""Write neighbour lists as JSON Lines: ``{"id", "path", "neighbours": [{"id", "path", "similarity"}]}``.

One line for each track.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from recsys.atomic import atomic_write
from recsys.domain.paths import absolute_path
from recsys.domain.results import Neighbours
from recsys.errors import RecsysError


def write_neighbours(neighbours: Iterable[Neighbours], path: Path) -> int:
    """Write one line for each track to ``path``, replacing the file at once. Returns the number of tracks.

    Raises
    ------
    RecsysError
        The file cannot be written.
    """
    path, written = absolute_path(path), 0
    try:
        with atomic_write(path) as file:
            for each in neighbours:
                file.write(json.dumps(each.to_dict()).encode("ascii") + b"\n")
                written += 1
    except OSError as error:
        raise RecsysError(f"cannot write the neighbours to {path}: {error.strerror}") from error
    return written
