"""The keys of the server, in ``keys.json`` in the folder of the library, which only its user may read.

A key has 128 random bits and is stored as a salted BLAKE2b digest; one for players of Subsonic also as it is. A slow
hash such as scrypt protects passwords, which can be guessed; it adds nothing to 128 random bits, and would delay each
request of a program that sends its key.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recsys.app.context import LibraryContext
from recsys.atomic import atomic_write
from recsys.database.lock import file_lock
from recsys.domain.access_keys import AccessKey
from recsys.errors import Hint, InvalidRequest, LibraryError, NotFound, SchemaMismatch

FILE_NAME = "keys.json"
PREFIX = "recsys_"
"""What every key begins with, so that it is recognised where it must not be: in logs, messages, repositories."""

_VERSION = 1
_BYTES = 16
_MAX_NAME = 100
_MAX_KEY = 200  # characters of a text that is compared with the keys
_USE_INTERVAL = timedelta(hours=1)  # after which another use is stored


@dataclass(frozen=True, slots=True)
class _Stored:
    """A key as the file has it."""

    key: AccessKey
    salt: bytes
    digest: bytes
    plain: str | None = None


class AccessKeys:
    """The keys of the server; :attr:`recsys.Library.keys`. Names are compared without case.

    The file is read again when it has changed, so that a key that is revoked by another process is refused at once.
    """

    def __init__(self, context: LibraryContext) -> None:
        self.context = context
        self._read: tuple[tuple[int, int, int], tuple[_Stored, ...]] | None = None
        self._changing = threading.Lock()

    @property
    def file(self) -> Path:
        """The file of the keys, which need not exist."""
        return self.context.settings.home / FILE_NAME

    def list(self) -> "list[AccessKey]":
        """All keys, in the order in which they were added.

        Raises
        ------
        LibraryError
            The file cannot be read, or is not one of keys.

        Examples
        --------
        >>> lib.keys.list()
        []
        """
        return [stored.key for stored in self._stored()]

    def add(self, name: str, *, listener: str | None = None, subsonic: bool = False) -> str:
        """Add a key and return it; only a digest is stored, so that it cannot be shown again.

        Parameters
        ----------
        name : str
            What it is called, such as the device that has it.
        listener : str or None
            The listener whose likes, plays and playlists it has access to; None: those of all listeners.
        subsonic : bool
            Store the key itself: most players of Subsonic send no password, but a digest of it with a salt of their
            own, which can only be checked by who has the password.

        Raises
        ------
        InvalidRequest
            The name is taken, empty, too long, or has characters that cannot be printed.
        NotFound
            There is no such listener.
        LibraryBusy, LibraryError
            The file cannot be written.

        Examples
        --------
        >>> key = lib.keys.add("phone")
        >>> lib.keys.verify(key).name
        'phone'
        """
        name = name.strip()
        if not name or len(name) > _MAX_NAME or not name.isprintable():
            raise InvalidRequest(f"must have 1 to {_MAX_NAME} printable characters", field="name", value=name)
        bound = None if listener is None else self._listener(listener)
        plain = PREFIX + secrets.token_urlsafe(_BYTES)
        salt = secrets.token_bytes(_BYTES)
        key = AccessKey(name, bound, _now(), subsonic=subsonic)
        added = _Stored(key, salt, _digest(plain, salt), plain if subsonic else None)

        def change(stored: tuple[_Stored, ...]) -> tuple[_Stored, ...]:
            if any(_same(each.key.name, name) for each in stored):
                raise InvalidRequest("must be new: there is a key of this name", field="name", value=name)
            return (*stored, added)

        self._change(change)
        return plain

    def revoke(self, name: str) -> AccessKey:
        """Remove a key, and return it; whatever is logged in with it is logged out.

        Raises
        ------
        NotFound
            There is no key of this name.
        LibraryBusy, LibraryError
            The file cannot be written.

        Examples
        --------
        >>> key = lib.keys.add("phone")
        >>> lib.keys.revoke("Phone").name
        'phone'
        >>> lib.keys.verify(key) is None
        True
        """
        revoked: list[AccessKey] = []

        def change(stored: tuple[_Stored, ...]) -> tuple[_Stored, ...]:
            revoked.extend(each.key for each in stored if _same(each.key.name, name))
            if not revoked:
                raise NotFound(f"there is no key {name!r}", hint=Hint.LIST_KEYS)
            return tuple(each for each in stored if each.key not in revoked)

        self._change(change)
        return revoked[0]

    def verify(self, plain: str) -> AccessKey | None:
        """The key of this text, None if there is none; the time that it takes does not depend on the text.

        That it was used is stored, once an hour; this is omitted if the file cannot be written.

        Raises
        ------
        LibraryError
            The file cannot be read, or is not one of keys.

        Examples
        --------
        >>> lib.keys.verify("recsys_guessed") is None
        True
        """
        text = plain[:_MAX_KEY]
        found = None
        for each in self._stored():
            if hmac.compare_digest(_digest(text, each.salt), each.digest):
                found = each.key
        if found is None or len(plain) > _MAX_KEY:
            return None
        self._note_use(found)
        return found

    def verify_digest(self, name: str, matches: Callable[[str], bool]) -> AccessKey | None:
        """The key of a name if it is stored as it is, and ``matches`` is true for a digest of it; else None.

        Raises
        ------
        LibraryError
            The file cannot be read, or is not one of keys.

        Examples
        --------
        >>> plain = lib.keys.add("phone", subsonic=True)
        >>> lib.keys.verify_digest("phone", lambda key: hash(key) == hash(plain)).name
        'phone'
        """
        found = next((each for each in self._stored() if _same(each.key.name, name)), None)
        if found is None or found.plain is None or not matches(found.plain):
            return None
        self._note_use(found.key)
        return found.key

    def current(self, key: AccessKey) -> AccessKey | None:
        """What the key is now, after a listener may have been renamed; None if it is revoked.

        Raises
        ------
        LibraryError
            The file cannot be read, or is not one of keys.

        Examples
        --------
        >>> phone = lib.keys.verify(lib.keys.add("phone"))
        >>> lib.keys.current(phone).name
        'phone'
        """
        keys = (stored.key for stored in self._stored())
        return next((each for each in keys if (each.name, each.created_at) == (key.name, key.created_at)), None)

    def rename_listener(self, name: str, new_name: str) -> None:
        """Keep keys bound to a listener that is renamed.

        >>> lib.listeners.add("Anna")
        >>> key = lib.keys.add("phone", listener="anna")
        >>> lib.listeners.rename("Anna", "Ann")
        >>> lib.keys.verify(key).listener
        'Ann'
        """
        if self._bound_to(name):
            self._change(
                lambda stored: tuple(
                    replace(each, key=replace(each.key, listener=new_name.strip())) if _is_bound(each, name) else each
                    for each in stored
                )
            )

    def remove_listener(self, name: str) -> None:
        """Revoke the keys that are bound to a listener.

        >>> lib.listeners.add("Anna")
        >>> key = lib.keys.add("phone", listener="Anna")
        >>> lib.listeners.remove("anna").name
        'Anna'
        >>> lib.keys.list()
        []
        """
        if self._bound_to(name):
            self._change(lambda stored: tuple(each for each in stored if not _is_bound(each, name)))

    def _bound_to(self, listener: str) -> bool:
        return any(_is_bound(each, listener) for each in self._stored())

    def _listener(self, name: str) -> str:
        with self.context.open() as catalogue:
            names = [each.name for each in catalogue.listeners()]
        for each in names:
            if _same(each, name):
                return each
        raise NotFound(
            f"there is no listener {name!r}; there are: {', '.join(names)}",
            hint=Hint.ADD_LISTENER,
            hint_values={"name": name},
        )

    def _note_use(self, key: AccessKey) -> None:
        now = datetime.now(UTC)
        if key.last_used_at is not None and now - datetime.fromisoformat(key.last_used_at) < _USE_INTERVAL:
            return
        used = now.replace(minute=0, second=0, microsecond=0).isoformat()

        def change(stored: tuple[_Stored, ...]) -> tuple[_Stored, ...]:
            return tuple(
                replace(each, key=replace(each.key, last_used_at=used)) if each.key == key else each for each in stored
            )

        with suppress(LibraryError):
            self._change(change)

    def _stored(self) -> tuple[_Stored, ...]:
        """The keys of the file; read only if it has changed since the last time."""
        read = self._read
        try:
            if read is not None and read[0] == _stamp(self.file.stat()):
                return read[1]
            with self.file.open("rb") as opened:
                stamp, content = _stamp(os.fstat(opened.fileno())), opened.read()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise LibraryError(f"cannot read {self.file}: {error.strerror}", hint=Hint.MAKE_WRITABLE) from error
        stored = _parse(content, self.file)
        self._read = stamp, stored
        return stored

    def _change(self, change: Callable[[tuple[_Stored, ...]], tuple[_Stored, ...]]) -> None:
        """Read the file, change the keys and write it, while no other process does."""
        with self._writable(), self._changing, file_lock(self.file):
            stored = change(self._stored())
            with atomic_write(self.file, private=True) as opened:
                opened.write(_format(stored))

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise LibraryError(f"cannot write {self.file}: {error.strerror}", hint=Hint.MAKE_WRITABLE) from error


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _digest(plain: str, salt: bytes) -> bytes:
    return hashlib.blake2b(
        plain.encode("utf-8", "surrogateescape"), key=salt, person=b"recsys key", digest_size=32
    ).digest()


def _same(name: str, other: str) -> bool:
    return name.strip().casefold() == other.strip().casefold()


def _is_bound(stored: _Stored, listener: str) -> bool:
    return stored.key.listener is not None and _same(stored.key.listener, listener)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _parse(content: bytes, file: Path) -> tuple[_Stored, ...]:
    try:
        whole = json.loads(content)
        if whole["version"] > _VERSION:
            raise SchemaMismatch(f"{file} is of a newer version of recsys", hint=Hint.UPGRADE_PROGRAM)
        return tuple(map(_stored_of, whole["keys"]))
    except (ValueError, TypeError, KeyError) as error:
        raise LibraryError(f"{file} is damaged; move it away and add the keys again") from error


def _stored_of(row: dict[str, Any]) -> _Stored:
    name, listener, created, used = (row[each] for each in ("name", "listener", "created_at", "last_used_at"))
    if not all(isinstance(text, str) for text in (name, listener or "", created, used or "")):
        raise TypeError
    if used is not None:
        datetime.fromisoformat(used)
    plain = row.get("plain")
    if plain is not None and not isinstance(plain, str):
        raise TypeError
    key = AccessKey(name, listener, created, used, subsonic=plain is not None)
    return _Stored(key, bytes.fromhex(row["salt"]), bytes.fromhex(row["digest"]), plain)


def _format(stored: tuple[_Stored, ...]) -> bytes:
    rows = [
        {
            "name": each.key.name, "listener": each.key.listener, "created_at": each.key.created_at,
            "last_used_at": each.key.last_used_at, "salt": each.salt.hex(), "digest": each.digest.hex(),
            **({} if each.plain is None else {"plain": each.plain}),
        }
        for each in stored
    ]  # fmt: skip
    return json.dumps({"version": _VERSION, "keys": rows}, indent=2).encode("ascii") + b"\n"
