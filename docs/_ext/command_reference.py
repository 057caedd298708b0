"""The command reference as Markdown, from the Typer program itself."""

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from recsys.cli.app import app

_SPECIAL = re.compile(r"([\\*_<>\[\]|])")


def commands() -> dict[str, Any]:
    """Every command and group by what is typed for it, ``"recsys"`` first."""
    return dict(_walk(typer.main.get_command(app), "recsys"))


def render() -> str:
    """A section for each command, with its usage, arguments and options."""
    return "\n".join(line for typed, command in commands().items() for line in _section(typed, command))


def _walk(command: Any, typed: str) -> Iterator[tuple[str, Any]]:
    yield typed, command
    for name, sub in getattr(command, "commands", {}).items():
        if not sub.hidden:
            yield from _walk(sub, f"{typed} {name}")


def _section(typed: str, command: Any) -> Iterator[str]:
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option"]
    subcommands = getattr(command, "commands", {})
    yield f"## `{typed}`\n"
    yield _escape(command.help or "") + "\n"
    usage = [typed, *(["[OPTIONS]"] if options else []), *(_argument(a) for a in arguments)]
    usage += ["[COMMAND]" if command.invoke_without_command else "COMMAND"] if subcommands else []
    yield f"```text\n{' '.join(usage)}\n```\n"
    if subcommands:
        links = (f"[`{name}`](#{f'{typed} {name}'.replace(' ', '-')})" for name in subcommands)
        yield f"Commands: {', '.join(links)}.\n"
    if arguments:
        yield "| argument | meaning |\n|---|---|"
        yield from (f"| `{_argument(a)}` | {_escape(a.help or '')} |" for a in arguments)
        yield ""
    if options:
        yield "| option | default | meaning |\n|---|---|---|"
        yield from (f"| {_option(o)} | {_default(o)} | {_escape(o.help or '')} |" for o in options)
        yield ""


def _argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _option(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag:
        return names
    choices = getattr(parameter.type, "choices", None)
    value = parameter.metavar or ("\\|".join(map(str, choices)) if choices else str(parameter.type.name).upper())
    value = value if choices else value.replace("|", "\\|")
    return f"{names} `{value}`"


def _default(parameter: Any) -> str:
    if parameter.is_flag or parameter.default in (None, [], ()) or callable(parameter.default):
        return ""
    return f"`{getattr(parameter.default, 'value', parameter.default)}`"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
