"""Answers from a library: what sounds alike, what to play, how good that is; and where there is none, why.

What a user got wrong is said before the library is opened.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recsys.app.context import Library
from recsys.app.filters import allowed_ids
from recsys.app.queries import Seeds
from recsys.app.validation import at_least, check_lengths, check_only, matching, refuse_empty, refuse_unheard
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.requests import Only
from recsys.domain.results import Explanation, Playlist
from recsys.domain.tracks import Track
from recsys.errors import NothingFound, UsageError
from recsys.recommend.selection import Pick, id_array
from recsys.recommend.vectors import similarity_vectors

if TYPE_CHECKING:
    from recsys.nearest import NearestIndex
    from recsys.recommend.neighbours import Neighbours
    from recsys.recommend.traits import Heard

_SAMPLE = 300  # tracks of the library against which is measured what is unusual: shares within 3 per cent


class Sounds(NamedTuple):
    """Similarity vectors (n, d) and their densities (n,)."""

    vectors: FloatArray
    densities: FloatArray


def similar(
    library: Library,
    references: Sequence[str],
    *,
    album: str | None,
    artist: str | None,
    n: int,
    only: Only,
    per_artist: int,
    shortest: float = 0,
    longest: float = 0,
    explain: bool,
) -> Playlist:
    """What sounds most like all of some tracks, albums, artists and files together, most similar first.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    from recsys.recommend.similar import similar as find

    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    check_only(only)
    check_lengths(shortest, longest)
    if not (references or album or artist):
        raise UsageError("say what to compare with: a track, a file, --album or --artist")
    with library.open() as catalogue:
        seeds = Seeds.find(catalogue, references, album=album, artist=artist)
        index = library.index(catalogue)
        for track in seeds.tracks:
            refuse_unheard(track, index)
        queries, densities = index.vectors(seeds.ids), index.densities(seeds.ids)
        if seeds.outside:
            heard = similarity_vectors(np.stack(seeds.features))
            queries, densities = np.vstack([queries, heard]), np.append(densities, index.measure(heard))
        absent = catalogue.absent()
        if shortest or longest:
            absent = np.union1d(absent, catalogue.beyond(shortest, longest))
        picks = find(
            index, seeds.tracks, queries, n=n, densities=densities, per_artist=per_artist,
            allowed=allowed_ids(catalogue, only), absent=absent, tracks=catalogue.get,
        )  # fmt: skip
        if not picks:
            refuse_empty(catalogue, only.genres)
            raise NothingFound(f"nothing to compare with {seeds.name!r}: no other track {matching(only)}is present")
        reasons = explain_picks(catalogue, index, seeds, Sounds(queries, densities), picks) if explain else []
    return Playlist(
        name=f"Similar to {seeds.name}",
        tracks=tuple(pick.track for pick in picks),
        similarities=tuple(pick.similarity for pick in picks),
        explanations=tuple(reasons),
    )


def neighbours(library: Library, *, n: int, per_artist: int) -> Iterator["Neighbours"]:
    """The ``n`` most similar of every present track, one track after the other.

    Raises
    ------
    NothingFound, UsageError
    """
    from recsys.recommend.neighbours import neighbours as find

    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    with library.open() as catalogue:
        index = library.index(catalogue, whole=True)
        ids = index.among(catalogue.ids())
        yield from find(index, ids, catalogue.get(ids.tolist()), n=n, per_artist=per_artist)


def explain_picks(
    catalogue: Catalogue, index: "NearestIndex", seeds: Seeds, sounds: Sounds, picks: Sequence[Pick]
) -> list[Explanation]:
    """Why each of these was picked; ``sounds`` are the seeds' similarity vectors and densities."""
    from recsys.recommend.comparison import Sample
    from recsys.recommend.explain import explain

    found, ids = [pick.track for pick in picks], id_array(pick.track for pick in picks)
    asked = heard(seeds.tracks, catalogue.vectors_of(seeds.ids.tolist())) if seeds.tracks else []
    if seeds.outside:
        asked += heard(seeds.outside, np.stack(seeds.features))
    some = index.ids
    if len(some) > _SAMPLE:
        some = np.sort(np.random.default_rng(0).choice(some, _SAMPLE, replace=False))
    there = catalogue.get(some.tolist())
    sample = Sample(heard(list(there.values()), catalogue.vectors_of(list(there))))
    pairs = index.similarities(
        sounds.vectors, index.vectors(ids), densities=sounds.densities, other_densities=index.densities(ids)
    )
    given = heard(found, catalogue.vectors_of(ids.tolist()))
    return explain(asked, given, [pick.alike for pick in picks], pairs=pairs, sample=sample)


def heard(tracks: Sequence[Track], features: FloatArray) -> list["Heard"]:
    """Tracks with their normalised features (n, D) and what tags say of them."""
    from recsys.features.scaling import raw
    from recsys.features.schema import GROUPS
    from recsys.genre.tags import likely, voices
    from recsys.recommend.traits import Heard

    tags = np.clip(raw(features)[:, GROUPS["tags"]], 0, 1)
    voiced = [(one, two, three, four) for one, two, three, four in voices(tags).tolist()]
    return [Heard(*each) for each in zip(tracks, features, likely(tags), voiced, strict=True)]
