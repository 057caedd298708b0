"""Locations: the paths and URIs by which a playlist names its files.

The path of a file is first **mapped** to the path on the player's machine: by the deepest folder of the path map that
contains it, comparing whole components. Then it is made **relative** to a folder of the player's machine. The reverse
order fails, because a relative path is in no folder of the path map, and its ".." would climb through folders that only
exist on this machine. Paths in no folder of the path map stay unchanged.

A path that starts with a drive or two backslashes, ``D:\\Music`` or ``\\\\nas\\music``, is a Windows path, here or on
the player's machine; paths mapped to it are joined with backslashes. Relative paths have slashes on all systems:
players on Windows read them, so the same playlist works everywhere.
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
    """The absolute ``path`` of a file on the player's machine, and the ``relative`` path, if the playlist has those."""

    path: str
    relative: str | None = None

    @property
    def display(self) -> str:
        """The path for people, relative if possible; bytes that are not UTF-8 are surrogates (``os.fsdecode``)."""
        return self.path if self.relative is None else self.relative

    @property
    def file_uri(self) -> str:
        """The absolute path as a file URI, in ASCII (RFC 8089)."""
        if not is_windows(self.path):
            return f"file://{_quote(self.path)}"
        drive, rest = ntpath.splitdrive(self.path.replace("\\", "/"))
        return f"file:{_quote(drive + rest)}" if drive.startswith("//") else f"file:///{drive}{_quote(rest)}"

    @property
    def uri(self) -> str:
        """The relative path as a relative reference (RFC 3986, section 4.2), or else ``file_uri``."""
        return self.file_uri if self.relative is None else _quote(self.relative)


def locations(paths: Iterable[str], options: PathOptions, folder: str | None) -> list[Location]:
    """The location of each file. ``folder`` is the folder of the playlist; None for a stream.

    >>> locations(["/music/a/b.mp3"], PathOptions(), "/music/lists")
    [Location(path='/music/a/b.mp3', relative='../a/b.mp3')]
    >>> locations(["/music/a/b.mp3"], PathOptions(path_map={"/music": "D:/Music"}), None)[0].uri
    'file:///D:/Music/a/b.mp3'
    """
    rules = _sorted_path_map(options)
    base = None if options.relative_to is None else _absolute(options.relative_to)
    if base is None and not options.absolute and not rules:
        base = folder
    # Links are resolved only for paths of this machine that need "..", and once for all the tracks of a folder.
    resolve = None if rules else functools.cache(os.path.realpath)
    found = []
    for path in paths:
        mapped = _apply_path_map(path, rules)
        found.append(Location(mapped, None if base is None else _relative_path(mapped, base, resolve)))
    return found


def count_unmapped(paths: Iterable[str], options: PathOptions) -> int:
    """The number of files that are in no folder of the path map; 0 without a path map."""
    rules = _sorted_path_map(options)
    return sum(all(_components_below(path, ours) is None for ours, _ in rules) for path in paths) if rules else 0


def is_windows(path: str) -> bool:
    """Whether this is an absolute Windows path: with a drive, or of a network share."""
    return _WINDOWS.match(path) is not None


def _sorted_path_map(options: PathOptions) -> list[tuple[str, str]]:
    """The path map, the folder with the most components first."""
    rules = [(_absolute(ours), theirs) for ours, theirs in options.path_map.items()]
    return sorted(rules, key=lambda rule: len(_path_type(rule[0])(rule[0]).parts), reverse=True)


def _absolute(folder: str) -> str:
    return folder if is_windows(folder) else os.path.abspath(os.path.expanduser(folder))  # noqa: PTH100, PTH111


def _apply_path_map(path: str, rules: Iterable[tuple[str, str]]) -> str:
    for ours, theirs in rules:
        below = _components_below(path, ours)
        if below is not None:
            slash = "\\" if is_windows(theirs) else "/"
            return slash.join([theirs.replace("/", slash).rstrip(slash), *below])
    return path


def _relative_path(path: str, base: str, resolve: Callable[[str], str] | None) -> str | None:
    """``path`` relative to ``base``, with slashes; None on another drive or for paths of two operating systems.

    A path in ``base`` is used as it is, with its links. A path with ".." starts at the real path of ``base``, because
    the operating system resolves ".." after the link of a folder, and so do players.
    """
    if is_windows(path) != is_windows(base):
        return None
    below = _components_below(path, base)
    if below:
        return "/".join(below)
    module: ModuleType = ntpath if is_windows(path) else posixpath
    if resolve is not None and module is os.path:
        parent, name = module.split(path)
        path, base = module.join(resolve(parent), name), resolve(base)
    try:
        relative: str = module.relpath(path, base)
    except ValueError:
        return None
    return relative.replace("\\", "/") if module is ntpath else relative


def _components_below(path: str, folder: str) -> tuple[str, ...] | None:
    """The components of ``path`` below ``folder``; () for the folder itself, None for a path outside of it."""
    path_type = _path_type(path)
    try:
        return path_type(path).relative_to(path_type(folder)).parts
    except ValueError:
        return None


def _path_type(path: str) -> type[PurePath]:
    return PureWindowsPath if is_windows(path) else PurePosixPath


def _quote(path: str) -> str:
    return quote_from_bytes(os.fsencode(path))
