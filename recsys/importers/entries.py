"""The entries of other programs' files: tracks with their ratings and plays, in one form for all formats."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExternalTrack:
    """A track as another program describes it. None stands for a value that the file does not have.

    Attributes
    ----------
    path
        The path as the other program writes it, decoded if it is a URI; absolute or relative.
    recording
        MusicBrainz recording id.
    artist, title, album
        Names, as they are spelled in the file.
    duration
        Seconds.
    stars
        Rating, 0 to 1.
    plays
        Play count; 0 if unknown.
    loved
        True for loved, False for hated.
    last_played
        Time of the rating, or else of the last play; UTC, ISO 8601.
    played_at
        Times of single plays, where the file has them: UTC, ISO 8601.
    label
        Artist and title in one text, such as "Björk - Jóga", where the file does not state which comes first.
        ``artist`` and ``title`` are the more likely reading.
    """

    path: str | None = None
    recording: str | None = None
    artist: str | None = None
    title: str | None = None
    album: str | None = None
    duration: float | None = None
    stars: float | None = None
    plays: int = 0
    loved: bool | None = None
    last_played: str | None = None
    played_at: tuple[str, ...] = ()
    label: str | None = None

    @property
    def has_name(self) -> bool:
        """Whether there is a path, a MusicBrainz id or a title to match it by."""
        return bool(self.path or self.recording or self.title)

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.title:
            return f"{self.artist} - {self.title}" if self.artist else self.title
        return self.path or self.recording or "?"


@dataclass(frozen=True, slots=True)
class ExternalGroup:
    """An album, or an artist where ``album`` is None, that another program has as liked, or as banned.

    Attributes
    ----------
    artist, album
        Names, as they are spelled in the file.
    loved
        True for liked, False for banned.
    rated_at
        Time of the like; UTC, ISO 8601.
    """

    artist: str
    album: str | None = None
    loved: bool = True
    rated_at: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The entries of one file, in the order of the file.

    Attributes
    ----------
    format
        A key of :data:`recsys.importers.formats.FORMATS`.
    tracks
        The entries that name a track.
    folder
        The folder that relative paths start from.
    is_playlist
        True if being in the file is a like, as in a playlist. In other files only stars, hearts and plays count.
    unidentified
        The number of entries without a path, MusicBrainz id and title.
    playlists
        Names of the playlists in the file that can be read on their own.
    groups
        Albums and artists that are liked or banned as a whole.
    """

    format: str
    tracks: tuple[ExternalTrack, ...]
    folder: Path
    is_playlist: bool = False
    unidentified: int = 0
    playlists: tuple[str, ...] = ()
    groups: tuple[ExternalGroup, ...] = ()


def make_imported_file(
    format: str,
    folder: Path,
    tracks: Iterable[ExternalTrack],
    *,
    is_playlist: bool = False,
    playlists: Iterable[str] = (),
    groups: Iterable[ExternalGroup] = (),
) -> ImportedFile:
    """An imported file of the tracks that have a name; the others are counted."""
    entries = tuple(tracks)
    named = tuple(track for track in entries if track.has_name)
    return ImportedFile(format, named, folder, is_playlist, len(entries) - len(named), tuple(playlists), tuple(groups))


def aggregate_plays(listens: Iterable[ExternalTrack]) -> list[ExternalTrack]:
    """One entry for each track of a listening history, in order of appearance, with summed plays and the latest time.

    The time of a rating (loved, hated) takes precedence over times of plays. All times of plays are kept.

    >>> listen = ExternalTrack(title="So What", plays=1)
    >>> [(track.title, track.plays) for track in aggregate_plays([listen, listen])]
    [('So What', 2)]
    """
    tracks: dict[tuple[str, ...], ExternalTrack] = {}
    times: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for listen in listens:
        names = (listen.artist, listen.title, listen.album) if listen.title else (listen.path,)
        key = (listen.recording,) if listen.recording else tuple((name or "").casefold() for name in names)
        before = tracks.get(key)
        tracks[key] = listen if before is None else _add_play(before, listen)
        if listen.plays == 1 and listen.last_played:
            times[key].append(listen.last_played)
    return [replace(track, played_at=tuple(times[key])) if key in times else track for key, track in tracks.items()]


def _add_play(before: ExternalTrack, listen: ExternalTrack) -> ExternalTrack:
    rated = [track for track in (before, listen) if track.loved is not None]
    latest = max(rated or [before, listen], key=lambda track: track.last_played or "")
    return replace(before, plays=before.plays + listen.plays, loved=latest.loved, last_played=latest.last_played)
