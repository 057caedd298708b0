"""Who is logged in with a browser: in memory, so that a restart of the server ends all sessions."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from recsys import AccessKey, AccessKeys

IDLE_SECONDS = 7 * 86_400
SESSION_SECONDS = 30 * 86_400
MAX_SESSIONS = 1000
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Login:
    """As whom a request is made: a key, or None after a start on loopback; and the listener of the key."""

    key: str | None = None
    listener: str | None = None


@dataclass(slots=True)
class _Session:
    key: AccessKey | None
    started: float
    used: float


class Sessions:
    """Sessions by the digest of their random ids; each ends with its key."""

    def __init__(self, keys: AccessKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._sessions: dict[bytes, _Session] = {}

    def start(self, key: AccessKey | None) -> str:
        """Begin a session and return its id."""
        now = self._clock()
        self._sessions = {digest: each for digest, each in self._sessions.items() if not _is_over(each, now)}
        if len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[min(self._sessions, key=lambda digest: self._sessions[digest].used)]
        session = secrets.token_urlsafe(_BYTES)
        self._sessions[_digest(session)] = _Session(key, now, now)
        return session

    def find(self, session: str) -> Login | None:
        """The login of a session; None if there is none, or it has ended, or its key is revoked."""
        digest, now = _digest(session), self._clock()
        found = self._sessions.get(digest)
        if found is None:
            return None
        key = None if found.key is None else self._keys.current(found.key)
        if _is_over(found, now) or (found.key is not None and key is None):
            self._sessions.pop(digest, None)
            return None
        found.used = now
        return Login() if key is None else Login(key.name, key.listener)

    def end(self, session: str) -> None:
        """End a session, if there is one."""
        self._sessions.pop(_digest(session), None)


def _is_over(session: _Session, now: float) -> bool:
    return now - session.used > IDLE_SECONDS or now - session.started > SESSION_SECONDS


def _digest(session: str) -> bytes:
    return hashlib.blake2b(session.encode("utf-8", "surrogateescape"), digest_size=32).digest()
