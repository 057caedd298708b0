"""What the log of the server has: no keys, no tokens, no characters that control a terminal."""

import logging
import re
from urllib.parse import unquote

_PARAMETERS = frozenset({"token", "key", "apikey", "password", "u", "p", "t", "s"})
_ENDINGS = ("_token", "_password")  # of parameters with the login of another server, as plugins send them
_SECRETS = re.compile(
    r"(?P<parameter>[?&](?P<name>[^=&\s?]+)=)[^&\s]+"  # in a URL
    r"|(?P<key>recsys_)[A-Za-z0-9_-]{16,}"
    r"|(?P<header>(?:bearer |recsys_session=))[^\s;\",]+",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FORMATTER = logging.Formatter()


def redact(text: str) -> str:
    """A text of a log without secrets and control characters; lines and tabs stay.

    >>> redact("GET /recsys/login?token=c2VjcmV0 401")
    'GET /recsys/login?token=… 401'
    >>> redact("GET /api/sonic_fingerprint/generate?n=5&jellyfin_token=c2VjcmV0 200")
    'GET /api/sonic_fingerprint/generate?n=5&jellyfin_token=… 200'
    """
    shown = _SECRETS.sub(_cut, text)
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), shown)


def _cut(found: re.Match[str]) -> str:
    name = unquote(found["name"] or "").lower()
    if found["parameter"] and name not in _PARAMETERS and not name.endswith(_ENDINGS):
        return found["parameter"] + redact(found[0][len(found["parameter"]) :])
    return f"{found['parameter'] or found['key'] or found['header']}…"


class Redaction(logging.Filter):
    """Redacts every record that a handler writes, its traceback as well; a message is one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is left out."""
        record.msg, record.args = redact(record.getMessage()).replace("\n", "\\n"), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


def log_without_secrets() -> bool:
    """Redact what the handlers of the process write; whether each request is written, which needs the level INFO."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(each, Redaction) for each in handler.filters):
            handler.addFilter(Redaction())
    wanted = logging.getLogger("recsys").isEnabledFor(logging.INFO)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if wanted else logging.WARNING)
    return wanted
