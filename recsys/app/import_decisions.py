"""What the entries of an import make of a track: a like, a dislike, plays, or nothing new."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.domain.checks import check_min, check_range
from recsys.domain.listeners import DISLIKE_THRESHOLD, LIKE_THRESHOLD, MANUAL, MAX_STARS, Vote, vote_of_stars
from recsys.domain.tracks import Rating
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys.importers.entries import ExternalTrack, ImportedFile

STRENGTH_OF_PLAYS = 0.5  # of a like from plays alone; four stars are as strong, five stars or a heart 1


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files of other programs are read.

    Parameters
    ----------
    format : name of a format; None: it is detected
    playlist : one playlist of a file that has several
    path_map : folders in the files and the same folders here
    min_plays : plays that make a like, where there are no stars and no heart
    like_threshold, dislike_threshold : stars, of five, from which on a track is liked, and up to which it is disliked;
        with other thresholds than the default, likes and dislikes are stored, and no stars, which would imply others
    as_dislikes : the tracks of playlists are disliked
    overwrite : ratings of the files replace those that were set by hand

    Raises
    ------
    InvalidRequest
        A number is out of range, or ``dislike_threshold`` is not below ``like_threshold``.

    Examples
    --------
    >>> recsys.ImportOptions(like_threshold=2)
    Traceback (most recent call last):
    recsys.errors.InvalidRequest: dislike_threshold must be less than like_threshold, got 2
    """

    format: str | None = None
    playlist: str | None = None
    path_map: Mapping[str, str] = field(default_factory=dict)
    min_plays: int = 3
    like_threshold: float = LIKE_THRESHOLD
    dislike_threshold: float = DISLIKE_THRESHOLD
    as_dislikes: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_map", dict(self.path_map))
        check_min("min_plays", self.min_plays, 1)
        check_range("like_threshold", self.like_threshold, 0.5, MAX_STARS)
        check_range("dislike_threshold", self.dislike_threshold, 0, MAX_STARS)
        if self.dislike_threshold >= self.like_threshold:
            raise InvalidRequest(
                "must be less than {like_threshold}",
                field="dislike_threshold",
                value=self.dislike_threshold,
                others=["like_threshold"],
            )

    @property
    def usual_thresholds(self) -> bool:
        """Whether stars imply the same ratings as the stars of the library do."""
        return (self.like_threshold, self.dislike_threshold) == (LIKE_THRESHOLD, DISLIKE_THRESHOLD)


def vote(entry: "ExternalTrack", file: "ImportedFile", options: ImportOptions) -> Vote | None:
    """The vote of an entry by its heart, its place in a playlist or its stars, whatever its plays."""
    if entry.loved is not None:
        return Vote(-1 if options.as_dislikes or not entry.loved else 1, 1.0)
    if file.is_playlist:
        return Vote(-1 if options.as_dislikes else 1, 1.0)
    if entry.stars is None:
        return None
    return vote_of_stars(entry.stars * MAX_STARS, options.like_threshold, options.dislike_threshold)


def combine(
    entries: "Iterable[tuple[ImportedFile, ExternalTrack]]", options: ImportOptions
) -> tuple[Rating | None, bool]:
    """The rating of a track from all its entries, and whether an entry votes; the latest vote counts.

    Plays are summed over the files of one format, which are parts of one history. Two programs may have counted the
    same plays, so of several formats the largest sum counts.
    """
    entries = list(entries)
    plays = sum_plays(entries)
    votes: list[tuple[str, Vote, str]] = []
    last_played = ""
    for file, entry in entries:
        last_played = max(last_played, entry.last_played or "")
        if found := vote(entry, file, options):
            votes.append((entry.last_played or "", found, file.format))
    source, n_plays = plays.most_common(1)[0]
    if votes:
        at, latest, source = max(votes, key=lambda each: each[0])
        return Rating(latest.value, latest.strength, n_plays, at, source), True
    if n_plays < options.min_plays:
        return None, False
    return Rating(1, STRENGTH_OF_PLAYS, n_plays, last_played, source), False


def sum_plays(entries: "Iterable[tuple[ImportedFile, ExternalTrack]]") -> Counter[str]:
    """Plays by format."""
    plays: Counter[str] = Counter()
    for file, entry in entries:
        plays[file.format] += entry.plays
    return plays


def decide(
    stored: Rating | None, imported: Rating | None, is_vote: bool, options: ImportOptions, now: str
) -> tuple[str, Rating | None]:
    """The action for a track, and the rating to store, None if nothing changes.

    A vote takes precedence over plays, and a rating that was set by hand over both, unless it is overwritten.
    """
    if imported is None:
        return "ignored", None
    action = "like" if imported.value > 0 else "dislike"
    if stored is None:
        return action, imported._replace(rated_at=imported.rated_at or now)
    agrees = stored.value == imported.value
    if options.overwrite:
        new = imported._replace(rated_at=imported.rated_at or (stored.rated_at if agrees else now))
    elif stored.source == MANUAL or not is_vote:
        more_plays = imported.plays > stored.plays
        at = max(stored.rated_at, imported.rated_at) if more_plays and stored.source != MANUAL else stored.rated_at
        new = stored._replace(plays=max(stored.plays, imported.plays), rated_at=at)
        action = "update_plays" if agrees else "kept_manual"
    else:
        at = imported.rated_at or (stored.rated_at if agrees else now)
        new = imported._replace(plays=max(stored.plays, imported.plays), rated_at=at)
    changed = None if new[:5] == stored[:5] else new  # stars are stored by themselves
    return (action if changed or action == "kept_manual" else "unchanged"), changed
