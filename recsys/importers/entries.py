"""What files of other programs say of tracks, whatever they are written in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExternalTrack:
    """A track as a file of another program names it, and what it says of it; None where it says nothing.

    ``path`` is a path as the other program wrote it, out of a URI if it was one, and absolute or not; ``recording`` a
    MusicBrainz recording id; ``duration`` seconds; ``stars`` 0..1; ``plays`` how often it was played; ``loved`` True,
    or False for hated; ``last_played`` when that was said, or else when the track was last played, in UTC, ISO 8601.
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

    @property
    def has_name(self) -> bool:
        """Whether there is anything to find it by."""
        return bool(self.path or self.recording or self.title)

    def __str__(self) -> str:
        if self.title:
            return f"{self.artist} - {self.title}" if self.artist else self.title
        return self.path or self.recording or "?"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What one file holds, in its order.

    ``format`` is a name of :data:`recsys.importers.formats.FORMATS`; relative paths start at ``folder``. In a file that
    is ``is_playlist``, to be there is what is said of a track, as in a playlist; in others only stars, hearts and plays
    say something. ``unidentified`` entries name no track at all; ``playlists`` are those within that can be asked for.
    """

    format: str
    tracks: tuple[ExternalTrack, ...]
    folder: Path
    is_playlist: bool = False
    unidentified: int = 0
    playlists: tuple[str, ...] = ()


def make_imported_file(
    format: str, folder: Path, tracks: Iterable[ExternalTrack], *, is_playlist: bool = False
) -> ImportedFile:
    """A listing of all that names a track."""
    all_there_are = tuple(tracks)
    named = tuple(mention for mention in all_there_are if mention.has_name)
    return ImportedFile(format, named, folder, is_playlist, len(all_there_are) - len(named))


def aggregate_plays(listens: Iterable[ExternalTrack]) -> list[ExternalTrack]:
    """One mention for each track of a listening history, in order of appearance: plays summed, the last time kept.

    A time at which a track was loved or hated goes before those at which it was played.
    """
    tally: dict[tuple[str, ...], ExternalTrack] = {}
    for listen in listens:
        names = (listen.artist, listen.title, listen.album)
        key = (listen.recording,) if listen.recording else tuple((name or "").casefold() for name in names)
        before = tally.get(key)
        tally[key] = listen if before is None else _add_play(before, listen)
    return list(tally.values())


def _add_play(before: ExternalTrack, listen: ExternalTrack) -> ExternalTrack:
    raw = [mention for mention in (before, listen) if mention.loved is not None] or [before, listen]
    latest = max(raw, key=lambda mention: mention.last_played or "")
    return replace(before, plays=before.plays + listen.plays, loved=latest.loved, last_played=latest.last_played)
