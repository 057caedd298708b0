"""Search by text: what the words of a query mean, and the tracks that most of them apply to.

No words are compared with sounds. A word is a mood, a tag or a genre that recsys predicts, a genre of the tags, a
decade, a tempo, or else a word of artist, title, album or path; one that is several of these applies to the tracks of
each. The similarity of a track is the share of the words that apply to it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from random import Random
from typing import Any

from fastapi import APIRouter

from recsys import Library, Track, TrackFilter
from recsys.errors import Hint, InvalidRequest, LibraryNotFound
from recsys.web.audiomuse.browse import quoted
from recsys.web.audiomuse.call import CallOf
from recsys.web.audiomuse.ids import WireIds
from recsys.web.audiomuse.rows import row_of
from recsys.web.records import RecordResponse

router = APIRouter(prefix="/clap", include_in_schema=False)

_MAX_RESULTS = 500
_MAX_WORDS = 40
_LONGEST_NAME = 3  # words
_SPARE = 4  # times as many tracks as are listed, of which those by many artists are chosen
_NAMES = 2000  # of genres
_WITHOUT_MEANING = frozenset({
    "a", "an", "and", "for", "from", "in", "like", "music", "of", "on", "playlist", "some", "song", "songs", "that",
    "the", "to", "track", "tracks", "tunes", "with",
})  # fmt: skip
_WORDS: dict[str, TrackFilter] = {
    "slow": TrackFilter(bpm_range=(0, 90)), "fast": TrackFilter(bpm_range=(130, 400)),
    "upbeat": TrackFilter(valence_range=(0.6, 1), arousal_range=(0.6, 1)),
    "cheerful": TrackFilter(valence_range=(0.65, 1)), "dark": TrackFilter(valence_range=(0, 0.35)),
    "melancholic": TrackFilter(valence_range=(0, 0.4), arousal_range=(0, 0.4)),
    "aggressive": TrackFilter(valence_range=(0, 0.5), arousal_range=(0.65, 1)),
    "powerful": TrackFilter(arousal_range=(0.7, 1)), "relaxed": TrackFilter(arousal_range=(0, 0.35)),
    "relaxing": TrackFilter(arousal_range=(0, 0.35)),
    "peaceful": TrackFilter(valence_range=(0.5, 1), arousal_range=(0, 0.3)),
    "rap": TrackFilter(tags=["hip-hop"]), "hip hop": TrackFilter(tags=["hip-hop"]), "rnb": TrackFilter(tags=["r&b"]),
}  # fmt: skip
"""Words that stand for numbers which are stored of every track, and other spellings of tags."""

_DECADE = re.compile(r"(?P<century>19|20)?(?P<decade>\d)0'?s")
_TEMPO = re.compile(r"(?P<bpm>\d{2,3})\s?bpm", re.IGNORECASE)
_TEMPO_WIDTH = 3.0


@router.post("/search")
def search(call: CallOf) -> RecordResponse:
    """Tracks that the words of a query apply to, most of them first."""
    query = call.values.required("query")
    limit = call.values.whole("limit", call.values.whole("n", 100, maximum=_MAX_RESULTS), maximum=_MAX_RESULTS)
    if not call.library.track_ids():
        raise LibraryNotFound("no track is present", hint=Hint.INGEST)
    ids = WireIds(call.library, call.ids.servers[:1])
    meanings = meanings_of(call.library, query)
    found = [tracks_of(call.library, each) for each in meanings]
    counts = Counter(track for each in found for track in each)
    rows: list[dict[str, Any]] = []
    for share in range(len(found), 0, -1):
        tracks = sorted(track for track, count in counts.items() if count == share)
        Random(query).shuffle(tracks)
        chosen = by_many_artists(ids.known(tracks, 0, _SPARE * (limit - len(rows))))[: limit - len(rows)]
        known = ids.foreign_ids(chosen)
        rows += [{**row_of(each, known[each.id]), "similarity": round(share / len(found), 4)} for each in chosen]
        if len(rows) >= limit:
            break
    return RecordResponse({"query": query, "count": len(rows), "results": rows})


@router.post("/warmup")
async def warmup() -> RecordResponse:
    """Nothing has to be loaded before a search."""
    return RecordResponse({"loaded": True, "expiry_seconds": 0})


@router.get("/warmup/status")
async def warmup_status() -> RecordResponse:
    """A search is always ready."""
    return RecordResponse({"active": True, "seconds_remaining": 0})


@router.get("/stats")
def stats(call: CallOf) -> RecordResponse:
    """How many tracks are searched."""
    return RecordResponse({"loaded": True, "song_count": len(call.library.track_ids()), "clap_enabled": True})


@router.get("/top_queries")
def top_queries(call: CallOf) -> RecordResponse:
    """Words that a query may have: moods, and the genres of the library."""
    words = [*call.library.complete("", kind="mood"), *call.library.complete("", kind="genre", limit=20)]
    return RecordResponse({"queries": words, "ready": bool(words)})


Meaning = tuple[TrackFilter | str, ...]
"""What a word stands for: filters, or queries of words, any of which a track passes."""


def meanings_of(library: Library, query: str) -> list[Meaning]:
    """What each word of a query stands for; the longest name of a genre or a tag has precedence.

    Raises
    ------
    InvalidRequest
        There are too many words.
    """
    spaced = _TEMPO.sub(lambda found: f"{found['bpm']}bpm", query.casefold())
    words = [word for word in (each.strip(".,;:!?()\"'") for each in spaced.split()) if word]
    if len(words) > _MAX_WORDS:
        raise InvalidRequest(f"must have at most {_MAX_WORDS} words", field="query")
    names = _names(library)
    found: list[Meaning] = []
    start = 0
    while start < len(words):
        n = next((n for n in range(_LONGEST_NAME, 0, -1) if " ".join(words[start : start + n]) in names), 0)
        if n:
            found.append(names[" ".join(words[start : start + n])])
        elif words[start] not in _WITHOUT_MEANING:
            found.append(_of_word(words[start]))
        start += n or 1
    return found


def tracks_of(library: Library, meaning: Meaning) -> set[int]:
    """The tracks that a word applies to."""
    return {
        track
        for each in meaning
        for track in (library.track_ids(each) if isinstance(each, str) else library.track_ids(filter=each))
    }


def by_many_artists(tracks: Iterable[Track]) -> list[Track]:
    """The first track of each artist, then the second one of each …"""
    seen: Counter[str | None] = Counter()
    places: list[tuple[int, Track]] = []
    for track in tracks:
        places.append((seen[track.artist], track))
        seen[track.artist] += 1
    return [track for _, track in sorted(places, key=lambda place: place[0])]


def _names(library: Library) -> dict[str, Meaning]:
    """The names of moods, tags and genres of a library, without case, with what they stand for."""
    found: defaultdict[str, list[TrackFilter | str]] = defaultdict(list)
    for name in library.complete("", kind="tag", limit=_NAMES):
        found[name.casefold()].append(TrackFilter(tags=[name]))
    for name in library.complete("", kind="genre", limit=_NAMES):
        found[name.casefold()].append(TrackFilter(genres=[name]))
    for name in library.complete("", kind="tagged_genre", limit=_NAMES):
        found[name.casefold()].append(TrackFilter(tagged_genres=[name]))
    words: dict[str, Meaning] = {name: (meaning,) for name, meaning in _WORDS.items()}
    return {name: tuple(each) for name, each in found.items() if not _DECADE.fullmatch(name)} | words


def _of_word(word: str) -> Meaning:
    if found := _DECADE.fullmatch(word):
        century = found["century"] or ("20" if found["decade"] in "012" else "19")
        first = int(f"{century}{found['decade']}0")
        return (TrackFilter(year_range=(first, first + 9)),)
    if found := re.fullmatch(r"(\d{2,3})bpm", word):
        bpm = float(found[1])
        return (TrackFilter(bpm_range=(bpm - _TEMPO_WIDTH, bpm + _TEMPO_WIDTH)),)
    return (" ".join(quoted(word)),)
