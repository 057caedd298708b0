"""The candidates of a playlist: tracks near the likes with a good score, without the excluded ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_keys
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.artists import number_albums, number_artists
from recsys.recommend.candidates import Candidates
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.dislikes import Flags, near_dislikes
from recsys.recommend.minus_seeds import MinusSeeds
from recsys.recommend.selection import Lookup, id_array
from recsys.recommend.user_model import MAX_LIKES, UserModel, chance_floor, fit_preference_model
from recsys.recommend.versions import version_groups

QuotaMembers: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"

BACKGROUND = 512  # tracks of the library in the background sample of a user model
SEED_NOISE = 0.1  # standard deviation of the noise that a seed other than 0 adds to each score, relative to the best
#: Relative to the best score: a track with less is not a candidate of an interest while other interests have better
#: ones. The first is for a specific user model, the second for a general one (``UserModel.artist_specificity``).
MIN_RELATIVE_SCORE = (0.3, 0.75)
MIN_LIKES = 5  # fewer likes make a specific user model
EXPLORATION_EDGE = 0.25  # score at the edge of an interest, relative to the best
_EXHAUSTIVE_LIMIT = 4096  # up to this number of tracks, all are compared
_BLOCK = 1024  # tracks that are compared with the likes at once: bounds the memory
_SPARE_CANDIDATES = 25  # candidates of an interest or quota beyond twice its target share


@dataclass(frozen=True, slots=True)
class WeightedTracks:
    """Liked or disliked tracks and their weights (n,) in (0, 1].

    ``named``: the tracks are seeds of a playlist, and not ratings. ``implied`` are the ids of tracks that are likes as
    parts of something liked, such as an album; other than ``stated`` likes, they may be in the playlist. ``minus`` are
    the ids of disliked tracks that are no ratings, but seeds with a minus of this playlist alone.
    """

    tracks: tuple[Track, ...]
    weights: DoubleArray
    named: bool = False
    implied: frozenset[int] = frozenset()
    minus: frozenset[int] = frozenset()

    @property
    def stated(self) -> tuple[Track, ...]:
        """The tracks that are not implied."""
        return tuple(track for track in self.tracks if track.id not in self.implied) if self.implied else self.tracks

    @classmethod
    def of(
        cls, tracks: Sequence[Track], weights: Sequence[float] | DoubleArray | None = None, *, named: bool = False
    ) -> "WeightedTracks":
        """Tracks with these weights; without weights, all have weight 1."""
        return cls(tuple(tracks), np.ones(len(tracks)) if weights is None else np.asarray(weights, np.float64), named)

    def with_minus(self, tracks: Sequence[Track]) -> "WeightedTracks":
        """These dislikes and seeds with a minus, which take the place of ratings of the same tracks."""
        ids = frozenset(track.id for track in tracks)
        kept = [i for i, track in enumerate(self.tracks) if track.id not in ids]
        rated = [self.tracks[i] for i in kept]
        return replace(
            self, tracks=(*rated, *tracks), weights=np.append(self.weights[kept], np.ones(len(tracks))), minus=ids
        )

    def sample(self, rng: np.random.Generator) -> "WeightedTracks":
        """At most :data:`MAX_LIKES` of the tracks, drawn with probabilities proportional to their weights."""
        if len(self.tracks) <= MAX_LIKES:
            return self
        kept = np.sort(rng.choice(len(self.tracks), MAX_LIKES, replace=False, p=self.weights / self.weights.sum()))
        return replace(self, tracks=tuple(self.tracks[i] for i in kept), weights=self.weights[kept])


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates of a playlist, and what was left out.

    Attributes
    ----------
    tracks : tuple of Track
        The tracks of ``candidates``, in the same order.
    similarities : (n,)
        Similarity of each track to its most similar like.
    candidates : Candidates
    target_shares : (i,)
        Share of the playlist that each interest should have.
    is_complete : bool
        Whether a wider search would find no other candidates.
    quota_exhausted : (q,)
        Whether all tracks of each quota are candidates.
    floor : float
        Similarity below which a track is no nearer to a like than chance.
    n_dissimilar, n_near_dislikes, n_near_minus : int
        Tracks left out because they are below the floor, because of a dislike, and because of a seed with a minus.
    """

    tracks: tuple[Track, ...]
    similarities: FloatArray
    candidates: Candidates
    target_shares: DoubleArray
    is_complete: bool
    quota_exhausted: tuple[bool, ...]
    floor: float
    n_dissimilar: int
    n_near_dislikes: int
    n_near_minus: int


