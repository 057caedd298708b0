"""Calls that store ratings and plays of a listener: stars are likes, ratings are stars, and scrobbles are plays."""

import time
from datetime import UTC, datetime
from itertools import zip_longest

from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import Code, SubsonicError, missing, not_found
from recsys.web.subsonic.ids import Kind, read_id, write_id
from recsys.web.subsonic.now_playing import Playing
from recsys.web.subsonic.records import songs

_MAX_PLAYER = 100  # characters of the name of a player


def star(call: Call) -> Payload:
    """Like songs, albums and artists."""
    return _like(call, 1)


def unstar(call: Call) -> Payload:
    """Remove the likes of songs, albums and artists; stars of a rating stay."""
    return _like(call, 0)


def _like(call: Call, value: int) -> Payload:
    given = [read_id(each, "tr", "al", "ar") for each in call.parameters.texts("id")]
    given += [read_id(each, "al") for each in call.parameters.texts("albumId")]
    given += [read_id(each, "ar") for each in call.parameters.texts("artistId")]
    if not given:
        raise missing("id")
    ratings = call.library.ratings
    if tracks := _of_kind(given, "tr"):
        _ensure_known(call, tracks)
        ratings.set([str(number) for number in tracks], value)
    if albums := _of_kind(given, "al"):
        ratings.albums.set(albums, value)
    if artists := _of_kind(given, "ar"):
        ratings.artists.set(artists, value)
    return {}


def _of_kind(given: list[tuple[Kind, int]], kind: Kind) -> list[int]:
    return [number for each, number in given if each == kind]


def _ensure_known(call: Call, tracks: list[int]) -> None:
    """Raise an error for an id that no track has, which may begin the title of one."""
    known = {track.id for track in call.library.tracks_by_id(tracks)}
    if unknown := [number for number in tracks if number not in known]:
        raise not_found("song", write_id("tr", unknown[0]))


def set_rating(call: Call) -> Payload:
    """Give a song, album or artist one to five stars, or remove them (0)."""
    kind, number = read_id(call.parameters.required("id"), "tr", "al", "ar")
    call.parameters.required("rating")
    stars = call.parameters.integer("rating", 0, minimum=-1, maximum=6)
    if not 0 <= stars <= 5:
        raise SubsonicError(Code.GENERIC, "rating must be from 0 to 5")
    ratings = call.library.ratings
    if kind == "tr":
        _ensure_known(call, [number])
        ratings.set_stars([number], stars)
    else:
        (ratings.albums if kind == "al" else ratings.artists).set_stars([number], stars)
    return {}


def scrobble(call: Call) -> Payload:
    """Store plays at their times, or that a song is being played (``submission=false``).

    A song has one play at a time, so that a call which is sent again changes nothing. Of several songs those that are
    unknown are left out.
    """
    if not (texts := call.parameters.texts("id")):
        raise missing("id")
    times = call.parameters.integers("time", maximum=2**53)
    library = call.library
    known = {track.id: track for track in library.tracks_by_id(read_id(each, "tr")[1] for each in texts)}
    if not known:
        raise not_found("song", texts[0])
    if not call.parameters.boolean("submission", True):
        track = list(known.values())[-1]
        player = (call.parameters.text("c") or "")[:_MAX_PLAYER]
        call.state.playing.report(track.id, call.login.listener, call.user, player, track.duration)
        return {}
    now = time.time_ns() // 1_000_000
    for text, at in zip_longest(texts, times[: len(texts)]):
        number = read_id(text, "tr")[1]
        if number in known:
            library.plays.add(number, at=datetime.fromtimestamp(min(at or now, now) / 1000, UTC))
    return {}


def report_playback(call: Call) -> Payload:
    """Store how far a player is in a song, and the play once enough of it is over, unless ``ignoreScrobble`` is set."""
    id = call.parameters.required("mediaId")
    number = read_id(id, "tr")[1]
    call.parameters.choice("mediaType", ["song"])
    state = call.parameters.choice("state", ["starting", "playing", "paused", "stopped"])
    call.parameters.required("positionMs")
    position = call.parameters.number("positionMs", 0.0, maximum=1e10) / 1000
    rate = call.parameters.number("playbackRate", 1.0, maximum=100.0)
    found = call.library.tracks_by_id([number])
    if not found:
        raise not_found("song", id)
    player = (call.parameters.text("c") or "")[:_MAX_PLAYER]
    begun = Playing(
        number, call.login.listener, call.user, player, 0.0, found[0].duration,
        counted=call.parameters.boolean("ignoreScrobble", False),
    )  # fmt: skip
    for each in call.state.playing.follow(begun, state, position, rate):
        call.library.plays.add(each.track_id, at=each.began_at)
    return {}


def now_playing(call: Call) -> Payload:
    """What the players of the same listener are playing."""
    playing = call.state.playing.of(call.login.listener)
    found = {record["id"]: record for record in songs(call.library, [each.track_id for each, _ in playing])}
    entries = []
    for number, (each, ago) in enumerate(playing, start=1):
        if record := found.get(f"tr-{each.track_id}"):
            whose = {"username": each.user, "minutesAgo": int(ago // 60), "playerId": number, "playerName": each.player}
            entries.append({**record, **whose})
    return {"nowPlaying": {"entry": entries}}


CALLS: dict[str, Handler] = {
    "star": star,
    "unstar": unstar,
    "setRating": set_rating,
    "scrobble": scrobble,
    "reportPlayback": report_playback,
    "getNowPlaying": now_playing,
}
