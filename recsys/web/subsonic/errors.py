"""Errors as the protocol has them: a code and a message."""

from enum import IntEnum

from recsys.errors import RecsysError


class Code(IntEnum):
    """The codes of the protocol that are used here."""

    GENERIC = 0
    MISSING_PARAMETER = 10
    WRONG_LOGIN = 40
    NO_TOKENS = 41
    NO_SUCH_MECHANISM = 42
    SEVERAL_MECHANISMS = 43
    WRONG_KEY = 44
    NOT_PERMITTED = 50
    NOT_FOUND = 70


class SubsonicError(Exception):
    """A call failed; its answer has this code and message, and may have the seconds after which it may be repeated."""

    def __init__(self, code: Code, message: str, *, status: int = 200, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after


def missing(name: str) -> SubsonicError:
    """A call lacks a parameter."""
    return SubsonicError(Code.MISSING_PARAMETER, f"the parameter {name} is missing")


def invalid(name: str, value: str, expected: str) -> SubsonicError:
    """A parameter has a value that cannot be used."""
    return SubsonicError(Code.GENERIC, f"{name} must be {expected}, got {value[:100]!r}")


def not_found(what: str, id: str) -> SubsonicError:
    """There is nothing with an id."""
    return SubsonicError(Code.NOT_FOUND, f"there is no {what} {id[:100]!r}")


def error_of(error: RecsysError) -> SubsonicError:
    """An error of the library in the terms of the protocol; who has a key learns nothing of the server's own state.

    >>> from recsys.errors import NotFound
    >>> error_of(NotFound("no track has the id 99")).message, error_of(RecsysError("no space at /home")).message
    ('no track has the id 99', 'the server failed; its log has the reason')
    """
    if error.code in _OWN_STATE:
        return SubsonicError(Code.GENERIC, _OWN_STATE[error.code])
    if error.code not in _OF_THE_CALL:
        return DEFECT
    return SubsonicError(_CODES.get(error.code, Code.GENERIC), str(error))


DEFECT = SubsonicError(Code.GENERIC, "the server failed; its log has the reason", status=500)
"""What no player can do anything about."""

_CODES = {"not_found": Code.NOT_FOUND, "forbidden": Code.NOT_PERMITTED}
_OF_THE_CALL = frozenset({"invalid_request", "not_found", "not_analysed", "ambiguous_track", "forbidden"})
"""Codes of errors whose messages are of what a call has asked for; others may name paths of the server."""
_OWN_STATE = {
    "library_not_found": "there is no library yet",
    "library_busy": "another program is writing to the library; try again",
    "library_full": "no space is left on the disk of the server",
}
