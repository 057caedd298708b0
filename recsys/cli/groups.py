"""Groups of commands, such as ``recsys playlist``: an option before the subcommand is an error, not ignored."""

import shlex
from typing import Any

from typer.core import TyperGroup

from recsys.errors import InvalidRequest

_ARGUMENTS = "recsys.arguments"  # where a context keeps the arguments of its group
_COMMAND_LINE = "COMMANDLINE"


class CommandGroup(TyperGroup):
    """A group whose own options are those of the group without a subcommand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the arguments, which the parser changes."""
        ctx.meta[f"{_ARGUMENTS} {ctx.command_path}"] = list(args)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The subcommand and its arguments, unless options of the group precede them."""
        name, command, rest = super().resolve_command(ctx, args)
        given: list[str] = ctx.meta.get(f"{_ARGUMENTS} {ctx.command_path}", args)
        before = [word for word in given[: len(given) - len(args)] if word != "--"]
        if before and command is not None and not ctx.resilient_parsing:
            _refuse(ctx, self, name, command, before, rest)
        return name, command, rest


def _refuse(ctx: Any, group: Any, name: Any, command: Any, before: list[str], rest: list[str]) -> None:
    found = [
        next((option for option in parameter.opts if _is_among(option, before)), parameter.opts[0])
        for parameter in group.params
        if getattr(ctx.get_parameter_source(parameter.name), "name", "") == _COMMAND_LINE
    ]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [option for option in found if option not in known]
    what = f"{_enumerate(found)} cannot precede the subcommand {name}"
    if unknown:
        raise InvalidRequest(f"{what}, which has no option {_enumerate(unknown, 'or')}")
    raise InvalidRequest(f"{what}; write: {shlex.join([*ctx.command_path.split(), str(name), *before, *rest])}")


def _is_among(option: str, words: list[str]) -> bool:
    """Whether an option is written as ``--name``, ``--name=value`` or ``-nVALUE``."""
    short = len(option) == 2
    return any(word == option or word.startswith(option if short else f"{option}=") for word in words)


def _enumerate(names: list[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
