"""``recsys radio``: what follows what plays, for players; and ``recsys quodlibet``, the plugin of one."""

import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.options import Json
from recsys.cli.output import print_json, print_status, print_tracks
from recsys.cli.session import session


def radio(
    context: typer.Context,
    tracks: Annotated[
        list[str],
        typer.Argument(metavar="TRACK...", show_default=False, help="What plays, and what was played before."),
    ],
    after: Annotated[
        list[str],
        typer.Option(metavar="TRACK", help="A track of the queue, which is not repeated; may be repeated."),
    ] = [],
    skipped: Annotated[list[str], typer.Option(metavar="TRACK", help="Nothing near this track; may be repeated.")] = [],
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many.")] = 10,
    per_artist: Annotated[int, typer.Option(metavar="N", help="Songs of one artist among 20; 0 is any number.")] = 1,
    json: Json = False,
) -> None:
    """List tracks that follow what plays: a hook for players.

    They are similar, not disliked, and were not played or skipped lately. Unknown files are left out.
    """
    library = session(context).library()
    paths = [path for path in (*tracks, *after, *skipped) if _is_path(path)]
    known = library.music_folder().tracks(paths)
    groups = [
        [library.track(known.get(each, each)) for each in group if each in known or not _is_path(each)]
        for group in (tracks, after, skipped)
    ]
    found = library.radio(*groups[0], n=n, after=groups[1], skipped=groups[2], max_per_artist=per_artist)
    if json:
        print_json(found.to_dicts())
    else:
        print_tracks(found)


def _is_path(reference: str) -> bool:
    return Path(reference).is_absolute()


def quodlibet(context: typer.Context) -> None:
    """Install the plugin "recsys radio" in Quod Libet, for this user."""
    home = os.environ.get("QUODLIBET_USERDIR") or Path.home() / ".config" / "quodlibet"
    target = Path(home, "plugins", "recsys_radio.py")
    text = files("recsys.quodlibet").joinpath("plugin.py").read_text(encoding="utf-8")
    command = f"COMMAND = {[sys.executable, '-m', 'recsys']!r}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text.replace('COMMAND = ["recsys"]', command, 1), encoding="utf-8")
    print_status(
        f"the plugin is installed in {target}; start Quod Libet and enable it in File > Plugins",
        quiet=session(context).quiet,
    )
