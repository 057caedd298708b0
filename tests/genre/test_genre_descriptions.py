import numpy as np

from recsys.features.scaling import reference
from recsys.features.schema import GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.descriptions import MOST_TAGS, by_name, describe
from recsys.genre.moods import MOST

NAMES = (*MSD_TAGS, *MTT_TAGS)


def tags(**probabilities: float) -> np.ndarray:
    """Tags (100,) of a track that is nothing but what is said."""
    return np.array([probabilities.get(name.replace(" ", "_"), 0.01) for name in NAMES], np.float32)


def test_a_name_of_both_models_has_the_larger_probability() -> None:
    both = tags()
    first, second = NAMES.index("rock"), len(MSD_TAGS) + MTT_TAGS.index("rock")
    both[first], both[second] = 0.25, 0.75
    assert next(iter(by_name(both).items())) == ("rock", 0.75)
    assert set(by_name(both)) == set(NAMES)
    assert list(by_name(both).values()) == sorted(by_name(both).values(), reverse=True)


def vector(**probabilities: float) -> np.ndarray:
    """The reference track, but for its tags."""
    track = reference().mean.copy()
    track[GROUPS["tags"]] = tags(**probabilities)
    return track


def test_a_party_is_described_as_one() -> None:
    party = describe(vector(party=0.8, dance=0.8, happy=0.7, catchy=0.6))
    assert {"party", "dance", "happy"} <= set(party.telling)
    assert len(party.moods) <= MOST
    assert len(party.telling) <= MOST_TAGS


def test_what_is_like_everything_else_is_told_by_no_tag() -> None:
    assert describe(vector()).telling == {}
