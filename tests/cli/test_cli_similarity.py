"""One meaning of similarity: for a pair of tracks, every command prints the number that ``similar`` prints."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_library import DIMENSIONS, KINDS, make_library, make_song, unit

from recsys.cli.main import main

N = 40
ROUNDING = 1.01e-4  # JSON has four digits
Run = Callable[..., str]


@pytest.fixture
def vectors() -> Any:
    """Directions that lean to one side by different amounts, so that densities differ and some tracks are hubs."""
    rng = np.random.default_rng(5)
    return unit(rng.standard_normal((N, DIMENSIONS)) + np.linspace(0, 1.5, N)[:, None])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], vectors: Any) -> Run:
    """A library of forty tracks; runs a command and returns what it printed."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    songs = []
    for number, vector in enumerate(vectors, start=1):
        song = make_song(KINDS[number % 4], number)
        assert song.result is not None
        normalised = np.zeros_like(song.result.normalised)
        normalised[:DIMENSIONS] = vector
        songs.append(replace(song, result=replace(song.result, normalised=normalised)))
    make_library(tmp_path, songs)

    def run(*words: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--home", str(tmp_path), *map(str, words)])
        out, err = capsys.readouterr()
        assert not end.value.code, err
        return out

    return run


@pytest.fixture
def similarity(run: Run) -> dict[tuple[int, int], float]:
    """What ``similar A`` prints in row B, by (A, B)."""
    found = {}
    for a in range(1, N + 1):
        for record in json.loads(run("similar", a, "-n", N, "--per-artist", 0, "--json")):
            found[a, record["id"]] = record["similarity"]
    return found


def numbers(records: list[dict[str, Any]]) -> dict[int, float]:
    return {record["id"]: record["similarity"] for record in records if "similarity" in record}


def near(value: float) -> Any:
    return pytest.approx(value, abs=ROUNDING)


def test_similarity_is_not_the_cosine_and_falls_along_the_list(
    similarity: dict[tuple[int, int], float], vectors: Any
) -> None:
    assert len(similarity) == N * (N - 1)
    off = [abs(value - float(vectors[a - 1] @ vectors[b - 1])) for (a, b), value in similarity.items() if value > 0]
    assert np.median(off) > 0.02
    assert any(abs(value - similarity[b, a]) > 0.1 for (a, b), value in similarity.items())
    rows = [[value for (query, _), value in similarity.items() if query == a] for a in range(1, N + 1)]
    assert all(row == sorted(row, reverse=True) for row in rows)


@pytest.fixture
def no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of vectors drawn at random: nearly all pairs are no nearer than chance."""
    monkeypatch.setattr("recsys.recommend.user_model.MAX_FLOOR", -1.0)


@pytest.mark.usefixtures("no_floor")
def test_neighbours_and_playlists_print_the_same_number(run: Run, similarity: dict[tuple[int, int], float]) -> None:
    for line in map(json.loads, run("export", "neighbours", "-n", N).splitlines()):
        for other in line["neighbours"]:
            assert other["similarity"] == near(similarity[line["id"], other["id"]])
    made = numbers(json.loads(run("playlist", "--from", 3, "-n", 12, "--json"))["tracks"])
    assert len(made) == 12
    assert all(value == near(similarity[3, i]) for i, value in made.items())


@pytest.mark.usefixtures("no_floor")
def test_similarity_with_several_seeds(run: Run, similarity: dict[tuple[int, int], float]) -> None:
    made = numbers(json.loads(run("playlist", "--from", 3, "--from", 38, "--from", 20, "-n", 12, "--json"))["tracks"])
    assert len(made) == 12
    for i, value in made.items():
        assert value == near(max(similarity[like, i] for like in (3, 20, 38)))
    found = numbers(json.loads(run("similar", 39, 40, "-n", 8, "--json")))
    for i, value in found.items():
        assert min(similarity[39, i], similarity[40, i]) > 0  # or the mean would be one of numbers that are cut off
        assert value == near((similarity[39, i] + similarity[40, i]) / 2)


@pytest.mark.parametrize("n", [2, 3, 9])
def test_path_has_the_similarity_with_the_track_before(
    run: Run, similarity: dict[tuple[int, int], float], n: int
) -> None:
    tracks = json.loads(run("path", 2, 39, "-n", n, "--json"))["tracks"]
    assert len(tracks) == n
    assert "similarity" not in tracks[0]
    for one, other in pairwise(tracks):
        assert other["similarity"] == near(similarity[one["id"], other["id"]])


def test_similarity_in_extended_and_filled_playlists(
    run: Run, similarity: dict[tuple[int, int], float], tmp_path: Path
) -> None:
    paths = {track["id"]: track["path"] for track in json.loads(run("tracks", "--json"))}
    file = tmp_path / "list.m3u8"
    file.write_text(f"{paths[1]}\n{paths[30]}\n", encoding="utf-8")
    longer = json.loads(run("playlist", "extend", file, "-n", 5, "--json"))["tracks"]
    assert len(numbers(longer)) == 5
    for i, value in numbers(longer).items():
        assert value == near(max(similarity[1, i], similarity[30, i]))
    filled = json.loads(run("playlist", "insert", file, "-n", 6, "--json"))["tracks"]
    assert len(numbers(filled)) >= 2  # or none would have been put before another
    for one, other in pairwise(filled):
        if "similarity" in other:
            assert other["similarity"] == near(similarity[one["id"], other["id"]])


def test_tables_have_a_column_similarity(run: Run, similarity: dict[tuple[int, int], float]) -> None:
    for words in (("similar", 3), ("playlist", "--from", 3, "-n", 6), ("path", 3, 30, "-n", 2)):
        heading, *rows = run(*words).splitlines()
        assert heading.split()[:2] == ["id", "similarity"]
        last = rows[-1].split()
        assert float(last[1]) == pytest.approx(similarity[3, int(last[0])], abs=0.0051)


def test_a_minus_seed_is_explained(run: Run) -> None:
    plain = [track["id"] for track in json.loads(run("similar", 1, "-n", 5, "--json"))]
    found = json.loads(run("similar", 1, "-n", 5, "--not-like", plain[0], "--explain", "--json"))
    assert plain[0] not in [track["id"] for track in found]
    label = f"artist {plain[0]} - title {plain[0]}"
    for track in found:
        [minus] = track["explanation"]["not_like"]
        assert minus["name"] == label
        assert track["explanation"]["text"].endswith(f"; similarity {minus['similarity']:.2f} with {label}")
    assert f"with {label}" in run("similar", 1, "-n", 5, "--not-like", plain[0], "--explain")
    by_artist = json.loads(run("similar", 1, "-n", 5, "--not-like-artist", f"artist {plain[0]}", "--json"))
    assert [track["id"] for track in by_artist] == [track["id"] for track in found]
