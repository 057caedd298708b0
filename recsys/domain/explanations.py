"""Explanations: why a track is similar to a query."""

from dataclasses import dataclass
from typing import NamedTuple

from recsys.domain.records import ExplanationRecord
from recsys.domain.tables import rounded


class MinusSimilarity(NamedTuple):
    """The name of a seed that a list must not resemble, and the similarity of a track with it, in [0, 1]."""

    name: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a track is similar to a query.

    Attributes
    ----------
    groups : dict of str to float
        Contribution of each feature group to the similarity.
    hubness_penalty : float
        What is subtracted because the track is similar to very many; the sum of both is the similarity where it is
        positive.
    tags : tuple of str
        Tags that both have, most unusual first.
    bpm, key : pair of float or None, pair of str or None
        Of the query and of the track.
    text : str
        A sentence.
    shared, differences : tuple of str
        What both have in common and where they differ, in words, most unusual first.
    not_like : tuple of MinusSimilarity
        The similarity with each seed that the list must not resemble.
    """

    groups: dict[str, float]
    hubness_penalty: float
    tags: tuple[str, ...]
    bpm: tuple[float | None, float | None]
    key: tuple[str | None, str | None]
    text: str
    shared: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    not_like: tuple[MinusSimilarity, ...] = ()

    def to_dict(self) -> ExplanationRecord:
        """The record as JSON values."""
        return {
            "groups": {group: round(value, 4) for group, value in self.groups.items()},
            "hubness_penalty": round(self.hubness_penalty, 4),
            "shared_tags": list(self.tags),
            "bpm": {"query": rounded(self.bpm[0]), "result": rounded(self.bpm[1])},
            "key": {"query": self.key[0], "result": self.key[1]},
            "text": self.text,
            "shared": list(self.shared),
            "differences": list(self.differences),
            "not_like": [{"name": each.name, "similarity": round(each.similarity, 4)} for each in self.not_like],
        }
