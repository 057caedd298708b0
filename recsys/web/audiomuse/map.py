"""The map of the library as AudioMuse-AI describes it."""

from typing import Any

from fastapi import APIRouter, Response

from recsys.web.audiomuse.call import CallOf
from recsys.web.audiomuse.ids import WireIds
from recsys.web.audiomuse.rows import row_of
from recsys.web.map_maker import MapProgress
from recsys.web.records import RecordResponse

router = APIRouter(include_in_schema=False)

_WAIT = 1.0  # seconds; a map that takes longer is made in the background
_DIGITS = 4
_MAX_POINTS = 25_000


@router.get("/map")
def library_map(call: CallOf) -> Response:
    """Tracks as points in [-1, 1]: a share of them that is spread evenly; 503 while the map is made."""
    percent = call.values.whole("percent", 25, maximum=100)
    found = call.state.maps.latest(call.library, wait=_WAIT)
    if isinstance(found, MapProgress):
        return RecordResponse(
            {"error": f"the map is being made, {found.done:.0%} of it is done"}, 503, {"Retry-After": "2"}
        )
    ids = WireIds(call.library, call.ids.servers[:1])
    count = max(1, min(_MAX_POINTS, len(found) * percent // 100))
    places = [i * len(found) // count for i in range(count)]
    points = {int(found.ids[i]): found.points[i] for i in places}
    tracks = call.library.tracks_by_id(points)
    known = ids.foreign_ids(tracks)
    items: list[dict[str, Any]] = [
        {
            **row_of(track, known[track.id]),
            "embedding_2d": [round(float(value), _DIGITS) for value in points[track.id]],
            "mood_vector": f"{track.genre}:{track.genre_probability or 0:.3f}" if track.genre else "",
        }
        for track in tracks
        if track.id in known
    ]
    return RecordResponse({"items": items, "projection": "recsys"})
