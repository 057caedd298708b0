"""Which audio files lie at or under some roots. Nothing is opened, nothing is held: files come one by one.

Left out are hidden files and folders, folders that hold a file named ``.notmusic``, and whatever matches an ignore
pattern (as in .gitignore, relative to the root). Links are followed; a folder that was visited already is not
visited again, so a loop of links ends.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from recsys.audio.decode import SUFFIXES
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.errors import InvalidRequest

IGNORE_MARKER = ".notmusic"


def scan(root: Path, ignore: Sequence[str] = (), only_folders: Sequence[Path] = ()) -> Iterator[FileStat | FailedFile]:
    """Audio files at or under an absolute ``root``, in order of their names; a folder that cannot be read, and
    a link that leads nowhere, come as failures. A root that is a file is taken whatever its name.

    With ``only_folders``, only files in or under these folders of the root.

    Raises
    ------
    InvalidRequest
        An ignore pattern is malformed.
    """
    try:
        ignored = GitIgnoreSpec.from_lines(ignore)
    except ValueError as error:
        raise InvalidRequest(f"cannot read the ignore pattern: {error}") from error
    if root.is_dir():
        yield from _Walk(root, ignored, only_folders).walk(root)
    else:
        yield _file(str(root))


class _Walk:
    """One walk through a root, which remembers where it has been."""

    def __init__(self, root: Path, ignored: GitIgnoreSpec, only_folders: Sequence[Path]) -> None:
        self._root, self._ignored = root, ignored
        self._visited: set[tuple[int, int]] = set()
        self._only_folders = set(only_folders)
        self._on_the_way = {parent for folder in only_folders for parent in folder.parents}

    def walk(self, folder: Path, included: bool = False) -> Iterator[FileStat | FailedFile]:
        """Files of a folder; those directly in it only if it is ``included``, or all folders are."""
        included = included or not self._only_folders or folder in self._only_folders
        try:
            facts = folder.stat()
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _failed(str(folder), f"cannot read the folder: {error.strerror}")
            return
        if (facts.st_dev, facts.st_ino) in self._visited or any(entry.name == IGNORE_MARKER for entry in entries):
            return
        self._visited.add((facts.st_dev, facts.st_ino))
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            is_folder = _is_folder(entry)
            if self._ignores(path, is_folder):
                continue
            if is_folder:
                if included or path in self._only_folders or path in self._on_the_way:
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
        facts = os.stat(path)  # noqa: PTH116 - twice as fast as Path.stat, and called for every file
    except OSError as error:
        return _failed(path, f"cannot open it: {error.strerror}")
    if not stat.S_ISREG(facts.st_mode):
        return _failed(path, "it is no regular file")
    return FileStat(path, facts.st_size, facts.st_mtime_ns)


def _failed(path: str, reason: str) -> FailedFile:
    return FailedFile(FileStat(path, 0, 0), "scan", reason)
