"""The scorecard from labels to record, on synthetic tracks with known similarity."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.tracks import Track
from recsys.errors import Hint, InvalidRequest, NotFound
from recsys.evaluate.compare import compare_scorecards, read_scorecard
from recsys.evaluate.orderings import score_orderings
from recsys.evaluate.scorecard import scorecard
from recsys.evaluate.similarity_models import SYSTEM, similarity_models
from recsys.evaluate.simulated_listeners import LENGTH, recommenders, score_lists, simulate_listeners
from recsys.features.scaling import denormalise
from recsys.features.schema import DIMENSIONS, GROUPS, index_of
from recsys.metadata.labels import LabelledTracks, labels_from_folders, labels_from_table, labels_from_tags
from recsys.nearest import NearestIndex
from recsys.recommend.vectors import similarity_vectors

GENRES = ("jazz", "metal", "folk")


def make_tracks(artists: int = 12, each: int = 6) -> tuple[list[Track], FloatArray, IdArray]:
    """Tracks of artists with one genre each; a vector is the sum of a genre, an artist and a track part."""
    rng = np.random.default_rng(0)
    genre_parts = rng.standard_normal((len(GENRES), len(DIMENSIONS)))
    tracks: list[Track] = []
    features = []
    for artist in range(artists):
        artist_part = rng.standard_normal(len(DIMENSIONS))
        for i in range(each):
            number = len(tracks) + 1
            genre = artist % len(GENRES)
            tracks.append(
                make_track(
                    number,
                    GENRES[genre],
                    path=f"/music/{artist}/{i}.mp3",
                    artist=f"artist {artist}",
                    album=f"album {artist}.{i // 3}",
                    tagged_genre=GENRES[genre].upper(),
                )
            )
            features.append(genre_parts[genre] + artist_part + 0.7 * rng.standard_normal(len(DIMENSIONS)))
    return tracks, np.array(features, np.float32), np.arange(1, len(tracks) + 1)


def edges_of(features: FloatArray) -> Callable[[Sequence[int]], TrackEdges]:
    """Edges of tracks whose beginnings are their mean, and whose ends are louder by 1 LUFS."""
    begins = denormalise(np.clip(features, -2, 2)).astype(np.float16)
    ends = begins.copy()
    ends[:, index_of("loudness_lufs")] += 1

    def edges(ids: Sequence[int]) -> TrackEdges:
        rows = np.array(ids) - 1
        return TrackEdges(begins[rows], ends[rows], features[rows])

    return edges


@pytest.fixture(scope="module")
def library() -> tuple[LabelledTracks, FloatArray, NearestIndex, IdArray]:
    tracks, features, ids = make_tracks()
    return labels_from_tags(tracks), features, NearestIndex.build(ids, similarity_vectors(features)), ids


def test_recsys_scores_higher_than_chance_in_every_part(
    library: tuple[LabelledTracks, FloatArray, NearestIndex, IdArray],
) -> None:
    labelled, features, index, ids = library
    reported: list[str] = []
    card = scorecard(
        features, labelled, index, ids, edges=edges_of(features), training_overlap=3, on_progress=reported.append
    )
    json.dumps(card)  # raises TypeError if a value is not plain
    assert (card["tracks"], card["queries"], card["genres"], card["artists"], card["albums"]) == (72, 72, 3, 12, 24)
    assert card["training_overlap"] == 3
    assert "same artist never counts" in card["split"]
    scores = card["similarity"]
    assert next(iter(scores)) == SYSTEM
    assert set(reported) >= set(scores)
    for metric in ("genre_p1", "genre_p10", "album_hit10", "artist_r_precision"):
        assert scores[SYSTEM][metric]["mean"] > 0.8 > 0.5 > scores["chance"][metric]["mean"], metric
        assert scores[SYSTEM][metric]["low"] <= scores[SYSTEM][metric]["mean"] <= scores[SYSTEM][metric]["high"]
    assert scores["same tagged genre, else chance"]["genre_p10"]["mean"] == 1.0
    assert scores[SYSTEM]["never_recommended"]["mean"] == 0.0
    assert len(card["hubs"]) == 10
    assert card["hubs"][0]["lists"] >= card["hubs"][-1]["lists"] >= 1
    lists = {(row["likes"], row["method"]): row for row in card["playlists"]}
    for row in card["playlists"]:
        assert set(row["intervals"]) == set(card["list_metrics"]) - {"coverage"}
        assert all(low <= row[name] <= high for name, (low, high) in row["intervals"].items())
    for likes in ("1 artist", "2 artists", "3 artists", "1 genre", "2 genres"):
        assert lists[likes, "recsys"]["ndcg"] > lists[likes, "chance"]["ndcg"] + 0.2
        assert 0 < lists[likes, "recsys"]["coverage"] <= 1
    assert lists["3 artists", "recsys"]["tastes_met"] > 0.9
    orders = {(row["list_type"], row["method"]): row for row in card["orderings"]}
    assert {lists for lists, _ in orders} == {"25 similar", "25 at random", "50 similar", "50 at random"}
    for kind in ("25 similar", "50 at random"):
        for metric in ("distance", "loudness_jump", "timbre_jump"):
            assert orders[kind, "recsys"][metric] < orders[kind, "chance"][metric], (kind, metric)
        assert orders[kind, "recsys"]["tempo_jump"] == 0  # all tracks have the same tempo
        assert orders[kind, "recsys"]["distance"] <= orders[kind, "nearest neighbour"]["distance"] + 0.1
    assert set(card["ordering_metrics"]) < set(card["orderings"][0])


def test_orderings_need_four_tracks_and_are_deterministic() -> None:
    tracks, features, ids = make_tracks()
    for n, kinds in (
        (3, set()),
        (5, {"5 similar", "5 at random"}),
        (30, {"25 similar", "25 at random", "30 similar", "30 at random"}),
    ):
        index = NearestIndex.build(ids[:n], similarity_vectors(features[:n]))
        rows = score_orderings(index, ids[:n], tracks[:n], edges_of(features))
        assert {row["list_type"] for row in rows} == kinds
        assert rows == score_orderings(index, ids[:n], tracks[:n], edges_of(features))
    unknown = [replace(track, bpm=None, key=None) for track in tracks]
    [row, *_] = score_orderings(index, ids[:30], unknown[:30], edges_of(features))
    assert row["tempo_jump"] is row["key_clashes"] is None


def test_comparison_shows_a_worse_similarity(library: tuple[LabelledTracks, FloatArray, NearestIndex, IdArray]) -> None:
    labelled, features, index, ids = library
    worse = features.copy()
    worse[:, GROUPS["learned"]] = np.random.default_rng(1).standard_normal((72, 400))
    worse[:, GROUPS["tags"]] = np.random.default_rng(2).standard_normal((72, 100))
    good = scorecard(features, labelled, index, ids)
    bad = scorecard(worse, labelled, NearestIndex.build(ids, similarity_vectors(worse)), ids)
    difference = compare_scorecards(bad, good)
    assert difference["caution"] is None
    assert difference["metrics"]["genre_p10"]["difference"] < -0.1
    assert "not the same music" in compare_scorecards({**bad, "tracks": 7}, good)["caution"]


def test_scorecard_of_format_1_has_the_present_names(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    scores = {"genre_p1": {"mean": 0.5}, "never": {"mean": 0.1}}
    path.write_text(json.dumps({"format": 1, "similarity": {SYSTEM: scores}}), encoding="utf-8")
    old = read_scorecard(path)
    assert old["similarity"][SYSTEM] == {"genre_p1": {"mean": 0.5}, "never_recommended": {"mean": 0.1}}
    new: dict[str, Any] = {"similarity": {SYSTEM: {"never_recommended": {"mean": 0.2}}}}
    new |= dict.fromkeys(("tracks", "queries", "genres", "artists", "labels"))
    assert compare_scorecards(new, old)["metrics"] == {
        "never_recommended": {"old": 0.1, "new": 0.2, "difference": pytest.approx(0.1)}
    }


def test_library_without_shared_labels_is_refused() -> None:
    tracks = [make_track(i, artist=None) for i in (1, 2)]
    features = np.random.default_rng(0).standard_normal((2, len(DIMENSIONS))).astype(np.float32)
    index = NearestIndex.build(np.array([1, 2]), similarity_vectors(features))
    with pytest.raises(NotFound, match="no two of 2 tracks share a genre, artist or album") as error:
        scorecard(features, labels_from_tags(tracks), index, np.array([1, 2]))
    assert error.value.hint == Hint.GIVE_LABELS


def test_similarity_models_rank_every_track_and_recsys_as_its_index(
    library: tuple[LabelledTracks, FloatArray, NearestIndex, IdArray],
) -> None:
    labelled, features, index, ids = library
    for model in similarity_models(features, labelled, index, ids):
        assert model.scorer(np.array([0, 5])).shape == (2, 72), model.name
    [system] = [s for s in similarity_models(features, labelled, index, ids) if s.name == SYSTEM]
    found, _ = index.search(index.vectors(ids[:4]), 72)
    for query in range(4):
        assert ids[np.argsort(-system.scorer(np.array([query]))[0])].tolist() == found[query].tolist()


def test_listeners_and_recommenders_exclude_likes(
    library: tuple[LabelledTracks, FloatArray, NearestIndex, IdArray],
) -> None:
    labelled, _, index, ids = library
    for kind in ("artist", "genre"):
        for tastes in (1, 2, 3):
            listeners = simulate_listeners(labelled, kind, tastes)
            assert listeners == simulate_listeners(labelled, kind, tastes)
            for listener in listeners:
                assert len(listener.likes) == tastes
                assert not set(listener.liked) & set().union(*listener.relevant)
                if kind == "genre":
                    liked_artists = {labelled.artists[i] for i in listener.liked}
                    assert not liked_artists & {labelled.artists[i] for taste in listener.relevant for i in taste}
    assert simulate_listeners(labelled, "genre", 4) == []
    [model, *_] = similarity_models(np.zeros((72, len(DIMENSIONS)), np.float32), labelled, index, ids)
    listeners = simulate_listeners(labelled, "artist", 2)
    for name, recommender in recommenders(model, index, ids, labelled).items():
        found = recommender(listeners[0], np.random.default_rng(0))
        assert len(found) == len(set(found)) == LENGTH, name
        assert not set(found) & set(listeners[0].liked)
    perfect = score_lists(lambda listener, _: sorted(set().union(*listener.relevant)), listeners, model.vectors)
    assert (perfect.recall, perfect.r_precision, perfect.ndcg, perfect.tastes_met) == (1, 1, 1, 1)


def write_table(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_table_takes_precedence_over_tags(tmp_path: Path) -> None:
    tracks = [
        make_track(1, path=str(tmp_path / "a.mp3"), tagged_genre="Blues"),
        make_track(2, path=str(tmp_path / "sub" / "b.mp3"), tagged_genre="Blues"),
        make_track(3, path="/elsewhere/c.mp3", tagged_genre="Blues"),
    ]
    path = write_table(
        tmp_path, f"path,genre,artist,album\na.mp3,Rock,X,\n{tmp_path}/sub/b.mp3, jazz ,,Y\ngone.mp3,pop,,\n"
    )
    labelled = labels_from_table(tracks, path)
    assert labelled.genres == ("Rock", "jazz", None)
    assert labelled.artists == ("x", None, "artist 3")
    assert labelled.albums == (None, "\nY", None)
    assert labelled.source == "labels.csv, 2 of its 3 files"
    assert labels_from_tags(tracks).genres == ("Blues",) * 3


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfPath,Genre\r\na.mp3,Rock & R\xc3\xb6ll\r\nb.mp3,\r\n",
        "Genre;PATH\nRock & Röll;a.mp3\n;b.mp3\n".encode(),
        "sep=;\r\npath ; genre\r\na.mp3;Rock & Röll\r\n".encode(),
        "path\tgenre\tnote, of mine\na.mp3\tRock & Röll\nb.mp3\n".encode(),
        '"Path","Genre","Why; how"\n\n"a.mp3","Rock & Röll",x\n'.encode("utf-16"),
    ],
    ids=["excel", "semicolons", "sep line", "tabs", "utf-16"],
)
def test_table_formats_of_other_programs(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(data)
    labelled = labels_from_table([make_track(i, path=str(tmp_path / f"{'ab'[i]}.mp3")) for i in range(2)], path)
    assert labelled.genres == ("Rock & Röll", None)
    assert labelled.source == "labels.csv, 1 of its 1 file"  # a row without a genre is not counted


def test_genre_has_its_most_frequent_spelling() -> None:
    tags = ["EDM", "edm", "EDM", "jazz", "Jazz", "jazz", "Other", None]
    labelled = labels_from_tags([make_track(i, tagged_genre=genre) for i, genre in enumerate(tags)])
    assert labelled.genres == ("EDM", "EDM", "EDM", "jazz", "jazz", "jazz", None, None)


def test_first_of_several_genres_counts(tmp_path: Path) -> None:
    tags = ["Rock; Pop", "Pop; Rock", "rock", "Rock", "Other; Pop", "; "]
    labelled = labels_from_tags([make_track(i, tagged_genre=genre) for i, genre in enumerate(tags)])
    assert labelled.genres == ("Rock", "Pop", "Rock", "Rock", "Pop", None)
    path = tmp_path / "labels.csv"
    path.write_text("path,genre\na.mp3,Rock; Pop\nb.mp3,pop\n")
    table = labels_from_table([make_track(i, path=str(tmp_path / f"{'ab'[i]}.mp3")) for i in range(2)], path)
    assert table.genres == ("Rock", "pop")


def test_genres_from_folders_and_from_ingested_genre_folders() -> None:
    paths = ["/m/rock/1.mp3", "/m/rock/2.mp3", "/m/rock/live/3.mp3", "/m/pop/4.mp3", "/n/jazz/a/5.mp3", "/n/6.mp3"]
    paths += ["/n/jazz/b/7.mp3", "/o/8.mp3", "/m/9.mp3"]
    tracks = [make_track(i, path=path) for i, path in enumerate(paths)]
    labelled = labels_from_folders(tracks, ["/m", "/m/rock", "/m/pop", "/n", "/m/9.mp3"])
    assert labelled.genres == ("rock", "rock", "rock", "pop", "jazz", None, "jazz", None, "m")
    assert labelled.source == "names of folders in /m, /m/9.mp3, /m/pop and 2 more"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("Path,label\na,b\n", InvalidRequest, "no column genre; it needs path and genre, and has Path, label"),
        (
            "path,genre\n/nowhere.mp3,rock\n",
            NotFound,
            "none of the 1 file in .*labels.csv is in the library; relative paths are relative to ",
        ),
        (
            "path,genre\na.mp3,rock\n./a.mp3,pop\n",
            InvalidRequest,
            "has two genres for ./a.mp3: rock and pop; keep one row",
        ),
        ("", InvalidRequest, "no column genre and path"),
    ],
)
def test_invalid_table_is_refused(tmp_path: Path, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        labels_from_table([make_track(1)], write_table(tmp_path, text))
    with pytest.raises(NotFound, match=r"none.csv does not exist$"):
        labels_from_table([make_track(1)], tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "old.json is not JSON"),
        ("[]", "old.json is not a scorecard of format 2"),
        ('{"format": 99}', "old.json is not a scorecard of format 2"),
        ('{"format": 2, "similarity": {"recsys": 1}}', "old.json is not a scorecard of format 2"),
    ],
)
def test_invalid_scorecard_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=message) as error:
        read_scorecard(path)
    assert (error.value.hint, error.value.hint_values) == (Hint.MAKE_SCORECARD, {"file": "before.json"})
    with pytest.raises(InvalidRequest, match="cannot read"):
        read_scorecard(tmp_path / "none.json")


def test_artists_of_a_table_have_the_keys_of_tags(tmp_path: Path) -> None:
    names = ("Muse feat. Guest", "MUSE", "Various Artists", "")
    tracks = [make_track(i, artist="tag") for i in range(1, 5)]
    rows = "".join(f"{track.path},rock,{name}\n" for track, name in zip(tracks, names, strict=True))
    table = tmp_path / "labels.csv"
    table.write_text(f"path,genre,artist\n{rows}", encoding="utf-8")
    assert labels_from_table(tracks, table).artists == ("muse", "muse", None, None)
