"""Keys of the server: shown once, stored as digests, revoked at once."""

import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import recsys
from recsys.errors import InvalidRequest, LibraryBusy, LibraryError, NotFound, SchemaMismatch


@pytest.fixture
def library(tmp_path: Path) -> recsys.Library:
    return recsys.Library(tmp_path / "home")


def test_a_key_has_128_random_bits_and_is_not_stored(library: recsys.Library) -> None:
    first, second = library.keys.add("phone"), library.keys.add("desk")
    assert first != second
    assert first.startswith("recsys_")
    assert len(first.removeprefix("recsys_")) == 22  # 128 bits, 6 in each character
    content = library.keys.file.read_text()
    assert first not in content
    assert first.removeprefix("recsys_") not in content


def test_the_same_key_has_another_digest_each_time(library: recsys.Library) -> None:
    library.keys.add("phone")
    library.keys.add("desk")
    rows = json.loads(library.keys.file.read_text())["keys"]
    assert len({row["salt"] for row in rows}) == 2
    assert all(len(bytes.fromhex(row["salt"])) == 16 and len(bytes.fromhex(row["digest"])) == 32 for row in rows)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_user_may_read_the_file(library: recsys.Library) -> None:
    library.keys.add("phone")
    assert stat.S_IMODE(library.keys.file.stat().st_mode) == 0o600
    library.keys.file.chmod(0o644)
    library.keys.add("desk")
    assert stat.S_IMODE(library.keys.file.stat().st_mode) == 0o600


def test_a_key_is_verified_with_its_listener(library: recsys.Library, tmp_path: Path) -> None:
    plain = library.keys.add("phone")
    found = recsys.Library(tmp_path / "home").keys.verify(plain)
    assert found is not None
    assert (found.name, found.listener) == ("phone", None)


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda key: key[:-1], lambda key: key + "A", lambda key: " " + key]
)
def test_a_changed_key_is_no_key(library: recsys.Library, change: object) -> None:
    assert callable(change)
    plain = library.keys.add("phone")
    assert library.keys.verify(change(plain)) is None


@pytest.mark.parametrize("text", ["", "recsys_", "\0", "ä" * 300, "\udcff", "x" * 10_000])
def test_any_text_may_be_verified(library: recsys.Library, text: str) -> None:
    library.keys.add("phone")
    assert library.keys.verify(text) is None


def test_another_process_sees_what_is_added_and_revoked(library: recsys.Library, tmp_path: Path) -> None:
    other = recsys.Library(tmp_path / "home")
    assert other.keys.list() == []
    plain = library.keys.add("phone")
    found = other.keys.verify(plain)
    assert found is not None
    library.keys.revoke("PHONE ")
    assert other.keys.verify(plain) is None
    assert other.keys.current(found) is None


def test_a_new_key_of_an_old_name_is_another_key(library: recsys.Library) -> None:
    old = library.keys.verify(library.keys.add("phone"))
    assert old is not None
    library.keys.revoke("phone")
    library.keys.add("phone")
    assert library.keys.current(old) is None


def test_names_are_unique_without_case_and_printable(library: recsys.Library) -> None:
    library.keys.add("Phone")
    with pytest.raises(InvalidRequest, match="there is a key of this name"):
        library.keys.add("phone")
    for name in ("", "  ", "a\nb", "x" * 101):
        with pytest.raises(InvalidRequest, match="printable"):
            library.keys.add(name)
    with pytest.raises(NotFound, match="there is no key 'tablet'"):
        library.keys.revoke("tablet")


def test_use_is_stored_to_the_hour(library: recsys.Library) -> None:
    plain = library.keys.add("phone")
    library.keys.verify(plain)
    [key] = library.keys.list()
    assert key.last_used_at is not None
    assert datetime.now(UTC) - datetime.fromisoformat(key.last_used_at) <= timedelta(hours=1, minutes=1)
    before = library.keys.file.stat().st_mtime_ns, library.keys.file.stat().st_ino
    library.keys.verify(plain)
    assert (library.keys.file.stat().st_mtime_ns, library.keys.file.stat().st_ino) == before


def test_a_use_that_cannot_be_stored_is_still_a_use(library: recsys.Library, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = library.keys.add("phone")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("recsys.app.access_keys.atomic_write", refuse)
    assert library.keys.verify(plain) is not None
    with pytest.raises(LibraryError, match=r"cannot write .*keys\.json: Permission denied"):
        library.keys.add("desk")


def test_noting_a_use_revokes_no_revocation(library: recsys.Library, tmp_path: Path) -> None:
    """The file is read again under its lock before it is written."""
    plain = library.keys.add("phone")
    server = recsys.Library(tmp_path / "home").keys
    [key] = server.list()
    library.keys.revoke("phone")
    server._note_use(key)
    assert library.keys.list() == []
    assert server.verify(plain) is None


def test_a_file_in_use_is_busy(library: recsys.Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.database.lock import file_lock

    monkeypatch.setattr("recsys.database.lock._RETRY_SECONDS", 0)
    library.keys.add("phone")
    with file_lock(library.keys.file), pytest.raises(LibraryBusy, match=r"another process is writing to .*keys\.json"):
        library.keys.add("desk")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"version": 1}',
        b'{"version": 1, "keys": [1]}',
        b'{"version": 1, "keys": [{}]}',
        b"\xff",
    ],
)
def test_a_damaged_file_admits_no_key(library: recsys.Library, content: bytes) -> None:
    plain = library.keys.add("phone")
    library.keys.file.write_bytes(content)
    with pytest.raises(LibraryError, match=r"keys\.json is damaged"):
        library.keys.verify(plain)


def test_a_file_of_a_newer_version_is_not_used(library: recsys.Library) -> None:
    plain = library.keys.add("phone")
    library.keys.file.write_text(library.keys.file.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(SchemaMismatch, match="newer version"):
        library.keys.verify(plain)


def test_a_listener_must_exist(library: recsys.Library, tmp_path: Path) -> None:
    from synthetic_library import all_kinds, make_library

    make_library(tmp_path / "home", all_kinds())
    with pytest.raises(NotFound, match="there is no listener 'Anna'; there are: default"):
        library.keys.add("phone", listener="Anna")
    library.listeners.add("Anna")
    library.keys.add("phone", listener="ANNA ")
    assert [key.listener for key in library.keys.list()] == ["Anna"]
