"""A playlist from likes: of the wished length, varied, in a smooth order, and honest about what gave way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.library.values import Edges
from recsys.nearest import NearestIndex
from recsys.recommend.selection import PER_ARTIST, Lookup, Pick, Selection, id_array
from recsys.recommend.sequence import order
from recsys.recommend.taste import candidates
from recsys.types import IdArray, Track

NEAR_ENOUGH = 30.0  # seconds that a list may be longer or shorter than wished
_WIDER = 4
_SPARE = 200  # more candidates than needed, to exchange for a better length
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """How long a playlist shall be (``n`` tracks, or ``seconds``), and how varied."""

    n: int | None = None
    seconds: float | None = None
    per_artist: int = PER_ARTIST
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Picks in playing order, and a line for each wish that could not be met in full."""

    picks: tuple[Pick, ...]
    gave_way: tuple[str, ...]


def make_playlist(
    index: NearestIndex,
    likes: Sequence[Track],
    dislikes: Sequence[Track],
    wish: Wish,
    *,
    allowed: IdArray | None = None,
    absent: IdArray,
    tracks: Lookup,
    edges: Callable[[Sequence[int]], Edges] | None = None,
) -> Answer:
    """A playlist of tracks that sound like the likes and unlike the dislikes, none of which is in it.

    It is chosen from ``allowed`` ids (None: all) but for the ``absent``. ``edges`` tells how tracks begin and end.
    The same arguments give the same playlist; ``wish.seed`` changes it.

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    """
    selection, spares = _select(index, likes, dislikes, wish, allowed, absent, tracks)
    if wish.seconds is not None:
        _fit(selection, spares, wish.seconds)
    picks = selection.picks
    if picks:
        ids = id_array(pick.track for pick in picks)
        ordered = order(
            [pick.track for pick in picks], index.vectors(ids), edges(ids.tolist()) if edges else None,
            first=0, gap=2, rng=np.random.default_rng(wish.seed),
        )  # fmt: skip
        picks = [picks[i] for i in ordered.positions]
    return Answer(tuple(picks), tuple(_shortcomings(selection, wish)))


def _select(
    index: NearestIndex,
    likes: Sequence[Track],
    dislikes: Sequence[Track],
    wish: Wish,
    allowed: IdArray | None,
    absent: IdArray,
    tracks: Lookup,
) -> tuple[Selection, list[Pick]]:
    """The best candidates up to the wished length, and more of them if a length in seconds has to be met."""
    reach = _SPARE if wish.n is None else _WIDER * wish.n
    most = len(index) if allowed is None else len(allowed)
    while True:
        selection = Selection(index, seeds=(*likes, *dislikes), per_artist=wish.per_artist)
        spares: list[Pick] = []
        found = dict(
            candidates(
                index, id_array(likes), id_array(dislikes),
                allowed=allowed, absent=absent, reach=reach, rng=np.random.default_rng(wish.seed),
            )
        )  # fmt: skip
        for i, track in tracks(found).items():
            if not _enough(selection, wish):
                selection.offer(Pick(track, found[i]))
            elif wish.seconds is None or len(spares) == _SPARE:
                break
            else:
                spares.append(Pick(track, found[i]))
        if _enough(selection, wish) or reach >= most:
            return selection, spares
        reach *= _WIDER


def _enough(selection: Selection, wish: Wish) -> bool:
    if wish.seconds is not None:
        return _length(selection) >= wish.seconds - NEAR_ENOUGH
    return len(selection.picks) >= (wish.n or 0)


def _length(selection: Selection) -> float:
    return sum(pick.track.duration for pick in selection.picks)


def _fit(selection: Selection, spares: list[Pick], seconds: float) -> None:
    """Exchange or drop single picks, late ones first, until the length is near enough or gets no nearer."""
    picks = selection.picks
    for _ in range(_ROUNDS):
        surplus = _length(selection) - seconds
        if abs(surplus) <= NEAR_ENOUGH:
            return
        options: list[tuple[float, int, int]] = []
        for i, pick in enumerate(picks):
            lengths = [0.0, *(spare.track.duration for spare in spares)]  # 0: nothing in its place
            for j, length in enumerate(lengths):
                off = abs(surplus - pick.track.duration + length)
                if off < abs(surplus) and len(picks) > 1:
                    options.append((max(0.0, off - NEAR_ENOUGH), -i, j))
        for _, minus_i, j in sorted(options):
            i = -minus_i
            if j == 0:
                del picks[i]
                break
            if selection.admits(spares[j - 1].track, instead_of=picks[i].track):
                picks[i] = spares.pop(j - 1)
                break
        else:
            return


def _shortcomings(selection: Selection, wish: Wish) -> list[str]:
    found = f"{len(selection.picks)} tracks"
    if wish.seconds is not None:
        length = _length(selection)
        if abs(length - wish.seconds) <= NEAR_ENOUGH:
            return []
        lack = f"{length / 60:.1f} minutes instead of {wish.seconds / 60:g}"
        short = length < wish.seconds
    else:
        lack, short = f"{found} instead of {wish.n}", len(selection.picks) < (wish.n or 0)
        if not short:
            return []
    if short and selection.crowded:
        return [f"{lack}: more would be over {wish.per_artist} of one artist"]
    return [f"{lack}: " + ("no other track matches" if short else "no choice of tracks comes nearer")]
