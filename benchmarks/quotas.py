#!/usr/bin/env python3
"""Playlists with quotas: the greedy choice beside the integer program alone, for the same candidates.

    benchmarks/quotas.py LIBRARY [--playlists 24]

Random seeds (one to four), one to three quotas of the most frequent genres, 25 or 60 tracks. For both: how many
playlists satisfy their quotas; the largest distance of the share of an interest from its target, of each playlist; the
mean preference score. "Shipped" is the choice as it is, and how often it needed the integer program.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np

from recsys import Library
from recsys.domain.arrays import DoubleArray
from recsys.domain.requests import Quota
from recsys.recommend import choose
from recsys.recommend.candidates import Candidates, constraint_violation
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.milp import solve_milp

SHARES = ((0.3, 0.3), (0.5,), (0.1, 0.2, 0.4), (0.0, 0.7))


class Choice(NamedTuple):
    is_satisfied: bool
    deviation: float  # of the share of an interest from its target
    score: float

    @classmethod
    def of(
        cls, candidates: Candidates, constraints: PlaylistConstraints, targets: DoubleArray, chosen: Sequence[int]
    ) -> "Choice":
        rows = list(chosen)
        shares = np.bincount(candidates.interests[rows], minlength=len(targets)) / max(len(rows), 1)
        return cls(
            constraint_violation(candidates, constraints, rows).is_satisfied,
            float(np.abs(shares - targets).max()),
            float(candidates.scores[rows].mean()),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--playlists", type=int, default=24)
    options = parser.parse_args()
    library, rng = Library(options.library), np.random.default_rng(3)
    ids = library.track_ids()
    genres = [genre for genre, _ in Counter(track.genre for track in library.tracks() if track.genre).most_common(3)]
    shipped, programs, used = list[Choice](), list[Choice](), Counter[str]()
    select = choose.select_tracks

    def count(
        candidates: Candidates, constraints: PlaylistConstraints, targets: DoubleArray, gains: DoubleArray
    ) -> list[int]:
        used["program"] += 1
        return solve_milp(candidates, constraints, targets, gains)

    def record(candidates: Candidates, constraints: PlaylistConstraints, targets: DoubleArray) -> list[int]:
        found = select(candidates, constraints, targets)
        _, gains = choose._mmr(candidates, constraints, targets, None)
        alone = solve_milp(candidates, constraints, targets, gains)
        shipped.append(Choice.of(candidates, constraints, targets, found))
        programs.append(Choice.of(candidates, constraints, targets, alone))
        return found

    with mock.patch.object(choose, "solve_milp", count), mock.patch("recsys.recommend.playlist.select_tracks", record):
        for i in range(options.playlists):
            seeds = [int(each) for each in rng.choice(ids, 1 + i % 4, replace=False)]
            quotas = [Quota(genre, share=share) for genre, share in zip(genres, SHARES[i % 4], strict=False)]
            library.playlist(n=(25, 60)[i // 4 % 2], seeds=seeds, quotas=quotas)
    print("| choice | satisfied | distance of a share, mean | largest | mean score |\n|---|---|---|---|---|")
    for name, choices in (
        (f"shipped ({used['program']} by the program)", shipped),
        ("integer program alone", programs),
    ):
        deviations = [choice.deviation for choice in choices]
        satisfied, score = sum(choice.is_satisfied for choice in choices), np.mean([choice.score for choice in choices])
        distances = f"{np.mean(deviations):.3f} | {max(deviations):.3f}"
        print(f"| {name} | {satisfied} of {len(choices)} | {distances} | {score:.4f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
