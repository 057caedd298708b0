"""``recsys evaluate`` and ``recsys export``: on a library whose sounds are numbers, with the real similarity."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_library import KINDS, make_library, make_song

from recsys.cli.main import main
from recsys.features.schema import DIMENSIONS


def run(home: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), *map(str, arguments)])
    result = capsys.readouterr()
    return int(end.value.code or 0), result.out, result.err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """24 songs of four kinds, two to an artist."""
    rng = np.random.default_rng(0)
    kinds = rng.standard_normal((len(KINDS), len(DIMENSIONS)))
    songs = []
    for k, kind in enumerate(KINDS):
        for i in range(6):
            song = make_song(kind, 6 * k + i + 1, artist=f"{kind} band {i // 2}", genre=kind.title())
            assert song.result is not None
            sound = (kinds[k] + 0.5 * rng.standard_normal(len(DIMENSIONS))).astype(np.float32)
            songs.append(replace(song, result=replace(song.result, normalised=sound)))
    make_library(tmp_path, songs)
    return tmp_path


def test_scorecard_is_printed_and_compared(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, capsys, "evaluate")
    assert code == 0
    assert out.startswith("24 tracks, 24 queries; 4 genres, 12 artists, 4 albums; labels: genre tags of the files\n")
    for word in (
        "recsys",
        "chance",
        "MFCC, cosine",
        "genre P@10",
        "hub skew",
        "tracks in the most lists of ten similar tracks",
        "NDCG@20",
        "24 similar",
        "tempo jump, %",
    ):
        assert word in out
    code, out, _ = run(home, capsys, "evaluate", "--json")
    card = json.loads(out)
    assert card["similarity"]["recsys"]["genre_p1"]["mean"] == 1.0
    assert card["split"]
    assert {row["method"] for row in card["orderings"]} == {"recsys", "nearest neighbour", "chance"}
    old = tmp_path / "old.json"
    old.write_text(out, encoding="utf-8")
    code, out, err = run(home, capsys, "evaluate", "--compare", old)
    assert code == 0
    assert "+0.000" in out
    assert "warning" not in err


def test_playlists_option_scores_playlists_and_dislikes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, capsys, "evaluate", "--playlists", "--json")
    assert code == 0
    card = json.loads(out)
    assert (card["similarity"], card["listeners"]) == ({}, 200)
    scores = {row["method"]: row for row in card["playlists"] if row["likes"] == "2 genres"}
    assert scores["recsys"]["ndcg"] >= scores["one centroid"]["ndcg"] > scores["chance"]["ndcg"]
    assert scores["recsys"]["tastes_met"] > scores["one centroid"]["tastes_met"] - 0.05
    assert "1 track" in [row["likes"] for row in card["dislikes"]]
    for row in card["dislikes"]:
        assert set(card["dislike_metrics"]) < set(row)
        assert 0.5 < row["reduction"] <= 1  # of six to a kind
        assert (row["far_changed"], row["far_similarity_loss"]) == (None, None)  # no dislike is far in so few tracks
    code, out, _ = run(home, capsys, "evaluate", "--playlists")
    assert "effect of one dislike" in out


def test_labels_are_read_from_a_table(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "labels.csv"
    rows = [f"/music/{kind}/{6 * k + i + 1:02}.mp3,{kind}" for k, kind in enumerate(KINDS[:2]) for i in range(6)]
    table.write_text("path,genre\n" + "\n".join(rows), encoding="utf-8")
    code, out, _ = run(home, capsys, "evaluate", "--labels", table, "--json")
    assert code == 0
    card = json.loads(out)
    assert (card["genres"], card["labels"]) == (2, "labels.csv, 12 of its 12 files")
    assert card["similarity"]["recsys"]["genre_p10"]["queries"] == 12
    code, _, err = run(home, capsys, "evaluate", "--labels", tmp_path / "none.csv")
    assert (code, err.count("\n")) == (3, 1)
    assert "none.csv does not exist" in err


def test_neighbours_are_written_to_a_file_or_stdout(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "near.jsonl"
    code, out, err = run(home, capsys, "export", "neighbours", "-n", 5, "-o", target)
    assert (code, out) == (0, "")
    assert f"24 tracks written to {target}" in err
    lines = [json.loads(line) for line in target.read_text(encoding="ascii").splitlines()]
    code, out, _ = run(home, capsys, "export", "neighbours", "-n", 5)
    assert [json.loads(line) for line in out.splitlines()] == lines
    assert [line["id"] for line in lines] == list(range(1, 25))
    for line in lines:
        assert set(line) == {"id", "path", "neighbours"}
        assert len(line["neighbours"]) == 5
        assert all(Path(near["path"]).parent == Path(line["path"]).parent for near in line["neighbours"])
        similarities = [near["similarity"] for near in line["neighbours"]]
        assert similarities == sorted(similarities, reverse=True)
        assert all(set(near) == {"id", "path", "similarity"} for near in line["neighbours"])
    _, out, _ = run(home, capsys, "export", "neighbours", "-n", 4, "--per-artist", 1)
    capped = [json.loads(line) for line in out.splitlines()]
    assert all(len({(near["id"] - 1) // 2 for near in line["neighbours"]}) == 4 for line in capped)


def test_failed_export_leaves_no_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(home, capsys, "export", "neighbours", "-o", tmp_path / "no" / "near.jsonl")
    assert code == 1
    assert "cannot write the neighbours" in err
    assert run(home, capsys, "export", "neighbours", "-n", 0)[0] == 2
    assert run(tmp_path / "empty", capsys, "evaluate")[0] == 3
    assert not list(tmp_path.glob(".near*"))


def test_similar_tracks_are_explained(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, capsys, "similar", "1", "-n", 3, "--explain")
    assert code == 0
    assert "both " in out
    assert "hubness" in out
    code, out, _ = run(home, capsys, "similar", "1", "2", "-n", 3, "--explain", "--json")
    for record in json.loads(out):
        why = record["explanation"]
        given = sum(why["groups"].values()) + why["hubness_penalty"]
        assert given == pytest.approx(record["similarity"], abs=0.001)
        assert why["text"].endswith(("(nearest to title 1)", "(nearest to title 2)"))
        assert len(why["shared"]) <= 5
        assert len(why["differences"]) <= 2
    _, out, _ = run(home, capsys, "similar", "1", "--json")
    assert all("explanation" not in record for record in json.loads(out))


def test_seeds_and_filters(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run(home, capsys, "similar", "--artist", "metal band 1", "-n", 4, "--json")
    assert "Similar to metal band 1" in err or out
    found = json.loads(out)
    assert {record["artist"] for record in found} == {"metal band 0", "metal band 2"}
    _, out, _ = run(home, capsys, "similar", "--album", "album of jazz", "-n", 5, "--json")
    assert not {record["album"] for record in json.loads(out)} & {"album of jazz"}
    _, out, _ = run(home, capsys, "similar", "1", "--bpm", "110-112", "-n", 50, "--json")
    assert sorted(record["bpm"] for record in json.loads(out)) == [110.0, 111.0, 112.0]
    assert run(home, capsys, "similar", "1", "--year", "1990-")[0] == 3
    for wrong in (["similar"], ["similar", "1", "--bpm", "fast"], ["similar", "1", "--year", "1999-1990"]):
        code, out, err = run(home, capsys, *wrong)
        assert (code, out, err.count("\n")) == (2, "", 1)
