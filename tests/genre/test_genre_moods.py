"""Mood words: their directions in valence and arousal, and that filters and descriptions agree."""

import numpy as np
import pytest

from recsys.features.mood import MOOD_WORDS, axis_log_odds, mood_map, word_evidence
from recsys.features.scaling import denormalise
from recsys.features.schema import DIMENSIONS, index_of
from recsys.genre.moods import MAX_WORDS, MOODS, describe_moods, described_by, moods, raw_strengths


@pytest.mark.parametrize(
    ("valence", "arousal", "word"),
    [(0.95, 0.85, "happy"), (0.1, 0.9, "tense"), (0.1, 0.1, "sad"), (0.98, 0.05, "tender"), (0.75, 0.95, "energetic")],
)
def test_corner_of_the_plane_has_its_word(valence: float, arousal: float, word: str) -> None:
    plane = axis_log_odds(np.array([[valence, arousal]]))
    strengths = raw_strengths(np.zeros((1, len(MOODS))), plane, np.zeros((1, len(DIMENSIONS)), np.float32))[0]
    assert list(MOODS)[int(strengths.argmax())] == word


def test_fast_music_is_more_energetic_and_less_nostalgic() -> None:
    tracks = np.zeros((2, len(DIMENSIONS)), np.float32)
    tracks[1, index_of("tempo_log2")] = 2
    slow, fast = moods(denormalise(tracks))
    names = list(MOODS)
    assert fast[names.index("energetic")] > slow[names.index("energetic")]
    assert fast[names.index("nostalgic")] < slow[names.index("nostalgic")]


def test_filter_matches_the_described_words() -> None:
    vectors = denormalise(np.random.default_rng(0).standard_normal((40, len(DIMENSIONS))).astype(np.float32))
    found = described_by(vectors)
    for row, vector in zip(found, vectors, strict=True):
        assert {word for word, has in zip(MOODS, row, strict=True) if has} == set(describe_moods(vector[None])[0])
    assert found.any()
    assert found.sum(axis=1).max() <= MAX_WORDS


def test_evidence_decides_where_plane_and_cues_are_neutral() -> None:
    neutral = np.zeros((len(MOODS), 2)), np.zeros((len(MOODS), len(DIMENSIONS)), np.float32)
    assert raw_strengths(np.eye(len(MOODS)), *neutral).argmax(axis=1).tolist() == list(range(len(MOODS)))


def test_words_are_in_the_order_of_the_mood_map() -> None:
    assert tuple(MOODS) == MOOD_WORDS
    assert mood_map().ours.shape[1] == len(MOOD_WORDS)


def test_metal_is_tense_and_quiet_ambient_music_is_calm() -> None:
    tracks = np.zeros((2, len(DIMENSIONS)), np.float32)
    for name in ("msd_tag_metal", "msd_tag_heavy metal", "msd_tag_hard rock", "mtt_tag_loud", "mtt_tag_rock"):
        tracks[0, index_of(name)] = 3
    for name in ("msd_tag_ambient", "msd_tag_Mellow", "mtt_tag_ambient", "mtt_tag_quiet", "mtt_tag_slow"):
        tracks[1, index_of(name)] = 3
    metal, ambient = word_evidence(denormalise(tracks))
    assert metal[MOOD_WORDS.index("tense")] > ambient[MOOD_WORDS.index("tense")]
    assert ambient[MOOD_WORDS.index("calm")] > metal[MOOD_WORDS.index("calm")]
