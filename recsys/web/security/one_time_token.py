"""The token of the URL that a start on loopback prints: for one login, soon after the start."""

import hmac
import secrets
import time
from collections.abc import Callable

TOKEN_SECONDS = 600
_BYTES = 16


class OneTimeToken:
    """A random text that is accepted once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made_at = clock()
        self._text: str | None = None

    def make(self) -> str:
        """A new token; an earlier one is not accepted any more."""
        self._text, self._made_at = secrets.token_urlsafe(_BYTES), self._clock()
        return self._text

    def use(self, text: str) -> bool:
        """Whether the text is the token; it is not accepted again. The comparison takes constant time.

        >>> token = OneTimeToken()
        >>> text = token.make()
        >>> token.use("guessed"), token.use(text), token.use(text)
        (False, True, False)
        """
        made = self._text
        if made is None or self._clock() - self._made_at > TOKEN_SECONDS:
            self._text = None
            return False
        if not hmac.compare_digest(text.encode("utf-8", "surrogateescape"), made.encode()):
            return False
        self._text = None
        return True
