"""What somebody wants: of which tracks, what kind of playlist, and with which paths it shall be written."""

from dataclasses import dataclass, replace

MIN_DURATION = (
    30.0  # seconds: what is shorter is a jingle, a skit or the sound of a menu (16 of 431 files of game music)
)
#: Seconds, or half an hour: about what one side of an LP holds, and so the longest that is published as one piece of
#: music. What is longer is a mix, a concert or an album in one file.
MAX_DURATION = 1800.0


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """Which tracks an answer may hold.

    Of any of these predicted ``genres`` and none of ``excluded_genres``, of these ``year_range``, of a tempo, or a
    probable alternative of it, in ``bpm_range``, in one of these ``keys`` ("A minor"), beneath one of the folders
    ``folders`` and none of ``excluded_folders``, sounding like all of the ``tags`` (:func:`recsys.genre.tags.has_tag`),
    described by all of the words ``moods`` (:func:`recsys.genre.moods.described_by`), of this ``valence_range`` and
    this ``arousal_range``, both from 0 to 1.
    """

    genres: tuple[str, ...] = ()
    year_range: tuple[int, int] | None = None
    bpm_range: tuple[float, float] | None = None
    excluded_genres: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    excluded_folders: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    valence_range: tuple[float, float] | None = None
    arousal_range: tuple[float, float] | None = None

    def with_genre(self, genre: str) -> "TrackFilter":
        """The same, of this genre alone."""
        return replace(self, genres=(genre,))


@dataclass(frozen=True, slots=True)
class PlaylistRequest:
    """How a playlist is made, as one types it; it can be kept and used again.

    From ``seeds`` (references of tracks), which are in the list themselves where ``include_seeds`` says so, or, without
    them, from the likes; ``n`` tracks or ``minutes``; of ``filter``, none ``min_duration`` or ``max_duration`` seconds
    exceed (0: any length); ``quotas`` like "jazz=30%"; ``exclude_recent``: nothing of the last lists that were written;
    the rest as :class:`recsys.recommend.constraints.PlaylistConstraints` has it.
    """

    n: int | None = None
    minutes: float | None = None
    seeds: tuple[str, ...] = ()
    include_seeds: bool = False
    filter: TrackFilter = TrackFilter()
    min_duration: float = MIN_DURATION
    max_duration: float = MAX_DURATION
    max_per_artist: int = 2
    max_per_album: int = 0
    min_artist_gap: int = 0
    diversity: float = 2.0
    exploration: float = 0.0
    quotas: tuple[str, ...] = ()
    energy_curve: str | None = None
    exclude_recent: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PathOptions:
    """How a playlist names its files, for whoever plays it.

    ``path_map`` are pairs of folders, ours and the player's: what lies beneath the one is named beneath the other.
    Paths are relative to ``relative_to``, a folder as the player sees it; without one to the folder of the playlist,
    or absolute where ``absolute`` says so, something is mapped, or the playlist lies in no folder.
    """

    relative_to: str | None = None
    absolute: bool = False
    path_map: tuple[tuple[str, str], ...] = ()
