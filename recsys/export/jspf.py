"""Playlists as JSPF, which is XSPF in JSON (https://xspf.org/jspf), the way ListenBrainz reads and writes it.

``location`` and ``identifier`` are lists, as the format wants it and ListenBrainz writes it since 2024. It takes in a
playlist whose tracks all have an identifier, and only if it says whether it is public
(https://musicbrainz.org/doc/jspf): ours are not. Text is replaced as in XSPF, so that either can become the other.
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
    """The document, in UTF-8."""
    record = {
        "title": xml_safe(playlist.name),
        "creator": CREATOR,
        "extension": {EXTENSION: {"public": False}},
        "track": [_track(track, place) for track, place in zip(playlist.tracks, locations, strict=True)],
    }
    return (json.dumps({"playlist": record}, indent=2, ensure_ascii=False) + "\n").encode()


def _track(track: Track, location: Location) -> dict[str, Any]:
    facts = track_elements(track, location)
    return {name: [value] if name in ("location", "identifier") else value for name, value in facts.items()}
