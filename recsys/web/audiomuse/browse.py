"""Tracks and artists by id and by name."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from recsys import Library, SimilarArtist
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
    found = call.library.artists(query)
    known = ids.foreign_artist_ids(each.id for each in found)
    rows = [
        {"artist": each.name, "artist_id": known[each.id], "track_count": each.n_tracks}
        for each in found
        if each.id in known
    ]
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
        named = ids.foreign_artist_ids(each.artist.id for each in found)
        known = [(each, named[each.artist.id]) for each in found if each.artist.id in named][:n]
        if len(known) == n or len(found) < asked:
            break
    if not known:
        raise NotFound("the server has none of the similar artists")
    rows: list[dict[str, Any]] = [
        {"artist": each.artist.name, "artist_id": artist_id, "divergence": distance(each.similarity)}
        for each, artist_id in known
    ]
    if with_tracks:
        matches = _matches(call, ids, [each for each, _ in known])
        rows = [{**row, "component_matches": [match]} for row, match in zip(rows, matches, strict=True)]
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


def _matches(call: Call, ids: WireIds, similar: Sequence[SimilarArtist]) -> list[dict[str, Any]]:
    """For each artist the tracks that make it similar, and some more of it, so that mixes get enough."""
    more = call.library.browsing.artist_track_ids(each.artist.id for each in similar)
    own = [list(dict.fromkeys(pair.track.id for pair in each.pairs)) for each in similar]
    others = [
        list(dict.fromkeys([*(pair.other.id for pair in each.pairs), *more[each.artist.id]]))[:_REPRESENTATIVES]
        for each in similar
    ]
    tracks = call.library.tracks_by_id(dict.fromkeys(i for listed in (*own, *others) for i in listed))
    known = ids.foreign_ids(tracks)
    songs = {track.id: {"item_id": known[track.id], "title": track.title} for track in tracks if track.id in known}
    return [
        {
            "artist1_representative_songs": [songs[i] for i in mine if i in songs],
            "artist2_representative_songs": [songs[i] for i in theirs if i in songs],
        }
        for mine, theirs in zip(own, others, strict=True)
    ]
