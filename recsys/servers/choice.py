"""The client of a link, by the kind of its server."""

from recsys.domain.links import KINDS, Link
from recsys.errors import InvalidRequest
from recsys.servers.jellyfin import Jellyfin
from recsys.servers.lyrion import Lyrion
from recsys.servers.plex import Plex
from recsys.servers.server import MusicServer
from recsys.servers.subsonic import Subsonic


def needs_secret(kind: str, user: str | None) -> bool:
    """Whether a password or key is needed; Lyrion has one only if a user is named."""
    return kind != "lyrion" or user is not None


def check_login(kind: str, user: str | None) -> None:
    """Check that a link to a kind of server may have this user.

    Raises
    ------
    InvalidRequest
        The kind is unknown, or it needs a user, or it has none.
    """
    if kind not in KINDS:
        raise InvalidRequest(f"must be one of {', '.join(KINDS)}", field="kind", value=kind)
    if user is not None and (not user.strip() or not user.isprintable()):
        raise InvalidRequest("must have printable characters", field="user", value=user)
    if kind == "jellyfin" and not user:
        raise InvalidRequest("is needed: a key of Jellyfin has no playlists and no favourites", field="user")
    if kind == "plex" and user:
        raise InvalidRequest("must not be given: the key of Plex names the user", field="user", value=user)


def check_secret(secret: str | None) -> None:
    """Check that a password or key can be sent; the message does not have it.

    Raises
    ------
    InvalidRequest
        It has characters that cannot be printed.
    """
    if secret is not None and not secret.isprintable():
        raise InvalidRequest("the password or key has characters that cannot be printed")


def open_server(link: Link, secret: str | None) -> MusicServer:
    """The client of a link; nothing is sent before :meth:`MusicServer.log_in`.

    Raises
    ------
    InvalidRequest
        The address is invalid.
    """
    if link.kind == "jellyfin":
        return Jellyfin(link.url, link.user or "", secret or "")
    if link.kind == "lyrion":
        return Lyrion(link.url, link.user, secret)
    if link.kind == "plex":
        return Plex(link.url, secret or "")
    return Subsonic(link.url, link.user, secret or "")
