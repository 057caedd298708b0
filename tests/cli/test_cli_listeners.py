"""The option --listener, and the commands listeners, rate and played."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_result import Result
from synthetic_library import all_kinds, make_library, unit

from recsys.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a library of six songs of each kind: 1 to 6 are jazz, 7 to 12 metal."""
    make_library(tmp_path, all_kinds())
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(tmp_path), *arguments])
        return Result(int(left.value.code or 0), *capsys.readouterr())

    return run


def shown(result: Result) -> dict[str, str]:
    """The lines of ``show`` by their names."""
    return {name: text.strip() for name, _, text in (line.partition(" ") for line in result.out.splitlines())}


def test_option_chooses_the_listener_at_any_place(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run("--listener", "anna", "like", "1")
    run("like", "7", "--listener=Anna")
    assert [record.getMessage() for record in caplog.records] == ["'anna' is a new listener"]
    run("dislike", "7")
    assert [track["id"] for track in run("likes", "--json", "--listener", "ANNA").json] == [1, 7]
    assert [(track["id"], track["rating"]) for track in run("likes", "--json").json] == [(7, -1)]
    monkeypatch.setenv("RECSYS_LISTENER", "anna")
    assert run("show", "7", "--json").json["rating"] == 1
    assert run("show", "7", "--json", "--listener", "default").json["rating"] == -1


def test_unknown_listener_of_a_command_that_reads(run: Run) -> None:
    code, out, err = run("--listener", "anna b", "playlist")
    assert (code, out) == (3, "")
    assert err == (
        "recsys: error: there is no listener 'anna b'; there are: default; "
        "add one with: recsys listeners add 'anna b'\n"
    )
    assert run("--listener", "anna", "tracks").code == 0  # no taste is read


def test_listeners_are_added_renamed_listed_and_removed(run: Run) -> None:
    assert run("listeners", "add", "Anna").err == "added; like tracks with: recsys --listener Anna like TRACK\n"
    assert run("listeners", "add", "anna").code == 2
    run("--listener", "anna", "like", "1", "2")
    run("--listener", "anna", "played", "1")
    assert run("listeners", "rename", "anna", "Ann").err == "anna is called Ann now\n"
    assert run("listeners").out.splitlines() == [
        "listener           likes  dislikes  stars  plays  playlists",
        "default (default)      0         0      0      0          0",
        "Ann                    2         0      0      1          0",
    ]
    assert [(each["name"], each["likes"]) for each in run("listeners", "--json").json] == [("default", 0), ("Ann", 2)]
    code, _, err = run("listeners", "remove", "ann")
    assert (code, err) == (
        2,
        "recsys: error: --yes is needed: 2 likes, 0 dislikes, 0 ratings, 1 play and 0 saved playlists of Ann would be "
        "removed\n",
    )
    assert "Ann is removed, with 2 likes" in run("listeners", "remove", "ann", "--yes").err
    assert run("listeners", "remove", "ann").code == 3
    code, _, err = run("listeners", "remove", "default", "--yes")
    assert (code, "is the default listener" in err) == (2, True)


def test_stars_are_likes_and_dislikes(run: Run) -> None:
    assert run("rate", "1", "title 2", "5").err.splitlines() == [
        "5 stars: artist 1 - title 1", "5 stars: artist 2 - title 2",
    ]  # fmt: skip
    run("rate", "7", "1")
    rated = {track["id"]: track for track in run("likes", "--json").json}
    assert {i: (t["rating"], t["strength"], t["stars"], t["from_stars"]) for i, t in rated.items()} == {
        1: (1, 1.0, 5, True), 2: (1, 1.0, 5, True), 7: (-1, 1.0, 1, True),
    }  # fmt: skip
    assert {track["genre"] for track in run("playlist", "-n", "3", "--json").json["tracks"]} == {"jazz"}
    assert "rating       liked, 5 stars" in run("show", "1").out.splitlines()
    assert [track["id"] for track in run("rate", "1", "0", "--json").json] == [1]
    run("forget", "2", "7")
    assert run("likes", "--json").json == []
    for wrong in ("6", "-1", "many"):
        assert run("rate", "1", "--", wrong).code == 2


def test_albums_and_artists_are_liked(run: Run) -> None:
    assert "liked: " in run("like", "--album", "album of metal", "--album", "album of folk").err
    run("dislike", "--artist", "artist 3")
    run("rate", "--artist", "artist 4", "4")
    [folk, metal] = run("likes", "--albums", "--json").json
    assert (metal["title"], metal["rating"], metal["tracks"], "plays" in metal) == ("album of metal", 1, 6, False)
    liked, disliked = run("likes", "--artists", "--json").json
    assert (liked["name"], liked["strength"], liked["stars"], disliked["name"], disliked["rating"]) == (
        "artist 4", 0.5, 4, "artist 3", -1,
    )  # fmt: skip
    assert run("likes", "--json").json == []
    lines = [" ".join(line.split()) for line in run("likes").out.splitlines()]
    assert [line for line in lines if not line[:1].isdigit() and line != "id name tracks"] == [
        "", "albums", "", "artists", "", "disliked artists",
    ]  # fmt: skip
    assert "metal" in {track["genre"] for track in run("playlist", "-n", "6", "--json").json["tracks"]}
    assert run("likes", "--artists").out.splitlines()[0] == "artists"
    assert [each["title"] for each in run("forget", "--album", str(folk["id"]), "--json").json] == ["album of folk"]
    assert run("forget", "--album", str(folk["id"])).err.startswith("had no rating: ")
    assert run("rate", "--album", str(folk["id"]), "0").err.startswith("had no stars: ")
    assert [each["title"] for each in run("likes", "--albums", "--json").json] == ["album of metal"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["like"], "TRACK or --album or --artist is needed, and only one of them"),
        (["like", "1", "--album", "album of metal"], "TRACK or --album or --artist is needed, and only one of them"),
        (["rate", "--album", "album of metal"], "STARS is missing"),
        (["likes", "--albums", "--artists"], "--albums cannot be combined with --artists"),
    ],
)
def test_wrong_usage_of_ratings(run: Run, arguments: list[str], message: str) -> None:
    assert run(*arguments) == (2, "", f"recsys: error: {message}\n")


