"""Similar tracks and playlists of beets' items, and analysis of what is imported."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from optparse import Values
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beets import ui
from beets.library import Item
from beets.plugins import BeetsPlugin

from recsys.errors import InvalidRequest, NotFound, RecsysError, pluralise

if TYPE_CHECKING:
    from recsys import Library, Track, TrackFilter

ACTIONS = ("analyse", "playlist")


class Plugin(BeetsPlugin):
    """Two commands, ``similar`` and ``recsys``, and what follows an import."""

    def __init__(self) -> None:
        super().__init__()
        self.config.add({"home": "", "listener": "", "auto": True, "count": 10})
        self._imported: dict[str, None] = {}
        if self.config["auto"].get(bool):
            self.register_listener("item_imported", self._item_imported)
            self.register_listener("album_imported", self._album_imported)
            self.register_listener("cli_exit", self._analyse_imported)

    def commands(self) -> list[Any]:
        """The commands of the plugin."""
        similar = ui.Subcommand("similar", help="items similar to those of a query together")
        similar.func = self._similar
        recsys = ui.Subcommand("recsys", help="analyse items, or make a playlist from them or from your likes")
        recsys.parser.usage = f"%prog {'|'.join(ACTIONS)} [QUERY]"
        recsys.parser.add_option("-o", "--output", metavar="FILE", help="file of the playlist, such as evening.m3u8")
        recsys.func = self._recsys
        for command in (similar, recsys):
            command.parser.add_option("-n", "--count", type="int", metavar="N", help="number of items")
            command.parser.add_path_option()
            command.parser.add_format_option(target="item")
        return [similar, recsys]

    def _similar(self, lib: Any, options: Values, words: Sequence[str]) -> None:
        paths = _paths_of(lib.items(words)) if words else []
        if not paths:
            raise ui.UserError("no item matches the query" if words else "similar needs a query")
        with _user_errors(), self._library() as library:
            found = library.similar(*_known(library, paths), n=self._count(options), filter=_filter(lib, paths))
        _print(lib, found)

    def _recsys(self, lib: Any, options: Values, words: Sequence[str]) -> None:
        action, query = (words[0], words[1:]) if words else ("", ())
        if action not in ACTIONS:
            raise ui.UserError(f"recsys needs one of: {', '.join(ACTIONS)}")
        paths = _paths_of(lib.items(query))
        if query and not paths:
            raise ui.UserError("no item matches the query")
        if action == "analyse":
            with _user_errors(), self._library() as library:
                ui.print_(_analyse(library, paths))
            return
        with _user_errors(), self._library() as library:
            seeds = _known(library, paths) if query else ()
            found = library.playlist(n=self._count(options), seeds=seeds, filter=_filter(lib, paths))
            if options.output:
                found.save(options.output)
        _print(lib, found)

    def _item_imported(self, lib: Any, item: Any) -> None:
        self._imported |= dict.fromkeys(_paths_of([item]))

    def _album_imported(self, lib: Any, album: Any) -> None:
        self._imported |= dict.fromkeys(_paths_of(album.items()))

    def _analyse_imported(self, lib: Any) -> None:
        """Analyse what was imported, when beets has finished; a failure is a warning."""
        paths, self._imported = [path for path in self._imported if Path(path).exists()], {}
        if not paths:
            return
        try:
            with self._library() as library:
                self._log.info("{}", _analyse(library, paths))
        except RecsysError as error:
            self._log.warning("not analysed: {}", error)

    def _library(self) -> "Library":
        from recsys import Library

        home, listener = (self.config[name].get(str) for name in ("home", "listener"))
        return Library(home or None, listener=listener or None)

    def _count(self, options: Values) -> int:
        return int(options.count or self.config["count"].get(int))


@contextmanager
def _user_errors() -> Iterator[None]:
    """Turn errors of recsys into those that beets prints."""
    try:
        yield
    except RecsysError as error:
        raise ui.UserError(f"recsys: {error}") from error


def _analyse(library: "Library", paths: Sequence[str]) -> str:
    """Analyse files that are new; what was done, in words."""
    if not paths:
        raise InvalidRequest("there is no item to analyse")
    summary = library.ingest(paths)
    failed = f", {summary.failed} failed" if summary.failed else ""
    return f"recsys: {summary.new} new of {pluralise(summary.scanned, 'item')} analysed{failed}"


def _paths_of(items: Iterable[Any]) -> list[str]:
    """The paths of items, which beets has as bytes."""
    return [os.fsdecode(item.path) for item in items]


def _known(library: "Library", paths: Sequence[str]) -> "list[Track]":
    """The analysed tracks at some paths."""
    found = [track for track in library.music_folder().tracks(paths).values() if track.analysed]
    if not found:
        raise NotFound("none of the items is analysed; run: beet recsys analyse")
    return found


def _items(lib: Any, tracks: "Iterable[Track]") -> Iterator[Any]:
    """The items of tracks, as far as beets has them."""
    query = Item._type("path").query  # the text of a query may not end in a comma, as a path may
    for track in tracks:
        yield from list(lib.items(query("path", os.fsencode(track.path))))[:1]


def _print(lib: Any, tracks: "Iterable[Track]") -> None:
    for item in _items(lib, tracks):
        ui.print_(format(item))


def _filter(lib: Any, paths: Sequence[str]) -> "TrackFilter":
    """The music folder of beets, if the items are in it: other tracks of the library are no items."""
    from recsys import TrackFilter

    folder = os.fsdecode(lib.directory)
    return TrackFilter(folders=[folder] if paths and all(Path(path).is_relative_to(folder) for path in paths) else ())
