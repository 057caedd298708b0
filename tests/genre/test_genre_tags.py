"""Telling tags of tracks whose character is known."""

import numpy as np
import pytest

from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre import tags as genre_tags
from recsys.genre.tags import SYNONYMS, distinctive_tags, tag_z_scores

TAGS = (*MSD_TAGS, *MTT_TAGS)


def usual() -> np.ndarray:
    """A track all of whose tags are as probable as they usually are."""
    mean, _ = genre_tags._reference()
    return np.exp(mean) - genre_tags.FLOOR


def with_tags(**probabilities: float) -> np.ndarray:
    tags = usual()
    for name, probability in probabilities.items():
        for i, tag in enumerate(TAGS):
            if tag.lower().replace(" ", "_").replace("-", "_") == name:
                tags[i] = probability
    return tags


def test_the_usual_track_surprises_nobody() -> None:
    np.testing.assert_allclose(tag_z_scores(usual()), 0, atol=1e-6)


def test_the_unusual_is_told_first_and_once() -> None:
    told = distinctive_tags(with_tags(harpsichord=0.9, female_voice=0.3, woman=0.4, female_vocalists=0.3), n=2)
    assert [name for name, _ in told] == ["harpsichord", "female voice"]
    assert dict(told)["female voice"] == pytest.approx(0.4)


def test_only_the_likely_is_told() -> None:
    assert distinctive_tags(np.full(100, 0.02)) == []


def test_at_most_n() -> None:
    assert len(distinctive_tags(np.full(100, 0.5), n=3)) == 3


def test_every_word_is_a_tag() -> None:
    words = {word for members in SYNONYMS.values() for word in members}
    assert words <= set(TAGS)
    members = [tag for group in SYNONYMS.values() for tag in group]
    assert len(members) == len(set(members))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(100,\)"):
        distinctive_tags(np.zeros((1, 100)))
