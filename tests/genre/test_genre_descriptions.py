import numpy as np

from recsys.features.scaling import reference
from recsys.features.schema import GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.descriptions import MAX_TAGS, describe_sound, tag_probabilities
from recsys.genre.moods import MAX_WORDS

NAMES = (*MSD_TAGS, *MTT_TAGS)


def tags(**probabilities: float) -> np.ndarray:
    """Tag probabilities (100,): 0.01 but for the given ones."""
    return np.array([probabilities.get(name.replace(" ", "_"), 0.01) for name in NAMES], np.float32)


def test_tag_of_both_networks_has_the_larger_probability() -> None:
    both = tags()
    first, second = NAMES.index("rock"), len(MSD_TAGS) + MTT_TAGS.index("rock")
    both[first], both[second] = 0.25, 0.75
    assert next(iter(tag_probabilities(both).items())) == ("rock", 0.75)
    assert set(tag_probabilities(both)) == set(NAMES)
    assert list(tag_probabilities(both).values()) == sorted(tag_probabilities(both).values(), reverse=True)


def vector(**probabilities: float) -> np.ndarray:
    """The mean of the reference corpus with other tags."""
    track = reference().mean.copy()
    track[GROUPS["tags"]] = tags(**probabilities)
    return track


def test_probable_tags_are_described() -> None:
    party = describe_sound(vector(party=0.8, dance=0.8, happy=0.7, catchy=0.6))
    assert {"party", "dance", "happy"} <= set(party.distinctive_tags)
    assert len(party.moods) <= MAX_WORDS
    assert len(party.distinctive_tags) <= MAX_TAGS


def test_track_without_probable_tags_has_no_distinctive_tags() -> None:
    assert describe_sound(vector()).distinctive_tags == {}
