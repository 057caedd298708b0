"""Playlists that exist already: files that are read, continued, and bridged where two tracks stand too far apart."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.app.context import Library
from recsys.app.filters import allowed_ids, unfit_ids
from recsys.app.playlists import answer_to, disliked, heard, wish_of
from recsys.app.ratings import ratings
from recsys.app.validation import at_least, beyond_lengths, check_lengths, check_only
from recsys.database.catalogue import Catalogue
from recsys.domain.requests import LONGEST, SHORTEST, Only, Recipe
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.errors import NothingFound, UsageError
from recsys.importers.formats import read_listing
from recsys.matching.match import match
from recsys.matching.paths import read_maps
from recsys.nearest import NearestIndex
from recsys.recommend.path import End, bridge, step_similarities
from recsys.recommend.pool import Weighed
from recsys.recommend.selection import Pick, id_array

_OLDEST = 0.3  # what the first of a list weighs beside the last, when it is continued
_BETTER = 0.95  # of the widest step that the wider of its halves may be, or the gap is left as it is


class ReadList(NamedTuple):
    """A playlist file: its name, the tracks of the library that it means, in order, and what it names besides."""

    name: str
    tracks: tuple[Track, ...]
    lost: tuple[str, ...]


def read_list(catalogue: Catalogue, file: Path, maps: Sequence[str] = ()) -> ReadList:
    """The tracks of a playlist file; ``maps`` like "FROM=TO" say how its paths begin there, and how here.

    Raises
    ------
    NothingFound, UsageError
    """
    listing = read_listing(file)
    [found] = match([listing], catalogue.shelves, maps=read_maps(maps))
    tracks = catalogue.get([each.id for each in found if each])
    lost = tuple(str(mention) for mention, each in zip(listing.mentions, found, strict=True) if each is None)
    lost += ("an entry that names no track",) * listing.nameless
    if not tracks:
        raise NothingFound(f"none of the {len(found)} tracks of {file} is in the library")
    listed = tuple(tracks[each.id] for each in found if each and each.id in tracks)
    return ReadList(file.stem, listed, lost)


def extend(library: Library, file: Path, recipe: Recipe, *, maps: Sequence[str] = ()) -> tuple[Playlist, ReadList]:
    """A playlist file and how it may go on: as many tracks more as the recipe says, like those in it, the last most.

    Raises
    ------
    NothingFound, UsageError
    """
    wish = wish_of(recipe)
    check_only(recipe.only)
    if recipe.include_seeds:
        raise UsageError("include_seeds is for a new list: the tracks of the file are in this one already")
    with library.open() as catalogue:
        index = library.index(catalogue)
        read = read_list(catalogue, file, maps)
        known = list({track.id: track for track in _known(read, index)}.values())
        likes = Weighed(
            tuple(known), np.linspace(_OLDEST, 1.0, len(known)) if len(known) > 1 else np.ones(1), named=True
        )
        answer = answer_to(catalogue, index, likes, disliked(catalogue, index, known), wish, recipe, after=known[-1])
    new = tuple(pick.track for pick in answer.picks)
    similarities = (*[None] * len(read.tracks), *(pick.similarity for pick in answer.picks))
    return Playlist(read.name, (*read.tracks, *new), similarities, (*_lost(read), *answer.gave_way)), read


def insert(
    library: Library,
    file: Path,
    *,
    n: int,
    only: Only,
    per_artist: int,
    shortest: float = SHORTEST,
    longest: float = LONGEST,
    maps: Sequence[str] = (),
) -> tuple[Playlist, ReadList]:
    """A playlist file with up to ``n`` tracks more, each where the step from one track to the next is widest.

    The new ones are at least ``shortest`` and at most ``longest`` seconds long; 0 is no limit.

    Raises
    ------
    NothingFound, UsageError
    """
    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    check_only(only)
    check_lengths(shortest, longest)
    with library.open() as catalogue:
        index = library.index(catalogue)
        read = read_list(catalogue, file, maps)
        if len(_known(read, index)) < 2:
            raise NothingFound(f"{file} has one track alone that is in the library; there is no gap to bridge")
        tracks = list(read.tracks)
        allowed = allowed_ids(catalogue, only)
        barred = np.union1d(catalogue.absent(), id_array(ratings(catalogue).dislikes))
        beyond, usual = unfit_ids(catalogue, len(index), shortest, longest)
        barred = np.union1d(barred, beyond)
        tried: set[tuple[int, int]] = set()
        added: set[int] = set()
        while len(added) < n and (place := _widest(tracks, index, tried)) is not None:
            a, b = (End(t, index.vectors(id_array([t]))[0]) for t in tracks[place : place + 2])
            walk = bridge(
                index, a, b, 1,
                allowed=allowed, absent=barred, tracks=catalogue.get, per_artist=per_artist, taken=heard(tracks, index),
            )  # fmt: skip
            tried.add((a.track.id, b.track.id))
            if walk.picks and _narrower(a, walk.picks[0].track, b, index):
                tracks.insert(place + 1, walk.picks[0].track)
                added.add(walk.picks[0].track.id)
        similarities = _to_the_one_before(tracks, added, index)
    placed = "1 track" if len(added) == 1 else f"{len(added)} tracks"
    told = [f"{placed} instead of {n}: no other brings two of the list nearer"] if len(added) < n else []
    if told and len(beyond):
        told.append(f"{len(beyond)} tracks of the library are {beyond_lengths(shortest, longest)}")
    told += [usual] if usual else []
    return Playlist(read.name, tuple(tracks), similarities, (*_lost(read), *told)), read


def _to_the_one_before(tracks: Sequence[Track], added: set[int], index: NearestIndex) -> tuple[float | None, ...]:
    """For each track that was added, the similarity of the one before with it."""
    similarities: list[float | None] = [None] * len(tracks)
    for place, pair in enumerate(pairwise(tracks), start=1):
        if pair[1].id in added:
            [step] = step_similarities(
                index, [End(*each) for each in zip(pair, index.vectors(id_array(pair)), strict=True)]
            )
            similarities[place] = Pick(pair[1], float(step)).similarity
    return tuple(similarities)


def _known(read: ReadList, index: NearestIndex) -> list[Track]:
    known = heard(read.tracks, index)
    if not known:
        raise NothingFound(f"none of the tracks of {read.name} has been listened to; run: recsys ingest FOLDER")
    return known


def _lost(read: ReadList) -> list[str]:
    """A line for what a file names that is in no library."""
    if not read.lost:
        return []
    rest = f" and {len(read.lost) - 1} more" if len(read.lost) > 1 else ""
    return [f"{len(read.lost)} of its entries are not in the library and stay out: {read.lost[0]}{rest}"]


def _widest(tracks: Sequence[Track], index: NearestIndex, tried: set[tuple[int, int]]) -> int | None:
    """The place before the widest step between two tracks that have been heard, and that has not been tried."""
    known = {track.id for track in heard(tracks, index)}
    steps = []
    for place, (a, b) in enumerate(pairwise(tracks)):
        if {a.id, b.id} <= known and a.id != b.id and (a.id, b.id) not in tried:
            one, other = index.vectors(id_array([a, b]))
            steps.append((float(one @ other), place))
    return min(steps, default=(0.0, None))[1]


def _narrower(a: End, middle: Track, b: End, index: NearestIndex) -> bool:
    """Whether both steps over a track are clearly shorter than the one without it."""
    between = index.vectors(id_array([middle]))[0]
    whole, first, second = (
        float(np.arccos(np.clip(one @ other, -1, 1)))
        for one, other in ((a.vector, b.vector), (a.vector, between), (between, b.vector))
    )
    return max(first, second) < _BETTER * whole
