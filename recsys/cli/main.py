"""The way in and out: global options wherever they stand, errors as one line, exit codes.

0 done; 1 failed; 2 wrong usage; 3 nothing matched; 4 partly done; 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from recsys.cli.messages import EXIT_STATUS, message
from recsys.cli.output import escape, print_error
from recsys.errors import AmbiguousTrack, InvalidRequest, RecsysError

INTERRUPTED = 130
_GLOBAL_FLAGS = {"--quiet", "-q", "-v", "--verbose"}
_GLOBAL_VALUES = {"--home", "--database"}
_GLOBAL_JOINED = ("--home=", "--database=")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = hoist_global_options(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal cannot show must not end the program
            stream.reconfigure(errors="backslashreplace")
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _pipe_is_closed()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from recsys.cli.app import app

    # Newer Typer brings its own click, older ones use the public one: this is the right class of either.
    TyperUsageError: Any = typer.BadParameter.__base__
    try:
        code: int | None = app(arguments, prog_name="recsys", standalone_mode=False)
        if code == INTERRUPTED:  # newer Typer makes this of a KeyboardInterrupt, and says nothing
            raise KeyboardInterrupt
        return code or 0
    except TyperUsageError as error:
        command = error.ctx.command_path if error.ctx else "recsys"
        print_error(f"{error.format_message().rstrip('.')}; see {command} --help")
        return EXIT_STATUS[InvalidRequest.code]
    except RecsysError as error:
        print_error(message(error, ingest=_command(arguments) in ("ingest", "watch")))
        for candidate in error.candidates if isinstance(error, AmbiguousTrack) else ():
            print(f"  {escape(candidate)}", file=sys.stderr)
        return EXIT_STATUS.get(error.code, 1)
    except (KeyboardInterrupt, typer.Abort):
        print("recsys: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_is_closed()
    except Exception as error:  # the last line of defence: a user gets a sentence, not a trace
        if {"-v", "--verbose"} & set(arguments):
            raise
        print_error(f"unexpected {type(error).__name__}: {error}; run it again with -v and report what it shows")
        return 1


def hoist_global_options(arguments: Sequence[str]) -> list[str]:
    """Global options moved to the front, so that they may stand behind the command as well."""
    first: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += ["--", *left]
        elif argument in _GLOBAL_FLAGS or argument.startswith(_GLOBAL_JOINED):
            first.append(argument)
        elif argument in _GLOBAL_VALUES:
            first += [argument, *([value] if (value := next(left, None)) is not None else [])]
        else:
            rest.append(argument)
    return first + rest


def _pipe_is_closed() -> int:
    """Whoever read our output has seen enough; keep Python from complaining when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _command(arguments: Sequence[str]) -> str:
    """The first word that is neither a global option nor the value of one."""
    words = iter(arguments)
    for word in words:
        if word in _GLOBAL_VALUES:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""
