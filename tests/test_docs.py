"""The README is true: every command and option of the program stands in it, and it names no others."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from recsys.cli.app import app

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""


def commands(group: Any, name: str = "recsys") -> dict[str, Any]:
    """Every command by what is typed for it."""
    found = {name: group}
    for word, command in getattr(group, "commands", {}).items():
        found.update(commands(command, f"{name} {word}"))
    return found


COMMANDS = commands(typer.main.get_command(app))
OPTIONS = {
    option
    for command in COMMANDS.values()
    for parameter in command.params
    for option in parameter.opts
    if option.startswith("-")
} | {"--help", "-h"}


@pytest.mark.parametrize("typed", [name for name, command in COMMANDS.items() if not hasattr(command, "commands")])
def test_every_command_is_documented(typed: str) -> None:
    assert re.search(rf"{typed}\b", TEXT), f"README.md says nothing of {typed!r}"


@pytest.mark.parametrize("option", sorted(o for o in OPTIONS if o.startswith("--") and o != "--help"))
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"{option}\b", TEXT), f"README.md says nothing of {option}"


def test_the_readme_names_no_command_that_is_not_there() -> None:
    # Only what is typed: in a block of code, or between backquotes.
    typed = re.findall(r"(?:^ {4}|`|\$ )recsys ((?:db )?[a-z]+)", TEXT, flags=re.MULTILINE)
    known = {name.removeprefix("recsys ") for name in COMMANDS}
    assert [word for word in typed if word not in known] == []


@pytest.mark.parametrize("typed", COMMANDS)
def test_no_help_text_is_swallowed_as_markup(typed: str) -> None:
    from rich.text import Text

    texts = {parameter.name: parameter.help for parameter in COMMANDS[typed].params} | {"": COMMANDS[typed].help}
    for name, text in texts.items():
        assert Text.from_markup(text).plain == text, f"{typed} {name}"
        assert not text.endswith(" .")


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_and_option_explains_itself(typed: str) -> None:
    command = COMMANDS[typed]
    assert command.help
    for parameter in command.params:
        assert parameter.help, f"{typed} does not explain {parameter.name}"
