"""What somebody wants: of which tracks, what kind of playlist, and with which paths it shall be written."""

from dataclasses import dataclass, replace

SHORTEST = 30.0  # seconds: what is shorter is a jingle, a skit or the sound of a menu (16 of 431 files of game music)
#: Seconds, or half an hour: about what one side of an LP holds, and so the longest that is published as one piece of
#: music. What is longer is a mix, a concert or an album in one file.
LONGEST = 1800.0


@dataclass(frozen=True, slots=True)
class Only:
    """Which tracks an answer may hold.

    Of any of these predicted ``genres`` and none of ``not_genres``, of these ``years``, of a tempo, or a probable
    alternative of it, in ``bpm``, in
    one of these ``keys`` ("A minor"), beneath one of the folders ``within`` and none of ``without``, sounding like all
    of the ``tags`` (:func:`recsys.genre.tags.tagged`), described by all of the words ``moods``
    (:func:`recsys.genre.moods.described_by`), of this ``valence`` and this ``arousal``, both from 0 to 1.
    """

    genres: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    bpm: tuple[float, float] | None = None
    not_genres: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    valence: tuple[float, float] | None = None
    arousal: tuple[float, float] | None = None

    def of_genre(self, genre: str) -> "Only":
        """The same, of this genre alone."""
        return replace(self, genres=(genre,))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a playlist is made, as one types it; it can be kept and used again.

    From ``seeds`` (references of tracks), which are in the list themselves where ``include_seeds`` says so, or, without
    them, from the likes; ``n`` tracks or ``minutes``; of ``only``, none ``shortest`` or ``longest`` seconds exceed (0:
    any length); ``quotas`` like "jazz=30%"; ``fresh``: nothing of the last lists that were written; the rest as
    :class:`recsys.recommend.constraints.Wish` has it.
    """

    n: int | None = None
    minutes: float | None = None
    seeds: tuple[str, ...] = ()
    include_seeds: bool = False
    only: Only = Only()
    shortest: float = SHORTEST
    longest: float = LONGEST
    per_artist: int = 2
    per_album: int = 0
    artist_gap: int = 0
    variety: float = 2.0
    adventure: float = 0.0
    quotas: tuple[str, ...] = ()
    energy: str | None = None
    fresh: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """How a playlist names its files, for whoever plays it.

    ``mapped`` are pairs of folders, ours and the player's: what lies beneath the one is named beneath the other.
    Paths are relative to ``relative_to``, a folder as the player sees it; without one to the folder of the playlist,
    or absolute where ``absolute`` says so, something is mapped, or the playlist lies in no folder.
    """

    relative_to: str | None = None
    absolute: bool = False
    mapped: tuple[tuple[str, str], ...] = ()
