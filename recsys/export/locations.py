"""Where a player finds a file: the one place that decides how a playlist names it.

In this order, which is the only one that works: first a path is **mapped**, whole components at a time and by the
longest folder that holds it; then it is made **relative**. The folder it becomes relative to belongs to the player, as
the mapped path does: a relative path would be beneath no folder of the map, and would climb through folders that only
this machine has. What no folder of the map holds keeps its path.

A path that begins with a drive or two backslashes, ``D:\\Music`` or ``\\\\nas\\music``, is one of Windows, here or
there: what is mapped to it is joined with backslashes. A relative path has slashes everywhere, for every player on
Windows reads them, and the same list then suits both worlds.
"""

import functools
import ntpath
import os
import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from types import ModuleType
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from recsys.domain.requests import PathOptions

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class Location(NamedTuple):
    """Where a player finds one file: its absolute ``path``, and that ``relative`` to a folder, if it shall be."""

    path: str
    relative: str | None = None

    @property
    def display(self) -> str:
        """The path as people write it; one of Linux may hold any byte but 0, those that are no text as surrogates."""
        return self.path if self.relative is None else self.relative

    @property
    def file_uri(self) -> str:
        """The absolute path as a URI in pure ASCII (RFC 8089)."""
        if not is_windows(self.path):
            return f"file://{_quoted(self.path)}"
        drive, rest = ntpath.splitdrive(self.path.replace("\\", "/"))
        return f"file:{_quoted(drive + rest)}" if drive.startswith("//") else f"file:///{drive}{_quoted(rest)}"

    @property
    def uri(self) -> str:
        """As ``file_uri``, or the relative path as a relative reference (RFC 3986, 4.2)."""
        return self.file_uri if self.relative is None else _quoted(self.relative)


def locations(paths: Iterable[str], options: PathOptions, folder: str | None) -> list[Location]:
    """Where a player finds each of these files; ``folder`` is that of the playlist, None if it lies in none."""
    rules = _rules(options)
    base = None if options.relative_to is None else _absolute(options.relative_to)
    if base is None and not options.absolute and not rules:
        base = folder
    # Links are looked up where a path climbs, and only on this machine; once for all the tracks of an album.
    real = None if rules else functools.cache(os.path.realpath)
    found = []
    for path in paths:
        there = _apply_path_map(path, rules)
        found.append(Location(there, None if base is None else _relative(there, base, real)))
    return found


def count_unmapped(paths: Iterable[str], options: PathOptions) -> int:
    """How many of these files lie in no folder of the map, if there is one."""
    rules = _rules(options)
    return sum(all(_beneath(path, ours) is None for ours, _ in rules) for path in paths) if rules else 0


def is_windows(path: str) -> bool:
    """Whether this is an absolute path of Windows."""
    return _WINDOWS.match(path) is not None


def _rules(options: PathOptions) -> list[tuple[str, str]]:
    """The map, the folder with the most components first."""
    rules = [(_absolute(ours), theirs) for ours, theirs in options.path_map.items()]
    return sorted(rules, key=lambda rule: len(_kind(rule[0])(rule[0]).parts), reverse=True)


def _absolute(folder: str) -> str:
    return folder if is_windows(folder) else os.path.abspath(os.path.expanduser(folder))  # noqa: PTH100, PTH111


def _apply_path_map(path: str, rules: Iterable[tuple[str, str]]) -> str:
    for ours, theirs in rules:
        below = _beneath(path, ours)
        if below is not None:
            slash = "\\" if is_windows(theirs) else "/"
            return slash.join([theirs.replace("/", slash).rstrip(slash), *below])
    return path


def _relative(path: str, base: str, real: Callable[[str], str] | None) -> str | None:
    """``path`` from ``base`` with slashes; None where no way leads there: another drive, another kind of path.

    What lies beneath ``base`` is named as it is, whatever links lead there. A path that climbs starts from where the
    folder really lies, for so do players: ".." leaves the folder behind a link, not the link.
    """
    if is_windows(path) != is_windows(base):
        return None
    below = _beneath(path, base)
    if below:
        return "/".join(below)
    flavour: ModuleType = ntpath if is_windows(path) else posixpath
    if real is not None and flavour is os.path:
        parent, name = flavour.split(path)
        path, base = flavour.join(real(parent), name), real(base)
    try:
        climbed: str = flavour.relpath(path, base)
    except ValueError:
        return None
    return climbed.replace("\\", "/") if flavour is ntpath else climbed


def _beneath(path: str, folder: str) -> tuple[str, ...] | None:
    """The components of ``path`` below ``folder``; none for the folder itself, None where it lies elsewhere."""
    kind = _kind(path)
    try:
        return kind(path).relative_to(kind(folder)).parts
    except ValueError:
        return None


def _kind(path: str) -> type[PurePath]:
    return PureWindowsPath if is_windows(path) else PurePosixPath


def _quoted(path: str) -> str:
    return quote_from_bytes(os.fsencode(path))
