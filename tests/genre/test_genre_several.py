"""Tracks with several genres: splitting the text, training on each genre, scoring any of them as correct."""

from dataclasses import replace

import numpy as np
import pytest
from labelled import make_training_set

from recsys.genre.several import split_genres
from recsys.genre.training import train


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("Rock; Pop", ("Rock", "Pop")),
        ("Rock, Pop | Jazz", ("Rock", "Pop", "Jazz")),
        ("Rock\0Pop", ("Rock", "Pop")),
        ("Rock / Pop", ("Rock", "Pop")),
        ("R&B/Soul", ("R&B/Soul",)),
        ("Drum & Bass", ("Drum & Bass",)),
        ("Folk, World, & Country", ("Folk", "World", "Country")),
        ("Rock; rock;; ", ("Rock",)),
        (None, ()),
    ],
)
def test_separators(text: str | None, genres: tuple[str, ...]) -> None:
    assert split_genres([text]) == [genres]


def test_slash_separates_genres_that_occur_elsewhere() -> None:
    assert split_genres(["Rock/Pop", "rock", "Pop"])[0] == ("Rock", "Pop")
    assert split_genres(["Rock/Pop", "Rock"])[0] == ("Rock/Pop",)


def test_genre_has_its_most_frequent_spelling() -> None:
    assert split_genres(["JAZZ; Rock", "Jazz", "Jazz"]) == [("Jazz", "Rock"), ("Jazz",), ("Jazz",)]


def test_track_with_two_genres_is_scored_once_and_either_is_correct() -> None:
    examples = make_training_set(artists=6)
    both = [i for i, genre in enumerate(examples.genres) if genre == "folk"][::2]
    rows = sorted([*range(len(examples.genres)), *both])
    second = [i > 0 and rows[i - 1] == row for i, row in enumerate(rows)]
    doubled = examples.subset(rows)
    doubled = replace(
        doubled, genres=tuple("jazz" if more else g for g, more in zip(doubled.genres, second, strict=True))
    )
    others = {"always jazz": np.tile([0.1, 0.8, 0.1], (len(rows), 1))}
    model = train(
        "mine", doubled, algorithm="logistic", features="embedding", feature_version=1, others=others
    )  # fmt: skip
    found = model.out_of_fold
    assert found.paths == examples.paths
    assert len(found.truth) == len(examples.genres)
    names = [model.genres[i] for i in found.truth]
    assert {names[i] for i in both} <= {"folk", "jazz"}
    best = found.probabilities.argmax(axis=1)
    assert (best == found.truth).mean() > 0.9
    jazz = [i for i, genre in enumerate(examples.genres) if genre == "jazz"]
    correct = np.flatnonzero(model.baselines["always jazz"].argmax(axis=1) == found.truth)
    assert set(correct.tolist()) == {*jazz, *both}
