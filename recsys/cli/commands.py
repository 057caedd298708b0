"""The commands of the program, each of which is imported and built when it is first used.

A call uses one of them: to import and build them all takes longer than to report that there is no library.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from recsys.cli.groups import CommandGroup
from recsys.cli.query_command import QueryCommand

_PANELS = {
    "Library": "ingest failures watch prune doctor backup restore db",
    "Queries": "tracks show stats artists albums duplicates similar classify plot radio",
    "Likes and playlists": "like dislike forget rate path played playlist likes listeners",
    "More": "serve mpd quodlibet blissmixer link push pull demo evaluate keys links export genre",
}  # where the help of the program lists a command
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names.split()}
_MODULES = {
    "ingest": "ingest", "failures": "ingest", "watch": "maintenance", "prune": "maintenance", "doctor": "maintenance",
    "backup": "backups", "restore": "backups", "tracks": "tracks", "show": "tracks", "stats": "statistics",
    "artists": "credits", "albums": "credits", "duplicates": "duplicates", "similar": "similar", "classify": "classify",
    "plot": "plot", "like": "ratings", "dislike": "ratings", "forget": "ratings", "rate": "ratings", "path": "path",
    "serve": "serve", "radio": "radio", "mpd": "mpd", "quodlibet": "radio", "blissmixer": "blissmixer", "link": "links",
    "push": "exchange", "pull": "exchange", "demo": "demo", "evaluate": "evaluate", "played": "ratings",
}  # fmt: skip
_GROUPS = {
    "playlist": "playlist", "keys": "keys", "links": "links", "likes": "ratings", "listeners": "listeners",
    "export": "evaluate", "genre": "genre", "db": "database",
}  # fmt: skip
_GROUP_NAMES = {"export": "export"}  # in their module, where that is not "app"
_CLASSES = {"tracks": QueryCommand}


class Commands(MutableMapping[str, Any]):
    """The commands by name."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = dict.fromkeys((*_MODULES, *_GROUPS))

    def __getitem__(self, name: str) -> Any:
        if self._built[name] is None:
            self._built[name] = _build(name)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __contains__(self, name: object) -> bool:
        return name in self._built

    def __iter__(self) -> Iterator[str]:
        return iter(self._built)

    def __len__(self) -> int:
        return len(self._built)


class Program(TyperGroup):
    """The program: a group that builds the command that is called, and the others for its help."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, of which none is built."""
        return list(self.commands)


def _build(name: str) -> Any:
    single, panel = typer.Typer(), _PANEL_OF[name]
    if name in _GROUPS:
        group = getattr(import_module(f"recsys.cli.{_GROUPS[name]}"), _GROUP_NAMES.get(name, "app"))
        single.add_typer(group, name=name, cls=CommandGroup, rich_help_panel=panel)
    else:
        function = getattr(import_module(f"recsys.cli.{_MODULES[name]}"), name)
        single.command(cls=_CLASSES.get(name), rich_help_panel=panel)(function)
    return typer.main.get_group(single).commands[name]
