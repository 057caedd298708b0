"""Run the program: global options at any place, old names of options, errors as one line, exit statuses.

0 done; 1 failed; 2 wrong usage; 3 nothing found; 4 partly done; 130 interrupted; 143 ended by SIGTERM.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

import typer

from recsys.cli.messages import EXIT_STATUS, message
from recsys.cli.output import print_error, print_status
from recsys.cli.renamed import rename_options
from recsys.cli.streams import OutputError, checked_streams
from recsys.cli.termination import INTERRUPTED, terminable
from recsys.errors import AmbiguousTrack, InvalidRequest, RecsysError

_LATER = 0.05  # seconds until an interrupt is repeated: it must not end the function that repeats it
_QUIET_FLAGS = {"--quiet", "-q"}
_VERBOSE_FLAGS = {"--verbose", "-v"}
_GLOBAL_FLAGS = _QUIET_FLAGS | _VERBOSE_FLAGS
_GLOBAL_VALUES = {"--home", "--database", "--listener"}
_GLOBAL_JOINED = ("--home=", "--database=", "--listener=")
_SHELL_OPTIONS = {"--install-completion", "--show-completion"}
_COMPLETE = "_RECSYS_COMPLETE"  # set by the script of a shell that asks for candidates


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    hook, sys.unraisablehook = sys.unraisablehook, _repeat_interrupt
    try:
        with checked_streams(), terminable() as termination:
            code = termination.exit_status(_main(sys.argv[1:] if arguments is None else arguments))
    finally:
        sys.unraisablehook = hook
    sys.exit(code)


def _repeat_interrupt(unraisable: Any, /) -> None:
    """Interrupt again: a KeyboardInterrupt in a destructor ends nothing, and Python would print its traceback."""
    if unraisable.exc_type is KeyboardInterrupt:
        threading.Timer(_LATER, _interrupt).start()
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        os.kill(os.getpid(), signal.SIGINT)  # which the main thread gets, whatever it waits for


def _main(arguments: Sequence[str]) -> int:
    try:
        first, rest = split_global_options(arguments)
        if rest and rest[0] in _SHELL_OPTIONS and (len(rest) == 1 or rest[1].startswith("-")):
            rest.insert(1, "detect")  # their value is optional, which the parser does not support
        if _COMPLETE in os.environ:
            from recsys.cli.completion import print_completions

            code = print_completions()
        else:
            rest, replaced = rename_options(rest)
            for old, new in replaced.items():
                print_status(f"{old} is called {new} now", quiet=not _QUIET_FLAGS.isdisjoint(first))
            code = _run(first, rest)
        sys.stdout.flush()
    except OutputError as error:
        if error.closed:
            return 0
        print_error(str(error))
        return 1
    return code


def _is_text(word: str) -> bool:
    """Whether the operating system can have such an argument: without null characters and half characters."""
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        return False
    return "\0" not in word


def _run(first: list[str], rest: list[str]) -> int:
    if unusable := next((word for word in (*first, *rest) if not _is_text(word)), None):
        print_error(f"an argument has characters that no name of a file has: {unusable!r}")
        return EXIT_STATUS[InvalidRequest.code]
    from recsys.cli.app import app

    # Newer Typer brings its own click, older ones use the public one: this is the right class of either.
    TyperUsageError: Any = typer.BadParameter.__base__
    try:
        code: int | None = app([*first, *rest], prog_name="recsys", standalone_mode=False)
        if code == INTERRUPTED:  # newer Typer returns this instead of raising KeyboardInterrupt
            raise KeyboardInterrupt
        return code or 0
    except TyperUsageError as error:
        command = error.ctx.command_path if error.ctx else "recsys"
        print_error(f"{error.format_message().rstrip('.')}; see {command} --help")
        return EXIT_STATUS[InvalidRequest.code]
    except RecsysError as error:
        print_error(message(error, command=rest[0] if rest else ""))
        for candidate in error.candidates if isinstance(error, AmbiguousTrack) else ():
            print_status(f"  {candidate}")
        return EXIT_STATUS.get(error.code, 1)
    except (KeyboardInterrupt, typer.Abort):
        print_status("recsys: interrupted")
        return INTERRUPTED
    except OutputError:
        raise
    except Exception as error:  # the last line of defence: one line instead of a traceback
        if not _VERBOSE_FLAGS.isdisjoint(first):
            raise
        if isinstance(error, OSError) and error.filename is not None and error.strerror:
            print_error(f"cannot access {os.fsdecode(error.filename)}: {error.strerror}")  # of the system, not a defect
        else:
            print_error(f"unexpected {type(error).__name__}: {error}; run it again with -v and report the traceback")
        return 1


def hoist_global_options(arguments: Sequence[str]) -> list[str]:
    """The arguments with global options at the front, where the parser expects them.

    >>> hoist_global_options(["tracks", "--home", "music", "--json"])
    ['--home', 'music', 'tracks', '--json']
    """
    first, rest = split_global_options(arguments)
    return first + rest


def split_global_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The global options with their values, and the other arguments."""
    first: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += ["--", *remaining]
        elif argument in _GLOBAL_FLAGS or argument.startswith(_GLOBAL_JOINED):
            first.append(argument)
        elif argument in _GLOBAL_VALUES:
            first += [argument, *([value] if (value := next(remaining, None)) is not None else [])]
        else:
            rest.append(argument)
    return first, rest
