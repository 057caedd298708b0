"""The use cases of recsys, one method each, for every door: the terminal, the web, a program.

Plain values of :mod:`recsys.domain` come out; what a user can get wrong is a :class:`~recsys.errors.RecsysError`.
Slow packages are imported by the methods that need them, so that a question is answered at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from recsys.app.context import Library
from recsys.app.genre_models import GenreModels, Trained
from recsys.app.moods import fill_moods
from recsys.app.ratings_import import Intake, Likes, Terms
from recsys.app.saved_playlists import Shelf
from recsys.app.tag_writing import Done, Tagger
from recsys.app.validation import at_least, refuse_empty
from recsys.config import Settings
from recsys.domain.requests import Only, Places, Recipe
from recsys.domain.results import Classified, Failure, Finding, IngestSummary, Playlist, Progress, Pruned, Unheard
from recsys.domain.tracks import Description, Opinion, Ratings, Track  # fmt: skip
from recsys.errors import NothingFound
from recsys.export.records import (
    details_record,
    genre_record,
    neighbours_record,
    opinion_record,
    playlist_record,
    track_record,
    track_records,
)
from recsys.plots import genre_messages
from recsys.recommend.keys import compatible_keys
from recsys.tagging.planning import Left, Plan, Wish

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.recommend.neighbours import Neighbours

__all__ = [
    "Classified", "Description", "Done", "GenreModels", "Intake", "Left", "Only", "Opinion", "Places", "Plan",
    "Ratings", "Recipe", "Service", "Terms", "Trained", "Unheard", "Wish", "compatible_keys", "genre_messages",
    "genre_record", "neighbours_record", "opinion_record", "playlist_record", "track_record", "track_records",
]  # fmt: skip

PER_ARTIST = 2
ANYTHING = Only()
NO_PLACES = Places()


class Service:
    """recsys on one library, the one that ``settings`` name. Nothing stays open between two calls."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._library = Library(settings)
        #: Genre models: training, judging, choosing, using them.
        self.genre_models = GenreModels(self._library)
        #: What is written into the tags of files, and taken back.
        self.tagger = Tagger(self._library)
        #: Playlists that are kept and renewed.
        self.shelf = Shelf(self._library)
        #: What other programs know of likes and dislikes.
        self.likes = Likes(self._library)

    # Filling the library

    def ingest(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        retry: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> IngestSummary:
        """Listen to what is new at or under ``paths``; ``retry`` also tries what failed before.

        Raises
        ------
        NothingFound
            A path is not there, or no audio file is in any of them.
        LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.ingest.pipeline import ingest

        with self._library.open(create=True) as catalogue:
            fill_moods(catalogue)  # those of a library that was made before there were any
            summary = ingest(paths, catalogue, self.settings, retry=retry, progress=progress)
            if _heard(summary):
                self._catch_up(catalogue)
        if not summary.seen and not summary.interrupted:
            raise NothingFound(f"no audio file is in {', '.join(map(str, paths))}")
        return summary

    def _catch_up(self, catalogue: "Catalogue") -> None:
        """What is derived from what has been heard: genres by the model in use, the index."""
        self.genre_models.catch_up(catalogue)
        self._library.catch_up(catalogue)

    def failures(self) -> list[Failure]:
        """Files that could not be ingested."""
        with self._library.open() as catalogue:
            return catalogue.failures()

    def retry_failures(self, *, progress: Callable[[Progress], None] | None = None) -> IngestSummary:
        """Try every failed file again; forget those that are gone."""
        failed = [failure.path for failure in self.failures()]
        there = [path for path in failed if os.path.lexists(path)]
        with self._library.open() as catalogue:
            catalogue.clear_failures(set(failed) - set(there))
        return self.ingest(there, retry=True, progress=progress) if there else IngestSummary()

    def prune(
        self, roots: Sequence[str | os.PathLike[str]] = (), *, force: bool = False, dry_run: bool = False
    ) -> Pruned:
        """Forget what is missing at or under ``roots``, or anywhere.

        Raises
        ------
        MostlyMissing, NothingFound, LibraryBusy
        """
        from recsys.ingest.prune import prune

        with self._library.open() as catalogue, self._library.forgetting(catalogue):
            return prune(catalogue, roots, force=force, dry_run=dry_run)

    def watch(
        self,
        folders: Sequence[str | os.PathLike[str]],
        *,
        settle: float = 5.0,
        poll: bool = False,
        tell: Callable[[IngestSummary | str], None],
    ) -> None:
        """Ingest ``folders`` now, and whatever changes in them once it has been quiet for ``settle`` seconds.

        Ends with KeyboardInterrupt. ``tell`` hears of every ingest, and of what it waits for; ``poll`` looks
        again and again, for network mounts that report no changes.

        Raises
        ------
        NothingFound, UsageError, LibraryFull, LibraryError
        """
        from recsys.ingest.watch import Leave, changes_in, watch

        at_least("--settle", settle, 0)

        def run(root: Path, within: Sequence[Path], leave: Leave) -> IngestSummary:
            from recsys.ingest.pipeline import ingest

            with self._library.open(create=True) as catalogue:
                summary = ingest([root], catalogue, self.settings, within=within, leave=leave)
                if _heard(summary):
                    self._catch_up(catalogue)
                return summary

        roots = [Path(os.path.abspath(folder)) for folder in folders]  # noqa: PTH100 - links stay as named
        for root in roots:
            if not root.is_dir():
                raise NothingFound(f"{root} is no folder; give a folder to watch")
        watch(roots, run, changes_in(roots, poll=poll), settle=settle, tell=tell)

    def doctor(self, *, fix: bool = False) -> "Iterator[Finding]":
        """What is in order and what is not; ``fix`` first drops what is broken.

        Raises
        ------
        NothingFound
        """
        from recsys.app.diagnostics import examine

        return examine(self.settings, fix=fix)

    def upgrade(self) -> None:
        """Bring the schema of the library up to date."""
        self._library.open().close()

    # Asking it

    def genres(self) -> dict[str, int]:
        """How many tracks each genre has, most first."""
        with self._library.open() as catalogue:
            return catalogue.genres()

    def tracks(self, query: str | None = None, *, genre: str | None = None, limit: int | None = None) -> list[Track]:
        """Tracks whose artist, title, album or path hold every word of ``query``.

        Raises
        ------
        NothingFound
        """
        at_least("--limit", limit, 1)
        with self._library.open() as catalogue:
            found = catalogue.tracks(query or None, genre=genre, limit=limit)
            if not found:
                refuse_empty(catalogue, [genre] if genre else [])
                raise NothingFound(f"no track matches {query!r}" if query else "no track is present")
            return found

    def describe(self, tracks: Iterable[Track]) -> list[Description | None]:
        """How each of these tracks sounds, in words; None before it has been listened to."""
        from recsys.genre.descriptions import describe_vector

        with self._library.open() as catalogue:
            return [describe_vector(catalogue.details(track.id)["vector"]) for track in tracks]

    def show(self, reference: str) -> dict[str, Any]:
        """Everything known of one track: its record, description, all tags, rating, files, codec …"""
        from recsys.genre.descriptions import in_full

        with self._library.open() as catalogue:
            track = catalogue.resolve(reference)
            details = catalogue.details(track.id)
            rating = catalogue.ratings().get(track.id, 0)
        return details_record(track, details, rating, in_full(details["vector"]))

    def similar(
        self,
        *references: str,
        album: str | None = None,
        artist: str | None = None,
        n: int = 10,
        only: Only = ANYTHING,
        per_artist: int = PER_ARTIST,
        explain: bool = False,
        **lengths: float,
    ) -> Playlist:
        """What sounds most like some tracks, files, an album or an artist together; ``explain`` says why.

        Raises
        ------
        NothingFound, AmbiguousTrack, UsageError
        """
        from recsys.app.similarity import similar

        return self._library.answer(
            lambda: similar(
                self._library, references,
                album=album, artist=artist, n=n, only=only, per_artist=per_artist, explain=explain, **lengths,
            )
        )  # fmt: skip

    def neighbours(self, *, n: int = 10, per_artist: int = 0) -> "Iterator[Neighbours]":
        """The ``n`` most similar of every present track, one track after the other.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.app.similarity import neighbours

        yield from neighbours(self._library, n=n, per_artist=per_artist)

    def write_neighbours(self, path: Path, *, n: int = 10, per_artist: int = 0) -> int:
        """Write :meth:`neighbours` to a file of JSON Lines; how many tracks."""
        from recsys.export.neighbours import write_neighbours

        return write_neighbours(self.neighbours(n=n, per_artist=per_artist), path)

    def evaluate(
        self,
        *,
        labels: Path | None = None,
        compare: Path | None = None,
        playlists: bool = False,
        progress: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The scorecard of the library, as :func:`recsys.evaluate.scorecard.scorecard` has it.

        ``labels`` is a csv with the columns path and genre; without it the genre tags of the files are believed.
        ``compare`` is an earlier scorecard in JSON: "compared" then says what has changed. ``playlists``: these alone.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.app.evaluation import evaluate

        return evaluate(self._library, labels=labels, compare=compare, playlists=playlists, progress=progress)

    # Likes and playlists

    def rate(self, references: Sequence[str], value: int) -> list[Track]:
        """Like (1), dislike (-1) or forget (0) tracks; all of them or, if one is not found, none."""
        with self._library.open() as catalogue:
            found = {track.id: track for track in map(catalogue.resolve, references)}
            catalogue.rate(found, value)
        return list(found.values())

    def ratings(self) -> Ratings:
        """What is liked and disliked."""
        from recsys.app.ratings import ratings

        with self._library.open() as catalogue:
            return ratings(catalogue)

    def playlist(self, recipe: Recipe | None = None, **options: Any) -> Playlist:
        """The playlist of a recipe, or of the ``options`` of one.

        Raises
        ------
        NothingFound, AmbiguousTrack, UsageError
        """
        from recsys.app.playlists import make

        recipe = recipe or Recipe(**options)
        return self._library.answer(lambda: make(self._library, recipe))

    def path(self, a: str, b: str, **options: Any) -> Playlist:
        """A walk in even steps from one track or file to another, both in it; see :func:`recsys.app.paths.path`.

        Raises
        ------
        NothingFound, AmbiguousTrack, UsageError
        """
        from recsys.app.paths import path

        return self._library.answer(lambda: path(self._library, a, b, **options))

    def playlist_format(self, output: Path | None, name: str | None = None) -> str:
        """The format to write ``output`` in, None for a stream: ``name``, or what the suffix says; else UsageError."""
        from recsys.export.playlist_formats import playlist_format

        return playlist_format(output, name)

    def write_playlist(
        self, playlist: Playlist, output: Path | BinaryIO, *, format: str | None = None, places: Places = NO_PLACES
    ) -> int:
        """Write a file for players (:func:`recsys.export.playlist_formats.write_playlist`); how many its map misses.

        Raises
        ------
        UsageError, RecsysError
        """
        from recsys.export.playlist_formats import write_playlist

        missed = write_playlist(playlist, output, format=format, places=places)
        self.shelf.note(playlist)
        return missed

    # Without the library

    def classify(
        self, files: Iterable[str | os.PathLike[str]], *, model: str | None = None, segments: bool = False
    ) -> Iterator[Classified | Unheard]:
        """Listen to each file and say its genre, by a model or the one in use, and its tags; nothing is stored.

        ``segments`` also says how the genre changes along it.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.app.classification import classify

        return classify(files, self.genre_models.in_use(model), segments=segments)

    def plot(self, file: str | os.PathLike[str], output: Path | None = None, *, dark: bool = False) -> Path:
        """Draw a file, or a track of the library, into a PNG, SVG or PDF file; of a long one the first ten minutes.

        Where it is drawn comes back: by default into its name with .png, in the current folder.

        Raises
        ------
        NothingFound, AudioError, UsageError
        """
        from recsys.app.plotting import plot_named

        return plot_named(self._library, os.fspath(file), output, dark=dark)

    def plot_library(self, output: Path, *, projection: str | None = None, dark: bool = False) -> str:
        """Draw the library into a PNG, SVG or PDF file, by "pca" or "umap"; which it was, in words.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.app.plotting import plot_library

        return plot_library(self._library, output, projection=projection, dark=dark)


def _heard(summary: IngestSummary) -> bool:
    """Whether there is something new to find, and nobody waits for us to stop."""
    return bool(summary.new or summary.reanalysed or summary.updated) and not summary.interrupted
