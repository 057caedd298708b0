"""Calls for what a library of music does not have: lists of it are empty, and to make some is not permitted."""

from functools import partial

from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import Code, SubsonicError

LISTS: dict[str, Payload] = {
    "getPodcasts": {"podcasts": {"channel": []}},
    "getNewestPodcasts": {"newestPodcasts": {"episode": []}},
    "getInternetRadioStations": {"internetRadioStations": {"internetRadioStation": []}},
    "getShares": {"shares": {"share": []}},
    "getBookmarks": {"bookmarks": {"bookmark": []}},
    "getChatMessages": {"chatMessages": {"chatMessage": []}},
    "getVideos": {"videos": {"video": []}},
}
"""The payloads of empty lists, by the name of the call."""

NOT_PERMITTED = (
    "refreshPodcasts", "createPodcastChannel", "deletePodcastChannel", "deletePodcastEpisode", "downloadPodcastEpisode",
    "createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation", "createShare",
    "updateShare", "deleteShare", "createBookmark", "deleteBookmark", "addChatMessage", "jukeboxControl", "getUsers",
    "createUser", "updateUser", "deleteUser", "changePassword",
)  # fmt: skip
"""The calls that no key permits; keys are made on the server."""

NOT_THERE = {"getVideoInfo": "video", "getCaptions": "video", "getPodcastEpisode": "episode", "getAvatar": "picture"}
"""What the library has none of, by the name of the call."""


def _list(payload: Payload, call: Call) -> Payload:
    return payload


def _refuse(name: str, call: Call) -> Payload:
    raise SubsonicError(Code.NOT_PERMITTED, f"{name} is not permitted")


def _none(what: str, call: Call) -> Payload:
    raise SubsonicError(Code.NOT_FOUND, f"there is no {what} here")


CALLS: dict[str, Handler] = {
    **{name: partial(_list, payload) for name, payload in LISTS.items()},
    **{name: partial(_refuse, name) for name in NOT_PERMITTED},
    **{name: partial(_none, what) for name, what in NOT_THERE.items()},
}
