"""Playlists from a recipe: what is asked for is checked, likes are weighed, a list is made, what gave way is told."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recsys.app.context import Library
from recsys.app.filters import allowed_ids, unfit_ids
from recsys.app.ratings import ratings
from recsys.app.validation import (
    at_least,
    between,
    beyond_lengths,
    check_lengths,
    check_only,
    how_to_begin,
    matching,
    name_of,
    refuse_empty,
    refuse_unheard,
    refuse_unknown,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import IdArray
from recsys.domain.requests import Recipe
from recsys.domain.results import Playlist
from recsys.domain.tracks import Opinion, Track
from recsys.errors import NothingFound, UsageError
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import ENERGIES, Quota, Wish
from recsys.recommend.playlist import Answer, Unfit, make_playlist
from recsys.recommend.pool import Weighed
from recsys.recommend.weights import weights

LENGTH = 25
FRESH = 10  # lists whose tracks are left out of a fresh one
_QUOTA = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*(%?)", re.DOTALL)


def make(library: Library, recipe: Recipe) -> Playlist:
    """The playlist of a recipe: from its seeds, without them from the likes; 25 tracks where it says no length.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    wish = wish_of(recipe)
    check_only(recipe.only)
    if recipe.include_seeds and not recipe.seeds:
        raise UsageError("include_seeds puts the named tracks into the list, but none is named")
    with library.open() as catalogue:
        index = library.index(catalogue)
        likes, dislikes, name = _opinions(catalogue, index, recipe.seeds)
        if recipe.include_seeds and len(likes.tracks) > (wish.n or len(likes.tracks)):
            raise UsageError(f"{len(likes.tracks)} tracks are named and shall be in the list, but n is {wish.n}")
        answer = answer_to(catalogue, index, likes, dislikes, wish, recipe)
        gone = [track for track in likes.tracks if track.missing and recipe.include_seeds]
    return Playlist(
        name=name,
        tracks=tuple(pick.track for pick in answer.picks),
        similarities=tuple(pick.similarity for pick in answer.picks),
        gave_way=(*answer.gave_way, *(f"{name_of(track)} is not on the disk and stays out" for track in gone)),
    )


def wish_of(recipe: Recipe) -> Wish:
    """What a recipe wishes, where it makes sense.

    Raises
    ------
    UsageError
    """
    if recipe.n is not None and recipe.minutes is not None:
        raise UsageError("-n and --minutes exclude each other; give one of them")
    for option, value, least in (
        ("-n", recipe.n, 1), ("--minutes", recipe.minutes, 1), ("--per-artist", recipe.per_artist, 0),
        ("--per-album", recipe.per_album, 0), ("--artist-gap", recipe.artist_gap, 0), ("--seed", recipe.seed, 0),
    ):  # fmt: skip
        at_least(option, value, least)
    check_lengths(recipe.shortest, recipe.longest)
    between("--variety", recipe.variety, 0, 10)
    between("--adventure", recipe.adventure, 0, 10)
    energy = next((shape for shape in ENERGIES if shape == recipe.energy), None)
    if recipe.energy is not None and energy is None:
        raise UsageError(f"--energy must be {', '.join(ENERGIES)}, not {recipe.energy!r}")
    quotas = tuple(map(parse_quota, recipe.quotas))
    if len({quota.genre.casefold() for quota in quotas}) < len(quotas):
        raise UsageError("--quota names a genre twice; give each once")
    if sum(quota.share or 0 for quota in quotas) > 1 + 1e-9:
        raise UsageError(f"--quota asks for more than 100% ({', '.join(map(str, quotas))}); lower one of them")
    return Wish(
        n=recipe.n or (None if recipe.minutes else LENGTH), seconds=recipe.minutes and recipe.minutes * 60,
        per_artist=recipe.per_artist, per_album=recipe.per_album, artist_gap=recipe.artist_gap,
        variety=recipe.variety, adventure=recipe.adventure, quotas=quotas, energy=energy,
        include_seeds=recipe.include_seeds, seed=recipe.seed,
    )  # fmt: skip


def parse_quota(text: str) -> Quota:
    """ "jazz=30%" or "jazz=5".

    Raises
    ------
    UsageError
    """
    found = _QUOTA.fullmatch(text.strip())
    if not found or (not found[3] and "." in found[2]) or (found[3] and float(found[2]) > 100):
        raise UsageError(f"--quota must be like jazz=30% or jazz=5, not {text!r}")
    genre = found[1].strip()
    return Quota(genre, share=float(found[2]) / 100) if found[3] else Quota(genre, count=int(found[2]))


