"""What a server keeps of those who have access to it."""

from dataclasses import dataclass, field

from recsys import AccessKeys
from recsys.errors import Hint, RecsysError
from recsys.web.options import ServeOptions
from recsys.web.security.login_limit import LoginLimit
from recsys.web.security.one_time_token import OneTimeToken
from recsys.web.security.sessions import Sessions


class KeyNeeded(RecsysError):
    """The server would be reachable from other machines, and has no key."""

    code = "key_needed"


@dataclass(frozen=True, slots=True)
class Access:
    """Keys, sessions, the token of the first login, and failed logins."""

    keys: AccessKeys
    sessions: Sessions = field(init=False)
    token: OneTimeToken = field(default_factory=OneTimeToken)
    limit: LoginLimit = field(default_factory=LoginLimit)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sessions", Sessions(self.keys))


def refuses_start(options: ServeOptions, keys: AccessKeys) -> KeyNeeded | None:
    """Why a server may not start: it listens on another address than loopback, and there is no key.

    Raises
    ------
    LibraryError
        The file of the keys cannot be read.
    """
    if options.is_loopback or keys.list():
        return None
    return KeyNeeded(f"other machines reach {options.host}, and there is no key", hint=Hint.ADD_KEY)
