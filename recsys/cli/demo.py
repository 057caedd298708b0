"""``recsys demo``: the whole road in a minute, with the commands a user would type."""

import shlex
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.ingest import PARTLY
from recsys.cli.output import escape
from recsys.cli.session import Session, session

_MIN_TRACKS = 5  # tracks that it can show anything with
_SHOWN = 30
_LENGTH = 10


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", show_default=False, help="Music; by default 28 short tracks."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.m3u8", help="The playlist it writes.")] = Path(
        "recsys-demo.m3u8"
    ),
) -> None:
    """Show what recsys can do, on your music or on its own, in a library of its own."""
    from recsys import playlist_format
    from recsys.errors import NotFound

    if hasattr(sys.stdout, "reconfigure"):  # or in a pipe the tables would come after all that is said
        sys.stdout.reconfigure(line_buffering=True)
    given = session(context)
    home = ((given.home / "demo") if given.home else Path(tempfile.mkdtemp(prefix="recsys-demo-"))).absolute()
    own = Session(home=home, database=f"sqlite:///{(home / 'library.db').as_posix()}")
    service = own.service()
    playlist_format(output)  # before minutes are spent
    music = folder or demo_music()
    recsys = _Narrator(context, own)

    recsys("Listen to the music: tempo, key, loudness, timbre, genre and tags of every track.", "ingest", music)
    tracks = service.tracks()
    if len(tracks) < _MIN_TRACKS:
        raise NotFound(f"the demo needs at least {_MIN_TRACKS} tracks, {music} has {len(tracks)}")
    first = tracks[0].id
    recsys("What is there, and how does it sound?", "tracks", "--describe", "--limit", _SHOWN)
    recsys("All about one of them.", "show", first)
    recsys("What sounds like it?", "similar", first, "-n", 5)
    liked = [tracks[len(tracks) * i // 3].id for i in range(3)]
    recsys("Like three that differ.", "like", *liked)
    n = min(_LENGTH, len(tracks) - len(liked))
    recsys("Have a playlist made from them.", "playlist", "-n", n, "-o", output)
    _narrate(
        f"Any player opens {output}. The library of this demo lies in {home}; look around in it with:",
        f"$ recsys --home {shlex.quote(str(home))} similar {tracks[-1].id}",
        "Or begin your own:",
        "$ recsys ingest FOLDER",
    )


class _Narrator:
    """Runs commands as if they had been typed, and shows what was typed."""

    def __init__(self, context: typer.Context, own: Session) -> None:
        self._command: Any = context.find_root().command
        self._options = ["--home", str(own.home), "--database", str(own.database)]

    def __call__(self, why: str, *words: object) -> None:
        typed = [str(word) for word in words]
        _narrate(why, f"$ recsys {shlex.join(typed)}")
        code = self._command.main([*self._options, *typed], prog_name="recsys", standalone_mode=False)
        if code not in (None, 0, PARTLY):
            raise typer.Exit(code)


def _narrate(*lines: str) -> None:
    print()
    for line in lines:
        print(escape(line), flush=True)  # before what the command says on stderr


def demo_music() -> Path:
    """The folder of the 28 half-minute tracks of the extra ``demo``."""
    from importlib.util import find_spec

    from recsys.errors import RecsysError

    package = find_spec("immich_memories_music")
    if package is None or package.origin is None:
        raise RecsysError(
            "the demo music is not installed; run pip install 'recsys[demo]', "
            "or give a folder of your own: recsys demo FOLDER"
        )
    return Path(package.origin).parent / "tracks"
