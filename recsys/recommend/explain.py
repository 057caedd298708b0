"""Why this track? What a listener would say of it, and what each group of features gives to the similarity.

The sentence names what both tracks share and is unusual in the library, and where they differ
(:mod:`recsys.recommend.comparison`, :mod:`recsys.recommend.phrases`). The numbers are exact: what the groups give, less
what is taken for hubs, is the similarity.
"""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.domain.results import Explanation
from recsys.recommend.comparison import MAX_RARITY, TraitSample, differences, shared
from recsys.recommend.phrases import MAX_DIFFERENCES, difference, phrase, select_facts, sentence
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
    """An explanation for each pick.

    With several seeds the numbers are means over all of them, and the sentence speaks of the most similar.

    Parameters
    ----------
    seeds, picks : s tracks that were asked about, p that were found
    similarities : p, before they are cut off at 0 and 1
    pairs : (s, p) similarity of each seed with each pick
    sample : tracks of the library, against which is measured what is unusual
    """
    if not picks:
        return []
    others = np.stack([pick.features for pick in picks])
    given = [contributions(seed.features, others) for seed in seeds]
    cosines = np.stack([sum(groups.values(), np.zeros(len(picks))) for groups in given])
    mean = {group: np.mean([groups[group] for groups in given], axis=0) for group in given[0]}
    explanations = []
    for i, (pick, similarity) in enumerate(zip(picks, similarities, strict=True)):
        seed = seeds[int(pairs[:, i].argmax())]
        facts, apart = shared(seed, pick, sample), differences(seed, pick, sample)[:MAX_DIFFERENCES]
        told = select_facts(facts, seed, pick, MAX_RARITY)
        text = sentence(seed, pick, float(pairs[:, i].max()), facts, told, apart)
        explanations.append(
            Explanation(
                groups={group: float(values[i]) for group, values in mean.items()},
                hubness_penalty=similarity - float(cosines[:, i].mean()),
                tags=_tags(seed, pick, sample),
                bpm=(seed.track.bpm, pick.track.bpm),
                key=(seed.track.key, pick.track.key),
                text=f"{text} (nearest to {seed.track.title})" if len(seeds) > 1 else text,
                shared=tuple(phrase(fact, seed, pick) for fact in told),
                differences=tuple(difference(each, seed, pick) for each in apart),
            )
        )
    return explanations


def _tags(seed: ExplainedTrack, pick: ExplainedTrack, sample: TraitSample) -> tuple[str, ...]:
    """Tags of both, the rarest first."""
    rarity = {tag: sample.with_tag(tag) for tag in seed.tags if tag in pick.tags}
    return tuple(sorted(rarity, key=lambda tag: (-rarity[tag], tag)))[:MAX_TAGS]
