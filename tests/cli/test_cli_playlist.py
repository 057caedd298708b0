import json
import sqlite3
from pathlib import Path

import pytest
from synthetic_library import KINDS, all_kinds, make_library, unit

import recsys
from recsys.cli.main import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of six songs of each kind; 1 (jazz) and 7 (metal) are liked."""
    folder = tmp_path / "home"
    folder.mkdir()
    make_library(folder, all_kinds())
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    with pytest.raises(SystemExit, match="0"):
        main(["--home", str(folder), "--quiet", "like", "1", "7"])
    return folder


def run(home: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), *arguments])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def titles(home: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    code, out, err = run(home, "playlist", *arguments, "--json", capsys=capsys)
    assert code == 0, err
    return [track["title"] for track in json.loads(out)["tracks"]]


def kinds(names: list[str]) -> list[str]:
    return [KINDS[(int(name.split()[1]) - 1) // 6] for name in names]


def test_filters_include_and_exclude(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(kinds(titles(home, "-n", "6", "--not-genre", "metal", capsys=capsys))) <= {"jazz", "folk", "techno"}
    assert set(kinds(titles(home, "--from", "13", "-n", "5", "--in", "/music/folk", capsys=capsys))) == {"folk"}
    assert "folk" not in kinds(titles(home, "-n", "10", "--not-in", "/music/folk", capsys=capsys))
    assert set(kinds(titles(home, "-n", "4", "--tag", "jazz", capsys=capsys))) == {"jazz"}
    code, _, err = run(home, "playlist", "--in", "/music/folk", capsys=capsys)
    assert (code, "others that match are no more similar to any like than chance" in err) == (3, True)
    assert set(kinds(titles(home, "--from", "13", "-n", "5", "--in", "/music/jazz/../folk/", capsys=capsys))) == {
        "folk"
    }
    code, _, err = run(home, "playlist", "--year", "1800", capsys=capsys)
    assert (code, "no track of 1800 is in the library" in err) == (3, True)
    code, _, err = run(home, "playlist", "--tag", "smelly", capsys=capsys)
    assert (code, ", got 'smelly'" in err) == (2, True)
    code, _, err = run(home, "playlist", "--key", "H#", capsys=capsys)
    assert (code, "--key must be a musical key such as Am" in err) == (2, True)
    code, _, err = run(home, "playlist", "--key", "F#", "--genre", "jazz", capsys=capsys)
    assert (code, "in F# major or Eb minor" in err) == (3, True)


def test_quotas_are_met_or_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = kinds(titles(home, "-n", "10", "--quota", "folk=30%", "--quota", "techno=2", capsys=capsys))
    assert (found.count("folk"), found.count("techno")) == (3, 2)
    _, out, _ = run(home, "playlist", "-n", "10", "--quota", "folk=80%", "--json", capsys=capsys)
    quota, similarity = json.loads(out)["unmet_constraints"]
    assert (quota["constraint"], quota["wanted"], quota["got"]) == ("quotas", 0.8, 0.6)
    assert (quota["reason"], quota["details"]["genre"]) == ("no_more_matches", "folk")
    assert [similarity[key] for key in ("constraint", "wanted", "got", "reason")] == ["min_similarity", 0, 6, "quota"]
    _, _, err = run(home, "playlist", "-n", "10", "--quota", "folk=80%", capsys=capsys)
    assert err.splitlines()[1:] == [
        "not met: folk=80%: 6 of 10 tracks (60%): there are no more tracks of folk that match",
        "not met: 6 of 10 tracks are no more similar to any like than chance: a quota asks for their genre",
    ]
    code, _, err = run(home, "playlist", "-n", "4", "--quota", "polka=50%", capsys=capsys)
    assert (code, "no track has the genre 'polka'; the library has: folk (6)" in err) == (3, True)
    arguments = ("playlist", "-n", "4", "--quota", "jazz=50%", "--not-in", "/music/jazz")
    assert "jazz=50%: 0 of 4 tracks (0%): no track of jazz matches" in run(home, *arguments, capsys=capsys)[2]
    for wrong in ("jazz", "jazz=x", "jazz=101%", "jazz=1.5", "=3"):
        assert run(home, "playlist", "--quota", wrong, capsys=capsys)[0] == 2
    assert run(home, "playlist", "--quota", "jazz=60%", "--quota", "folk=50%", capsys=capsys)[0] == 2
    assert run(home, "playlist", "--quota", "jazz=6", "--quota", "Jazz=50%", capsys=capsys)[0] == 2


def test_saved_playlist_is_refreshed_in_its_file(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    arguments = (
        "playlist",
        "save",
        "Morning",
        "-n",
        "4",
        "--exclude-recent",
        "-o",
        str(lists),
        "--path-map",
        "/music=/data",
    )
    code, _, err = run(home, *arguments, capsys=capsys)
    assert code == 0, err
    file = lists / "Morning.m3u8"
    first = file.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("/data/") for line in first) == 4
    code, _, err = run(home, "playlist", "refresh", capsys=capsys)
    assert (code, f"Morning: 4 tracks, written to {file}" in err) == (0, True)
    second = file.read_text(encoding="utf-8").splitlines()
    assert not {line for line in first if line.startswith("/data/")} & set(second)
    [kept] = json.loads(run(home, "playlist", "saved", "--json", capsys=capsys)[1])
    assert (kept["name"], kept["output"], kept["format"]) == ("Morning", str(file), "m3u8")
    assert "Morning" in run(home, "playlist", "saved", capsys=capsys)[1]
    assert run(home, "playlist", "refresh", "Evening", capsys=capsys)[0] == 3
    assert run(home, "playlist", "forget", "Morning", capsys=capsys)[0] == 0
    assert file.exists()
    assert run(home, "playlist", "forget", "Morning", capsys=capsys)[0] == 3
    assert run(home, "playlist", "refresh", capsys=capsys)[0] == 3
    assert run(home, "playlist", "save", "Nowhere", "-n", "3", "-o", "-", capsys=capsys)[0] == 2
    assert run(home, "playlist", "save", "Nowhere", "-n", "3", "--absolute", capsys=capsys)[0] == 2


def test_playlist_is_saved_and_refreshed_without_a_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(home, "playlist", "save", "Phone", "-n", "4", capsys=capsys)
    assert (code, len(out.splitlines())) == (0, 5)
    assert "saved; refresh it with: recsys playlist refresh" in err
    library = recsys.Library(home)
    [saved] = library.playlists.list()
    assert (saved.name, saved.output, saved.format) == ("Phone", None, None)
    assert [str(track.id) for track in library.playlists.tracks(saved.id)] == [
        line.split()[0] for line in out.splitlines()[1:]
    ]
    assert "Phone: 4 tracks\n" in run(home, "playlist", "refresh", capsys=capsys)[2]
    assert run(home, "playlist", "forget", "Phone", capsys=capsys)[2] == "Phone is deleted\n"


def test_failed_refresh_leaves_its_file_and_other_playlists_unchanged(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.m3u8", tmp_path / "bad.m3u8"
    assert run(home, "playlist", "save", "bad", "-n", "3", "--genre", "jazz", "-o", str(bad), capsys=capsys)[0] == 0
    assert run(home, "playlist", "save", "good", "-n", "3", "-o", str(good), capsys=capsys)[0] == 0
    before = bad.read_bytes()
    with sqlite3.connect(home / "library.db") as connection:
        connection.execute("UPDATE prediction SET genre = 'polka' WHERE genre = 'jazz'")
    connection.close()
    code, _, err = run(home, "playlist", "refresh", capsys=capsys)
    assert code == 4
    assert "bad: no track has the genre 'jazz'" in err
    assert "good: 3 tracks" in err
    assert bad.read_bytes() == before
    with sqlite3.connect(home / "library.db") as connection:
        connection.execute("UPDATE saved_playlist SET request = json_set(request, '$.smell', 1) WHERE name = 'good'")
    connection.close()
    code, _, err = run(home, "playlist", "refresh", "good", capsys=capsys)
    assert (code, "was saved by a newer recsys" in err) == (1, True)


def test_exclude_recent_is_relaxed_first(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        run(home, "playlist", "-n", "8", "--exclude-recent", "-o", str(tmp_path / f"{number}.m3u8"), capsys=capsys)
    _, out, _ = run(home, "playlist", "-n", "8", "--exclude-recent", "--json", capsys=capsys)
    made = json.loads(out)
    assert len(made["tracks"]) == 8
    [unmet] = made["unmet_constraints"]
    expected = {"constraint": "exclude_recent", "wanted": 3, "got": 0, "reason": "too_few_other_tracks", "details": {}}
    assert unmet == expected


def test_likes_with_more_plays_have_more_tracks(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(home / "library.db") as connection:
        connection.execute("INSERT INTO play_count VALUES (1, 1, 99, 0, NULL)")
    connection.close()
    found = kinds(titles(home, "-n", "4", capsys=capsys))
    assert (found.count("jazz"), found.count("metal")) == (3, 1)


def test_extend_continues_a_file_and_keeps_its_entries(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.m3u8"
    file.write_text("/music/jazz/01.mp3\n/music/jazz/02.mp3\n/nowhere/Gone Song.mp3\n", encoding="utf-8")
    _, out, _ = run(home, "playlist", "extend", str(file), "-n", "3", "--json", capsys=capsys)
    made = json.loads(out)
    assert made["name"] == "old"
    assert [track["title"] for track in made["tracks"]][:2] == ["title 1", "title 2"]
    assert kinds([track["title"] for track in made["tracks"]]) == ["jazz"] * 5
    assert len({track["id"] for track in made["tracks"]}) == 5
    entries = made["unmet_constraints"][0]
    assert entries == {
        "constraint": "entries", "wanted": 3, "got": 2, "reason": "not_in_library",
        "details": {"n": 1, "first": "/nowhere/Gone Song.mp3"},
    }  # fmt: skip
    code, _, err = run(home, "playlist", "extend", str(file), "-n", "3", "-o", str(file), capsys=capsys)
    assert (code, f"--output must be another file: 1 entry of {file} is not in the library" in err) == (2, True)
    assert "Gone Song" in file.read_text(encoding="utf-8")
    _, _, err = run(home, "playlist", "extend", str(file), "-n", "3", capsys=capsys)
    assert err.splitlines()[-1] == "3 tracks added; no file was written, write one with: --output FILE"
    other = tmp_path / "new.xspf"
    code, _, err = run(home, "playlist", "extend", str(file), "-n", "3", "-o", str(other), capsys=capsys)
    assert (code, err.splitlines()[-2:]) == (0, [f"written to {other}", "3 tracks added"])
    assert run(home, "playlist", "extend", str(other), "-n", "1", "-o", str(other), capsys=capsys)[0] == 0
    code, _, err = run(home, "playlist", "extend", str(other), "-n", "1", capsys=capsys)  # all six of jazz are in it
    assert (code, "others that match are no more similar to the seeds than chance" in err) == (3, True)
    assert run(home, "playlist", "extend", str(tmp_path / "none.m3u"), capsys=capsys)[0] == 3
    file.write_text("/nowhere/1.mp3\n", encoding="utf-8")
    assert run(home, "playlist", "extend", str(file), capsys=capsys)[0] == 3


def test_playlist_of_a_library_file_is_chosen(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = '<ENTRY TITLE="title %d" ARTIST="artist %d"><LOCATION DIR="/:x/:" FILE="%d.mp3" VOLUME="C:"/></ENTRY>'
    key = '<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="C:/:x/:%d.mp3"/></ENTRY>'
    node = '<NODE TYPE="PLAYLIST" NAME="List %d"><PLAYLIST TYPE="LIST">%s</PLAYLIST></NODE>'
    lists = "".join(node % (i, key % i) for i in (1, 2))
    collection = "".join(entry % (i, i, i) for i in (1, 2))
    file = tmp_path / "collection.nml"
    content = f"<NML><COLLECTION>{collection}</COLLECTION><PLAYLISTS>%s</PLAYLISTS></NML>"
    folder = '<NODE TYPE="FOLDER" NAME="$ROOT"><SUBNODES>%s</SUBNODES></NODE>'
    file.write_text(content % (folder % lists))
    code, _, err = run(home, "playlist", "extend", str(file), capsys=capsys)
    assert code == 2
    assert "collection.nml has several playlists: List 1, List 2; choose one of its playlists with --playlist" in err
    chosen = ["playlist", "extend", str(file), "--playlist", "List 2", "-n", "1", "--json"]
    code, out, _ = run(home, *chosen, capsys=capsys)
    assert (code, json.loads(out)["tracks"][0]["id"]) == (0, 2)
    file.write_text(content % (folder % (node % (1, key % 1))))
    _, out, _ = run(home, "playlist", "extend", str(file), "-n", "1", "--json", capsys=capsys)
    assert json.loads(out)["tracks"][0]["id"] == 1


def test_insert_fills_the_largest_gaps(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gap.m3u8"
    file.write_text("/music/jazz/01.mp3\n/music/jazz/02.mp3\n/music/metal/07.mp3\n", encoding="utf-8")
    code, out, err = run(home, "playlist", "insert", str(file), "-n", "2", "--json", capsys=capsys)
    assert code == 0, err
    made = json.loads(out)
    names = [track["title"] for track in made["tracks"]]
    assert [name for name in names if name in ("title 1", "title 2", "title 7")] == ["title 1", "title 2", "title 7"]
    [unmet] = made["unmet_constraints"]
    assert (len(names), unmet["constraint"], unmet["wanted"], unmet["got"]) == (4, "n", 2, 1)
    file.write_text("/music/jazz/01.mp3\n", encoding="utf-8")
    assert run(home, "playlist", "insert", str(file), capsys=capsys)[0] == 3


def test_saved_playlist_has_seeds_and_durations_and_old_records_are_read(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.m3u8"
    options = ("--from", "1", "--include-seeds", "--shortest", "1:00", "--longest", "900", "-n", "3", "-o", str(file))
    assert run(home, "playlist", "save", "mine", *options, capsys=capsys)[0] == 0
    [kept] = json.loads(run(home, "playlist", "saved", "--json", capsys=capsys)[1])
    request = kept["request"]
    assert (request["include_seeds"], request["min_duration"], request["max_duration"]) == (True, 60, 900)
    assert "/music/jazz/01.mp3" in file.read_text(encoding="utf-8")
    with sqlite3.connect(home / "library.db") as connection:
        keys = "'$.include_seeds', '$.min_duration', '$.max_duration'"
        connection.execute(f"UPDATE saved_playlist SET request = json_remove(request, {keys})")
    connection.close()
    code, _, err = run(home, "playlist", "refresh", capsys=capsys)
    assert (code, "mine: 3 tracks" in err) == (0, True)
    assert "/music/jazz/01.mp3" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("time", ["x", "1:2:3:4", "-5", ""])
def test_invalid_time_is_refused(home: Path, time: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(home, "playlist", f"--longest={time}", capsys=capsys)
    assert (code, f"--longest must be seconds, or minutes and seconds such as 1:30, got {time!r}" in err) == (2, True)


def test_random_prints_the_seed_that_repeats_the_playlist(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(home, "playlist", "-n", "5", "--random", "--json", capsys=capsys)
    made, line = json.loads(out), "drawn at random; the same playlist again with: --seed "
    assert (code, f"{line}{made['seed']}" in err) == (0, True)
    again = titles(home, "-n", "5", "--seed", str(made["seed"]), capsys=capsys)
    assert again == [track["title"] for track in made["tracks"]]
    assert "drawn" not in run(home, "playlist", "-n", "5", "--seed", "3", capsys=capsys)[2]
    code, _, err = run(home, "playlist", "--random", "--seed", "3", capsys=capsys)
    assert (code, "--random cannot be combined with --seed" in err) == (2, True)
    saved = run(home, "playlist", "save", "R", "-n", "5", "--random", "-o", str(tmp_path / "r.m3u8"), capsys=capsys)
    assert (saved[0], line in saved[2]) == (0, True)
    [record] = json.loads(run(home, "playlist", "saved", "--json", capsys=capsys)[1])
    assert (record["request"]["random"], record["request"]["seed"]) == (True, 0)  # each refresh draws its own
    code, _, err = run(home, "playlist", "refresh", "R", capsys=capsys)
    assert (code, ", seed " in err) == (0, True)
