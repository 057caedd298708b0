"""The Python reference as Markdown with autodoc directives, from the names that ``recsys`` exports."""

import inspect
from typing import Any

import recsys
import recsys.errors


def render() -> str:
    """Every public name of ``recsys``: the library first, then functions, then values."""
    names = [name for name in getattr(recsys, "__all__", ()) if not name.startswith("_")]
    members = {name: getattr(recsys, name) for name in names}
    functions = [name for name, member in members.items() if inspect.isfunction(member)]
    classes = [name for name, member in members.items() if inspect.isclass(member) and not _is_error(member)]
    others = [name for name in classes if name != "Library"]
    parts = []
    if "Library" in classes:
        parts += ["## Library\n", _auto("autoclass", "recsys.Library")]
    if functions:
        parts += ["## Functions\n", *(_auto("autofunction", f"recsys.{name}", members=False) for name in functions)]
    if others:
        parts += ["## Requests, results and settings\n", *(_auto("autoclass", f"recsys.{name}") for name in others)]
    return "\n".join(parts)


def render_errors() -> str:
    """Every error class with its code, parents before children."""
    found = [
        member
        for member in vars(recsys.errors).values()
        if inspect.isclass(member) and member.__module__ == "recsys.errors" and not member.__name__.startswith("_")
    ]
    codes = {member.__name__: getattr(member, "code", None) for member in found}
    rows = [f"| `{name}` | `{code}` |" for name, code in codes.items() if isinstance(code, str)]
    table = ["| class | code |\n|---|---|", *rows, ""] if rows else []
    return "\n".join([*table, *(_auto("autoclass", f"recsys.errors.{m.__name__}", members=False) for m in found)])


def _is_error(member: Any) -> bool:
    return issubclass(member, BaseException)


def _auto(directive: str, name: str, *, members: bool = True) -> str:
    options = (
        ["   :members:", "   :inherited-members: tuple, Exception", "   :show-inheritance:"]
        if members
        else ["   :show-inheritance:"]
    )
    options = options if directive == "autoclass" else []
    return "\n".join(["```{eval-rst}", f".. {directive}:: {name}", *options, "```\n"])
