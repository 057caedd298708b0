"""Sphinx extension: pages whose content is read from the program, so that it cannot differ from it.

A page has a comment ``<!-- generated: NAME -->`` where the content goes; NAME is a key of :data:`GENERATORS`.
"""

import re
from typing import Any

import command_reference
import python_reference

GENERATORS = {
    "commands": command_reference.render,
    "python": python_reference.render,
    "errors": python_reference.render_errors,
}
PLACE = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def expand(text: str) -> str:
    """``text`` with the generated content in its places."""
    return PLACE.sub(lambda found: GENERATORS[found[1]](), text)


def _on_source_read(app: Any, docname: str, source: list[str]) -> None:
    if PLACE.search(source[0]):
        app.env.note_reread()  # the program may have changed, though the page has not
        source[0] = expand(source[0])


def setup(app: Any) -> dict[str, bool]:
    """Entry point of the extension."""
    app.connect("source-read", _on_source_read)
    return {"parallel_read_safe": True}
