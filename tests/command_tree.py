"""The tree of all commands of the program, for tests that hold for every command and option."""

from collections.abc import Iterator
from typing import Any

import typer

from recsys.cli.app import app


def walk(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that name it; first the program itself, which has none."""
    command = command or typer.main.get_command(app)
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


def groups() -> list[tuple[tuple[str, ...], Any]]:
    """The commands that have subcommands, without the program itself."""
    return [(path, command) for path, command in walk() if path and getattr(command, "commands", None)]


def options(command: Any) -> list[Any]:
    """The options of a command, without --help."""
    return [each for each in command.params if each.param_type_name == "option" and each.name != "help"]


def arguments(command: Any) -> list[Any]:
    """The arguments of a command."""
    return [each for each in command.params if each.param_type_name == "argument"]


def value_of(parameter: Any) -> str:
    """A value that the parser accepts."""
    choices = getattr(parameter.type, "choices", None)
    return str(next(iter(choices))) if choices else "1"


def given(option: Any, name: str | None = None) -> list[str]:
    """An option as it is typed, with a value if it needs one."""
    name = name or option.opts[0]
    return [name] if option.is_flag else [name, value_of(option)]