def answer_to(
    catalogue: Catalogue,
    index: NearestIndex,
    likes: Weighed,
    dislikes: Weighed,
    wish: Wish,
    recipe: Recipe,
    *,
    after: Track | None = None,
) -> Answer:
    """The tracks that a recipe gives to who likes and dislikes these, at least one; they go on from ``after``.

    Raises
    ------
    NothingFound
    """
    refuse_unknown(catalogue, [quota.genre for quota in wish.quotas])
    quotas = {quota.genre: catalogue.matching(recipe.only.of_genre(quota.genre)) for quota in wish.quotas}
    allowed, absent = allowed_ids(catalogue, recipe.only), catalogue.absent()
    beyond, line = unfit_ids(catalogue, len(index), recipe.shortest, recipe.longest)
    unfit = Unfit(beyond, beyond_lengths(recipe.shortest, recipe.longest))

    def without(lists: Sequence[IdArray]) -> Answer:
        barred = np.concatenate([absent, *lists])
        return make_playlist(
            index, likes, dislikes, wish,
            allowed=allowed, barred=barred, unfit=unfit, quotas=quotas, tracks=catalogue.get, edges=catalogue.edges,
            after=after,
        )  # fmt: skip

    answer = _fresh(without, catalogue.kept.last(FRESH)) if recipe.fresh else without([])
    if not answer.picks:
        refuse_empty(catalogue, recipe.only.genres)
        left_out = "; ".join(answer.left_out)
        why = f"fits: {left_out}" if left_out else "is left besides what is liked, disliked or named"
        raise NothingFound(f"no track {matching(recipe.only)}{why}")
    return replace(answer, gave_way=(*answer.gave_way, line)) if line else answer


def _fresh(without: Callable[[Sequence[IdArray]], Answer], lists: Sequence[IdArray]) -> Answer:
    """The answer without what stood in as many of the last lists as can be left out at no cost to what is wished."""
    answer = without(lists)
    if not lists or not answer.gave_way:
        return answer
    possible, kept = without([]), len(lists)
    while kept and (
        possible.lacking.less_than(answer.lacking) or len(possible.gave_way) < len(answer.gave_way) or not answer.picks
    ):
        kept //= 2
        answer = without(lists[:kept])
    if kept < len(lists):
        left = {0: "none of the last lists is", 1: "the last list alone is"}.get(kept, f"the last {kept} lists are")
        line = f"--fresh: {left} left out instead of {len(lists)}: there is too little else"
        answer = replace(answer, gave_way=(*answer.gave_way, line))
    return answer


def _opinions(catalogue: Catalogue, index: NearestIndex, seeds: Sequence[str]) -> tuple[Weighed, Weighed, str]:
    """What counts as liked and disliked, and what a list from it is called."""
    rated = ratings(catalogue)
    thought = catalogue.opinions()
    heavy = weights(thought, _newest(thought.values()))
    if seeds:
        wanted = list({track.id: track for track in map(catalogue.resolve, seeds)}.values())
        for track in wanted:
            refuse_unheard(track, index)
        name = f"Like {', '.join(map(name_of, wanted[:3]))}"
    else:
        wanted, name = heard(rated.likes, index), "From your likes"
    if not wanted:
        raise NothingFound(how_to_begin(rated.likes))
    ids = {track.id for track in wanted}
    dislikes = [track for track in heard(rated.dislikes, index) if track.id not in ids]
    liked = replace(_weighed(wanted, {} if seeds else heavy), named=bool(seeds))
    return liked, _weighed(dislikes, heavy), name


def disliked(catalogue: Catalogue, index: NearestIndex, wanted: Sequence[Track]) -> Weighed:
    """What counts as disliked beside some tracks that are wanted."""
    ids, thought = {track.id for track in wanted}, catalogue.opinions()
    dislikes = [track for track in heard(ratings(catalogue).dislikes, index) if track.id not in ids]
    return _weighed(dislikes, weights(thought, _newest(thought.values())))


def _weighed(tracks: Sequence[Track], heavy: Mapping[int, float]) -> Weighed:
    """Tracks beside each other: the heaviest weighs 1."""
    found = np.array([heavy.get(track.id, 1.0) for track in tracks])
    return Weighed(tuple(tracks), found / max(found, default=1.0))


def _newest(opinions: Iterable[Opinion]) -> datetime:
    """When the last opinion was said: age counts from then, so that a list does not change with the hour."""
    said = []
    for opinion in opinions:
        with suppress(ValueError):
            at = datetime.fromisoformat(opinion.at)
            said.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return max(said, default=datetime.now(UTC))


def heard(tracks: Sequence[Track], index: NearestIndex) -> list[Track]:
    """Those of some tracks that the index knows."""
    heard = set(index.among(np.array([track.id for track in tracks], np.int64)).tolist())
    return [track for track in tracks if track.id in heard]
