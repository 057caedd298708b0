"""``recsys likes`` and ``recsys likes import`` as they are typed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_result import Result
from synthetic_library import all_kinds, make_library

from recsys.cli.main import main

LIST = """#EXTM3U
#EXTINF:127,artist 1 - title 1
/elsewhere/music/jazz/01.mp3
#EXTINF:134,Artist 2 - Title 2 (Remastered 2011)
nowhere.mp3
#EXTINF:99,nobody - no \x1b[31msong
gone.mp3
"""


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)
    make_library(tmp_path, all_kinds())

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Result(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "best of.m3u"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_dry_run_shows_entries_and_stores_nothing(run: Run, file: Path) -> None:
    result = run("likes", "import", file, "--dry-run")
    assert result.code == 0
    heading, *lines = result.out.splitlines()
    assert heading.split() == ["action", "entry", "track", "matched", "by", "strength", "plays"]
    assert [line.split()[0] for line in lines] == ["like", "like", "not_found"]
    assert "1  artist 1 - title 1" in lines[0]
    assert "path ending" in lines[0]
    assert result.err.splitlines() == [
        "2 of 3 entries matched: 1 by end of the path, 1 by name; 1 not found",
        "  not found: nobody - no \\x1b[31msong",
        "tracks: 2 liked; nothing is stored (--dry-run)",
    ]
    assert run("likes", "--json").json == []


def test_imported_tracks_are_liked(run: Run, file: Path) -> None:
    result = run("likes", "import", file)
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines()[-1] == "tracks: 2 liked"
    [one, two] = run("likes", "--json").json
    assert (one["id"], one["rating"], one["strength"], one["plays"], one["source"]) == (1, 1, 1.0, 0, "m3u")
    assert two["id"] == 2
    assert run("likes", "import", file).err.splitlines()[-1] == "tracks: 2 unchanged"
    assert [line.split()[0] for line in run("likes").out.splitlines()] == ["id", "1", "2"]


def test_json_has_every_entry(run: Run, file: Path) -> None:
    result = run("likes", "import", file, "--json", "--quiet")
    assert result.err == ""
    record = result.json
    assert (record["stored"], record["not_found"]) == (True, 1)
    assert record["matched"] == {"path": 0, "path ending": 1, "musicbrainz": 0, "name": 1, "similar name": 0}
    assert record["tracks"]["like"] == 2
    assert [entry["action"] for entry in record["entries"]] == ["like", "like", "not_found"]
    assert record["entries"][1]["source"]["title"] == "Title 2 (Remastered 2011)"
    assert record["entries"][1]["track"]["id"] == 2
    assert record["entries"][1]["new_rating"]["rating"] == 1
    assert record["entries"][2]["track"] is None


def test_exported_likes_can_be_imported(run: Run, tmp_path: Path) -> None:
    run("like", 1, 2)
    run("dislike", 7)
    kept = tmp_path / "kept.json"
    kept.write_text(run("likes", "--json").out)
    run("forget", 1, 2, 7)
    assert run("likes", "import", kept).err.splitlines()[-1] == "tracks: 2 liked, 1 disliked"
    assert [(r["id"], r["rating"]) for r in run("likes", "--json").json] == [(1, 1), (2, 1), (7, -1)]


def test_many_unmatched_entries_are_counted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("artist,title\nartist 1,title 1\n" + "".join(f"who,what {i}\n" for i in range(25)))
    lines = run("likes", "import", file).err.splitlines()
    assert len([line for line in lines if line.startswith("  not found: ")]) == 20
    assert "  … 5 more; --json lists all" in lines


def test_import_without_matches_exits_with_3(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("artist,title\nwho,what\n")
    result = run("likes", "import", file)
    assert result.code == 3
    assert result.err.splitlines()[-1].startswith("recsys: error: the library has no track of 1 entry")
    assert run("likes", "import", tmp_path / "nowhere.csv").code == 3


@pytest.mark.parametrize(
    ("typed", "content"),
    [
        ("", "neither this nor that"),
        ("--format polka", "artist,title\na,b\n"),
        ("--format itunes", "artist,title\na,b\n"),
        ("--input-path-map /music", "artist,title\na,b\n"),
        ("--min-plays 0", "artist,title\na,b\n"),
        ("--like-threshold 2", "artist,title\na,b\n"),
        ("--playlist best", "artist,title\na,b\n"),
        ("--dislike", "artist,title,rating\na,b,5\n"),
        ("--nope", "artist,title\na,b\n"),
    ],
)
def test_wrong_import_options_and_files_exit_with_2(run: Run, tmp_path: Path, typed: str, content: str) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    result = run("likes", "import", file, *typed.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("recsys: error: ")
    assert result.err.count("\n") == 1
    assert run("likes", "--json").json == []


SPOTIFY = """{"tracks": [{"artist": "artist 1", "album": "x", "track": "title 1"}],
    "albums": [{"artist": "artist 1", "album": "x"}, {"artist": "artist 2", "album": "y"}], "shows": [],
    "bannedTracks": [{"artist": "artist 2", "album": "x", "track": "title 2"}], "artists": [{"name": "artist 1"}]}"""


def test_library_of_spotify_becomes_likes_and_dislikes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "YourLibrary.json"
    file.write_text(SPOTIFY)
    assert run("likes", "import", file).err.splitlines() == [
        "2 of 2 entries matched: 2 by name",
        "tracks: 1 liked, 1 disliked",
        "albums: 2 not found",
        "artists: 1 liked",
    ]
    assert [(r["id"], r["rating"]) for r in run("likes", "--json").json] == [(1, 1), (2, -1)]
    record = run("likes", "import", file, "--json").json
    assert [(group["kind"], group["action"]) for group in record["groups"]] == [
        ("album", "not_found"), ("album", "not_found"), ("artist", "unchanged"),
    ]  # fmt: skip
    assert record["playlists"] == []


def test_albums_that_are_not_found_exit_with_3(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "YourLibrary.json"
    file.write_text('{"tracks": [], "albums": [{"artist": "who", "album": "what"}], "shows": []}')
    result = run("likes", "import", file)
    assert (result.code, result.err.splitlines()) == (
        3, ["albums: 1 not found", "recsys: error: the library has none of these albums and artists"]
    )  # fmt: skip


def test_file_of_several_playlists_names_them(run: Run, tmp_path: Path) -> None:
    item = '{"track": {"trackName": "title %d", "artistName": "artist %d"}}'
    lists = [f'{{"name": "List {i}", "items": [{item % (i, i)}]}}' for i in (1, 2)]
    file = tmp_path / "Playlist1.json"
    file.write_text(f'{{"playlists": [{", ".join(lists)}]}}')
    lines = run("likes", "import", file).err.splitlines()
    assert "2 playlists read, choose one with --playlist: List 1, List 2" in lines
    assert len(run("likes", "--json").json) == 2


LONG = "a" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["likes", "import", LONG],
        ["likes", "import", "~no-such-user/x"],
        ["similar", LONG],
        ["path", "1", LONG],
        ["plot", LONG],
        ["playlist", "--from", "1", "-o", f"{LONG}.m3u8"],
        ["playlist", "--from", "1", "-o", "~no-such-user/x.m3u8"],
        ["playlist", "save", "x", "--from", "1", "-o", f"{LONG}.m3u8"],
        ["playlist", "extend", LONG],
        ["ingest", LONG],
        ["ingest", "~no-such-user"],
        ["watch", LONG],
        ["--home", LONG, "tracks"],
        ["--home", "~no-such-user/x", "tracks"],
        ["--database", f"sqlite:////{LONG}.db", "tracks"],
        ["playlist", "--from", "1", "--year", "nan"],
        ["playlist", "--from", "1", "--year", "99999999999999999999"],
    ],
)
def test_text_that_the_system_refuses_ends_in_one_line(
    run: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    errors = [line for line in result.err.splitlines() if line.startswith("recsys: error: ")]
    assert (result.code in (1, 2, 3), len(errors)) == (True, 1)
    assert "unexpected" not in result.err


def test_limit_beyond_any_number_of_tracks_is_no_limit(run: Run) -> None:
    assert len(run("tracks", "--limit", 10**23, "--json").json) == len(all_kinds())
