"""The part of a library that recommends: similar tracks, paths, ratings, playlists, and how good they are."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from recsys.app.inputs import StrPath, TrackLike, reference_of
from recsys.app.parts import Parts
from recsys.domain.paths import expand_home
from recsys.domain.requests import (
    MAX_DURATION,
    MAX_PER_ARTIST,
    MIN_DURATION,
    EnergyCurve,
    PathOptions,
    PlaylistRequest,
    Quota,
    TrackFilter,
)
from recsys.domain.results import Playlist
from recsys.domain.tracks import TrackList
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys.domain.results import Neighbours
    from recsys.domain.statistics import Statistics

NO_FILTER = TrackFilter()
DEFAULT_PATHS = PathOptions()


class Recommender(Parts):
    """Recommends tracks of a library by similarity and ratings."""

    def similar(
        self,
        *references: TrackLike,
        album: str | None = None,
        artist: str | None = None,
        n: int = 10,
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = MAX_PER_ARTIST,
        min_duration: float = 0.0,
        max_duration: float = 0.0,
        explain: bool = False,
        not_like: Sequence[TrackLike] = (),
        not_like_albums: Sequence[str] = (),
        not_like_artists: Sequence[str] = (),
    ) -> Playlist:
        """The tracks most similar to some tracks, files, an album or an artist together, most similar first.

        Parameters
        ----------
        references : Track, int, str or path-like
            Tracks as for :meth:`track`, or audio files that need not be in the library.
        album, artist : str or None
            All tracks of an album or artist.
        n : int
            Number of tracks.
        filter : TrackFilter
            Which tracks may be returned.
        max_per_artist : int
            Tracks of one artist; 0 is no limit.
        min_duration, max_duration : float
            Seconds; 0 is no limit.
        explain : bool
            Also return an :class:`~recsys.Explanation` for each track.
        not_like, not_like_albums, not_like_artists : sequence
            What the list must not resemble: tracks near one of them are left out. Nothing is stored.

        Returns
        -------
        Playlist
            ``similarity`` of each track is the mean over the references, in [0, 1].

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several; or no track passes the filter.
        NotAnalysed
            A referenced track has not been analysed.
        InvalidRequest
            A number is out of range, or there is no reference.

        Examples
        --------
        >>> [track.title for track in lib.similar("So What", n=1)]
        ['Blue in Green']
        """
        self._context.ensure_exists()
        from recsys.app.minus_seeds import NotLike
        from recsys.app.similarity import similar

        return self._context.with_index_retry(
            lambda: similar(
                self._context, list(map(reference_of, references)),
                album=album, artist=artist, n=n, filter=filter, max_per_artist=max_per_artist,
                min_duration=min_duration, max_duration=max_duration, explain=explain, writer=self.playlists.write,
                not_like=NotLike(list(map(reference_of, not_like)), not_like_albums, not_like_artists),
            )
        )  # fmt: skip

    def similarities(self, reference: TrackLike, ids: Sequence[int]) -> list[float | None]:
        """How similar tracks are to one: in [0, 1], as in :meth:`similar`; None for those that are not analysed.

        Raises
        ------
        NotFound, AmbiguousTrack
            The reference matches no track, or several.
        NotAnalysed
            The referenced track has not been analysed.

        Examples
        --------
        >>> [best] = lib.similar("So What", n=1)
        >>> same, near, unknown = lib.similarities("So What", [lib.track("So What").id, best.id, 999])
        >>> same, round(abs(near - best.similarity), 5), unknown
        (1.0, 0.0, None)
        """
        self._context.ensure_exists()
        from recsys.app.similarity import similarities

        reference = reference_of(reference)
        return self._context.with_index_retry(lambda: similarities(self._context, reference, ids))

    def farthest(self, reference: TrackLike, *, n: int = 1) -> TrackList:
        """The ``n`` tracks least similar to one, least similar first.

        Raises
        ------
        NotFound, AmbiguousTrack
            The reference matches no track, or several.
        NotAnalysed
            The track has not been analysed.
        InvalidRequest
            ``n`` is less than 1.

        Examples
        --------
        >>> [track.title for track in lib.farthest("So What")]
        ['Smoke on the Water']
        """
        self._context.ensure_exists()
        from recsys.app.similarity import farthest

        return TrackList(self._context.with_index_retry(lambda: farthest(self._context, reference_of(reference), n=n)))

    def statistics(self, *, filter: TrackFilter = NO_FILTER) -> "Statistics":
        """How much of what the library has: tracks, hours, genres, decades, keys, tempi, plays …; all, or some tracks.

        >>> found = lib.statistics()
        >>> found.tracks, found.genres
        (3, {'jazz': 2, 'metal': 1})
        """
        self._context.ensure_exists()
        from recsys.app.statistics import statistics

        return statistics(self._context, filter)

    def neighbours(self, *, n: int = 10, max_per_artist: int = 0) -> "Iterator[Neighbours]":
        """The ``n`` most similar tracks of every present track, one track after the other.

        Raises
        ------
        NotAnalysed
            No track has been analysed.
        InvalidRequest
            A number is out of range.

        Examples
        --------
        >>> nearest = next(lib.neighbours(n=1))
        >>> nearest.track.title, nearest.neighbours[0][0].title
        ('So What', 'Blue in Green')
        """
        self._context.ensure_exists()
        from recsys.app.similarity import neighbours

        yield from neighbours(self._context, n=n, max_per_artist=max_per_artist)

    def write_neighbours(self, path: StrPath, *, n: int = 10, max_per_artist: int = 0) -> int:
        """Write :meth:`neighbours` to a file of JSON Lines; how many tracks.

        >>> lib.write_neighbours(folder / "neighbours.jsonl", n=2)
        3
        """
        self._context.ensure_exists()
        from recsys.app.similarity import neighbour_lines
        from recsys.export.neighbours import write_neighbours

        return write_neighbours(neighbour_lines(self._context, n=n, max_per_artist=max_per_artist), Path(path))

    def path(
        self,
        start: TrackLike,
        end: TrackLike,
        *,
        n: int = 12,
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = MAX_PER_ARTIST,
        min_duration: float = MIN_DURATION,
        max_duration: float = MAX_DURATION,
    ) -> Playlist:
        """``n`` tracks from one track or file to another, in steps of similarity that are as even as possible.

        Raises
        ------
        NotFound, AmbiguousTrack
            An end matches no track, or several.
        InvalidRequest
            A number is out of range, or both ends are the same recording.

        Examples
        --------
        >>> lib.path("So What", "Smoke on the Water", n=3).name
        'From Miles Davis - So What to Deep Purple - Smoke on the Water'
        """
        self._context.ensure_exists()
        from recsys.app.paths import path

        return self._context.with_index_retry(
            lambda: path(
                self._context, reference_of(start), reference_of(end),
                n=n, filter=filter, max_per_artist=max_per_artist,
                min_duration=min_duration, max_duration=max_duration, writer=self.playlists.write,
            )
        )  # fmt: skip

    def evaluate(
        self,
        *,
        labels: StrPath | None = None,
        compare: StrPath | None = None,
        playlists: bool = False,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The scorecard of the library: :func:`recsys.evaluate.scorecard.scorecard`.

        Parameters
        ----------
        labels : path-like or None
            A CSV file with the columns path and genre; None: the genre tags of the files.
        compare : path-like or None
            An earlier scorecard as JSON; "compared" then has the differences.
        playlists : bool
            Score playlists alone, with more simulated listeners.
        on_progress : callable
            Called with the name of each part.

        Raises
        ------
        NotFound
            There are too few labels.
        InvalidRequest
            A file cannot be read or has the wrong form.

        Examples
        --------
        >>> lib.evaluate()["tracks"]
        3
        """
        from recsys.app.evaluation import evaluate

        return evaluate(
            self._context,
            labels=None if labels is None else Path(labels),
            compare=None if compare is None else Path(compare),
            playlists=playlists,
            on_progress=on_progress,
        )

    def like(self, *references: TrackLike) -> TrackList:
        """Like tracks: all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            As for :meth:`track`.

        Examples
        --------
        >>> [track.title for track in lib.like("So What")]
        ['So What']
        """
        return TrackList(self.ratings.set(list(map(reference_of, references)), 1))

    def dislike(self, *references: TrackLike) -> TrackList:
        """Dislike tracks: all of them or, if one is not found, none.

        >>> [track.title for track in lib.dislike("Smoke on the Water")]
        ['Smoke on the Water']
        """
        return TrackList(self.ratings.set(list(map(reference_of, references)), -1))

    def unrate(self, *references: TrackLike) -> TrackList:
        """Remove likes, dislikes and stars.

        >>> lib.unrate("So What")
        TrackList of 1 track
        """
        return TrackList(self.ratings.clear(references))

    def playlist(
        self,
        request: PlaylistRequest | None = None,
        *,
        n: int | None = None,
        minutes: float | None = None,
        seeds: Sequence[TrackLike] = (),
        include_seeds: bool = False,
        filter: TrackFilter = NO_FILTER,
        min_duration: float = MIN_DURATION,
        max_duration: float = MAX_DURATION,
        max_per_artist: int = MAX_PER_ARTIST,
        max_per_album: int = 0,
        min_artist_gap: int = 0,
        diversity: float = 2.0,
        exploration: float = 0.0,
        quotas: Sequence[Quota] = (),
        energy_curve: EnergyCurve | None = None,
        exclude_recent: bool = False,
        seed: int = 0,
        random: bool = False,
        not_like: Sequence[TrackLike] = (),
    ) -> Playlist:
        """A playlist from the likes, or from ``seeds``; for the parameters see :class:`~recsys.PlaylistRequest`.

        Raises
        ------
        NotFound, AmbiguousTrack
            Nothing is liked, a seed matches no track or several, or no track passes the filter.
        InvalidRequest
            A value is out of range, or both a ``request`` and fields of one are given.

        Examples
        --------
        >>> playlist = lib.playlist(seeds=["So What"], n=5)
        >>> [unmet.constraint for unmet in playlist.unmet_constraints]
        ['n']
        """
        fields = PlaylistRequest(
            n=n, minutes=minutes, seeds=list(map(reference_of, seeds)), include_seeds=include_seeds, filter=filter,
            min_duration=min_duration, max_duration=max_duration, max_per_artist=max_per_artist,
            max_per_album=max_per_album, min_artist_gap=min_artist_gap, diversity=diversity, exploration=exploration,
            quotas=quotas, energy_curve=energy_curve, exclude_recent=exclude_recent, seed=seed,
            random=random, not_like=list(map(reference_of, not_like)),
        )  # fmt: skip
        if request is not None and fields != PlaylistRequest():
            raise InvalidRequest("cannot be combined with fields of a request", field="request")
        self._context.ensure_exists()
        from recsys.app.playlists import make_playlist

        return self._context.with_index_retry(
            lambda: make_playlist(self._context, request or fields, writer=self.playlists.write)
        )

    def write_playlist(
        self,
        playlist: Playlist,
        output: StrPath | BinaryIO,
        *,
        format: str | None = None,
        path_options: PathOptions = DEFAULT_PATHS,
    ) -> int:
        """Write a playlist for players, and add it to the history; how many tracks its path map does not cover.

        Raises
        ------
        InvalidRequest
            The format is unknown.
        RecsysError
            The file cannot be written.

        Examples
        --------
        >>> lib.write_playlist(lib.similar("So What"), folder / "blue.xspf")
        0
        """
        target = expand_home(output) if isinstance(output, str | os.PathLike) else output
        return self.playlists.write(playlist, target, format, path_options)
