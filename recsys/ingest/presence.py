"""Whether stored files are still on the disk: gone, on a drive that is not mounted, or in a folder that is closed.

A file is gone if the folder that should have it can be listed. A root that does not exist, or is empty, is a drive that
is not mounted. So is another empty folder that has not changed since files in it were ingested: to delete a file
changes the modification time of its folder, to unmount a drive reveals an older folder.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

from recsys.domain.catalogue import StoredFile
from recsys.ingest.roots import access_error, is_absent


class Presence(Enum):
    """The state of a stored file."""

    PRESENT = "present"
    GONE = "gone"
    NOT_MOUNTED = "not_mounted"
    UNREADABLE = "unreadable"


class _Folder(NamedTuple):
    """A folder: its state; the folder for which it is not mounted or unreadable; names of files in it; change time."""

    state: Presence
    cause: str
    names: frozenset[str] = frozenset()
    empty_since: str = ""


class Disk:
    """The disk, as far as files of these roots are looked for. Each folder is listed once while it is in use."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = frozenset(roots)
        self._root_of: dict[str, str] = {}
        self._folder: tuple[str, str, _Folder] | None = None
        self._absent: dict[tuple[str, str], _Folder] = {}

    def root_of(self, path: str) -> str:
        """The outermost root that contains a path; without one, its folder."""
        return self._root_of_files_in(os.path.dirname(path))  # noqa: PTH120 - called for every file

    def _root_of_files_in(self, folder: str) -> str:
        if folder not in self._root_of:
            above, outermost = folder, folder
            while (parent := os.path.dirname(above)) != above:  # noqa: PTH120 - as elsewhere in this module
                outermost = above if above in self._roots else outermost
                above = parent
            self._root_of[folder] = above if above in self._roots else outermost
        return self._root_of[folder]

    def find(self, file: StoredFile, *, or_folder: bool = False) -> tuple[Presence, str]:
        """The state of a file, and the folder that is the cause of it; ``or_folder``: it may be a folder."""
        parent, name = os.path.split(file.path)
        root = self._root_of_files_in(parent)
        folder = self._list(parent, root)
        if folder.state is not Presence.PRESENT:
            return folder.state, folder.cause
        if name in folder.names:
            return Presence.PRESENT, folder.cause
        try:  # a file system may compare names without case, or with another form of Unicode
            found = or_folder or not os.path.isdir(file.path)  # noqa: PTH112 - never raises
            os.lstat(file.path)
            return Presence.PRESENT if found else Presence.GONE, folder.cause
        except OSError as error:
            if not is_absent(error):
                return Presence.UNREADABLE, folder.cause
        if folder.empty_since and (folder.cause == root or folder.empty_since < file.added_at):
            return Presence.NOT_MOUNTED, folder.cause
        return Presence.GONE, folder.cause

    def _list(self, folder: str, root: str) -> _Folder:
        if self._folder is not None and self._folder[:2] == (folder, root):
            return self._folder[2]
        found = self._read(folder, root)
        self._folder = folder, root, found
        return found

    def _read(self, folder: str, root: str) -> _Folder:
        """A folder that exists; or what follows from the nearest folder above it that exists."""
        passed: list[str] = []
        while True:
            if (folder, root) in self._absent:
                found = self._absent[folder, root]
                break
            try:
                with os.scandir(folder) as entries:
                    listed = list(entries)
            except OSError as error:
                if not is_absent(error):
                    found = _Folder(Presence.UNREADABLE, _outermost_unreadable(folder, root))
                    break
                if folder == root or os.path.islink(folder) or os.path.dirname(folder) == folder:  # noqa: PTH114, PTH120
                    found = _Folder(Presence.NOT_MOUNTED, folder)
                    break
                passed.append(folder)
                folder = os.path.dirname(folder)  # noqa: PTH120
                continue
            names = frozenset() if passed else frozenset(e.name for e in listed if not _is_folder(e))
            found = _Folder(Presence.PRESENT, folder, names, "" if listed else _changed_at(folder))
            break
        for absent in passed:
            self._absent[absent, root] = found
        return found


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry is a folder and no link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # some file systems do not list the kinds of entries, and this one cannot be looked up
        return False


def _outermost_unreadable(folder: str, root: str) -> str:
    """The outermost folder, up to the root, for which a folder cannot be read."""
    while folder != root and access_error(os.path.dirname(folder)) is not None:  # noqa: PTH120
        folder = os.path.dirname(folder)  # noqa: PTH120
        if folder == os.path.dirname(folder):  # noqa: PTH120
            break
    return folder


def _changed_at(folder: str) -> str:
    """When the names in a folder changed last: UTC, as the times of the catalogue."""
    try:
        seconds = os.stat(folder).st_mtime  # noqa: PTH116 - as elsewhere in this module
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    except (OSError, OverflowError, ValueError):
        return "9999"
