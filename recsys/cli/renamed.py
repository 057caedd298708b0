"""Options that had another name in earlier versions: the old name is accepted, with a line that gives the new one."""

from collections.abc import Iterable, Iterator, Sequence

_PLAYLIST = {"--fresh": "--exclude-recent", "--adventure": "--exploration", "--variety": "--diversity"}
_WRITTEN = {"--map-path": "--path-map"}
_READ = {"--read-map": "--input-path-map"}
_INGEST = {"--time-limit": "--file-timeout"}

RENAMED_OPTIONS = {
    "playlist": _PLAYLIST | _WRITTEN,
    "playlist save": _PLAYLIST | _WRITTEN,
    "playlist extend": _PLAYLIST | _WRITTEN | _READ,
    "playlist insert": _WRITTEN | _READ,
    "path": _WRITTEN,
    "likes import": {
        "--map-path": "--input-path-map",
        "--like-from": "--like-threshold",
        "--dislike-to": "--dislike-threshold",
    },
    "ingest": _INGEST | {"--ship": "--send-files", "--max-time": "--time-budget"},
    "watch": _INGEST | {"--settle": "--debounce"},
    "genre tag": {"--relabel": "--override-labels", "--only-if-empty": "--skip-non-empty"},
}
"""Old and new names of options, by command."""

_GROUPS = {command.split()[0] for command in RENAMED_OPTIONS if " " in command}


def rename_options(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Arguments without global options, with new names in the place of old ones, and the names that were replaced.

    >>> rename_options(["playlist", "--fresh", "--variety=3"])[0]
    ['playlist', '--exclude-recent', '--diversity=3']
    """
    names = RENAMED_OPTIONS.get(_command(arguments), {})
    replaced: dict[str, str] = {}
    return list(_rename(arguments, names, replaced)), replaced


def _rename(arguments: Iterable[str], names: dict[str, str], replaced: dict[str, str]) -> Iterator[str]:
    words = iter(arguments)
    for word in words:
        if word == "--":
            yield word
            yield from words
            return
        option, equals, value = word.partition("=")
        if option in names:
            replaced[option] = names[option]
            yield f"{names[option]}{equals}{value}"
        else:
            yield word


def _command(arguments: Sequence[str]) -> str:
    """The command that the arguments begin with: "path", "genre tag"."""
    if not arguments:
        return ""
    path = " ".join(arguments[:2])
    return path if arguments[0] in _GROUPS and path in RENAMED_OPTIONS else arguments[0]
