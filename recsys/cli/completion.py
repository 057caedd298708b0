"""Completion: what may follow on a command line, in the form that each shell reads.

A shell calls ``recsys`` with the environment variables ``_RECSYS_COMPLETE`` ("complete_bash") and ``_RECSYS_LINE``, the
line up to the cursor. It prints one candidate per line, with a description after a tab for shells that show it. On any
error it prints nothing, so that the shell completes file names.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from recsys.cli.shell_words import quote_word, split_line
from recsys.errors import RecsysError

VARIABLE, LINE, WORD_BREAKS = "_RECSYS_COMPLETE", "_RECSYS_LINE", "_RECSYS_WORDBREAKS"
_LIMIT = 50

#: A kind of names in a library; see recsys.complete_names.
Kind: TypeAlias = Literal[
    "track", "artist", "album", "genre", "tagged_genre", "tag", "mood", "genre_model", "saved_playlist", "listener"
]

#: What the values of options and arguments are, by their metavar.
KINDS: dict[str, Kind] = {
    "TRACK": "track", "TRACK...": "track", "START": "track", "END": "track", "[FILE|TRACK]": "track",
    "GENRE": "genre", "GENRE=SHARE": "genre", "TAG": "tag", "MOOD": "mood",
    "LISTENER": "listener", "ARTIST": "artist", "ALBUM": "album", "GENRE-TAG": "tagged_genre",
}  # fmt: skip
#: And by command and name of the parameter, where metavars have several meanings.
KINDS_BY_PARAMETER: dict[tuple[str, str], Kind] = {
    ("classify", "model"): "genre_model",
    ("genre train", "name"): "genre_model",
    ("genre tune", "name"): "genre_model",
    ("genre evaluate", "name"): "genre_model",
    ("genre suspects", "name"): "genre_model",
    ("genre use", "name"): "genre_model",
    ("genre predict", "name"): "genre_model",
    ("genre delete", "name"): "genre_model",
    ("playlist save", "name"): "saved_playlist",
    ("playlist refresh", "names"): "saved_playlist",
    ("playlist forget", "name"): "saved_playlist",
}
#: Fixed values by metavar.
CHOICES: dict[str, tuple[str, ...]] = {
    "FORMAT": ("m3u8", "xspf", "jspf", "paths", "json"),
    "CURVE": ("rising", "falling", "arc", "flat"),
    "pca|umap": ("pca", "umap"),
    "tags|folders|FILE.csv": ("tags", "folders"),
    "[SHELL]": ("bash", "zsh", "fish", "powershell"),
}


class Candidate(NamedTuple):
    """A word that may follow, and a description."""

    value: str
    text: str = ""


@dataclass
class _Position:
    """Where on a command line the cursor is: the command, and the parameter whose value is typed, if any."""

    command: Any
    path: list[str] = field(default_factory=list)
    option: Any = None
    n_arguments: int = 0
    options_ended: bool = False
    globals: dict[str, str] = field(default_factory=dict)


def print_completions(environ: Mapping[str, str] = os.environ) -> int:
    """Print the candidates for the line of the environment; the exit status."""
    instruction, _, shell = environ[VARIABLE].partition("_")
    if instruction != "complete":
        return 1
    try:
        for line in _lines(shell, environ.get(LINE, ""), environ.get(WORD_BREAKS, "")):
            print(line)
    except (RecsysError, OSError, ValueError, RuntimeError):  # no library, no home folder …: no candidates
        return 1
    return 0


def _lines(shell: str, line: str, word_breaks: str) -> Iterator[str]:
    from typer.main import get_command

    from recsys.cli.app import app

    *words, last = split_line(line, escape="`" if shell == "powershell" else "\\")
    for candidate in complete(get_command(app), [word.value for word in words[1:]], last.value):
        text = "" if shell == "bash" else f"\t{' '.join(candidate.text.split())}"
        yield quote_word(candidate.value, last, shell, word_breaks) + text.rstrip("\t")


def complete(root: Any, words: Sequence[str], incomplete: str) -> list[Candidate]:
    """The words that may follow ``words`` and begin with ``incomplete``, in the program ``root``."""
    position = _Position(root)
    for word in words:
        _advance(root, position, word)
    if position.option is not None:
        return _values(position, position.option, incomplete)
    if incomplete.startswith("-") and not position.options_ended:
        name, equals, value = incomplete.partition("=")
        if equals and (option := _find_option(root, position, name)) is not None:
            return [Candidate(f"{name}={each.value}", each.text) for each in _values(position, option, value)]
        return _option_names(root, position, incomplete)
    found = []
    if not position.n_arguments:
        subcommands = getattr(position.command, "commands", {})
        found = [
            Candidate(name, each.get_short_help_str())
            for name, each in subcommands.items()
            if name.startswith(incomplete) and not each.hidden
        ]
    argument = _argument(position)
    return found + ([] if argument is None else _values(position, argument, incomplete))


def _advance(root: Any, position: _Position, word: str) -> None:
    """Move over one word of the line."""
    if position.option is not None:
        if position.option in root.params:
            position.globals[position.option.name] = word
        position.option = None
    elif word == "--" and not position.options_ended:
        position.options_ended = True
    elif word.startswith("-") and word != "-" and not position.options_ended:
        name, equals, value = word.partition("=")
        option = _find_option(root, position, name)
        if option is not None and not option.is_flag:
            if not equals:
                position.option = option
            elif option in root.params:
                position.globals[option.name] = value
    elif not position.n_arguments and word in getattr(position.command, "commands", {}):
        position.command = position.command.commands[word]
        position.path.append(word)
    else:
        position.n_arguments += 1


def _find_option(root: Any, position: _Position, name: str) -> Any:
    """The option of the command, or the global option, with this name."""
    return next((p for p in (*position.command.params, *root.params) if name in p.opts), None)


def _option_names(root: Any, position: _Position, incomplete: str) -> list[Candidate]:
    parameters = [*position.command.params, *(root.params if position.command is not root else ())]
    found = {
        name: Candidate(name, parameter.help or "")
        for parameter in parameters
        if parameter.param_type_name == "option" and not parameter.hidden
        for name in parameter.opts
        if name.startswith(incomplete) and (name.startswith("--") or incomplete == name)
    }
    if "--help".startswith(incomplete):
        found["--help"] = Candidate("--help", "Show this message and exit.")
    return list(found.values())


def _argument(position: _Position) -> Any:
    """The argument that the next word is of."""
    arguments = [p for p in position.command.params if p.param_type_name == "argument"]
    if position.n_arguments < len(arguments):
        return arguments[position.n_arguments]
    return arguments[-1] if arguments and arguments[-1].nargs == -1 else None


def _values(position: _Position, parameter: Any, incomplete: str) -> list[Candidate]:
    """The values of a parameter that begin with ``incomplete``."""
    choices: Iterable[str] = getattr(parameter.type, "choices", ()) or CHOICES.get(parameter.metavar or "", ())
    if choices:
        names = [str(getattr(choice, "value", choice)) for choice in choices]
        return [Candidate(name) for name in names if name.startswith(incomplete)]
    kind = KINDS_BY_PARAMETER.get((" ".join(position.path), parameter.name)) or KINDS.get(parameter.metavar or "")
    if kind is None:
        return []
    end = "=" if parameter.metavar == "GENRE=SHARE" else ""
    return [Candidate(f"{name}{end}") for name in _names(position.globals, kind, incomplete)]


def _names(given: Mapping[str, str], kind: Kind, prefix: str) -> list[str]:
    """Names in the library that the line chooses."""
    from recsys import complete_names, load_settings

    settings = load_settings(home=given.get("home"), database=given.get("database"), listener=given.get("listener"))
    return complete_names(settings, prefix, kind=kind, limit=_LIMIT)
