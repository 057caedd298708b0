"""Similar tracks, mixes and paths."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fastapi import APIRouter

from recsys import Library, Playlist, Track
from recsys.errors import InvalidRequest, NotFound
from recsys.web.audiomuse.call import Call, CallOf
from recsys.web.audiomuse.ids import WireIds
from recsys.web.audiomuse.rows import hyperbolic_distance, row_of, rows_of
from recsys.web.audiomuse.values import Values, text_of
from recsys.web.records import RecordResponse

router = APIRouter(include_in_schema=False)

MAX_RESULTS = 1000
MAX_PATH = 200
MAX_ITEMS = 1000
_FARTHEST = 100  # tracks of which the server may lack some
_PER_ARTIST = 2  # tracks of one artist, where duplicates are to be eliminated
_SEARCHED = 8  # times as many tracks as are asked for, where the server lacks some
_PLAYED = 20  # most played tracks that a fingerprint is made of
_ABSENT = ("mood", "centroid_index", "anchor_id")
_ABSENT_OF_PATHS = ("start_mood", "end_mood", "start_anchor", "end_anchor")

Find = Callable[[int], Playlist]
Rows = list[dict[str, Any]]
Item = tuple[str, str, str]
"""Kind, id, and ADD or SUBTRACT."""


@router.get("/similar_tracks")
def similar_tracks(call: CallOf) -> RecordResponse:
    """The tracks most similar to one, most similar first, without it."""
    _refuse(call.values, _ABSENT)
    item, title, artist = (call.values.text(name) for name in ("item_id", "title", "artist"))
    ids = call.ids
    if item is not None:
        ids = ids.with_track(item)
        track = ids.track(item)
    elif title is not None and artist is not None:
        track = _named(call.library, title, artist)
    else:
        raise InvalidRequest("item_id, or title and artist, must be given")
    n = call.values.whole("n", 10, maximum=MAX_RESULTS)
    per_artist = _PER_ARTIST if call.values.flag("eliminate_duplicates", default=True) else 0
    return RecordResponse(
        filled(ids, n, lambda asked: call.library.similar(track, n=asked, max_per_artist=per_artist))[0]
    )


@router.get("/max_distance")
def max_distance(call: CallOf) -> RecordResponse:
    """The distance of the most different track that the server has."""
    item = call.values.required("item_id")
    ids = call.ids.with_track(item)
    rows = rows_of(ids, call.library.farthest(ids.track(item), n=_FARTHEST))
    if not rows:
        raise NotFound("there is no other track")
    return RecordResponse({"max_distance": rows[0]["distance"], "farthest_item_id": rows[0]["item_id"]})


@router.post("/hyperbolic/similar")
def hyperbolic_similar(call: CallOf) -> RecordResponse:
    """The tracks most similar to one, under the names of a search in hyperbolic space."""
    item = call.values.required("item_id")
    mode = (call.values.text("mode") or "similar").lower()
    if mode in ("roots", "niche"):
        raise NotFound(f"recsys has no mode {mode}; it has the mode similar")
    if mode != "similar":
        raise InvalidRequest("must be similar", field="mode", value=mode)
    ids = call.ids.with_track(item)
    track = ids.track(item)
    n = call.values.whole("limit", 20, maximum=MAX_RESULTS)
    rows, _ = filled(ids, n, lambda asked: call.library.similar(track, n=asked, max_per_artist=_PER_ARTIST))
    found = [{**row, "distance": hyperbolic_distance(row), "hyperbolic_radius": None} for row in rows]
    return RecordResponse(
        {"results": found, "count": len(found), "mode": mode, "seed_radius": None, "seed_item_id": item}
    )


@router.get("/find_path")
def find_path(call: CallOf) -> RecordResponse:
    """Tracks from one to another, both included, in even steps."""
    _refuse(call.values, _ABSENT_OF_PATHS)
    if (call.values.text("path_space") or "audio").lower() != "audio":
        raise NotFound("recsys has no lyrics; it has the path_space audio")
    start, end = call.values.required("start_song_id"), call.values.required("end_song_id")
    ids = call.ids.with_track(start)
    first, last = ids.track(start), ids.track(end)
    steps = call.values.whole("count", 25, minimum=2, maximum=MAX_PATH)
    n = call.values.whole("max_steps", steps, minimum=2, maximum=MAX_PATH)
    tracks = _known_path(ids, n, lambda asked: call.library.path(first, last, n=asked))
    known = {**ids.foreign_ids(tracks), tracks[0].id: start, tracks[-1].id: end}
    distances = [1.0 - (track.similarity or 0.0) for _, track in pairwise(tracks)]
    rows = [row_of(track, known[track.id]) for track in tracks]
    return RecordResponse({"path": rows, "total_distance": round(sum(distances), 6)})


@router.post("/alchemy")
def alchemy(call: CallOf) -> RecordResponse:
    """The tracks similar to what is added and not near what is subtracted."""
    items = _items(call.values)
    song = next((id for kind, id, _ in items if kind == "song"), None)
    ids = call.ids if song is None else call.ids.with_track(song)
    artists = {id: number for kind, id, _ in items if kind == "artist" and (number := _artist(ids, id)) is not None}
    of_item = _tracks_of(call, ids, items, artists)
    added = [track for kind, id, op in items if op == "ADD" for track in of_item[kind, id]]
    minus = [(kind, id) for kind, id, op in items if op == "SUBTRACT"]
    minus_tracks = [track for kind, id in minus if kind != "artist" for track in of_item[kind, id]]
    minus_artists = [str(artists[id]) for kind, id in minus if kind == "artist" and id in artists]
    if not any(op == "ADD" for _, _, op in items):
        raise InvalidRequest("must have an item that is added", field="items")
    if not added:
        raise NotFound("the library has none of the items that are added")
    n = call.values.whole("n", 100, maximum=MAX_RESULTS)
    rows, found = filled(
        ids, n, lambda asked: call.library.similar(
            *added, n=asked, max_per_artist=_PER_ARTIST, not_like=minus_tracks, not_like_artists=minus_artists
        ),
    )  # fmt: skip
    return RecordResponse(
        {
            "results": rows, "filtered_out": rows_of(ids, found.left_out), "add_points": [], "sub_points": [],
            "centroid_2d": None, "projection": "none",
        }
    )  # fmt: skip


@router.api_route("/sonic_fingerprint/generate", methods=["GET", "POST"])
def sonic_fingerprint(call: CallOf) -> RecordResponse:
    """Tracks that suit the listener of the key: similar to those played most, else to the liked ones."""
    n = call.values.whole("n", 100, maximum=MAX_RESULTS)
    ids = call.ids
    counts = {i: count.plays for i, count in call.library.plays.counts().items() if count.plays}
    played = sorted(counts, key=lambda i: (-counts[i], i))[:_PLAYED]
    liked = [track.id for track in call.library.ratings.tracks().likes]
    seeds = [track for track in call.library.tracks_by_id(played or liked[-_PLAYED:]) if track.analysed]
    if not seeds:
        return RecordResponse([])
    ids = WireIds(call.library, ids.servers[:1])
    dislikes = {track.id for track in call.library.ratings.tracks().dislikes}

    def find(asked: int) -> Playlist:
        found = call.library.similar(*seeds, n=asked + len(dislikes), max_per_artist=_PER_ARTIST)
        kept = tuple(track for track in found if track.id not in dislikes)
        return Playlist(found.name, kept)

    return RecordResponse(filled(ids, n, find)[0])


def filled(ids: WireIds, n: int, find: Find) -> tuple[Rows, Playlist]:
    """The first ``n`` rows whose tracks the server has, and the list that they are from, made longer if need be."""
    asked = n
    while True:
        found = find(asked)
        rows = rows_of(ids, found)
        if len(rows) >= n or len(found) < asked or asked >= _SEARCHED * n:
            return rows[:n], found
        asked *= 2


def _known_path(ids: WireIds, n: int, find: Find) -> Sequence[Track]:
    """The tracks of a path that the server has: of a longer path, if it lacks some of them."""
    best: list[Track] = []
    asked = n
    for _ in range(3):
        found = list(find(asked))
        has = ids.foreign_ids(found)
        known = [found[0], *(track for track in found[1:-1] if track.id in has), found[-1]]
        if len(best) < len(known) <= n:
            best = known
        if len(known) >= n or len(found) < asked:
            break
        asked += n - len(known)
    return best


def _named(library: Library, title: str, artist: str) -> Track:
    words = [f'title:"{word}"' for word in title.replace('"', " ").split()[:40]]
    words += [f'artist:"{word}"' for word in artist.replace('"', " ").split()[:40]]
    try:
        found = library.tracks(" ".join(words), limit=100)
    except NotFound:
        raise NotFound(f"the library has no track {title[:100]!r} by {artist[:100]!r}") from None
    return next((track for track in found if track.title.casefold() == title.casefold()), found[0])


def _items(values: Values) -> list[Item]:
    """Kind, id and operation of each item."""
    given = values.get("items")
    if not isinstance(given, list) or len(given) > MAX_ITEMS or not all(isinstance(each, dict) for each in given):
        raise InvalidRequest(f"must be a list of at most {MAX_ITEMS} objects", field="items")
    found = []
    for each in given:
        id, op = text_of(each.get("id"), "id"), (text_of(each.get("op"), "op") or "").upper()
        kind = (text_of(each.get("type"), "type") or "song").lower()
        if kind in ("anchor", "mood"):
            raise NotFound(f"recsys has no items of the type {kind}; it has song, artist and playlist")
        if kind not in ("song", "artist", "playlist"):
            raise InvalidRequest("must be song, artist or playlist", field="type", value=kind)
        if id is not None and op in ("ADD", "SUBTRACT"):
            found.append((kind, id, op))
    return found


def _tracks_of(
    call: Call, ids: WireIds, items: Iterable[Item], artists: Mapping[str, int]
) -> Mapping[tuple[str, str], Sequence[Track]]:
    """The tracks of each item by its kind and id, all read at once; none if the library lacks it."""
    library = call.library
    songs = ids.tracks(id for kind, id, _ in items if kind == "song")
    found: defaultdict[tuple[str, str], Sequence[Track]] = defaultdict(tuple)
    found.update({("song", id): [track] for id, track in songs.items()})
    if wanted := {id for kind, id, _ in items if kind == "playlist"}:
        for saved in reversed(library.playlists.list()):  # of several with one name or number the first counts
            for id in wanted.intersection((saved.name, str(saved.id))):
                found["playlist", id] = library.playlists.tracks(saved.id).tracks
    of_artist = library.browsing.artist_track_ids(artists.values())
    tracks = {track.id: track for track in library.tracks_by_id(i for each in of_artist.values() for i in each)}
    for id, artist in artists.items():
        found["artist", id] = [tracks[i] for i in of_artist[artist] if i in tracks]
    return found


def _artist(ids: WireIds, id: str) -> int | None:
    try:
        return ids.artist(id, is_name=True)
    except NotFound:
        return None


def _refuse(values: Values, names: Iterable[str]) -> None:
    if absent := [name for name in names if values.text(name) is not None]:
        raise NotFound(f"recsys has no moods and anchors to begin from: {', '.join(absent)}")
