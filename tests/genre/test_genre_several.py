"""Several genres of one track: taken apart, learned as examples of each, right if one of them is given."""

from dataclasses import replace

import numpy as np
import pytest
from labelled import make_examples

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
def test_what_separates_genres(text: str | None, genres: tuple[str, ...]) -> None:
    assert split_genres([text]) == [genres]


def test_a_slash_separates_what_stands_alone_elsewhere() -> None:
    assert split_genres(["Rock/Pop", "rock", "Pop"])[0] == ("Rock", "Pop")
    assert split_genres(["Rock/Pop", "Rock"])[0] == ("Rock/Pop",)


def test_a_genre_has_the_spelling_of_most() -> None:
    assert split_genres(["JAZZ; Rock", "Jazz", "Jazz"]) == [("Jazz", "Rock"), ("Jazz",), ("Jazz",)]


def test_a_track_of_two_genres_is_judged_once_and_right_by_either() -> None:
    examples = make_examples(artists=6)
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
    answers = model.answers
    assert answers.paths == examples.paths
    assert len(answers.truth) == len(examples.genres)
    names = [model.genres[i] for i in answers.truth]
    assert {names[i] for i in both} <= {"folk", "jazz"}
    best = answers.probabilities.argmax(axis=1)
    assert (best == answers.truth).mean() > 0.9
    jazz = [i for i, genre in enumerate(examples.genres) if genre == "jazz"]
    right = np.flatnonzero(model.baselines["always jazz"].argmax(axis=1) == answers.truth)
    assert set(right.tolist()) == {*jazz, *both}
