"""Groups of files that have one performance.

Candidates are pairs with similar keys and similar lengths, found by matrix products of blocks of tracks in the order of
their lengths; only their windows are compared. Groups are the connected components of the pairs that are the same
performance, but all members of a group have similar keys: where a chain of pairs connects tracks that differ, it is cut
around the track with the most pairs. Groups do not depend on the order of tracks.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.recommend.performances import KEY_DISTANCE, LARGEST_DIFFERENCE, SHORT_KEY_DISTANCE, SHORTEST_CUT

MEMBERS_DISTANCE = 1.5 * KEY_DISTANCE
"""The largest distance between the keys of two members of a group."""
MAX_CANDIDATES = 32
"""Pairs of one track: a thousand copies are one group without half a million comparisons."""
_BLOCK = 512  # rows of a matrix product: with 100,000 tracks, some 50 MB


def candidate_pairs(keys: FloatArray, seconds: DoubleArray, rows: IdArray | None = None) -> tuple[IdArray, FloatArray]:
    """Pairs of tracks that may have one performance.

    Parameters
    ----------
    keys : (n, k)
        Keys of :func:`recsys.recommend.fingerprint.keys`.
    seconds : (n,)
        Length of the music of each track.
    rows : (m,), optional
        Only pairs with one of these tracks; by default all pairs.

    Returns
    -------
    pairs : (p, 2)
        Numbers of tracks, the smaller first, without repetition, in ascending order.
    distances : (p,)
        The distances of their keys.

    Examples
    --------
    >>> keys = np.array([[0, 0], [1, 0], [0, 1], [9, 9]], np.float32)
    >>> candidate_pairs(keys, np.array([60.0, 61.0, 300.0, 60.0]))[0].tolist()
    [[0, 1]]
    """
    order = np.argsort(seconds, kind="stable")
    sorted_seconds, sorted_keys = seconds[order], np.ascontiguousarray(keys[order], np.float32)
    norms = np.einsum("ij,ij->i", sorted_keys, sorted_keys)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    queries = np.arange(len(order)) if rows is None else np.sort(rank[rows])
    found: list[IdArray] = [np.empty((0, 2), np.int64)]
    for start in range(0, len(queries), _BLOCK):
        block = queries[start : start + _BLOCK]
        lengths = sorted_seconds[block]
        first = int(np.searchsorted(sorted_seconds, lengths[0] - LARGEST_DIFFERENCE, side="left"))
        stop = int(np.searchsorted(sorted_seconds, lengths[-1] + LARGEST_DIFFERENCE, side="right"))
        squares = sorted_keys[block] @ sorted_keys[first:stop].T
        squares *= -2
        squares += norms[block, None]
        squares += norms[first:stop]
        is_short = np.minimum.outer(lengths, sorted_seconds[first:stop]) < SHORTEST_CUT
        near, others = np.nonzero(squares <= np.where(is_short, SHORT_KEY_DISTANCE, KEY_DISTANCE) ** 2)
        one, other = block[near], others + first
        close = (one != other) & (np.abs(sorted_seconds[one] - sorted_seconds[other]) <= LARGEST_DIFFERENCE)
        one, other = _nearest(one[close], other[close], squares[near, others][close])
        found.append(np.sort(order[np.stack([one, other], axis=1)], axis=1))
    pairs = np.unique(np.concatenate(found), axis=0)
    distances: FloatArray = np.linalg.norm(keys[pairs[:, 0]] - keys[pairs[:, 1]], axis=1)
    return pairs, distances


def _nearest(one: IdArray, other: IdArray, squares: FloatArray) -> tuple[IdArray, IdArray]:
    """The ``MAX_CANDIDATES`` nearest candidates of each track."""
    by_distance = np.lexsort((squares, one))
    one, other = one[by_distance], other[by_distance]
    kept = np.arange(len(one)) - np.searchsorted(one, one, side="left") < MAX_CANDIDATES
    return one[kept], other[kept]


def form_groups(pairs: Iterable[tuple[int, int]], keys: FloatArray) -> list[list[int]]:
    """Groups of two or more tracks from the pairs that are the same performance.

    Parameters
    ----------
    pairs : iterable of (int, int)
        Numbers of tracks.
    keys : (n, k)

    Returns
    -------
    list of list of int
        Disjoint groups in ascending order.

    Examples
    --------
    >>> form_groups([(1, 2), (2, 3), (8, 9)], np.zeros((10, 2), np.float32))
    [[1, 2, 3], [8, 9]]
    """
    neighbours: dict[int, set[int]] = {}
    for one, other in pairs:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    groups: list[list[int]] = []
    for component in _components(neighbours):
        rest = set(component)
        while rest:
            group = set(_group_around_centre(rest, neighbours, keys))
            rest.difference_update(group)
            # Members may be connected only through a track that is not in the group.
            parts = _components({i: neighbours[i] & group for i in sorted(group)})
            groups += [sorted(part) for part in parts if len(part) > 1]
    return sorted(groups)


def _components(neighbours: Mapping[int, set[int]]) -> list[list[int]]:
    seen: set[int] = set()
    components = []
    for first in neighbours:
        if first in seen:
            continue
        component, stack = [], [first]
        seen.add(first)
        while stack:
            one = stack.pop()
            component.append(one)
            new = neighbours[one] - seen
            seen |= new
            stack.extend(new)
        components.append(component)
    return components


def _group_around_centre(tracks: set[int], neighbours: Mapping[int, set[int]], keys: FloatArray) -> list[int]:
    """All tracks if their keys are similar, otherwise the track with the most pairs and what agrees with it."""
    members = sorted(tracks)
    if all(_are_near(keys, one, members[i + 1 :]) for i, one in enumerate(members)):
        return members
    centre = min(members, key=lambda one: (-len(neighbours[one] & tracks), one))
    group = [centre]
    others = sorted(neighbours[centre] & tracks)
    for i in np.argsort(np.linalg.norm(keys[others] - keys[centre], axis=1), kind="stable").tolist():
        if _are_near(keys, others[i], group):
            group.append(others[i])
    return sorted(group)


def _are_near(keys: FloatArray, one: int, others: list[int]) -> bool:
    return bool((np.linalg.norm(keys[others] - keys[one], axis=1) <= MEMBERS_DISTANCE).all())
