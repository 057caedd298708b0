"""Calls for similar songs: instant mixes, the songs that sound most like one, and the way from one to another."""

from recsys import Library, Track
from recsys.errors import NotFound
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import not_found
from recsys.web.subsonic.ids import read_id
from recsys.web.subsonic.records import songs

_MOST = 500  # songs of an answer
_PER_ARTIST = 2  # songs of a mix by one artist
_MAX_SEEDS = 50  # tracks that stand for an album or artist: more of them change its mean by little
_SPARE = 10  # tracks of a long album or artist that may be found besides
_UNKNOWN = -1
"""The similarity of a song that cannot be compared."""


def similar_songs(call: Call) -> Payload:
    """A mix of songs that are similar to a song, album or artist."""
    return {"similarSongs": {"song": _mix(call)}}


def similar_songs_2(call: Call) -> Payload:
    """The same with a payload of another name; players send ids of artists here, and of songs."""
    return {"similarSongs2": {"song": _mix(call)}}


def sonic_similar_tracks(call: Call) -> Payload:
    """The songs that sound most like one, most similar first, also several by one artist."""
    seeds = _seeds(call, call.parameters.required("id"))
    return {"sonicMatch": _matches(call.library, _similar(call, seeds, 10, max_per_artist=0))}


def sonic_path(call: Call) -> Payload:
    """Songs in even steps from one to another, both included, with their similarities to the first."""
    library = call.library
    start, end = (_track(call, call.parameters.required(name)) for name in ("startSongId", "endSongId"))
    count = call.parameters.integer("count", 25, minimum=2, maximum=_MOST)
    tracks = list(library.path(start, end, n=count).tracks)
    near = library.similarities(start, [track.id for track in tracks])
    return {"sonicMatch": _matches(library, list(zip((track.id for track in tracks), near, strict=True)))}


def _mix(call: Call) -> list[dict[str, object]]:
    seeds = _seeds(call, call.parameters.required("id"))
    return songs(call.library, [id for id, _ in _similar(call, seeds, 50)])


def _similar(
    call: Call, seeds: list[Track], default: int, *, max_per_artist: int = _PER_ARTIST
) -> list[tuple[int, float | None]]:
    """The ids of the most similar tracks and their similarities; none if nothing can be compared."""
    count = call.parameters.integer("count", default, maximum=_MOST)
    analysed = [track.id for track in seeds if track.analysed]
    if not count or not analysed:
        return []
    step = -(-len(analysed) // _MAX_SEEDS)
    spare = 0 if step == 1 else _SPARE
    try:
        found = call.library.similar(*analysed[::step], n=count + spare, max_per_artist=max_per_artist)
    except NotFound:  # nothing besides the seeds is there, or analysed
        return []
    own = {track.id for track in seeds}
    return [(track.id, track.similarity) for track in found.tracks if track.id not in own][:count]


def _seeds(call: Call, id: str) -> list[Track]:
    """The tracks of a song, album or artist."""
    kind, number = read_id(id, "tr", "al", "ar")
    library = call.library
    if kind == "tr":
        return [_track(call, id)]
    try:
        ids = library.track_ids(album=number) if kind == "al" else library.track_ids(artist=number)
    except NotFound as error:
        raise not_found("album" if kind == "al" else "artist", id) from error
    return list(library.tracks_by_id(ids))


def _track(call: Call, id: str) -> Track:
    """The track of an id of a song; a number that is none might begin the title of another."""
    found = call.library.tracks_by_id([read_id(id, "tr")[1]])
    if not found:
        raise not_found("song", id)
    return found[0]


def _matches(library: Library, found: list[tuple[int, float | None]]) -> list[dict[str, object]]:
    entries = {entry["id"]: entry for entry in songs(library, [id for id, _ in found])}
    return [
        {"entry": entries[f"tr-{id}"], "similarity": _UNKNOWN if similarity is None else round(similarity, 4)}
        for id, similarity in found
        if f"tr-{id}" in entries
    ]


CALLS: dict[str, Handler] = {
    "getSimilarSongs": similar_songs,
    "getSimilarSongs2": similar_songs_2,
    "getSonicSimilarTracks": sonic_similar_tracks,
    "findSonicPath": sonic_path,
}