def fit_user_model(index: NearestIndex, likes: WeightedTracks, rng: np.random.Generator) -> UserModel:
    """Fit a user model to likes, against a sample of the library.

    Parameters
    ----------
    index : NearestIndex
    likes : WeightedTracks
        At least one; all are in the index.
    rng : numpy.random.Generator
        Of the samples of likes and of the library.

    Raises
    ------
    KeyError
        A like is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    ids, all_likes = index.ids, index.vectors(id_array(likes.tracks))
    likes = likes.sample(rng)
    sample = np.sort(ids if len(ids) <= BACKGROUND else rng.choice(ids, BACKGROUND, replace=False))
    background, densities = index.vectors(sample), index.densities(sample)
    floor = chance_floor(index.similarities(background, background, densities=densities, other_densities=densities))
    fitted = fit_preference_model(
        index.vectors(id_array(likes.tracks)), likes.weights, background,
        floor=floor, artist_specificity=1.0 if likes.named else _artist_specificity(likes.stated),
    )  # fmt: skip
    return replace(fitted, all_likes=all_likes)


def _artist_specificity(tracks: Sequence[Track]) -> float:
    """How specific likes are to certain artists, in [0, 1].

    It is 0 if at most half of the likes share their artist with another like, and 1 if all do. Likes of a kind of music
    share artists by chance as well: two in five of the likes of simulated listeners. Few likes do not define a kind of
    music; each has its turn.
    """
    if len(tracks) < MIN_LIKES:
        return 1.0
    artists = [track_artist_keys(track) for track in tracks]
    counts = Counter(artist for some in artists for artist in some)
    shared = sum(any(counts[artist] > 1 for artist in some) for some in artists)
    return max(0.0, 2 * shared / len(artists) - 1)


def build_candidates(
    index: NearestIndex,
    user_model: UserModel,
    likes: WeightedTracks,
    dislikes: WeightedTracks,
    constraints: PlaylistConstraints,
    *,
    n: int,
    search_depth: int,
    allowed: IdArray | None,
    excluded: IdArray,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
    rng: np.random.Generator,
) -> Pool:
    """Candidates for a playlist of about ``n`` tracks.

    They are the best of the ``search_depth`` nearest tracks of each like, and of as many of each quota. Likes, dislikes
    and other versions of them are excluded; with ``include_seeds`` the likes are the first candidates. Tracks no nearer
    to a like than chance are left out, unless a quota has their genre.

    Parameters
    ----------
    index : NearestIndex
    user_model : UserModel
    likes, dislikes : WeightedTracks
    constraints : PlaylistConstraints
    n : int
    search_depth : int
    allowed : (m,) or None
        Ids to choose from; None is all.
    excluded : (e,)
        Ids that are not candidates.
    quotas : mapping of str to (k,)
        The ids of the genre of each quota.
    tracks : callable
        Returns the tracks of some ids.
    rng : numpy.random.Generator
        Of the noise that a seed other than 0 adds to the scores.

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    ids, is_complete = _near_likes(index, user_model, search_depth, allowed, excluded)
    quotas_complete = []
    for quota in constraints.quotas:
        members = quotas[quota.genre] if allowed is None else np.intersect1d(quotas[quota.genre], allowed)
        more, quota_is_complete = _near_likes(index, user_model, search_depth, members, excluded)
        ids, is_complete = np.union1d(ids, more), is_complete and quota_is_complete
        quotas_complete.append(quota_is_complete)
    vectors = index.vectors(ids)
    interests = user_model.interests_of(vectors)
    similarities = _similarities(index, likes.tracks, ids, vectors)
    quota_members = _quota_members(constraints, quotas, ids)
    is_dissimilar = (similarities < user_model.floor) & ~quota_members.any(axis=0)
    is_near_minus, is_near_dislike = _near_disliked(index, ids, vectors, user_model, dislikes, named=likes.named)
    kept_rows = np.flatnonzero(~is_dissimilar & ~is_near_dislike & ~is_near_minus)
    n_near_likes = (vectors @ user_model.likes.T >= user_model.floor).sum(axis=0)
    if len(ids) and n_near_likes.max() < search_depth / 2:  # half, as hubs rank lower than their cosine
        is_complete = True
    left_out = [int(each.sum()) for each in (is_dissimilar, is_near_dislike & ~is_dissimilar)]
    left_out.append(int((is_near_minus & ~is_near_dislike & ~is_dissimilar).sum()))
    ids, vectors, interests, similarities = (
        ids[kept_rows],
        vectors[kept_rows],
        interests[kept_rows],
        similarities[kept_rows],
    )
    quota_members = quota_members[:, kept_rows]
    scores = user_model.scores(vectors)
    if constraints.seed and len(ids):  # seed 0 is the best playlist; others are nearly as good
        scores = scores + rng.normal(0, SEED_NOISE * max(float(scores.max()), 0.0), len(ids))
    scores = _explore(scores, interests, len(user_model.interests), constraints.exploration / 10)
    target_shares = _target_shares(user_model, scores, interests, n)
    kept = _best_candidates(scores, interests, user_model, quota_members, n)
    is_complete = is_complete and len(kept) == len(ids)
    n_lost = quota_members.sum(axis=1) - quota_members[:, kept].sum(axis=1)
    quota_exhausted = tuple(all_found and not n for all_found, n in zip(quotas_complete, n_lost.tolist(), strict=True))
    found = tracks(ids[kept].tolist())
    kept = np.array([i for i in kept.tolist() if int(ids[i]) in found], np.int64)
    seeds = (*likes.stated, *dislikes.tracks)
    listed = [found[int(ids[i])] for i in kept]
    numbers = version_groups([*seeds, *listed], np.vstack([index.vectors(id_array(seeds)), vectors[kept]]))
    free = np.flatnonzero(~np.isin(numbers[len(seeds) :], numbers[: len(seeds)]))
    kept, listed = kept[free], [listed[i] for i in free]
    candidates = Candidates(
        scores[kept], vectors[kept], np.array([track.duration for track in listed], np.float64), interests[kept],
        numbers[len(seeds) :][free], number_artists(listed),
        number_albums(listed), quota_members[:, kept],
    )  # fmt: skip
    pool = Pool(
        tuple(listed), similarities[kept], candidates, target_shares,
        is_complete, quota_exhausted, user_model.floor, *left_out,
    )  # fmt: skip
    if not constraints.include_seeds:
        return pool
    stated = likes.stated
    present_rows = [i for i, track in enumerate(stated) if not track.missing]
    named = [stated[i] for i in present_rows]
    return _with_tracks(
        pool, named, numbers[present_rows], index, user_model, _quota_members(constraints, quotas, id_array(named))
    )


