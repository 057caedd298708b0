"""Tracks and artists by id and by name."""

from typing import Any

from fastapi import APIRouter

from recsys import Library, SimilarArtist, Track
from recsys.errors import InvalidRequest, NotFound
from recsys.web.audiomuse.call import Call, CallOf
from recsys.web.audiomuse.ids import WireIds
from recsys.web.audiomuse.rows import distance, row_of, rows_of
from recsys.web.records import RecordResponse

router = APIRouter(include_in_schema=False)

_PAGE = 20
_MAX_PAGE = 500
_MAX_START = 2**31
_MAX_WORDS = 40
_MAX_ARTISTS = 100
_SEARCHED = 4  # times as many artists as are asked for, where the server lacks some
_REPRESENTATIVES = 10  # tracks that stand for an artist


@router.get("/track")
def track(call: CallOf) -> RecordResponse:
    """A track."""
    item = call.values.required("item_id")
    return RecordResponse(row_of(call.ids.with_track(item).track(item), item))


@router.get("/search_tracks")
def search_tracks(call: CallOf) -> RecordResponse:
    """Tracks with all words of a query in title, artist, album or path; or of ``title`` and ``artist`` in these."""
    words, artist = quoted(call.values.text("search_query")), None
    if not words:
        name = call.values.text("artist")
        artist = None if name is None else _named(call.library, name)
        words = quoted(call.values.text("title"), "title:") + ([] if artist else quoted(name, "artist:"))
    start, end = _page(call, _MAX_PAGE)
    if not (words or artist) or end <= start:
        return RecordResponse([])
    ids = WireIds(call.library, call.ids.servers[:1])
    found = call.library.track_ids(" ".join(words[:_MAX_WORDS]), artist=artist)
    return RecordResponse(rows_of(ids, ids.known(found, start, end)))


@router.get("/artist_tracks")
def artist_tracks(call: CallOf) -> RecordResponse:
    """All tracks of an artist that the server has."""
    ids, artist = _artist(call)
    return RecordResponse(rows_of(ids, call.library.tracks(artist=artist)))


@router.get("/search_artists")
def search_artists(call: CallOf) -> RecordResponse:
    """Artists whose name has all words of a query."""
    query = call.values.text("query") or call.values.text("search_query")
    start, end = _page(call, _MAX_PAGE)
    if query is None or end <= start:
        return RecordResponse([])
    ids = call.ids
    rows: list[dict[str, Any]] = []
    for each in call.library.artists(query):
        if (artist_id := ids.foreign_artist_id(each.id)) is not None:
            rows.append({"artist": each.name, "artist_id": artist_id, "track_count": each.n_tracks})
        if len(rows) == end:
            break
    return RecordResponse(rows[start:end])


@router.get("/similar_artists")
def similar_artists(call: CallOf) -> RecordResponse:
    """The artists most similar to one, most similar first."""
    ids, artist = _artist(call)
    n = call.values.whole("n", 10, maximum=_MAX_ARTISTS)
    with_tracks = call.values.flag("include_component_matches")
    known: list[tuple[SimilarArtist, str]] = []
    for asked in (n, _SEARCHED * n):
        found = call.library.similar_artists(artist, n=asked)
        named = ((each, ids.foreign_artist_id(each.artist.id)) for each in found)
        known = [(each, artist_id) for each, artist_id in named if artist_id is not None][:n]
        if len(known) == n or len(found) < asked:
            break
    if not known:
        raise NotFound("the server has none of the similar artists")
    rows: list[dict[str, Any]] = [
        {"artist": each.artist.name, "artist_id": artist_id, "divergence": distance(each.similarity)}
        for each, artist_id in known
    ]
    if with_tracks:
        rows = [
            {**row, "component_matches": _matches(call, ids, each)} for row, (each, _) in zip(rows, known, strict=True)
        ]
    return RecordResponse(rows)


def quoted(text: str | None, field: str = "") -> list[str]:
    """The terms of a query that has each word of a text as it is.

    >>> quoted('so "what" year:1959', "title:")
    ['title:"so"', 'title:"what"', 'title:"year:1959"']
    """
    return [f'{field}"{word}"' for word in (text or "").replace('"', " ").split()]


def _named(library: Library, name: str) -> int | None:
    """The artist of exactly this name; None without one."""
    try:
        found = library.artist(name)
    except NotFound:
        return None
    return None if name.isdecimal() and found.name != name else found.id


def _page(call: Call, most: int) -> tuple[int, int]:
    start = call.values.whole("start", 0, minimum=0, maximum=_MAX_START)
    end = call.values.whole("end", start + _PAGE, minimum=0, maximum=_MAX_START)
    return start, min(end, start + most)


def _artist(call: Call) -> tuple[WireIds, int]:
    """The artist of a request; the Navidrome plugin sends an id as the name."""
    name, id = call.values.text("artist"), call.values.text("artist_id")
    if id is None and name is None:
        raise InvalidRequest("artist or artist_id must be given")
    text = name or id or ""
    ids = call.ids.with_artist(text)
    return ids, ids.artist(text, is_name=name is not None)


def _matches(call: Call, ids: WireIds, similar: SimilarArtist) -> list[dict[str, Any]]:
    """The tracks that make two artists similar, and some more of the other artist, so that mixes get enough."""
    own = list({pair.track.id: pair.track for pair in similar.pairs}.values())
    others = {pair.other.id: pair.other for pair in similar.pairs}
    others |= {each.id: each for each in call.library.tracks(artist=similar.artist, limit=_REPRESENTATIVES)}
    return [
        {
            "artist1_representative_songs": _songs(ids, own),
            "artist2_representative_songs": _songs(ids, list(others.values())[:_REPRESENTATIVES]),
        }
    ]


def _songs(ids: WireIds, tracks: list[Track]) -> list[dict[str, str]]:
    return [{"item_id": row["item_id"], "title": row["title"]} for row in rows_of(ids, tracks)]
