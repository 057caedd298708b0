"""Every call of py-opensonic, the library of Music Assistant, against a real server."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from player_server import USER, PlayerServer, running

libopensonic = pytest.importorskip("libopensonic")
aiohttp = pytest.importorskip("aiohttp")
ClientError, ClientResponseError = aiohttp.ClientError, aiohttp.ClientResponseError


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    with running(tmp_path_factory) as found:
        yield found


Check = Callable[[Any], object]
Step = tuple[str, dict[str, Any], Check]
REFUSED: dict[str, dict[str, Any]] = {
    "add_chat_message": {"message": "x"},
    "change_password": {"username": USER, "password": "x"},
    "create_bookmark": {"mid": "tr-1", "position": 1},
    "create_internet_radio_station": {"stream_url": "http://x.example", "name": "x"},
    "create_podcast_channel": {"url": "http://x.example"},
    "create_share": {"shids": ["tr-1"]},
    "create_user": {"username": "x", "password": "x", "email": "x@x.example"},
    "delete_bookmark": {"mid": "tr-1"},
    "delete_internet_radio_station": {"iid": "1"},
    "delete_podcast_channel": {"pid": "1"},
    "delete_podcast_episode": {"pid": "1"},
    "delete_share": {"shid": "1"},
    "delete_user": {"username": USER},
    "download_podcast_episode": {"pid": "1"},
    "get_podcast_episode": {"pid": "1"},
    "get_users": {},
    "get_video_info": {"vid": "1"},
    "get_captions": {"vid": "1"},
    "get_transcode_decision": {"media_id": "tr-1", "media_type": "song", "client_info": {}},
    "get_transcode_stream": {"media_id": "tr-1", "media_type": "song", "transcode_params": "x"},
    "hls": {"mid": "tr-1"},
    "get_avatar": {"username": USER},
    "jukebox_control": {"action": "status"},
    "refresh_podcasts": {},
    "update_internet_radio_station": {"iid": "1", "stream_url": "http://x.example", "name": "x"},
    "update_user": {"username": USER, "password": "x"},
}
"""Calls for what a library of music does not have, or a key does not permit."""
LOCAL = {"cleanup", "search"}
"""Methods that call nothing."""
DEFECTIVE: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "update_share": ({"shid": "1"}, ("TypeError", "AuthError")),
    "get_music_folders": ({}, ("ValueError",)),
}
"""Methods that fail in the client of version 10.4 before they call with a form, or at an answer as it is documented."""
ALBUM_LISTS = (
    "random",
    "newest",
    "highest",
    "frequent",
    "recent",
    "alphabeticalByName",
    "alphabeticalByArtist",
    "starred",
)


def steps(song: Any, other: Any, album: Any, playlist: str) -> list[Step]:
    """The calls that succeed, with what is expected of each, in an order in which one can use what others did."""

    def ids(found: list[Any]) -> list[str]:
        return [each.id for each in found]

    def is_nearest_first(matches: list[Any]) -> bool:
        return len(matches) > 3 and song.id not in ids([match.entry for match in matches])

    return [
        ("ping", {}, bool),
        ("get_license", {}, lambda found: found["license"]["valid"]),
        ("token_info", {}, lambda found: found.username == USER),
        ("get_user", {"username": USER}, lambda found: found.stream_role and not found.admin_role),
        ("get_open_subsonic_extensions", {}, lambda found: {"formPost", "sonicSimilarity"} <= {e.name for e in found}),
        ("get_scan_status", {}, lambda found: found.scanning or found.count == 24),
        ("get_artists", {}, lambda found: sum(len(index.artist) for index in found.index) == 14),
        ("get_indexes", {}, lambda found: sum(len(index.artist) for index in found.index) == 14),
        ("get_artist", {"artist_id": song.artist_id}, lambda found: album.id in ids(found.album)),
        ("get_artist_info", {"aid": song.artist_id}, lambda found: found is not None),
        ("get_artist_info2", {"aid": song.artist_id}, lambda found: len(found.similar_artist) > 2),
        ("get_music_directory", {"mid": song.artist_id}, lambda found: album.id in ids(found.child)),
        ("get_album", {"album_id": album.id}, lambda found: song.id in ids(found.song)),
        ("get_album_info", {"aid": album.id}, lambda found: found is not None),
        ("get_album_info2", {"aid": album.id}, lambda found: found is not None),
        ("get_song", {"sid": song.id}, lambda found: (found.title, found.duration) == (song.title, 7)),
        ("get_genres", {}, lambda found: {"rock", "classical", "electronic"} <= {genre.value for genre in found}),
        ("get_songs_by_genre", {"genre": "rock"}, lambda found: len(found) == 8),
        ("get_random_songs", {"size": 5}, lambda found: len(set(ids(found))) == 5),
        ("get_top_songs", {"artist": "Altri Stromenti"}, lambda found: isinstance(found, list)),
        *(("get_album_list", {"ltype": kind}, lambda found: isinstance(found, list)) for kind in ALBUM_LISTS),
        *(("get_album_list2", {"ltype": kind}, lambda found: isinstance(found, list)) for kind in ALBUM_LISTS),
        ("get_album_list2", {"ltype": "byYear", "from_year": 2003, "to_year": 2003},
         lambda found: {each.year for each in found} == {2003}),
        ("get_album_list2", {"ltype": "alphabeticalByName", "size": 500}, lambda found: len(found) == 11),
        ("search2", {"query": "free energy"}, lambda found: ids(found.song) == [song.id]),
        ("search3", {"query": "free energy"}, lambda found: ids(found.song) == [song.id]),
        ("search3", {"query": "", "song_count": 10, "song_offset": 20}, lambda found: len(found.song) == 4),
        ("get_similar_songs", {"iid": song.id, "count": 5}, lambda found: 0 < len(set(ids(found))) <= 5),
        ("get_similar_songs", {"iid": album.id, "count": 5}, lambda found: found),
        ("get_similar_songs2", {"iid": song.artist_id, "count": 5}, lambda found: found),
        ("get_sonic_similar_tracks", {"song_id": song.id, "count": 6}, is_nearest_first),
        ("find_sonic_path", {"start_song_id": song.id, "end_song_id": other.id, "count": 6},
         lambda found: (found[0].entry.id, found[-1].entry.id) == (song.id, other.id)),
        ("star", {"sids": [song.id], "album_ids": [album.id], "artist_ids": [song.artist_id]}, bool),
        ("get_starred", {}, lambda found: song.id in ids(found.song)),
        ("get_starred2", {}, lambda found: album.id in ids(found.album) and song.artist_id in ids(found.artist)),
        ("unstar", {"sids": [song.id], "album_ids": [album.id], "artist_ids": [song.artist_id]}, bool),
        ("set_rating", {"item_id": other.id, "rating": 5}, bool),
        ("get_song", {"sid": other.id}, lambda found: found.user_rating == 5),
        ("scrobble", {"sid": song.id}, bool),
        ("get_song", {"sid": song.id}, lambda found: found.play_count >= 1 and not found.starred),
        ("scrobble", {"sid": other.id, "submission": False}, bool),
        ("get_now_playing", {}, lambda found: other.id in ids(found)),
        ("report_playback", {"media_id": song.id, "media_type": "song", "position_ms": 10, "state": "playing"}, bool),
        ("create_playlist", {"name": "Made by a player", "song_ids": [song.id, other.id]}, bool),
        ("get_playlists", {}, lambda found: "Made by a player" in [each.name for each in found]),
        ("update_playlist", {"lid": playlist, "song_ids_to_add": [song.id], "song_indices_to_remove": [0]}, bool),
        ("get_playlist", {"pid": playlist}, lambda found: ids(found.entry) == [other.id, song.id]),
        ("delete_playlist", {"pid": playlist}, bool),
        ("save_play_queue", {"qids": [song.id, other.id], "current": other.id, "position": 1500}, bool),
        ("get_play_queue", {}, lambda found: (found.current, found.position) == (other.id, 1500)),
        ("save_play_queue_by_index", {"ids": [song.id, song.id], "current_index": 1, "position": 7}, bool),
        ("get_play_queue_by_index", {}, lambda found: (found.current_index, len(found.entry)) == (1, 2)),
        ("get_lyrics", {"artist": song.artist, "title": song.title}, lambda found: "the first line" in found.value),
        ("get_lyrics_by_song_id", {"song_id": song.id}, lambda found: found[0].synced and len(found[0].line) == 2),
        ("stream", {"sid": song.id}, lambda found: found[:4] == b"fLaC"),
        ("stream", {"sid": song.id, "byte_range": "bytes=0-99"}, lambda found: len(found) == 100),
        ("stream", {"sid": song.id, "tformat": "mp3", "max_bit_rate": 96}, lambda found: found[:3] == b"ID3" or found),
        ("download", {"sid": song.id}, lambda found: found[:4] == b"fLaC"),
        ("get_cover_art", {"aid": album.cover_art}, lambda found: found[:2] == b"\xff\xd8"),
        ("get_cover_art", {"aid": album.cover_art, "size": 32}, lambda found: found),
        ("get_stream_url", {"sid": song.id}, lambda found: found),
        *((name, {}, lambda found: not found) for name in (
            "get_podcasts", "get_newest_podcasts", "get_internet_radio_stations", "get_shares", "get_bookmarks",
            "get_chat_messages",
        )),
        ("get_videos", {}, lambda found: found is not None),
        ("start_scan", {}, lambda found: found is not None),
    ]  # fmt: skip


async def call(connection: Any, name: str, arguments: dict[str, Any]) -> Any:
    """What a method returns; of media their bytes."""
    found = getattr(connection, name)(**arguments)
    if inspect.isawaitable(found):
        found = await found
    return await found.read() if hasattr(found, "read") else found


def methods() -> set[str]:
    """Every public method of the client."""
    members = inspect.getmembers(libopensonic.AsyncConnection, inspect.isfunction)
    return {name for name, _ in members if not name.startswith("_")}


LOGINS: dict[str, Callable[[PlayerServer], dict[str, Any]]] = {
    "token in a form": lambda server: {"username": USER, "password": server.key},
    "token in the URL, as Music Assistant": lambda server: {"username": USER, "password": server.key, "use_get": True},
    "key": lambda server: {"api_key": server.key, "use_views": False},
    "password": lambda server: {"username": USER, "password": server.key, "legacy_auth": True},
}


@pytest.mark.parametrize("login", LOGINS)
def test_every_call_of_the_client(server: PlayerServer, login: str) -> None:
    async def play() -> list[str]:
        connection = libopensonic.AsyncConnection("http://127.0.0.1", port=server.port, **LOGINS[login](server))
        try:
            return await differences(connection)
        finally:
            await connection.cleanup()

    assert asyncio.run(play()) == []


async def differences(connection: Any) -> list[str]:
    """The calls that did not do what is expected; and methods that are not called."""
    song = (await connection.search3("Free Energy")).song[0]
    other = (await connection.search3("Happy Blues")).song[0]
    album = await connection.get_album(song.album_id)
    found, playlist = [], ""
    every = steps(song, other, album, "")
    for number, (name, _, _) in enumerate(every):
        _, arguments, check = steps(song, other, album, playlist)[number]
        try:
            result = await call(connection, name, arguments)
            if not check(result):
                found.append(f"{name} {arguments}: {str(result)[:300]}")
        except (libopensonic.errors.SonicError, OSError, ValueError, LookupError, TypeError, ClientError) as error:
            found.append(f"{name} {arguments}: {error!r}")
        if name == "create_playlist":
            playlist = next(each.id for each in await connection.get_playlists() if each.name == "Made by a player")
    for name, arguments in REFUSED.items():
        try:
            found.append(f"{name}: {await call(connection, name, arguments)!r}")
        except (libopensonic.errors.AuthError, libopensonic.errors.DataNotFoundError):
            continue
        except ClientResponseError as error:
            if error.status != 404:
                found.append(f"{name}: {error!r}")
    for name, (given, error_names) in DEFECTIVE.items():
        try:
            await call(connection, name, given)
        except (TypeError, ValueError, libopensonic.errors.AuthError) as error:
            if type(error).__name__ not in error_names:
                found.append(f"{name}: {error!r}")
    missing = methods() - LOCAL - set(REFUSED) - set(DEFECTIVE) - {name for name, _, _ in every}
    return found + sorted(missing)


def test_a_wrong_key_is_an_error_of_the_login(server: PlayerServer) -> None:
    async def log_in() -> Any:
        connection = libopensonic.AsyncConnection("http://127.0.0.1", USER, "wrong", port=server.port)
        try:
            return await connection.get_artists()
        finally:
            await connection.cleanup()

    with pytest.raises(libopensonic.errors.CredentialError):
        asyncio.run(log_in())


def test_a_star_and_a_rating_are_likes_of_the_library(server: PlayerServer) -> None:
    async def play() -> tuple[str, str]:
        connection = libopensonic.AsyncConnection("http://127.0.0.1", port=server.port, api_key=server.key)
        try:
            liked, disliked = [(await connection.search3(name)).song[0].id for name in ("Frequencies", "Blue Line")]
            await connection.star([liked])
            await connection.set_rating(disliked, 1)
            return liked, disliked
        finally:
            await connection.cleanup()

    liked, disliked = (int(id.removeprefix("tr-")) for id in asyncio.run(play()))
    with server.library as library:
        ratings = library.ratings.values()
    assert (ratings[liked].value, ratings[disliked].value) == (1, -1)
