"""Calls that search artists, albums and songs; without words they page through the library.

Their songs have no moods: who pages through a library reads every track, and moods would take as long as all the rest.
"""

from collections.abc import Callable, Sequence
from typing import Any

from recsys.web.subsonic.browsing import check_folder
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.credit_records import album_directory, album_record, artist_directory, artist_record
from recsys.web.subsonic.records import Record, songs

MAX_COUNT = 10_000
_DEFAULT_COUNT = 20


def search2(call: Call) -> Payload:
    """What a search finds, artists and albums as directories."""
    return {"searchResult2": _search(call, artist_directory, album_directory)}


def search3(call: Call) -> Payload:
    """What a search finds."""
    return {"searchResult3": _search(call, artist_record, album_record)}


def words_of(query: str) -> str:
    """The words of a query, without the marks that players add: ``""`` for everything, and ``*`` at the ends of words.

    >>> words_of('""'), words_of("miles* dav*"), words_of('"so what"')
    ('', 'miles dav', 'so what')
    """
    return " ".join(word.rstrip("*") for word in query.replace('"', " ").split()).strip()


def _search(call: Call, artist: Callable[[Any], Record], album: Callable[[Any], Record]) -> dict[str, Sequence[Record]]:
    check_folder(call)
    browsing, query = call.library.browsing, words_of(call.parameters.text("query") or "")
    (n_artists, first_artist), (n_albums, first_album), (n_songs, first_song) = (
        _page(call, kind) for kind in ("artist", "album", "song")
    )
    if query:
        found = browsing.search(query)
        artist_ids, album_ids = found.artist_ids, found.album_ids
        song_ids = found.track_ids[first_song : first_song + n_songs]
    else:
        artist_ids, album_ids = browsing.artist_ids(), browsing.album_ids("artist")
        song_ids = browsing.track_ids(offset=first_song, limit=n_songs)
    return {
        "artist": [artist(each) for each in browsing.artists(artist_ids[first_artist : first_artist + n_artists])],
        "album": [album(each) for each in browsing.albums(album_ids[first_album : first_album + n_albums])],
        "song": songs(call.library, song_ids, moods=False),
    }


def _page(call: Call, kind: str) -> tuple[int, int]:
    count = call.parameters.integer(f"{kind}Count", _DEFAULT_COUNT, maximum=MAX_COUNT)
    return count, call.parameters.integer(f"{kind}Offset", 0)


CALLS: dict[str, Handler] = {"search2": search2, "search3": search3}
