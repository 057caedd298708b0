"""``recsys link`` and ``recsys links`` as they are typed."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from cli_result import Result
from music_servers import PASSWORD, USER, Answer, Song, SubsonicServer
from synthetic_library import all_kinds, make_library

import recsys
from recsys.cli.main import main

Run = Callable[..., Result]
SONGS = [Song("a", "artist 1", "title 1", "album of jazz"), Song("b", "nobody", "noth\x1bing", path="x/y.mp3")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_library(tmp_path, all_kinds(2))
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; ``typed`` is what stdin has."""
    monkeypatch.setenv("RECSYS_HOME", str(home))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("RECSYS_LINK_PASSWORD", raising=False)

    def run(*arguments: object, typed: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Result(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


def check(record: str, *values: object) -> None:
    """Check one or more values against the schema of a record."""
    schema = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / f"{record}.json").read_text("utf-8"))
    assert values
    for value in values:
        jsonschema.validate(value, schema)


def test_a_server_is_linked_listed_refreshed_and_removed(run: Run) -> None:
    with SubsonicServer(list(SONGS)) as server:
        linked = run("link", "navidrome", server.url, "--user", USER, typed=f"{PASSWORD}\n")
        assert (linked.code, linked.out) == (0, "")
        assert linked.err.splitlines() == [
            "navidrome: 1 of 2 tracks found in the library: 1 by name",
            "  not found: nobody - noth\\x1bing",
        ]
        check("LinkRecord", *run("links", "--json").json)
        heading, row = run("links").out.splitlines()
        assert heading.split()[:4] == ["link", "kind", "url", "user"]
        assert row.split()[:6] == ["navidrome", "navidrome", server.url, USER, "2", "1"]
        assert [each["id"] for each in run("links", "unmatched", "navidrome", "--json").json] == ["b"]
        assert "noth\\x1bing" in run("links", "unmatched", "navidrome").out
        server.songs = [Song(f"new-{song.id}", song.artist, song.title, song.album) for song in SONGS]
        again = run("links", "refresh", "navidrome", "--json")
        check("LinkReportRecord", again.json)
        check("ServerTrackRecord", *run("links", "unmatched", "navidrome", "--json").json)
        assert (again.json["ids_changed"], again.json["link"]["matched"], again.json["not_found"]) == (True, 1, 1)
        assert "the server has given its tracks new ids: 2 were replaced" in again.err
    assert run("links", "remove", "navidrome").err == "the link navidrome is removed\n"
    assert run("links", "--json").json == []


def test_the_password_may_be_in_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_LINK_PASSWORD", PASSWORD)
    with SubsonicServer(list(SONGS)) as server:
        result = run(
            "link", "subsonic", server.url, "--user", USER, "--name", "home", "--json", "--listener", "default"
        )
    assert result.json["link"] | {"created_at": "", "read_at": ""} == {
        "name": "home", "kind": "subsonic", "url": server.url, "user": USER, "listener": "default", "created_at": "",
        "read_at": "", "tracks": 2, "matched": 1, "artists": 1,
    }  # fmt: skip
    assert PASSWORD not in result.out + result.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["navidrome", "URL", "--user", USER], 2, "a password is needed"),
        (["navidrome", "URL"], 2, "a key is needed"),
        (["emby", "URL"], 2, "KIND must be one of navidrome, subsonic, jellyfin, lyrion, plex, got 'emby'"),
        (["jellyfin", "URL"], 2, "--user is needed"),
        (["navidrome", "localhost"], 2, "URL must be an address such as http://localhost:4533, got 'localhost'"),
    ],
)
def test_what_is_missing_or_wrong_is_one_line(run: Run, words: list[str], code: int, message: str) -> None:
    with SubsonicServer() as server:
        typed = "" if "is needed" in message and "--user" not in message else "x\n"
        result = run("link", *[server.url if word == "URL" else word for word in words], typed=typed)
    assert (result.code, result.out, len(result.err.splitlines())) == (code, "", 1)
    assert message in result.err
    assert server.requests == []


def test_a_server_that_fails_is_one_line_and_status_1(run: Run) -> None:
    with SubsonicServer(before=lambda _: Answer(b"<html>", 502, "text/html")) as server:
        result = run("link", "navidrome", server.url, "--user", USER, typed=PASSWORD)
    assert (result.code, result.err) == (1, f"recsys: error: {server.url} answers with HTTP status 502\n")
    wrong = run("links", "refresh", "gone")
    assert (wrong.code, wrong.err) == (3, "recsys: error: there is no link 'gone'; list them with: recsys links\n")


def test_a_wrong_password_is_not_printed(run: Run) -> None:
    with SubsonicServer(list(SONGS)) as server:
        result = run("link", "navidrome", server.url, "--user", USER, typed="hunter2\n")
    assert result.code == 1
    assert "refuses the user, the password or the key; give the right one with: recsys link KIND URL" in result.err
    assert "hunter2" not in result.err


def test_playlists_are_pushed_and_likes_are_pulled(run: Run, home: Path) -> None:
    songs = [Song(f"s{n}", f"artist {n}", f"title {n}", "album of jazz") for n in (1, 2)]
    songs[1].starred = "2024-05-01T08:30:00Z"
    with recsys.Library(home) as library:
        library.playlists.add("Calm", ["1", "3"])
    with SubsonicServer(songs) as server:
        run("link", "navidrome", server.url, "--user", USER, typed=PASSWORD)
        nothing = run("push", "--to", "navidrome")
        assert (nothing.code, nothing.err) == (
            3, "recsys: error: no playlist was pushed to navidrome before; name one of: recsys playlist saved\n",
        )  # fmt: skip
        created = run("push", "Calm", "--to", "navidrome", "--json")
        check("PushRecord", *created.json)
        assert created.err.splitlines() == [
            "Calm: created on navidrome with 1 track",
            "  not on navidrome: artist 3 - title 3",
        ]
        assert run("push", "--to", "navidrome", "--dry-run").err.splitlines()[0] == (
            "Calm: will be replaced on navidrome with 1 track; nothing is changed (--dry-run)"
        )
        assert [each.ids for each in server.playlists.values()] == [["s1"]]
        dry = run("pull", "--from", "navidrome", "--dry-run")
        assert [line.split()[0] for line in dry.out.splitlines()] == ["action", "like"]
        assert "nothing is stored (--dry-run)" in dry.err
        pulled = run("pull", "--from", "navidrome")
        assert (pulled.out, pulled.err) == (
            "",
            "1 of 1 entry matched: 1 by name\ntracks: 1 liked\n1 entry without a rating\n",
        )
        again = run("pull", "--from", "navidrome", "--json")
        check("ImportRecord", again.json)
        assert (again.json["stored"], again.json["tracks"]["unchanged"]) == (True, 1)
