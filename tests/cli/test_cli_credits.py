"""Artists, albums and the genres of tags in the terminal: each of several counts."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_result import Result
from synthetic_library import make_library, make_song, unit

from recsys.cli.main import main
from recsys.domain.audio import IngestRecord

RELEASE = "0c6bd6b5-8b5c-4a4e-8d0e-0d2a4f3b2a11"
Run = Callable[..., Result]


def at(path: str, song: IngestRecord) -> IngestRecord:
    return replace(song, stat=replace(song.stat, path=path))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    songs = [
        make_song("jazz", 1, artists=("Foo",), genres=("Rock",), album=None),
        make_song("jazz", 2, artists=("Foo", "Cee"), genres=("Rock", "Pop"), album=None),
        make_song("metal", 3, artists=("Foo", "Dee"), genres=("Pop", "Rock"), album=None),
        make_song("metal", 4, artists=("AC/DC",), genres=("Hard-Rock",), album="19", year=2008),
        at("/Adela/19/CD1/3.mp3", make_song("folk", 5, artist="Adela", album="19", track_number=3, track_total=12)),
        at(
            "/Adela/19/CD2/1.mp3",
            make_song("folk", 6, artist="Adela", album="19", disc_total=2, musicbrainz_album=RELEASE),
        ),
        make_song("folk", 7, artists=("<Unknown>",), album_artists=("Various Artists",), album="Hits"),
    ]
    make_library(tmp_path, songs)

    def run(*words: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--home", str(tmp_path), *map(str, words)])
        out, err = capsys.readouterr()
        return Result(end.value.code or 0, out, err)  # type: ignore[arg-type]

    return run


def ids(result: Result) -> list[int]:
    assert result.code == 0, result.err
    return [record["id"] for record in json.loads(result.out)]


def test_each_artist_of_a_track_is_found(run: Run) -> None:
    assert sorted(ids(run("tracks", "--artist", "Foo", "--json"))) == [1, 2, 3]
    assert ids(run("tracks", "--artist", "CEE", "--json")) == [2]
    assert set(ids(run("similar", "--artist", "Dee", "--json"))) == {1, 2, 4, 5, 6, 7}
    for unknown in ("AC", "Various Artists", "<Unknown>"):
        found = run("tracks", "--artist", unknown)
        assert found.code == 3
        assert f"no artist has the name {unknown!r}" in found.err


def test_limit_counts_a_track_for_each_of_its_artists(run: Run) -> None:
    found = ids(run("similar", 4, "--per-artist", 1, "--json"))
    assert len({1, 2, 3} & set(found)) == 1
    made = run("playlist", "--from", 5, "-n", 6, "--per-artist", 1, "--shortest", 0, "--json")
    listed = [record["artists"] for record in json.loads(made.out)["tracks"]]
    assert sum("Foo" in artists for artists in listed) <= 1


def test_album_of_two_discs_is_one(run: Run) -> None:
    found = run("similar", "--album", "19")
    assert found.code == 3
    assert "2 albums have the name '19'" in found.err
    assert "AC/DC - 19 (2008), 1 track" in found.err
    assert "Adela - 19, 2 tracks" in found.err
    assert ids(run("tracks", "--album", "Adela - 19", "--json")) == [5, 6]
    assert ids(run("tracks", "--album", RELEASE, "--json")) == [5, 6]
    assert not {5, 6} & set(ids(run("similar", "--album", "adela - 19", "--json")))


def test_lists_of_artists_and_albums(run: Run) -> None:
    artists = run("artists")
    assert artists.out.splitlines()[0].split() == ["id", "artist", "tracks", "albums"]
    names = ["AC/DC", "Adela", "Cee", "Dee", "Foo"]
    assert [record["name"] for record in json.loads(run("artists", "--json").out)] == names
    assert [record["name"] for record in json.loads(run("artists", "AD", "--json").out)] == ["Adela"]
    [record] = json.loads(run("albums", "adela", "--json").out)
    assert (record["artist"], record["title"], record["discs"], record["tracks"]) == ("Adela", "19", 2, 2)
    lines = [line.split() for line in run("albums").out.splitlines()]
    assert [*lines[0]] == ["id", "artist", "album", "year", "discs", "tracks"]
    assert sorted(line[1:-3] for line in lines[1:]) == [
        ["AC/DC", "19"],
        ["Adela", "19"],
        ["Various", "Artists", "Hits"],
    ]
    assert run("albums", "nothing").err == "0 albums\n"


def test_genres_of_the_tags_are_filtered(run: Run) -> None:
    assert sorted(ids(run("tracks", "--tagged-genre", "pop", "--json"))) == [2, 3]
    assert ids(run("tracks", "--tagged-genre", "hard rock", "--json")) == [4]
    assert set(ids(run("similar", 4, "--per-artist", 0, "--tagged-genre", "Rock", "--json"))) == {1, 2, 3}
    made = run("playlist", "--from", 5, "--shortest", 0, "--per-artist", 0, "--not-tagged-genre", "Pop", "--json")
    assert not {2, 3} & {record["id"] for record in json.loads(made.out)["tracks"]}
    for words in (("tracks",), ("similar", "4"), ("playlist", "--from", "4"), ("path", "1", "4")):
        found = run(*words, "--tagged-genre", "Polka")
        assert found.code == 3
        assert "no file has the genre 'Polka' in its tags; they have: Pop (2), Rock (3)" in found.err.replace(
            "Rock (3), Pop (2)", "Pop (2), Rock (3)"
        )


def test_lists_show_predicted_and_tagged_genres(run: Run) -> None:
    header, *lines = run("tracks", "foo").out.splitlines()
    assert header.split()[3:5] == ["genre", "tagged"]
    assert "jazz 75%" in lines[1]
    assert "Rock; Pop" in lines[1]
    assert "tagged" not in run("tracks", "--genre", "folk").out  # no file of them has a genre


def test_show_has_what_is_stored(run: Run) -> None:
    lines = dict(line.split(maxsplit=1) for line in run("show", 5).out.splitlines())
    assert lines["position"] == "track 3 of 12, disc 1"
    assert lines["audio"] == "mp3, 44100 Hz, stereo"
    details = json.loads(run("show", 6, "--json").out)
    assert (details["disc_number"], details["disc_total"], details["musicbrainz_album"]) == (2, 2, RELEASE)
