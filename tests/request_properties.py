"""Requests for playlists at random, from libraries at random, and what must hold of every answer."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import KINDS, Shelf, make_track, sound

from recsys.domain.requests import Quota
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_key
from recsys.recommend.candidates import QUOTA_TOLERANCE, TOLERATED_SECONDS
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.versions import version_groups


def shelf_at_random(rng: np.random.Generator) -> Shelf:
    """Twenty to a hundred and fifty tracks by few or many artists, some unknown, some versions of others."""
    n, artists = int(rng.integers(20, 150)), int(rng.integers(2, 40))
    tracks, vectors = {}, []
    for i in range(1, n + 1):
        kind = KINDS[rng.integers(len(KINDS))]
        artist = int(rng.integers(artists))
        title = f"title {i}" if rng.random() > 0.1 else f"title {rng.integers(1, i + 1)} (live)"
        tracks[i] = make_track(
            i, kind, artist=None if rng.random() < 0.05 else f"artist {artist}", title=title,
            album=f"album {artist} {rng.integers(3)}", duration=float(rng.integers(60, 600)),
        )  # fmt: skip
        vectors.append(sound(kind, i, wobble=0.2))
    return Shelf(tracks, np.stack(vectors))


def wish_at_random(rng: np.random.Generator) -> PlaylistConstraints:
    """Any length, caps, gap, quotas, variety and adventure, with the likes or without them."""
    kinds = rng.permutation(KINDS)[: rng.integers(0, 3)].tolist()
    quotas = []
    for kind in kinds:
        share = float(rng.choice([0.1, 0.25, 0.4]))
        quotas.append(Quota(kind, share=share) if rng.random() < 0.5 else Quota(kind, count=int(rng.integers(5))))
    in_time = rng.random() < 0.4
    return PlaylistConstraints(
        n=None if in_time else int(rng.integers(1, 40)),
        seconds=float(rng.uniform(120, 6000)) if in_time else None,
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
    """Ask once, and hold the answer to what it must keep to."""
    rng = np.random.default_rng(seed)
    shelf, wish = shelf_at_random(rng), wish_at_random(rng)
    drawn = [shelf.tracks[int(i)] for i in rng.permutation(shelf.ids)[: rng.integers(1, 9)]]
    dislikes = drawn[1 : 1 + int(rng.integers(0, 3))]
    likes = [track for track in drawn if track not in dislikes]
    if wish.n is not None and wish.include_seeds:
        wish = replace(wish, n=max(wish.n, len(likes)))
    shortest = float(rng.choice([0, 120]))
    unfit = OutOfRange(np.array([i for i, t in shelf.tracks.items() if t.duration < shortest], np.int64), shortest)
    quotas = {kind: np.array([i for i, t in shelf.tracks.items() if t.genre == kind], np.int64) for kind in KINDS}
    answer = recommend_playlist(
        shelf.index, WeightedTracks.of(likes, named=bool(rng.random() < 0.5)), WeightedTracks.of(dislikes), wish,
        excluded=np.empty(0, np.int64), out_of_range=unfit, quotas=quotas, tracks=shelf.lookup,
    )  # fmt: skip
    listed = [pick.track for pick in answer.picks]
    seeds = likes if wish.include_seeds else []
    _check_seeds(seeds, drawn, listed)
    assert all(track.duration >= shortest for track in listed if track not in seeds), "a track is too short"
    _check_caps(shelf, wish, drawn, seeds, listed, answer.unmet_constraints)
    _check_unmet_constraints(wish, listed, answer.unmet_constraints)
    return answer


def _check_seeds(seeds: list[Track], rated: list[Track], listed: list[Track]) -> None:
    ids = [track.id for track in listed]
    for track in rated:
        assert ids.count(track.id) == (track in seeds), "a rated track is in the list, or one that is included is not"


def _check_caps(
    shelf: Shelf,
    wish: PlaylistConstraints,
    rated: list[Track],
    seeds: list[Track],
    listed: list[Track],
    unmet_constraints: tuple[UnmetConstraint, ...],
) -> None:
    others = [track for track in listed if track not in seeds]
    numbers = version_groups(
        [*rated, *others], shelf.index.vectors(np.array([t.id for t in (*rated, *others)], np.int64))
    )
    among = numbers[len(rated) :].tolist()
    assert len(set(among)) == len(among), "a work comes twice"
    assert not set(among) & set(numbers[: len(rated)].tolist()), "a version of what is rated is in the list"
    artists = [track_artist_key(track) for track in listed]
    gap_is_unmet = any(unmet.constraint == "min_artist_gap" for unmet in unmet_constraints)
    for artist in set(artists) - {None}:
        places = [place for place, other in enumerate(artists) if other == artist]
        cap = max(wish.max_per_artist, sum(track_artist_key(seed) == artist for seed in seeds))
        assert not wish.max_per_artist or len(places) <= cap, "too many of one artist"
        if wish.min_artist_gap and len(places) > 1 and not (seeds and gap_is_unmet):
            assert min(np.diff(places)) > wish.min_artist_gap, f"{artist} stands at {places}"
    for album in {track.album for track in listed}:
        cap = max(wish.max_per_album, sum(seed.album == album for seed in seeds))
        assert not wish.max_per_album or sum(track.album == album for track in listed) <= cap


def _check_unmet_constraints(
    wish: PlaylistConstraints, listed: list[Track], unmet_constraints: tuple[UnmetConstraint, ...]
) -> None:
    """Length and quotas are satisfied, or reported with what is wanted and what the list has."""
    reported = {
        (unmet.constraint, str(unmet.details.get("genre", "")) if unmet.constraint == "quotas" else ""): unmet
        for unmet in unmet_constraints
    }
    if wish.n is not None:
        assert len(listed) <= wish.n
        assert _numbers(reported.get(("n", ""))) == ((wish.n, len(listed)) if len(listed) < wish.n else None)
    if wish.seconds is not None:
        length = sum(track.duration for track in listed)
        off = abs(length - wish.seconds) > TOLERATED_SECONDS
        minutes = pytest.approx((wish.seconds / 60, length / 60)) if off else None
        assert _numbers(reported.get(("minutes", ""))) == minutes
    for quota in wish.quotas:
        count = sum(track.genre == quota.genre for track in listed)
        wanted = quota.count if quota.share is None else quota.share * len(listed)
        off = abs(count - (wanted or 0)) > (QUOTA_TOLERANCE if quota.share is not None else 0)
        expected: tuple[float | None, float] | None = None
        if off and quota.share is None:
            expected = quota.count, count
        elif off:
            expected = quota.share, count / max(len(listed), 1)
        assert _numbers(reported.get(("quotas", quota.genre))) == expected, (quota, count, len(listed), reported)


def _numbers(unmet: UnmetConstraint | None) -> tuple[object, object] | None:
    return None if unmet is None else (unmet.wanted, unmet.got)
