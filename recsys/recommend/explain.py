"""Explanations of similar tracks: a sentence, and the contribution of each feature group to the similarity.

The sentence names what both tracks share and is unusual in the library, and where they differ
(:mod:`recsys.recommend.comparison`, :mod:`recsys.recommend.phrases`). The numbers are exact: the contributions of the
groups plus the hubness penalty are the similarity.
"""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.domain.explanations import Explanation
from recsys.recommend.comparison import MIN_RARITY, TraitSample, differences, shared
from recsys.recommend.phrases import MAX_DIFFERENCES, difference, phrase, select_traits, sentence
from recsys.recommend.traits import ExplainedTrack
from recsys.recommend.vectors import contributions

MAX_TAGS = 4


def explain(
    seeds: Sequence[ExplainedTrack],
    picks: Sequence[ExplainedTrack],
    similarities: Sequence[float],
    *,
    pairs: FloatArray,
    sample: TraitSample,
) -> list[Explanation]:
    """Explain each pick.

    With several seeds, the numbers are means over all seeds, and the sentence is about the most similar one.

    Parameters
    ----------
    seeds : sequence of ExplainedTrack, length s
        The tracks of the query.
    picks : sequence of ExplainedTrack, length p
        The tracks of the result.
    similarities : (p,)
        Of the picks, before they are clipped to [0, 1].
    pairs : (s, p)
        Similarity of each seed with each pick.
    sample : TraitSample
        Tracks of the library, against which rarity is measured.

    Returns
    -------
    list of Explanation
    """
    if not picks:
        return []
    features = np.stack([pick.features for pick in picks])
    groups_by_seed = [contributions(seed.features, features) for seed in seeds]
    cosines = np.stack([sum(groups.values(), np.zeros(len(picks))) for groups in groups_by_seed])
    mean = {group: np.mean([groups[group] for groups in groups_by_seed], axis=0) for group in groups_by_seed[0]}
    explanations = []
    for i, (pick, similarity) in enumerate(zip(picks, similarities, strict=True)):
        seed = seeds[int(pairs[:, i].argmax())]
        traits, distinctions = shared(seed, pick, sample), differences(seed, pick, sample)[:MAX_DIFFERENCES]
        selected = select_traits(traits, seed, pick, MIN_RARITY)
        text = sentence(seed, pick, float(pairs[:, i].max()), traits, selected, distinctions)
        explanations.append(
            Explanation(
                groups={group: float(values[i]) for group, values in mean.items()},
                hubness_penalty=similarity - float(cosines[:, i].mean()),
                tags=_tags(seed, pick, sample),
                bpm=(seed.track.bpm, pick.track.bpm),
                key=(seed.track.key, pick.track.key),
                text=f"{text} (nearest to {seed.track.title})" if len(seeds) > 1 else text,
                shared=tuple(phrase(trait, seed, pick) for trait in selected),
                differences=tuple(difference(each, seed, pick) for each in distinctions),
            )
        )
    return explanations


def _tags(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> tuple[str, ...]:
    """The rarest tags that both tracks have, rarest first."""
    rarity = {tag: sample.tag_rarity(tag) for tag in seed.tags if tag in pick.tags}
    return tuple(sorted(rarity, key=lambda tag: (-rarity[tag], tag)))[:MAX_TAGS]
