"""Format playlists as JSPF, which is XSPF in JSON (https://xspf.org/jspf), as ListenBrainz reads and writes it.

``location`` and ``identifier`` are lists, as in the specification and, since 2024, in ListenBrainz. ListenBrainz
imports a playlist if every track has an identifier and the extension states whether the playlist is public
(https://musicbrainz.org/doc/jspf); here it is always private. Characters are replaced as in XSPF, so that each format
can be converted to the other.
"""

import json
from collections.abc import Sequence
from typing import Any

from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import Location
from recsys.export.xspf import CREATOR, track_elements, xml_safe

EXTENSION = "https://musicbrainz.org/doc/jspf#playlist"


def format_jspf(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The document in UTF-8. ``locations`` has one location for each track."""
    record = {
        "title": xml_safe(playlist.name),
        "creator": CREATOR,
        "extension": {EXTENSION: {"public": False}},
        "track": [_track(track, location) for track, location in zip(playlist.tracks, locations, strict=True)],
    }
    return (json.dumps({"playlist": record}, indent=2, ensure_ascii=False) + "\n").encode()


def _track(track: Track, location: Location) -> dict[str, Any]:
    elements = track_elements(track, location)
    return {name: [value] if name in ("location", "identifier") else value for name, value in elements.items()}