def _near_disliked(
    index: NearestIndex,
    ids: IdArray,
    vectors: FloatArray,
    user_model: UserModel,
    dislikes: WeightedTracks,
    *,
    named: bool,
) -> tuple[Flags, Flags]:
    """Which of some tracks the seeds with a minus exclude, and which the ratings do."""
    if not dislikes.tracks:
        return np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.bool_)
    disliked, cosines = id_array(dislikes.tracks), user_model.nearest_cosines(vectors)
    is_minus = np.isin(disliked, list(dislikes.minus))
    rated, minus = disliked[~is_minus], disliked[is_minus]
    near = near_dislikes(index, ids, vectors, cosines, rated, dislikes.weights[~is_minus], named=named)
    if not len(minus):
        return np.zeros(len(ids), np.bool_), near
    found = zip(index.vectors(minus)[:, None], index.densities(minus)[:, None], strict=True)
    return MinusSeeds.find(index, list(found)).near(ids, vectors, cosines), near


def _similarities(index: NearestIndex, likes: Sequence[Track], ids: IdArray, vectors: FloatArray) -> FloatArray:
    """Similarity (n,) of each of some tracks to its most similar like."""
    liked = id_array(likes)
    like_vectors, densities, other_densities = index.vectors(liked), index.densities(liked), index.densities(ids)
    nearest = np.empty(len(ids), np.float32)
    for start in range(0, len(ids), _BLOCK):
        rows = slice(start, start + _BLOCK)
        nearest[rows] = index.similarities(
            like_vectors, vectors[rows], densities=densities, other_densities=other_densities[rows]
        ).max(axis=0)
    return nearest