def test_unknown_albums_and_artists_change_nothing(run: Run) -> None:
    assert run("like", "--album", "album of metal", "--album", "nothing").code == 3
    assert run("dislike", "--artist", "nobody at all").code == 3
    assert run("likes", "--albums", "--json").json == []


def test_plays_of_a_player(run: Run) -> None:
    assert run("played", "1", "--at", "2026-05-01T20:15").err == "played: artist 1 - title 1\n"
    run("played", "1", "--at", "2026-05-01T20:15")
    run("played", "title 1", "--at", "2026-05-02T20:15", "--quiet")
    assert run("played", "1", "--skipped", "--json").json[0]["id"] == 1
    assert "played       2 times, last on 2026-05-02; skipped 1 time" in run("show", "1").out.splitlines()
    run("played", "2", "--skipped")
    assert shown(run("show", "2"))["played"] == "skipped 1 time"
    code, _, err = run("played", "1", "--at", "noon")
    assert (code, err) == (2, "recsys: error: --at must be a time such as 2026-05-01T20:15, got 'noon'\n")


def test_doctor_counts_what_listeners_have(run: Run) -> None:
    run("like", "1")
    run("--listener", "anna", "rate", "1", "4")
    found = {check["name"]: check for check in json.loads(run("doctor", "--json").out)}
    assert found["listeners"]["message"] == (
        "default: 1 rating, 0 plays, 0 saved playlists; anna: 1 rating, 0 plays, 0 saved playlists"
    )
