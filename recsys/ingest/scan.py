"""Find the audio files at or under some roots. No file is opened, and files are yielded one by one.

Hidden files and folders, folders with a file named ``.notmusic``, and paths that match an ignore pattern (as in
.gitignore, relative to the root) are left out. Links are followed; a folder is visited once, so that a loop of links
ends.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from recsys.audio.formats import SUFFIXES
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.errors import InvalidRequest

IGNORE_MARKER = ".notmusic"


def scan(root: Path, ignore: Sequence[str] = (), only_folders: Sequence[Path] = ()) -> Iterator[FileStat | FailedFile]:
    """Yield the audio files at or under an absolute ``root``, by name.

    A folder that cannot be read and a broken link are yielded as failures. A root that is a file is yielded whatever
    its suffix. With ``only_folders``, only files in or under these folders of the root are yielded.

    Raises
    ------
    InvalidRequest
        An ignore pattern is malformed.
    """
    try:
        ignored = GitIgnoreSpec.from_lines(ignore)
    except ValueError as error:
        raise InvalidRequest(f"has an invalid pattern: {error}", field="ignore") from error
    if root.is_dir():
        yield from _Walk(root, ignored, only_folders).walk(root)
    else:
        yield _file(str(root))


def is_unchanged(file: FileStat) -> bool:
    """Whether the path still has this file, and not another one."""
    try:
        stats = os.stat(file.path)  # noqa: PTH116 - as in _file
    except OSError:
        return False
    return (stats.st_size, stats.st_mtime_ns) == (file.size, file.mtime_ns)


class _Walk:
    """One walk through a root, with the folders that were visited."""

    def __init__(self, root: Path, ignored: GitIgnoreSpec, only_folders: Sequence[Path]) -> None:
        self._root, self._ignored = root, ignored
        self._visited: set[tuple[int, int]] = set()
        self._only_folders = set(only_folders)
        self._parents = {parent for folder in only_folders for parent in folder.parents}

    def walk(self, folder: Path, included: bool = False) -> Iterator[FileStat | FailedFile]:
        """Files of a folder; those directly in it only if it is ``included``, or without ``only_folders``."""
        included = included or not self._only_folders or folder in self._only_folders
        try:
            stats = folder.stat()
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _failed(str(folder), f"cannot read the folder: {error.strerror}")
            return
        if (stats.st_dev, stats.st_ino) in self._visited or any(entry.name == IGNORE_MARKER for entry in entries):
            return
        self._visited.add((stats.st_dev, stats.st_ino))
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            is_folder = _is_folder(entry)
            if self._ignores(path, is_folder):
                continue
            if is_folder:
                if included or path in self._only_folders or path in self._parents:
                    yield from self.walk(path, included)
            elif included and path.suffix.lower() in SUFFIXES:
                yield _file(entry.path)

    def _ignores(self, path: Path, is_folder: bool) -> bool:
        if not self._ignored:
            return False
        return self._ignored.match_file(os.fspath(path.relative_to(self._root)) + ("/" if is_folder else ""))


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
    return FileStat(path, stats.st_size, stats.st_mtime_ns)


def _failed(path: str, reason: str) -> FailedFile:
    return FailedFile(FileStat(path, 0, 0), "scan", reason)
