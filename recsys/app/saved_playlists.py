"""Playlists that are kept: made from a recipe, written where players look, renewed when one asks."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from recsys.app.context import Library
from recsys.domain.requests import Only, Places, Recipe
from recsys.domain.results import Playlist
from recsys.errors import NothingFound, RecsysError, UsageError

if TYPE_CHECKING:
    from recsys.app.playlist_files import ReadList
    from recsys.database.saved_playlists import Saved

T = TypeVar("T")

_log = logging.getLogger(__name__)

_LONGEST = 100  # letters of a name


class Renewed(NamedTuple):
    """A saved playlist that was renewed, or why it was not; ``output`` is its file."""

    name: str
    output: str
    playlist: Playlist | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kept playlists of a library."""

    library: Library

    def save(self, name: str, recipe: Recipe, output: Path, *, format: str, places: Places) -> Playlist:
        """Make a playlist, write it to ``output``, and keep its recipe as ``name``.

        Raises
        ------
        NothingFound, AmbiguousTrack, UsageError, RecsysError
        """
        if not name.strip() or len(name) > _LONGEST or not name.isprintable():
            raise UsageError(f"the name of a playlist has 1 to {_LONGEST} letters that can be printed, not {name!r}")
        from recsys.database.saved_playlists import Saved

        with self.library.open() as catalogue:  # names change, and cron starts elsewhere: seeds are kept as ids
            recipe = replace(recipe, seeds=tuple(str(catalogue.resolve(seed).id) for seed in recipe.seeds))
            saved = Saved(name, asdict(recipe), str(output.expanduser().absolute()), format, asdict(places))
            for other in catalogue.kept.recipes():
                if other.output == saved.output and other.name != name:
                    raise UsageError(f"the playlist {other.name!r} is written to {other.output}; choose another file")
        made = self._renew(saved)
        with self.library.open() as catalogue:
            catalogue.kept.save(saved)
        return made

    def saved(self) -> "list[Saved]":
        """All recipes, by name."""
        with self.library.open() as catalogue:
            return catalogue.kept.recipes()

    def refresh(self, names: Sequence[str] = ()) -> Iterator[Renewed]:
        """Make and write saved playlists anew, all or those named; one that fails leaves its file and the others alone.

        Raises
        ------
        NothingFound
            There is none, or none of a name.
        """
        kept = {saved.name: saved for saved in self.saved()}
        if missing := [name for name in names if name not in kept]:
            there = ", ".join(kept) or "none"
            raise NothingFound(f"no playlist {missing[0]!r} is saved; there are: {there}")
        if not kept:
            raise NothingFound("no playlist is saved; save one: recsys playlist save NAME -o FILE.m3u8")
        for saved in [kept[name] for name in names] or list(kept.values()):
            try:
                yield Renewed(saved.name, saved.output, self._renew(saved))
            except RecsysError as error:
                yield Renewed(saved.name, saved.output, None, str(error))

    def forget(self, name: str) -> None:
        """Do not renew it any more; its file stays.

        Raises
        ------
        NothingFound
        """
        with self.library.open() as catalogue:
            if not catalogue.kept.forget(name):
                there = ", ".join(saved.name for saved in catalogue.kept.recipes()) or "none"
                raise NothingFound(f"no playlist {name!r} is saved; there are: {there}")

    def extend(self, file: Path, recipe: Recipe, *, maps: Sequence[str] = ()) -> "tuple[Playlist, ReadList]":
        """A playlist file and how it may go on; see :func:`recsys.app.playlist_files.extend`."""
        from recsys.app.playlist_files import extend

        return self.library.answer(lambda: extend(self.library, file, recipe, maps=maps))

    def insert(self, file: Path, **options: Any) -> "tuple[Playlist, ReadList]":
        """A playlist file with tracks inserted into its widest gaps (:func:`recsys.app.playlist_files.insert`)."""
        from recsys.app.playlist_files import insert

        return self.library.answer(lambda: insert(self.library, file, **options))

    def note(self, playlist: Playlist) -> None:
        """Remember what stands in a list that was written; where the library cannot be written, that is passed over."""
        try:
            with self.library.open() as catalogue:
                catalogue.kept.note(playlist.name, [track.id for track in playlist.tracks])
        except RecsysError as error:
            _log.info("%s", error)

    def _renew(self, saved: "Saved") -> Playlist:
        from recsys.app.playlists import make
        from recsys.export.playlist_formats import write_playlist

        recipe, places = recipe_of(saved), _places_of(saved)
        made = replace(self.library.answer(lambda: make(self.library, recipe)), name=saved.name)
        write_playlist(made, Path(saved.output), format=saved.format, places=places)
        self.note(made)
        return made


def recipe_of(saved: "Saved") -> Recipe:
    """The recipe that was saved.

    Raises
    ------
    UsageError
        A newer recsys has saved it.
    """
    wishes = dict(saved.wishes)
    only = wishes.pop("only", {})
    return _made(Recipe, saved, wishes | {"only": _made(Only, saved, only)})


def _places_of(saved: "Saved") -> Places:
    return _made(Places, saved, saved.places | {"mapped": [tuple(pair) for pair in saved.places.get("mapped", ())]})


def _made(kind: type[T], saved: "Saved", values: dict[str, Any]) -> T:
    """A value of a frozen class, whose tuples JSON has made lists."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(values) - known:
        raise UsageError(f"the playlist {saved.name!r} was saved by a newer recsys ({unknown.pop()}); save it again")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
