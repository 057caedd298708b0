"""``recsys keys``: added, listed, revoked."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_result import Result
from synthetic_library import all_kinds, make_library

from recsys import Library
from recsys.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    make_library(tmp_path, all_kinds())

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(tmp_path), *arguments])
        return Result(int(left.value.code or 0), *capsys.readouterr())

    return run


def test_a_key_is_printed_once(run: Run, tmp_path: Path) -> None:
    added = run("keys", "add", "phone")
    assert added.code == 0
    assert re.fullmatch(r"recsys_[\w-]{22}\n", added.out)
    assert "it cannot be shown again" in added.err
    assert Library(tmp_path).keys.verify(added.out.strip()) is not None
    listed = run("keys")
    assert added.out.strip() not in listed.out
    assert [line.split()[0] for line in listed.out.splitlines()] == ["key", "phone"]


def test_a_key_is_bound_to_the_listener_that_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("listeners", "add", "Anna")
    assert run("keys", "add", "phone", "--listener", "anna", "--json").json["listener"] == "Anna"
    monkeypatch.setenv("RECSYS_LISTENER", "Anna")
    assert run("keys", "add", "desk", "--json").json["listener"] is None
    assert [(key["name"], key["listener"]) for key in run("keys", "--json").json] == [("phone", "Anna"), ("desk", None)]
    missing = run("keys", "add", "tablet", "--listener", "Ben")
    assert (missing.code, missing.out) == (3, "")
    assert "there is no listener 'Ben'" in missing.err


def test_json_has_the_key_only_when_it_is_added(run: Run) -> None:
    added = run("keys", "add", "phone", "--json").json
    assert set(added) == {"name", "listener", "created_at", "last_used_at", "subsonic", "key"}
    del added["key"]
    assert run("keys", "--json").json == [added]
    assert run("keys", "revoke", "phone", "--json").json == added


def test_a_key_is_revoked(run: Run) -> None:
    run("keys", "add", "phone")
    revoked = run("keys", "revoke", "Phone")
    assert (revoked.code, revoked.err) == (0, "phone is revoked\n")
    again = run("keys", "revoke", "phone")
    assert again.code == 3
    assert again.err == "recsys: error: there is no key 'phone'; list them with: recsys keys\n"


def test_a_key_of_a_library_that_does_not_exist_yet(run: Run, tmp_path: Path) -> None:
    assert run("--home", str(tmp_path / "new"), "keys", "add", "phone").code == 0
