"""Calls about the server itself and about who is logged in."""

from typing import Any

from recsys.web.subsonic.call import Call, Handler, Payload

EXTENSIONS = {
    "apiKeyAuthentication": [1],
    "formPost": [1],
    "indexBasedQueue": [1],
    "playbackReport": [1],
    "songLyrics": [1],
    "sonicSimilarity": [1],
    "transcodeOffset": [1],
}
"""The extensions of OpenSubsonic that are supported, with their versions."""


def ping(call: Call) -> Payload:
    """Whether the server answers and the login is right."""
    return {}


def license(call: Call) -> Payload:
    """A licence, which nothing here needs."""
    return {"license": {"valid": True}}


def extensions(call: Call) -> Payload:
    """The extensions that are supported; needs no login."""
    return {"openSubsonicExtensions": [{"name": name, "versions": each} for name, each in EXTENSIONS.items()]}


def token_info(call: Call) -> Payload:
    """Whose the key is."""
    return {"tokenInfo": {"username": call.user}}


def user(call: Call) -> Payload:
    """The user that is logged in, whatever name is asked for: others are not shown."""
    return {"user": user_record(call)}


def user_record(call: Call) -> dict[str, Any]:
    """What a player may do with its key."""
    roles = {
        "scrobblingEnabled": True, "adminRole": False, "settingsRole": False, "downloadRole": True,
        "uploadRole": False, "playlistRole": True, "coverArtRole": False, "commentRole": False, "podcastRole": False,
        "streamRole": True, "jukeboxRole": False, "shareRole": False, "videoConversionRole": False,
    }  # fmt: skip
    return {"username": call.user, **roles, "folder": [0]}


CALLS: dict[str, Handler] = {
    "ping": ping,
    "getLicense": license,
    "getOpenSubsonicExtensions": extensions,
    "tokenInfo": token_info,
    "getUser": user,
}
