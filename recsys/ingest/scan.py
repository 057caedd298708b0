"""Find the audio files at or under some roots. No file is opened, and files are yielded one by one.

Hidden files and folders, folders of systems (:mod:`recsys.ingest.system_folders`), folders with a file named
``.notmusic``, and paths that match an ignore pattern (as in .gitignore, relative to the root) are left out; a pattern
that begins with ``!`` includes them again. Links are followed; a folder is visited once, so that a loop of links ends.
"""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recsys.audio.formats import SUFFIXES
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.errors import InvalidRequest
from recsys.ingest.system_folders import excluded_name, is_excluded_path, is_windows_bin

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_MARKER = ".notmusic"
SCAN_STAGE = "scan"
"""The stage of folders and links that cannot be read; each scan tries them again."""
_NAME = attrgetter("name")
_MAX_NAMES = 100  # different names that are counted each by itself; others are counted as ".*"


def scan(
    root: Path,
    ignore: Sequence[str] = (),
    only_folders: Sequence[Path] = (),
    excluded: "Counter[str] | None" = None,
) -> Iterator[FileStat | FailedFile]:
    """Yield the audio files at or under an absolute ``root``, by name.

    A folder that cannot be read and a broken link are yielded as failures. A root that is a file is yielded whatever
    its suffix, and a root is scanned whatever its name. With ``only_folders``, only files in or under these folders of
    the root are yielded. Hidden files and folders, and those of systems, are counted in ``excluded`` by name.

    Raises
    ------
    InvalidRequest
        An ignore pattern is malformed.
    """
    patterns = _parse(ignore)
    if os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises for a folder that is closed
        yield from _Walk(root, patterns, only_folders, Counter() if excluded is None else excluded).walk()
    else:
        yield _file(str(root))


def is_unchanged(file: FileStat) -> bool:
    """Whether the path still has this file, and not another one."""
    try:
        stats = os.stat(file.path)  # noqa: PTH116 - as in _file
    except OSError:
        return False
    return (stats.st_size, stats.st_mtime_ns) == (file.size, file.mtime_ns)


def is_relevant(path: str, root: Path, ignore: Sequence[str] = ()) -> bool:
    """Whether a change at a path below ``root`` may change what a scan finds: an audio file, a folder, or one that is
    deleted."""
    if is_excluded_path(path, root) and not any(pattern.startswith("!") for pattern in ignore):
        return False
    return os.path.splitext(path)[1].lower() in SUFFIXES or not os.path.isfile(path)  # noqa: PTH113, PTH122


def _parse(ignore: Sequence[str]) -> "GitIgnoreSpec | None":
    if not ignore:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(ignore)
    except ValueError as error:
        raise InvalidRequest(f"has an invalid pattern: {error}", field="ignore") from error


class _Folder(NamedTuple):
    """A folder to walk next; ``included``: its files are yielded too."""

    path: str
    included: bool


class _Walk:
    """One walk through a root, with the folders that were visited."""

    def __init__(
        self, root: Path, ignored: "GitIgnoreSpec | None", only_folders: Sequence[Path], excluded: "Counter[str]"
    ) -> None:
        # Paths of entries are texts: a Path of each would take a third of the time.
        self._root, self._ignored, self._excluded = str(root), ignored or None, excluded
        self._prefix = self._root.removesuffix(os.sep) + os.sep
        self._visited: set[tuple[int, int]] = set()
        self._only_folders = set(map(str, only_folders))
        self._parents = {str(parent) for folder in only_folders for parent in folder.parents}

    def walk(self) -> Iterator[FileStat | FailedFile]:
        """All files, by name; without recursion, as folders may be nested deeper than Python's stack."""
        pending = [self._entries(_Folder(self._root, not self._only_folders))]
        while pending:
            for found in pending[-1]:
                if isinstance(found, _Folder):
                    pending.append(self._entries(found))
                    break
                yield found
            else:
                pending.pop()

    def _entries(self, folder: _Folder) -> Iterator[FileStat | FailedFile | _Folder]:
        """Files and folders of a folder; files only if it is ``included``, or one of ``only_folders``."""
        included = folder.included or folder.path in self._only_folders
        try:
            stats = os.stat(folder.path)  # noqa: PTH116 - as in _file
            with os.scandir(folder.path) as listing:
                entries = sorted(listing, key=_NAME)
        except OSError as error:
            yield _failed(folder.path, f"cannot read the folder: {error.strerror}")
            return
        names = frozenset(entry.name for entry in entries)
        if (stats.st_dev, stats.st_ino) in self._visited or IGNORE_MARKER in names:
            return
        self._visited.add((stats.st_dev, stats.st_ino))
        name = os.path.basename(folder.path)  # noqa: PTH119 - a Path of each folder would take longer than its listing
        bin_name = is_windows_bin(name, names) if folder.path != self._root else None
        if bin_name and self._pattern(folder.path, is_folder=True) is not False:
            self._count(bin_name)
            return
        for entry in entries:
            is_folder = _is_folder(entry)
            name, path = entry.name, entry.path
            is_audio = not is_folder and _is_audio(name)
            if not (is_folder or is_audio):
                continue
            is_plain = is_audio and self._ignored is None and name[0] != "."  # as nearly all files are
            if not is_plain and self._excludes(path, name, is_folder):
                continue
            if is_audio:
                if included:
                    yield _file(path)
            elif included or path in self._only_folders or path in self._parents:
                yield _Folder(path, included)

    def _excludes(self, path: str, name: str, is_folder: bool) -> bool:
        """Whether a file or folder is left out: by the last ignore pattern that matches it, or by its name."""
        pattern = self._pattern(path, is_folder)
        if pattern is not None:
            return pattern
        counted = excluded_name(name, is_folder)
        if counted is None:
            return False
        self._count(counted)
        return True

    def _pattern(self, path: str, is_folder: bool) -> bool | None:
        """Whether the ignore patterns exclude a path (True), include it with "!" (False), or do not mention it."""
        if self._ignored is None:
            return None
        return self._ignored.check_file(path.removeprefix(self._prefix) + ("/" if is_folder else "")).include

    def _count(self, name: str) -> None:
        known = name in self._excluded or len(self._excluded) < _MAX_NAMES
        self._excluded[name if known else ".*"] += 1


def _is_audio(name: str) -> bool:
    """Whether a name has the suffix of an audio file; as :func:`os.path.splitext`, in less time."""
    dot = name.rfind(".")
    return name[dot:].lower() in SUFFIXES and name[:dot].strip(".") != ""


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _file(path: str) -> FileStat | FailedFile:
    try:
        stats = os.stat(path)  # noqa: PTH116 - twice as fast as Path.stat, and called for every file
    except OSError as error:
        return _failed(path, f"cannot open it: {error.strerror}")
    if not stat.S_ISREG(stats.st_mode):
        return _failed(path, "it is not a regular file")
    return FileStat(path, stats.st_size, stats.st_mtime_ns, stats.st_ctime_ns)


def _failed(path: str, reason: str) -> FailedFile:
    return FailedFile(FileStat(path, 0, 0), SCAN_STAGE, reason)
