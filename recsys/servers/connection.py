"""Requests to a server, with JSON answers: one clear line for each way in which that fails.

No message has a query or a header, where passwords may be. Redirects are not followed, since they could send a
password to another server.
"""

import json
import logging
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import certifi
import httpx

from recsys.errors import Hint, InvalidRequest, ServerError

for _name in ("httpx", "httpcore"):  # they log addresses of requests, which for Subsonic have a digest of the password
    logging.getLogger(_name).setLevel(logging.WARNING)

TIMEOUT_SECONDS = 60.0
MAX_ANSWER_BYTES = 1 << 27
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 600.0  # of one answer, however slowly it comes
_WAITS = 3  # times that a busy server is asked again
_MAX_WAIT = 60.0  # seconds
_BUSY = (429, 503)
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_SPACE = re.compile(r"\s")
_UNAUTHORISED = (401, 403)

Fields = Mapping[str, str | int | Sequence[str]]


class NotOnServer(ServerError):
    """The server does not have what was asked for."""


def check_url(url: str) -> str:
    """The address of a server without a slash at its end.

    Raises
    ------
    InvalidRequest
        It is no address of HTTP, or has a password, a query or a fragment.

    Examples
    --------
    >>> check_url("http://localhost:4533/")
    'http://localhost:4533'
    """
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in ("http", "https") and bool(httpx.URL(url.strip()).host) and parts.port != 0
        valid = valid and not _SPACE.search(parts.netloc)
    except (ValueError, httpx.InvalidURL):
        valid = False
    if not valid:
        raise InvalidRequest("must be an address such as http://localhost:4533", field="url", value=_shown(url))
    if parts.username is not None or parts.password is not None:
        raise InvalidRequest("must have no user and no password; these are given by themselves", field="url")
    if parts.query or parts.fragment:
        raise InvalidRequest("must have no ? and no #", field="url", value=_shown(url))
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


class Connection:
    """A connection to a server, which stays open between requests."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None, user: tuple[str, str] | None = None):
        self.url = check_url(url)
        trusted = ssl.create_default_context()
        trusted.load_verify_locations(certifi.where())
        self._client = httpx.Client(
            verify=trusted, headers={"Accept": "application/json"}, auth=user,
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=_CONNECT_SECONDS), follow_redirects=False,
        )  # fmt: skip
        self._client.headers.encoding = "utf-8"  # a key may have any letters
        for name, value in (headers or {}).items():
            self.set_header(name, value)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def set_header(self, name: str, value: str) -> None:
        """Send a header with every request from now on."""
        self._client.headers[name] = value

    def ask(
        self, method: str, path: str, *, query: Fields | None = None, form: Fields | None = None, body: Any = None
    ) -> Any:
        """The JSON answer to a request, None for an empty answer; ``form`` and ``body`` are sent as form and JSON.

        A busy server that states when to ask again is asked again then.

        Raises
        ------
        NotOnServer
            The server answers 404.
        ServerError
            The server cannot be reached, refuses the login, fails, or answers with something else than JSON.
        """
        try:
            for may_wait in (*[True] * _WAITS, False):
                with self._client.stream(
                    method, f"{self.url}/{path}", params=query, data=form and {**form}, json=body
                ) as response:
                    seconds = _seconds_to_wait(response) if may_wait else None
                    if seconds is None:
                        self._check(response)
                        content = self._read(response)
                        break
                _pause(seconds)
        except httpx.TimeoutException as error:
            raise ServerError(f"{self.url} does not answer") from error
        except httpx.ConnectError as error:
            raise self._unreachable(error) from error
        except UnicodeError as error:
            raise ServerError(f"cannot reach {self.url}: it is no name of a host") from error
        except httpx.HTTPError as error:
            raise ServerError(f"{self.url} has broken off its answer, or it is no HTTP") from error
        return self._parse(content)

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_redirect:
            raise ServerError(
                f"{self.url} redirects to {_shown(response.headers.get('location', ''))}", hint=Hint.USE_OTHER_URL
            )
        if status in _UNAUTHORISED:
            raise refused(self.url)
        if status == 404:
            raise NotOnServer(f"{self.url} answers with HTTP status 404: not found", hint=Hint.CHECK_SERVER)
        if not response.is_success:
            raise ServerError(f"{self.url} answers with HTTP status {status}")

    def _read(self, response: httpx.Response) -> bytes:
        content, end = bytearray(), time.monotonic() + _ANSWER_SECONDS
        for part in response.iter_bytes():
            content += part
            if time.monotonic() > end:
                raise ServerError(f"{self.url} does not end its answer")
            if len(content) > MAX_ANSWER_BYTES:
                raise ServerError(f"{self.url} answers with more than {MAX_ANSWER_BYTES >> 20} MB")
        return bytes(content)

    def _parse(self, content: bytes) -> Any:
        if not content.strip():
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            what = "a page" if content.lstrip()[:1] == b"<" else "something"
            raise ServerError(f"{self.url} answers with {what} that is not JSON", hint=Hint.CHECK_SERVER) from error

    def _unreachable(self, error: httpx.ConnectError) -> ServerError:
        reason: BaseException | None = error
        while reason is not None and not isinstance(reason, ssl.SSLError):
            reason = reason.__cause__ or reason.__context__
        if isinstance(reason, ssl.SSLCertVerificationError):
            return ServerError(
                f"the certificate of {self.url} is not trusted: {reason.verify_message}", hint=Hint.TRUST_CERTIFICATE
            )
        if isinstance(reason, ssl.SSLError):
            return ServerError(f"{self.url} does not answer by TLS", hint=Hint.USE_OTHER_URL)
        return ServerError(f"cannot reach {self.url}: {_ERRNO.sub('', str(error)) or 'no connection'}")


def _seconds_to_wait(response: httpx.Response) -> float | None:
    """How long a busy server lets wait, at most a minute; None: it is not busy, or states no time or a later one."""
    stated = response.headers.get("retry-after", "") if response.status_code in _BUSY else ""
    if stated.strip().isdecimal():
        seconds = float(stated)
    else:
        try:
            seconds = parsedate_to_datetime(stated).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if seconds <= _MAX_WAIT else None


def _pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def refused(url: str) -> ServerError:
    """The error of a server that refuses the login."""
    return ServerError(f"{url} refuses the user, the password or the key", hint=Hint.LINK_AGAIN)


def malformed(url: str, what: str) -> ServerError:
    """The error of an answer that lacks something."""
    return ServerError(f"{url} answers without {what}", hint=Hint.CHECK_SERVER)


def _shown(url: str) -> str:
    """An address without a password, a query and a fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
