"""Requests: which tracks, what kind of playlist, and with which paths it is written.

A request checks itself when it is made and raises :class:`~recsys.errors.InvalidRequest`, which names the field.
Sequences are stored as tuples, so that requests can be compared.
"""

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

from recsys.domain.checks import check_choice, check_min, check_range, folder_map, instances, interval, texts, whole
from recsys.domain.keys import parse_key
from recsys.domain.paths import absolute_path
from recsys.domain.request_records import FilterRecord, PathOptionsRecord, PlaylistRequestRecord
from recsys.errors import InvalidRequest

MIN_DURATION = 30.0
"""Seconds: shorter tracks are jingles, skits or sounds of a menu (16 of 431 files of game music)."""
MAX_DURATION = 1800.0
"""Seconds, half an hour: about one side of an LP, and so the longest single piece of music that is published. Longer
tracks are mixes, concerts or albums in one file."""
MAX_PER_ARTIST = 2
DEFAULT_LENGTH = 25  # tracks
_MAX_DRAWN = 999_999  # of a seed that is drawn: short enough to type

EnergyCurve: TypeAlias = Literal["rising", "falling", "arc", "flat"]
ENERGY_CURVES: tuple[EnergyCurve, ...] = get_args(EnergyCurve)
_RANGES = {"year_range": 9999.0, "bpm_range": math.inf, "valence_range": 1.0, "arousal_range": 1.0}
_TEXTS = (
    "genres", "excluded_genres", "tagged_genres", "excluded_tagged_genres", "keys", "tags", "folders",
    "excluded_folders", "moods",
)  # fmt: skip


