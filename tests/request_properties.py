"""Random playlist requests for random libraries, and the properties of every result."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import KINDS, SyntheticTracks, genre_vector, make_track

from recsys.domain.requests import Quota
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_key
from recsys.recommend.candidates import QUOTA_TOLERANCE, TOLERATED_SECONDS
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.versions import version_groups


def random_tracks(rng: np.random.Generator) -> SyntheticTracks:
    """20 to 149 tracks by few or many artists, some unknown, some versions of others."""
    n, artists = int(rng.integers(20, 150)), int(rng.integers(2, 40))
    tracks, vectors = {}, []
    for i in range(1, n + 1):
        genre = KINDS[rng.integers(len(KINDS))]
        artist = int(rng.integers(artists))
        title = f"title {i}" if rng.random() > 0.1 else f"title {rng.integers(1, i + 1)} (live)"
        tracks[i] = make_track(
            i, genre, artist=None if rng.random() < 0.05 else f"artist {artist}", title=title,
            album=f"album {artist} {rng.integers(3)}", duration=float(rng.integers(60, 600)),
        )  # fmt: skip
        vectors.append(genre_vector(genre, i, noise=0.2))
    return SyntheticTracks(tracks, np.stack(vectors))


def random_constraints(rng: np.random.Generator) -> PlaylistConstraints:
    """Any length, limits, gap, quotas, diversity and exploration, with or without the seeds."""
    genres = rng.permutation(KINDS)[: rng.integers(0, 3)].tolist()
    quotas = []
    for genre in genres:
        share = float(rng.choice([0.1, 0.25, 0.4]))
        quotas.append(Quota(genre, share=share) if rng.random() < 0.5 else Quota(genre, count=int(rng.integers(5))))
    by_duration = rng.random() < 0.4
    return PlaylistConstraints(
        n=None if by_duration else int(rng.integers(1, 40)),
        seconds=float(rng.uniform(120, 6000)) if by_duration else None,
        max_per_artist=int(rng.integers(0, 4)),
        max_per_album=int(rng.integers(0, 3)),
        min_artist_gap=int(rng.integers(0, 5)),
        diversity=float(rng.uniform(0, 10)),
        exploration=float(rng.uniform(0, 10)),
        quotas=tuple(quotas),
        include_seeds=bool(rng.random() < 0.3),
        seed=int(rng.integers(3)),
    )


def check_request(seed: int) -> PlaylistResult:
    """Make one random request and check the properties of its result."""
    rng = np.random.default_rng(seed)
    library, constraints = random_tracks(rng), random_constraints(rng)
    rated = [library.tracks[int(i)] for i in rng.permutation(library.ids)[: rng.integers(1, 9)]]
    dislikes = rated[1 : 1 + int(rng.integers(0, 3))]
    likes = [track for track in rated if track not in dislikes]
    if constraints.n is not None and constraints.include_seeds:
        constraints = replace(constraints, n=max(constraints.n, len(likes)))
    min_duration = float(rng.choice([0, 120]))
    short = np.array([i for i, track in library.tracks.items() if track.duration < min_duration], np.int64)
    quotas = {genre: np.array([i for i, t in library.tracks.items() if t.genre == genre], np.int64) for genre in KINDS}
    result = recommend_playlist(
        library.index,
        WeightedTracks.of(likes, named=bool(rng.random() < 0.5)),
        WeightedTracks.of(dislikes),
        constraints,
        excluded=np.empty(0, np.int64),
        out_of_range=OutOfRange(short, min_duration),
        quotas=quotas,
        tracks=library.lookup,
    )
    listed = [pick.track for pick in result.picks]
    seeds = likes if constraints.include_seeds else []
    _check_seeds(seeds, rated, listed)
    assert all(track.duration >= min_duration for track in listed if track not in seeds), "a track is too short"
    _check_limits(library, constraints, rated, seeds, listed, result.unmet_constraints)
    _check_unmet_constraints(constraints, listed, result.unmet_constraints)
    return result


def _check_seeds(seeds: list[Track], rated: list[Track], listed: list[Track]) -> None:
    ids = [track.id for track in listed]
    for track in rated:
        assert ids.count(track.id) == (track in seeds), "a rated track is in the playlist, or an included seed is not"


def _check_limits(
    library: SyntheticTracks,
    constraints: PlaylistConstraints,
    rated: list[Track],
    seeds: list[Track],
    listed: list[Track],
    unmet_constraints: tuple[UnmetConstraint, ...],
) -> None:
    others = [track for track in listed if track not in seeds]
    numbers = version_groups(
        [*rated, *others], library.index.vectors(np.array([t.id for t in (*rated, *others)], np.int64))
    )
    groups = numbers[len(rated) :].tolist()
    assert len(set(groups)) == len(groups), "a work occurs twice"
    assert not set(groups) & set(numbers[: len(rated)].tolist()), "a version of a rated track is in the playlist"
    artists = [track_artist_key(track) for track in listed]
    gap_is_unmet = any(unmet.constraint == "min_artist_gap" for unmet in unmet_constraints)
    for artist in set(artists) - {None}:
        positions = [position for position, other in enumerate(artists) if other == artist]
        limit = max(constraints.max_per_artist, sum(track_artist_key(seed) == artist for seed in seeds))
        assert not constraints.max_per_artist or len(positions) <= limit, "too many tracks by one artist"
        if constraints.min_artist_gap and len(positions) > 1 and not (seeds and gap_is_unmet):
            assert min(np.diff(positions)) > constraints.min_artist_gap, f"{artist} is at {positions}"
    for album in {track.album for track in listed}:
        limit = max(constraints.max_per_album, sum(seed.album == album for seed in seeds))
        assert not constraints.max_per_album or sum(track.album == album for track in listed) <= limit


def _check_unmet_constraints(
    constraints: PlaylistConstraints, listed: list[Track], unmet_constraints: tuple[UnmetConstraint, ...]
) -> None:
    """Length and quotas are satisfied, or reported with what is wanted and what the list has."""
    reported = {
        (unmet.constraint, unmet.details.get("genre") if unmet.constraint == "quotas" else None): (
            unmet.wanted,
            unmet.got,
        )
        for unmet in unmet_constraints
    }
    if constraints.n is not None:
        assert len(listed) <= constraints.n
        expected = (constraints.n, len(listed)) if len(listed) < constraints.n else None
        assert reported.get(("n", None)) == expected
    if constraints.seconds is not None:
        length = sum(track.duration for track in listed)
        is_met = abs(length - constraints.seconds) <= TOLERATED_SECONDS
        minutes = pytest.approx((constraints.seconds / 60, length / 60))
        assert reported.get(("minutes", None)) == (None if is_met else minutes)
    for quota in constraints.quotas:
        count = sum(track.genre == quota.genre for track in listed)
        values: tuple[object, object]
        if quota.share is None:
            is_met, values = count == quota.count, (quota.count, count)
        else:
            is_met = abs(count - quota.share * len(listed)) <= QUOTA_TOLERANCE
            values = quota.share, count / max(len(listed), 1)
        assert reported.get(("quotas", quota.genre)) == (None if is_met else values), (quota, reported)
