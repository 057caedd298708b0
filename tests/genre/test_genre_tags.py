"""Distinctive tags of synthetic tracks."""

import numpy as np
import pytest

from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.model import FLOOR
from recsys.genre.tags import SYNONYMS, distinctive_tags, tag_reference, tag_z_scores

TAGS = (*MSD_TAGS, *MTT_TAGS)


def mean_tags() -> np.ndarray:
    """Tags of mean log probability over the reference corpus."""
    mean, _ = tag_reference()
    return np.exp(mean) - FLOOR


def with_tags(**probabilities: float) -> np.ndarray:
    tags = mean_tags()
    for name, probability in probabilities.items():
        for i, tag in enumerate(TAGS):
            if tag.lower().replace(" ", "_").replace("-", "_") == name:
                tags[i] = probability
    return tags


def test_mean_tags_have_z_scores_of_zero() -> None:
    np.testing.assert_allclose(tag_z_scores(mean_tags()), 0, atol=1e-6)


def test_highest_z_score_is_first_and_synonyms_are_merged() -> None:
    tags = with_tags(harpsichord=0.9, female_voice=0.3, woman=0.4, female_vocalists=0.3)
    found, average = distinctive_tags(np.stack([tags, mean_tags()]), n=2)
    assert list(found) == ["harpsichord", "female voice"]
    assert average == distinctive_tags(mean_tags()[None], n=2)[0]
    assert found["female voice"] == pytest.approx(0.4)


def test_improbable_tags_are_not_distinctive() -> None:
    assert distinctive_tags(np.full((1, 100), 0.02)) == [{}]


def test_at_most_n_tags() -> None:
    assert [len(found) for found in distinctive_tags(np.full((2, 100), 0.5), n=3)] == [3, 3]


def test_every_synonym_is_a_tag_of_one_name() -> None:
    members = [tag for group in SYNONYMS.values() for tag in group]
    assert set(members) <= set(TAGS)
    assert len(members) == len(set(members))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^tags must have the shape \(m, 100\), got \(100,\)$"):
        distinctive_tags(np.zeros(100, np.float32))
    with pytest.raises(ValueError, match=r"^tags must have the shape \(100,\), got \(1, 100\)$"):
        tag_z_scores(np.zeros((1, 100), np.float32))
