"""``recsys demo``: the whole road in a minute, with the commands a user would type."""

import shlex
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.output import display_path, say
from recsys.cli.session import Session, session

_FEWEST = 5


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", show_default=False, help="Music; by default 28 short tracks."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.m3u8", help="The playlist it writes.")
    ] = Path("recsys-demo.m3u8"),
) -> None:
    """Show what recsys can do, on your music or on its own, in a library of its own."""
    from recsys.errors import NothingFound

    given = session(context)
    home = (given.home or Path(tempfile.mkdtemp(prefix="recsys-demo-"))).absolute()
    own = Session(home=home, database=given.database or f"sqlite:///{(home / 'library.db').as_posix()}")
    service = own.service()
    music = folder or service.demo_music()
    run = _Narrator(context, own)

    run("Listen to the music: tempo, key, loudness, timbre, genre and tags of every track.", "ingest", music)
    tracks = service.tracks()
    if len(tracks) < _FEWEST:
        raise NothingFound(f"the demo needs at least {_FEWEST} tracks, {music} has {len(tracks)}")
    run("What is there, and how does each track sound?", "tracks", "--describe", "--limit", 30)
    first = tracks[0]
    run("Everything about one of them.", "show", first.id)
    run("What sounds like it?", "similar", first.id, "-n", 5)
    liked = [tracks[len(tracks) * i // 3].id for i in range(3)]
    run("Like three tracks that differ.", "like", *liked)
    run("And have a playlist made from them.", "playlist", "-n", min(10, len(tracks) - 3), "-o", output)
    say(f"\nAny player opens {display_path(output)}. This library lies in {home}; go on with it:")
    say(f"  recsys --home {shlex.quote(str(home))} similar {tracks[-1].id}")
    say("Or begin your own: recsys ingest FOLDER")


class _Narrator:
    """Runs commands as if they had been typed, and shows what was typed."""

    def __init__(self, context: typer.Context, own: Session) -> None:
        self._command: Any = context.find_root().command
        self._options = ["--home", str(own.home), "--database", str(own.database)]

    def __call__(self, why: str, *words: object) -> None:
        typed = [str(word) for word in words]
        say(f"\n{why}")
        say(f"$ recsys {shlex.join(typed)}")
        code = self._command.main([*self._options, *typed], prog_name="recsys", standalone_mode=False)
        if code not in (None, 0, 4):  # 4: some files failed, and the summary said so
            raise typer.Exit(code)
