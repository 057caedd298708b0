"""``recsys demo``: ingest music, look at it and make a playlist, with the commands that a user would type."""

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.ingest import PARTLY
from recsys.cli.output import escape
from recsys.cli.session import Session, session
from recsys.errors import Hint, NotFound, RecsysError

_MIN_TRACKS = 5
_SHOWN = 30
_LENGTH = 10


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", show_default=False, help="Music; by default 28 short tracks of the extra demo."
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.m3u8", help="The playlist it writes.")] = Path(
        "recsys-demo.m3u8"
    ),
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep the library, which is removed at the end unless --home is given."),
    ] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Then open the library in the browser, until Ctrl-C.")] = False,
) -> None:
    """Show the main commands on a folder of music, in a library of their own."""
    from recsys import playlist_format

    if hasattr(sys.stdout, "reconfigure"):  # or in a pipe the tables would follow all lines of stderr
        sys.stdout.reconfigure(line_buffering=True)
    playlist_format(output)  # before minutes are spent
    music = folder or demo_music()
    given = session(context)
    with _home(given.home / "demo" if given.home else None, keep=keep) as home:
        recsys = _show(context, music, output, home)
        if serve:
            recsys("Open the library in the browser.", "serve", "--port", 0, "--open")
        kept = keep or given.home is not None
        stays = f"The library of this demo stays in {home}" if kept else "The library of this demo is removed"
        _narrate(f"Any player opens {output}. {stays}.", "Start your own library with:", "$ recsys ingest FOLDER")


@contextmanager
def _home(chosen: Path | None, *, keep: bool) -> Iterator[Path]:
    """The folder of the library: the chosen one, or a new one that is removed at the end, unless it is kept."""
    if chosen is not None:
        yield chosen.absolute()
    elif keep:
        yield Path(tempfile.mkdtemp(prefix="recsys-demo-")).absolute()
    else:
        with tempfile.TemporaryDirectory(prefix="recsys-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).absolute()


def _show(context: typer.Context, music: Path, output: Path, home: Path) -> "_Narrator":
    """Run the commands on a library in this folder; what runs more of them on it."""
    own = Session(home=home, database=f"sqlite:///{(home / 'library.db').as_posix()}")
    library = own.library()
    recsys = _Narrator(context, own)

    recsys("Analyse the music: tempo, key, loudness, timbre, genre and tags of every track.", "ingest", music)
    tracks = library.tracks()
    if len(tracks) < _MIN_TRACKS:
        raise NotFound(f"the demo needs at least {_MIN_TRACKS} tracks, {music} has {len(tracks)}")
    first = tracks[0].id
    recsys("List the tracks with their moods and distinctive tags.", "tracks", "--describe", "--limit", _SHOWN)
    recsys("Show all that is stored of one track.", "show", first)
    recsys("Find the tracks that are most similar to it.", "similar", first, "-n", 5)
    liked = [tracks[len(tracks) * i // 3].id for i in range(3)]
    recsys("Like three different tracks.", "like", *liked)
    n = min(_LENGTH, len(tracks) - len(liked))
    recsys("Make a playlist from these likes.", "playlist", "-n", n, "-o", output)
    return recsys


class _Narrator:
    """Runs commands as if they were typed, and prints what a user would type."""

    def __init__(self, context: typer.Context, own: Session) -> None:
        self._command: Any = context.find_root().command
        self._options = ["--home", str(own.home), "--database", str(own.database)]

    def __call__(self, purpose: str, *words: object) -> None:
        typed = [str(word) for word in words]
        _narrate(purpose, f"$ recsys {shlex.join(typed)}")
        code = self._command.main([*self._options, *typed], prog_name="recsys", standalone_mode=False)
        if code not in (None, 0, PARTLY):
            raise typer.Exit(code)


def _narrate(*lines: str) -> None:
    print()
    for line in lines:
        print(escape(line), flush=True)  # before the lines that the command writes to stderr


def demo_music() -> Path:
    """The folder of the 28 half-minute tracks of the extra ``demo``.

    Raises
    ------
    RecsysError
        The extra is not installed.
    """
    from importlib.util import find_spec

    package = find_spec("immich_memories_music")
    if package is None or package.origin is None:
        raise RecsysError(
            "the demo music is not installed; try your own with: recsys demo FOLDER",
            hint=Hint.INSTALL_EXTRA,
            hint_values={"extra": "demo"},
        )
    return Path(package.origin).parent / "tracks"
