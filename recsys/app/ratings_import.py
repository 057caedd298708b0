"""Likes and dislikes out of other programs' files: what they say of a track becomes an opinion of the one they mean.

A heart, or to be in a playlist, is a like; so are many stars, and few are a dislike; the plays of a history are one
where they are many. Everything is read and matched before anything is stored, and what was said by hand stays.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from recsys.app.context import LibraryContext
from recsys.domain.checks import check_min, check_range
from recsys.domain.tracks import Rating, Track
from recsys.errors import Hint, InvalidRequest, NotFound

if TYPE_CHECKING:
    from recsys.importers.entries import ExternalTrack, ImportedFile

MANUAL = Rating._field_defaults["source"]
FROM_PLAYS = 0.5  # how strong a like is that nobody has said; four stars are as strong, five or a heart 1
_STARS = 5


class ImportOptions(NamedTuple):
    """On what terms files are read.

    ``format`` overrides what a file shows; ``playlist`` chooses one of a library; ``path_map`` read "FROM=TO", how
    paths begin there and here. From ``like_threshold`` stars on a track is liked, down to ``dislike_threshold``
    disliked, of five; played ``min_plays`` times it is liked if no stars say otherwise. With ``as_dislikes`` lists are
    of what is disliked. With ``overwrite`` a file goes before what was said by hand.
    """

    format: str | None = None
    playlist: str | None = None
    path_map: Mapping[str, str] = MappingProxyType({})
    min_plays: int = 3
    like_threshold: float = 4.0
    dislike_threshold: float = 2.0
    as_dislikes: bool = False
    overwrite: bool = False


DEFAULT_OPTIONS = ImportOptions()


class ImportedEntry(NamedTuple):
    """One mention of a file, the track that it means, by what that was told, and what comes of it.

    ``action`` is "like", "dislike", "plays" (they alone are noted), "same" (it is known), "kept" (what was said by hand
    is another thing) or "nothing" (found in part, it has too few plays); "not found" where ``track`` is None.
    """

    file: str
    entry: "ExternalTrack"
    track: Track | None
    match_method: str
    action: str


class ImportPreview(NamedTuple):
    """What comes of some files: every step, the opinions to store, and how many entries said or named nothing."""

    entries: tuple[ImportedEntry, ...]
    ratings: Mapping[int, Rating]
    without_rating: int
    unidentified: int

    def matches_by_method(self) -> Counter[str]:
        """How many mentions were found by what."""
        return Counter(step.match_method for step in self.entries if step.track)

    def tracks_by_action(self) -> Counter[str]:
        """How many tracks are liked, disliked, and so on."""
        return Counter({step.track.id: step.action for step in self.entries if step.track}.values())


class _FileRating(NamedTuple):
    """A judgement: ``value`` 1 or -1 and its strength; None where only plays tell."""

    value: int
    strength: float


def preview(context: LibraryContext, files: Sequence[Path], options: ImportOptions) -> ImportPreview:
    """What would come of these files; nothing is stored.

    Raises
    ------
    InvalidRequest
        A file is of no known format or damaged, or the terms make no sense.
    NotFound
        A file is not there, or nothing in them is liked or disliked.
    """
    from recsys.importers.formats import read_file
    from recsys.matching.match import match

    _check(options)
    distinct = {os.path.realpath(path): path for path in files}
    with context.open() as catalogue:  # before minutes are spent on files
        read = [read_file(path, format=options.format, playlist=options.playlist) for path in distinct.values()]
        for path, each in zip(distinct.values(), read, strict=True):
            if options.as_dislikes and not each.is_playlist:
                raise InvalidRequest(f"--dislike is for lists, but {path} is none ({each.format}); try --playlist NAME")
        plays = _plays(read)
        telling = [replace(each, tracks=tuple(_rated_entry(each, plays, options))) for each in read]
        if not any(each.tracks for each in telling):
            raise _nothing_rated_error(read, options)
        found = match(telling, catalogue.iter_files, path_map=options.path_map)
        known = catalogue.ratings()
        tracks = catalogue.tracks_by_id({m.id for matches in found for m in matches if m})
    told = [
        (str(path), each, mention, m if m and m.id in tracks else None)
        for path, each, matches in zip(distinct.values(), telling, found, strict=True)
        for mention, m in zip(each.tracks, matches, strict=True)
    ]
    said: dict[int, list[tuple[ImportedFile, ExternalTrack]]] = defaultdict(list)
    for _, each, mention, m in told:
        if m:
            said[m.id].append((each, mention))
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    outcomes = {
        i: _decide_action(known.get(i), *_from_stars(those, options), options, now) for i, those in said.items()
    }
    steps = [
        ImportedEntry(file, mention, tracks[m.id], m.method, outcomes[m.id][0])
        if m
        else ImportedEntry(file, mention, None, "", "not found")
        for file, _, mention, m in told
    ]
    return ImportPreview(
        tuple(steps),
        {i: rating for i, (_, rating) in outcomes.items() if rating is not None},
        sum(len(each.tracks) for each in read) - len(steps),
        sum(each.unidentified for each in read),
    )


def _check(options: ImportOptions) -> None:
    check_min("min_plays", options.min_plays, 1)
    check_range("like_threshold", options.like_threshold, 0.5, _STARS)
    check_range("dislike_threshold", options.dislike_threshold, 0, _STARS)
    if options.dislike_threshold >= options.like_threshold:
        raise InvalidRequest(
            "must be less than {like_threshold}", field="dislike_threshold", value=options.dislike_threshold
        )


def _plays(listings: "Iterable[ImportedFile]") -> Counter[tuple[str, ...]]:
    """How often each track was played, by its name: a history may have it on several albums, and in several files."""
    plays: Counter[tuple[str, ...]] = Counter()
    for listing in listings:
        for mention in listing.tracks:
            if mention.plays:
                plays[_name(mention)] += mention.plays
    return plays


def _rated_entry(
    listing: "ImportedFile", plays: Mapping[tuple[str, ...], int], options: ImportOptions
) -> "Iterator[ExternalTrack]":
    """Mentions that say something."""
    for mention in listing.tracks:
        counted = mention.plays and mention.stars is None and mention.loved is None
        if _file_rating(mention, listing, options) or (counted and plays[_name(mention)] >= options.min_plays):
            yield mention


def _name(mention: "ExternalTrack") -> tuple[str, ...]:
    from recsys.metadata.names import artist_key, title_key

    if not mention.title:
        return (mention.recording or mention.path or "",)
    return artist_key(mention.artist or ""), title_key(mention.title)


def _file_rating(mention: "ExternalTrack", listing: "ImportedFile", options: ImportOptions) -> _FileRating | None:
    """What a mention says outright."""
    if mention.loved is not None:
        return _FileRating(-1 if options.as_dislikes or not mention.loved else 1, 1.0)
    if listing.is_playlist:
        return _FileRating(-1 if options.as_dislikes else 1, 1.0)
    stars = None if mention.stars is None else mention.stars * _STARS
    if stars is None or options.dislike_threshold < stars < options.like_threshold:
        return None
    if stars >= options.like_threshold:
        return _FileRating(1, _strength(stars - options.like_threshold, _STARS - options.like_threshold))
    return _FileRating(-1, _strength(options.dislike_threshold - stars, options.dislike_threshold - 1))


def _strength(excess: float, high: float) -> float:
    """From a half where an opinion begins to 1 where it cannot be stronger."""
    return 0.5 + 0.5 * min(1.0, excess / high) if high > 0 else 1.0


def _from_stars(
    stars_rating: "Iterable[tuple[ImportedFile, ExternalTrack]]", options: ImportOptions
) -> tuple[Rating | None, bool]:
    """What several mentions of a track come to, and whether anybody has said it: the last word counts.

    Plays are summed over the files of one format, which are parts of a whole; two programs have counted the same ones.
    """
    plays: Counter[str] = Counter()
    outright: list[tuple[str, _FileRating, str]] = []
    last = ""
    for listing, mention in stars_rating:
        plays[listing.format] += mention.plays
        last = max(last, mention.last_played or "")
        if judgement := _file_rating(mention, listing, options):
            outright.append((mention.last_played or "", judgement, listing.format))
    source, most = plays.most_common(1)[0]
    if outright:
        at, said, source = max(outright, key=lambda one: one[0])
        return Rating(said.value, said.strength, most, at, source), True
    if most < options.min_plays:
        return None, False
    return Rating(1, FROM_PLAYS, most, last, source), False


def _decide_action(
    before: Rating | None, file_rating: Rating | None, outright: bool, options: ImportOptions, now: str
) -> tuple[str, Rating | None]:
    """What is done about a track, and what is to be stored, if anything."""
    if file_rating is None:
        return "nothing", None
    does = "like" if file_rating.value > 0 else "dislike"
    if before is None:
        return does, file_rating._replace(rated_at=file_rating.rated_at or now)
    agrees = before.value == file_rating.value
    if options.overwrite:
        after = file_rating._replace(rated_at=file_rating.rated_at or (before.rated_at if agrees else now))
    elif before.source == MANUAL or not outright:  # what was said goes before what was counted, and by hand before all
        more = file_rating.plays > before.plays
        at = max(before.rated_at, file_rating.rated_at) if more and before.source != MANUAL else before.rated_at
        after = before._replace(plays=max(before.plays, file_rating.plays), rated_at=at)
        does = "kept" if not agrees else "plays"
    else:
        at = file_rating.rated_at or (before.rated_at if agrees else now)
        after = file_rating._replace(plays=max(before.plays, file_rating.plays), rated_at=at)
    changed = None if after == before else after
    return (does if changed or does == "kept" else "same"), changed


def _nothing_rated_error(read: "Sequence[ImportedFile]", options: ImportOptions) -> NotFound:
    entries = sum(len(each.tracks) for each in read)
    names = [name for each in read for name in each.playlists if name]
    message = (
        f"none of {entries} entries is liked or disliked: no heart, no rating of {options.like_threshold:g} stars or "
        f"more, or {options.dislike_threshold:g} or less, and nothing played {options.min_plays} times"
    )
    if names:
        return NotFound(f"{message}; playlists in it are: {', '.join(names[:9])}", hint=Hint.CHOOSE_PLAYLIST)
    return NotFound(message)
