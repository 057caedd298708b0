"""Mood words: where each lies, and that filters and descriptions agree."""

import numpy as np
import pytest

from recsys.features.layout import DIMENSIONS, index_of
from recsys.features.scaling import raw, reference
from recsys.features.tagnames import MSD_TAGS, MTT_TAGS
from recsys.genre.moods import MOODS, MOST, described_by, moods, raw_strengths, shown


@pytest.mark.parametrize(
    ("valence", "arousal", "word"),
    [(0.95, 0.7, "happy"), (0.1, 0.9, "tense"), (0.1, 0.1, "sad"), (0.98, 0.05, "tender"), (0.75, 0.95, "energetic")],
)
def test_each_corner_of_the_plane_has_its_word(valence: float, arousal: float, word: str) -> None:
    strengths = raw_strengths(reference().mean[None], np.array([[valence, arousal]]))[0]
    assert list(MOODS)[int(strengths.argmax())] == word


def test_fast_music_is_more_energetic_and_less_nostalgic() -> None:
    tracks = np.zeros((2, len(DIMENSIONS)), np.float32)
    tracks[1, index_of("tempo_log2")] = 2
    slow, fast = moods(raw(tracks))
    names = list(MOODS)
    assert fast[names.index("energetic")] > slow[names.index("energetic")]
    assert fast[names.index("nostalgic")] < slow[names.index("nostalgic")]


def test_filters_find_what_descriptions_show() -> None:
    vectors = raw(np.random.default_rng(0).standard_normal((40, len(DIMENSIONS))).astype(np.float32))
    found = described_by(vectors)
    for row, vector in zip(found, vectors, strict=True):
        assert {word for word, has in zip(MOODS, row, strict=True) if has} == set(shown(vector))
    assert found.any()
    assert found.sum(axis=1).max() <= MOST


def test_every_tag_of_a_word_is_one() -> None:
    assert {tag for word in MOODS.values() for tag in word.tags} <= {*MSD_TAGS, *MTT_TAGS}