def _with_tracks(
    pool: Pool,
    tracks: Sequence[Track],
    numbers: IdArray,
    index: NearestIndex,
    user_model: UserModel,
    quota_members: QuotaMembers,
) -> Pool:
    """A pool with these tracks as first candidates, in every playlist; ``numbers`` are their version groups."""
    vectors, found = index.vectors(id_array(tracks)), pool.candidates
    interests = user_model.interests_of(vectors)
    similarities = np.ones(len(tracks), np.float32)
    listed = (*tracks, *pool.tracks)
    candidates = Candidates(
        np.concatenate([user_model.scores(vectors), found.scores]), np.vstack([vectors, found.vectors]),
        np.array([track.duration for track in listed], np.float64), np.concatenate([interests, found.interests]),
        np.concatenate([numbers, found.version_groups]),
        number_artists(listed), number_albums(listed),
        np.hstack([quota_members, found.quotas]), fixed=len(tracks),
    )  # fmt: skip
    return replace(
        pool, tracks=listed, similarities=np.concatenate([similarities, pool.similarities]), candidates=candidates
    )


def _quota_members(constraints: PlaylistConstraints, quotas: Mapping[str, IdArray], ids: IdArray) -> QuotaMembers:
    """Whether (q, n) each of some tracks counts for each quota."""
    quota_members = np.zeros((len(constraints.quotas), len(ids)), bool)
    for row, quota in zip(quota_members, constraints.quotas, strict=True):
        row[:] = np.isin(ids, quotas[quota.genre])
    return quota_members


def _near_likes(
    index: NearestIndex, user_model: UserModel, search_depth: int, allowed: IdArray | None, excluded: IdArray
) -> tuple[IdArray, bool]:
    """Ids near any like, in rising order, and whether these are all ids."""
    n_allowed = len(index) if allowed is None else len(allowed)
    if n_allowed <= max(_EXHAUSTIVE_LIMIT, search_depth):
        return np.setdiff1d(index.ids if allowed is None else index.intersect(allowed), excluded), True
    near, _ = index.search(
        user_model.likes,
        search_depth,
        densities=np.zeros(len(user_model.likes), np.float32),
        allowed=allowed,
        excluded=excluded,
    )
    return np.setdiff1d(near, [NO_ID]), False


def _target_shares(user_model: UserModel, scores: DoubleArray, interests: IdArray, n: int) -> DoubleArray:
    """The share (i,) of each interest, smaller if it has too few candidates with a good score."""
    shares = np.array([interest.share for interest in user_model.interests])
    if not len(scores):
        return shares
    specific, general = MIN_RELATIVE_SCORE
    relative = general + (specific - general) * user_model.artist_specificity
    min_score = relative * max(float(scores.max()), 0.0)
    n_good = np.bincount(interests[scores >= min_score], minlength=len(shares))
    return np.asarray(np.minimum(shares, n_good / n))


def _explore(scores: DoubleArray, interests: IdArray, count: int, exploration: float) -> DoubleArray:
    """Scores (n,) that are largest near a target score of each interest.

    The target is the best score without exploration, and moves towards the edge of the interest.
    """
    if not exploration:
        return scores
    adjusted = scores.copy()
    for interest in range(count):
        rows = np.flatnonzero(interests == interest)
        if len(rows):
            best = scores[rows].max()
            target = best - exploration * (1 - EXPLORATION_EDGE) * max(best, 0)
            adjusted[rows] = target - np.abs(scores[rows] - target)
    return adjusted


def _best_candidates(
    scores: DoubleArray,
    interests: IdArray,
    user_model: UserModel,
    quota_members: QuotaMembers,
    n: int,
) -> IdArray:
    """Rows of the best candidates of all, of each interest and of each quota, best first."""
    order = np.argsort(-scores, kind="stable")
    kept = [order[: n + _SPARE_CANDIDATES]]
    for number, interest in enumerate(user_model.interests):
        kept.append(order[interests[order] == number][: int(2 * n * interest.share) + _SPARE_CANDIDATES])
    kept += [order[members[order]][: 2 * n + _SPARE_CANDIDATES] for members in quota_members]
    chosen = np.unique(np.concatenate(kept))
    return chosen[np.argsort(-scores[chosen], kind="stable")]