def _normalised_folder(folder: str) -> str:
    """A folder as the library has it; of another system, such as a Windows folder on Linux, unchanged."""
    return str(absolute_path(folder)) if folder.startswith("~") or Path(folder).is_absolute() else folder


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """Which tracks an answer may contain; the default lets all pass.

    Parameters
    ----------
    genres, excluded_genres : sequence of str
        Predicted genres, any of which a track must have, or none of which it may have.
    tagged_genres, excluded_tagged_genres : sequence of str
        The same for the genres in the tags of the files, of which a file may have several.
    year_range : pair of int or None
        First and last year.
    bpm_range : pair of float or None
        Slowest and fastest tempo in BPM; a probable alternative tempo counts too.
    keys : sequence of str
        Keys such as "A minor", "Am" or "8A" (each stored as "A minor"), any of which a track must have; see
        :func:`recsys.compatible_keys`.
    tags : sequence of str
        Names of tags, all of which a track must have.
    moods : sequence of str
        Words of mood, all of which must describe a track.
    valence_range, arousal_range : pair of float or None
        Numbers in [0, 1], 0.5 is neutral.
    folders, excluded_folders : sequence of str
        Absolute folders that the file must be below one of, or not below any of.

    Raises
    ------
    InvalidRequest
        A range is reversed or outside its limits, or a key is unknown.

    Examples
    --------
    >>> TrackFilter(genres="jazz", year_range=(1955, 1965)).genres
    ('jazz',)
    >>> TrackFilter(year_range=(1965, 1955))
    Traceback (most recent call last):
    recsys.errors.InvalidRequest: year_range must go from a lower to a higher number, got 1965-1955
    """

    genres: Sequence[str] = ()
    year_range: tuple[int, int] | None = None
    bpm_range: tuple[float, float] | None = None
    excluded_genres: Sequence[str] = ()
    keys: Sequence[str] = ()
    tags: Sequence[str] = ()
    folders: Sequence[str] = ()
    excluded_folders: Sequence[str] = ()
    moods: Sequence[str] = ()
    valence_range: tuple[float, float] | None = None
    arousal_range: tuple[float, float] | None = None
    tagged_genres: Sequence[str] = ()
    excluded_tagged_genres: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in _TEXTS:
            object.__setattr__(self, name, texts(name, getattr(self, name)))
        for name in ("folders", "excluded_folders"):
            object.__setattr__(self, name, tuple(map(_normalised_folder, getattr(self, name))))
        for name, maximum in _RANGES.items():
            object.__setattr__(self, name, interval(name, getattr(self, name), maximum))
        object.__setattr__(self, "keys", tuple(dict.fromkeys(map(parse_key, self.keys))))

    def with_genre(self, genre: str) -> "TrackFilter":
        """The same filter, but for this genre alone."""
        return replace(self, genres=(genre,))

    def to_dict(self) -> FilterRecord:
        """The fields as plain JSON values."""
        return cast(FilterRecord, _record(self))


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a playlist is of one genre: a ``share`` in (0, 1] of its tracks, or a ``count`` of them.

    Raises
    ------
    InvalidRequest
        Neither or both are given, or one is out of range.

    Examples
    --------
    >>> Quota("jazz", share=0.3)
    Quota(genre='jazz', share=0.3, count=None)
    """

    genre: str
    share: float | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.genre, str) or not self.genre.strip() or (self.share is None) == (self.count is None):
            raise InvalidRequest("need a genre and either a share or a count", field="quotas", value=self.genre)
        if self.share is not None and not (isinstance(self.share, int | float) and 0 <= self.share <= 1):
            raise InvalidRequest("need shares from 0 to 1", field="quotas", value=self.share)
        if self.count is not None and not (isinstance(self.count, int) and self.count >= 0):
            raise InvalidRequest("need counts that are whole numbers, at least 0", field="quotas", value=self.count)


@dataclass(frozen=True, slots=True)
class PlaylistRequest:
    """What a playlist is made of; it can be saved and used again.

    Parameters
    ----------
    n, minutes : int or None, float or None
        The length, in tracks or in minutes; without both 25 tracks.
    seeds : sequence of str
        References of tracks that the playlist resembles; without them the likes.
    include_seeds : bool
        The seeds are in the playlist too, and count for its length and limits.
    filter : TrackFilter
        Which tracks it may contain.
    min_duration, max_duration : float
        Of a track, in seconds; 0 is no limit.
    max_per_artist, max_per_album : int
        Tracks of one artist or album; 0 is no limit.
    min_artist_gap : int
        Tracks between two of one artist; 0 is as many as there is room for.
    diversity : float
        0 to 10, how much tracks differ from each other.
    exploration : float
        0 to 10, from the nearest neighbours of the likes to the edge of the taste.
    quotas : sequence of Quota
        Genres and their shares or counts.
    energy_curve : EnergyCurve or None
        "rising", "falling", "arc" or "flat".
    exclude_recent : bool
        Leave out the tracks of the last ten playlists that were written, and vary the choice with each of them, so that
        the playlist does not come back when they have passed.
    seed : int
        Another number gives another playlist.
    random : bool
        Draw the seed anew for each playlist; ``Playlist.seed`` has it.
    not_like : sequence of str
        References of tracks that the playlist must not resemble: tracks near one of them are left out.

    Raises
    ------
    InvalidRequest
        A number is out of range, two fields exclude each other, or quotas add up to more than 1.

    Examples
    --------
    >>> PlaylistRequest(n=20, minutes=60)
    Traceback (most recent call last):
    recsys.errors.InvalidRequest: n cannot be combined with minutes
    """

    n: int | None = None
    minutes: float | None = None
    seeds: Sequence[str] = ()
    include_seeds: bool = False
    filter: TrackFilter = TrackFilter()
    min_duration: float = MIN_DURATION
    max_duration: float = MAX_DURATION
    max_per_artist: int = MAX_PER_ARTIST
    max_per_album: int = 0
    min_artist_gap: int = 0
    diversity: float = 2.0
    exploration: float = 0.0
    quotas: Sequence[Quota] = ()
    energy_curve: EnergyCurve | None = None
    exclude_recent: bool = False
    seed: int = 0
    random: bool = False
    not_like: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "seeds", texts("seeds", self.seeds))
        object.__setattr__(self, "not_like", texts("not_like", self.not_like))
        object.__setattr__(self, "quotas", instances("quotas", self.quotas, Quota))
        if not isinstance(self.filter, TrackFilter):
            raise InvalidRequest("must be a TrackFilter", field="filter", value=self.filter)
        if self.n is not None and self.minutes is not None:
            raise InvalidRequest("cannot be combined with {minutes}", field="n", others=["minutes"])
        check_min("minutes", self.minutes, 1)
        for name, minimum in (
            ("n", 1), ("max_per_artist", 0), ("max_per_album", 0), ("min_artist_gap", 0), ("seed", 0),
        ):  # fmt: skip
            object.__setattr__(self, name, whole(name, getattr(self, name), minimum))
        check_durations(self.min_duration, self.max_duration)
        check_range("diversity", self.diversity, 0, 10)
        check_range("exploration", self.exploration, 0, 10)
        check_choice("energy_curve", self.energy_curve, ENERGY_CURVES)
        if self.include_seeds and not self.seeds:
            raise InvalidRequest("needs {seeds}", field="include_seeds", others=["seeds"])
        if self.random and self.seed:
            raise InvalidRequest("cannot be combined with {seed}", field="random", others=["seed"])
        if len({quota.genre.casefold() for quota in self.quotas}) < len(self.quotas):
            raise InvalidRequest("name a genre twice", field="quotas")
        if (total := sum(quota.share or 0 for quota in self.quotas)) > 1 + 1e-9:
            raise InvalidRequest(f"add up to {total:.0%}, which is more than 100%", field="quotas")

    def with_drawn_seed(self) -> "PlaylistRequest":
        """The same request, with a seed from 1 to 999,999 that was drawn if it is ``random``.

        >>> PlaylistRequest(seed=7).with_drawn_seed().seed
        7
        """
        return replace(self, random=False, seed=1 + int(secrets.randbelow(_MAX_DRAWN))) if self.random else self

    def to_dict(self) -> PlaylistRequestRecord:
        """The fields as plain JSON values."""
        return cast(PlaylistRequestRecord, _record(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PlaylistRequest":
        """The request of :meth:`to_dict`.

        Raises
        ------
        InvalidRequest
            A field is unknown, such as one of a newer version.
        """
        filter, quotas = dict(values.get("filter", {})), [dict(quota) for quota in values.get("quotas", ())]
        _check_known(cls, values)
        _check_known(TrackFilter, filter)
        for quota in quotas:
            _check_known(Quota, quota)
        return cls(
            **{
                **values,
                "filter": TrackFilter(**filter),
                "quotas": tuple(Quota(**quota) for quota in quotas),
            }
        )


@dataclass(frozen=True, slots=True)
class PathOptions:
    """How a playlist file names its tracks.

    Parameters
    ----------
    relative_to : str or None
        A folder as the player sees it; paths are relative to it. None: to the folder of the playlist file, but absolute
        with ``absolute`` or ``path_map``, or where the playlist is a stream.
    absolute : bool
        Paths are absolute.
    path_map : dict of str to str
        Folders here and the same folders as the player sees them; the longest match wins.

    Raises
    ------
    InvalidRequest
        ``absolute`` and ``relative_to`` are both given, or ``path_map`` does not map folders to folders.

    Examples
    --------
    >>> PathOptions(path_map={"/music": "/data/music"}).path_map
    {'/music': '/data/music'}
    """

    relative_to: str | None = None
    absolute: bool = False
    path_map: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_map", folder_map("path_map", self.path_map))
        if self.absolute and self.relative_to is not None:
            raise InvalidRequest("cannot be combined with {relative_to}", field="absolute", others=["relative_to"])

    def to_dict(self) -> PathOptionsRecord:
        """The fields as plain JSON values."""
        return cast(PathOptionsRecord, _record(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PathOptions":
        """The options of :meth:`to_dict`.

        Raises
        ------
        InvalidRequest
            A field is unknown, such as one of a newer version.
        """
        _check_known(cls, values)
        return cls(**values)


def check_durations(min_duration: float, max_duration: float) -> None:
    """Raise InvalidRequest unless both are finite, not negative, and in order; 0 is no limit."""
    check_min("min_duration", min_duration, 0)
    check_min("max_duration", max_duration, 0)
    if max_duration and min_duration > max_duration:
        raise InvalidRequest(
            f"must not be more than {{max_duration}} ({max_duration:g} s)", field="min_duration", value=min_duration,
            others=["max_duration"],
        )  # fmt: skip


def _check_known(kind: type, values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(kind.__dataclass_fields__):  # type: ignore[attr-defined]
        raise InvalidRequest("is unknown to this version", field=sorted(unknown)[0])


def _record(request: "TrackFilter | PlaylistRequest | PathOptions") -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(request).items()}


def _plain(value: Any) -> Any:
    """The same with lists in the place of tuples, as JSON has them."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
