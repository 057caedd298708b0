"""How a player logs in: with a key as ``apiKey``, or as the password of its name, plain or as a salted digest."""

import hmac
from hashlib import md5

from recsys import AccessKey, AccessKeys
from recsys.errors import pluralise
from recsys.web.security.access import Access
from recsys.web.security.asgi import Scope
from recsys.web.security.sessions import Login
from recsys.web.subsonic.errors import Code, SubsonicError, missing
from recsys.web.subsonic.parameters import Parameters

FIELDS = ("u", "p", "t", "s", "apiKey")
"""The parameters of a login; no function of a call gets them, so that none logs them."""

_ENCODED = "enc:"
_MAX_SALT = 200


def log_in(parameters: Parameters, access: Access, scope: Scope) -> Login:
    """The login of a call.

    Raises
    ------
    SubsonicError
        The parameters of the login are missing or wrong, or too many logins have failed.
    """
    user, key = parameters.text("u"), parameters.text("apiKey")
    if key is not None and (user is not None or "p" in parameters or "t" in parameters):
        raise SubsonicError(Code.SEVERAL_MECHANISMS, "an API key is sent without user name, password and token")
    if key is None and not user:
        raise missing("u")
    if seconds := access.limit.wait(scope):
        message = f"too many failed logins; try again in {pluralise(seconds, 'second')}"
        raise SubsonicError(Code.WRONG_LOGIN, message, status=429, retry_after=seconds)
    found = access.keys.verify(key) if key is not None else _by_name(parameters, access.keys, user or "")
    if found is None:
        access.limit.fail(scope)
        if key is not None:
            raise SubsonicError(Code.WRONG_KEY, "the API key is wrong")
        raise SubsonicError(Code.WRONG_LOGIN, "the user name or the password is wrong")
    return Login(found.name, found.listener)


def _by_name(parameters: Parameters, keys: AccessKeys, user: str) -> AccessKey | None:
    token, salt, password = (parameters.text(name) for name in ("t", "s", "p"))
    if token is not None:
        if not salt:
            raise missing("s")
        return keys.verify_digest(user, lambda plain: _is_token(token, plain, salt))
    if password is None:
        raise missing("p")
    found = keys.verify(_decode(password))
    return found if found is not None and found.name.casefold() == user.strip().casefold() else None


def _is_token(token: str, plain: str, salt: str) -> bool:
    expected = md5(f"{plain}{salt[:_MAX_SALT]}".encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(expected.encode(), token.lower().encode("utf-8", "replace"))


def _decode(password: str) -> str:
    if not password.startswith(_ENCODED):
        return password
    try:
        return bytes.fromhex(password.removeprefix(_ENCODED)).decode("utf-8", "replace")
    except ValueError:
        return ""
