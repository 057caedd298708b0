"""Likes and dislikes out of other programs' files: what they say of a track becomes an opinion of the one they mean.

A heart, or to be in a playlist, is a like; so are many stars, and few are a dislike; the plays of a history are one
where they are many. Everything is read and matched before anything is stored, and what was said by hand stays.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recsys.app.context import Library
from recsys.app.validation import at_least, between
from recsys.domain.tracks import Opinion, Track
from recsys.errors import NothingFound, UsageError

if TYPE_CHECKING:
    from recsys.importers.entries import Listing, Mention

HAND = Opinion._field_defaults["source"]
BY_PLAYS = 0.5  # how strong a like is that nobody has said; four stars are as strong, five or a heart 1
_STARS = 5


class Terms(NamedTuple):
    """On what terms files are read.

    ``format`` overrides what a file shows; ``playlist`` chooses one of a library; ``maps`` read "FROM=TO", how paths
    begin there and here. From ``like_from`` stars on a track is liked, down to ``dislike_to`` disliked, of five; played
    ``min_plays`` times it is liked if no stars say otherwise. With ``dislike`` lists are of what is disliked. With
    ``overwrite`` a file goes before what was said by hand.
    """

    format: str | None = None
    playlist: str | None = None
    maps: Sequence[str] = ()
    min_plays: int = 3
    like_from: float = 4.0
    dislike_to: float = 2.0
    dislike: bool = False
    overwrite: bool = False


TERMS = Terms()


class Step(NamedTuple):
    """One mention of a file, the track that it means, by what that was told, and what comes of it.

    ``does`` is "like", "dislike", "plays" (they alone are noted), "same" (it is known), "kept" (what was said by hand
    is another thing) or "nothing" (found in part, it has too few plays); "not found" where ``track`` is None.
    """

    file: str
    mention: "Mention"
    track: Track | None
    by: str
    does: str


class Intake(NamedTuple):
    """What comes of some files: every step, the opinions to store, and how many entries said or named nothing."""

    steps: tuple[Step, ...]
    opinions: Mapping[int, Opinion]
    silent: int
    nameless: int

    def told_by(self) -> Counter[str]:
        """How many mentions were found by what."""
        return Counter(step.by for step in self.steps if step.track)

    def tracks(self) -> Counter[str]:
        """How many tracks are liked, disliked, and so on."""
        return Counter({step.track.id: step.does for step in self.steps if step.track}.values())


class _Said(NamedTuple):
    """A judgement: ``value`` 1 or -1 and its strength; None where only plays tell."""

    value: int
    strength: float


@dataclass(frozen=True, slots=True)
class Likes:
    """The likes of a library, and where they may come from."""

    library: Library

    def opinions(self) -> dict[int, Opinion]:
        """Every like and dislike with what it rests on, oldest first."""
        with self.library.open() as catalogue:
            return catalogue.opinions()

    def read(self, files: Sequence[Path], terms: Terms = TERMS) -> Intake:
        """What would come of these files; nothing is stored.

        Raises
        ------
        UsageError
            A file is of no known format or damaged, or the terms make no sense.
        NothingFound
            A file is not there, or nothing in them is liked or disliked.
        """
        from recsys.importers.formats import read_listing
        from recsys.matching.match import match
        from recsys.matching.paths import read_maps

        _check(terms)
        maps = read_maps(terms.maps)
        distinct = {os.path.realpath(path): path for path in files}
        with self.library.open() as catalogue:  # before minutes are spent on files
            read = [read_listing(path, format=terms.format, playlist=terms.playlist) for path in distinct.values()]
            for path, each in zip(distinct.values(), read, strict=True):
                if terms.dislike and not each.listed:
                    raise UsageError(f"--dislike is for lists, but {path} is none ({each.format}); try --playlist NAME")
            plays = _plays(read)
            telling = [replace(each, mentions=tuple(_telling(each, plays, terms))) for each in read]
            if not any(each.mentions for each in telling):
                raise NothingFound(_nothing(read, terms))
            found = match(telling, catalogue.shelves, maps=maps)
            known = catalogue.opinions()
            tracks = catalogue.get({m.id for matches in found for m in matches if m})
        told = [
            (str(path), each, mention, m if m and m.id in tracks else None)
            for path, each, matches in zip(distinct.values(), telling, found, strict=True)
            for mention, m in zip(each.mentions, matches, strict=True)
        ]
        said: dict[int, list[tuple[Listing, Mention]]] = defaultdict(list)
        for _, each, mention, m in told:
            if m:
                said[m.id].append((each, mention))
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        outcomes = {i: _outcome(known.get(i), *_judged(those, terms), terms, now) for i, those in said.items()}
        steps = [
            Step(file, mention, tracks[m.id], m.by, outcomes[m.id][0])
            if m
            else Step(file, mention, None, "", "not found")
            for file, _, mention, m in told
        ]
        return Intake(
            tuple(steps),
            {i: opinion for i, (_, opinion) in outcomes.items() if opinion is not None},
            sum(len(each.mentions) for each in read) - len(steps),
            sum(each.nameless for each in read),
        )

    def store(self, intake: Intake) -> None:
        """Keep what was read, all of it or, if a track has been forgotten since, nothing.

        Raises
        ------
        NothingFound, LibraryBusy, LibraryFull, LibraryError
        """
        if intake.opinions:
            with self.library.open() as catalogue:
                catalogue.adopt(intake.opinions)


def _check(terms: Terms) -> None:
    at_least("--min-plays", terms.min_plays, 1)
    between("--like-from", terms.like_from, 0.5, _STARS)
    between("--dislike-to", terms.dislike_to, 0, _STARS)
    if terms.dislike_to >= terms.like_from:
        raise UsageError(f"--dislike-to must be less than --like-from, but {terms.dislike_to:g} stars are not")


def _plays(listings: "Iterable[Listing]") -> Counter[tuple[str, ...]]:
    """How often each track was played, by its name: a history may have it on several albums, and in several files."""
    plays: Counter[tuple[str, ...]] = Counter()
    for listing in listings:
        for mention in listing.mentions:
            if mention.plays:
                plays[_name(mention)] += mention.plays
    return plays


def _telling(listing: "Listing", plays: Mapping[tuple[str, ...], int], terms: Terms) -> "Iterator[Mention]":
    """Mentions that say something."""
    for mention in listing.mentions:
        counted = mention.plays and mention.stars is None and mention.loved is None
        if _judgement(mention, listing, terms) or (counted and plays[_name(mention)] >= terms.min_plays):
            yield mention


def _name(mention: "Mention") -> tuple[str, ...]:
    from recsys.metadata.names import artist_key, title_key

    if not mention.title:
        return (mention.recording or mention.path or "",)
    return artist_key(mention.artist or ""), title_key(mention.title)


def _judgement(mention: "Mention", listing: "Listing", terms: Terms) -> _Said | None:
    """What a mention says outright."""
    if mention.loved is not None:
        return _Said(-1 if terms.dislike or not mention.loved else 1, 1.0)
    if listing.listed:
        return _Said(-1 if terms.dislike else 1, 1.0)
    stars = None if mention.stars is None else mention.stars * _STARS
    if stars is None or terms.dislike_to < stars < terms.like_from:
        return None
    if stars >= terms.like_from:
        return _Said(1, _strength(stars - terms.like_from, _STARS - terms.like_from))
    return _Said(-1, _strength(terms.dislike_to - stars, terms.dislike_to - 1))


def _strength(beyond: float, most: float) -> float:
    """From a half where an opinion begins to 1 where it cannot be stronger."""
    return 0.5 + 0.5 * min(1.0, beyond / most) if most > 0 else 1.0


def _judged(told: "Iterable[tuple[Listing, Mention]]", terms: Terms) -> tuple[Opinion | None, bool]:
    """What several mentions of a track come to, and whether anybody has said it: the last word counts.

    Plays are summed over the files of one format, which are parts of a whole; two programs have counted the same ones.
    """
    plays: Counter[str] = Counter()
    outright: list[tuple[str, _Said, str]] = []
    last = ""
    for listing, mention in told:
        plays[listing.format] += mention.plays
        last = max(last, mention.at or "")
        if judgement := _judgement(mention, listing, terms):
            outright.append((mention.at or "", judgement, listing.format))
    source, most = plays.most_common(1)[0]
    if outright:
        at, said, source = max(outright, key=lambda one: one[0])
        return Opinion(said.value, said.strength, most, at, source), True
    if most < terms.min_plays:
        return None, False
    return Opinion(1, BY_PLAYS, most, last, source), False


def _outcome(
    before: Opinion | None, said: Opinion | None, outright: bool, terms: Terms, now: str
) -> tuple[str, Opinion | None]:
    """What is done about a track, and what is to be stored, if anything."""
    if said is None:
        return "nothing", None
    does = "like" if said.value > 0 else "dislike"
    if before is None:
        return does, said._replace(at=said.at or now)
    agrees = before.value == said.value
    if terms.overwrite:
        after = said._replace(at=said.at or (before.at if agrees else now))
    elif before.source == HAND or not outright:  # what was said goes before what was counted, and by hand before all
        more = said.plays > before.plays
        at = max(before.at, said.at) if more and before.source != HAND else before.at
        after = before._replace(plays=max(before.plays, said.plays), at=at)
        does = "kept" if not agrees else "plays"
    else:
        at = said.at or (before.at if agrees else now)
        after = said._replace(plays=max(before.plays, said.plays), at=at)
    changed = None if after == before else after
    return (does if changed or does == "kept" else "same"), changed


def _nothing(read: "Sequence[Listing]", terms: Terms) -> str:
    entries = sum(len(each.mentions) for each in read)
    names = [name for each in read for name in each.playlists if name]
    hint = f"; or choose one of its playlists with --playlist: {', '.join(names[:9])}" if names else ""
    return (
        f"none of {entries} entries is liked or disliked: no heart, no stars from {terms.like_from:g} or to "
        f"{terms.dislike_to:g}, nothing played {terms.min_plays} times (see --min-plays){hint}"
    )
