"""Files that are computed once and kept in the library's folder, up to a number of bytes.

A file is replaced at once, so that readers see either nothing or all of it. There are 256 folders, each with a share of
the bytes: where one exceeds it, the files that were not used for the longest time are deleted.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from recsys.atomic import atomic_write

_FOLDERS = 256
_USED_AFTER = 86_400  # seconds after which the time of the last use is written again

_log = logging.getLogger(__name__)


class MediaCache:
    """A folder of files by their keys.

    Parameters
    ----------
    folder : Path
        It is created with the first file.
    max_bytes : int
        Of all files together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._share = max_bytes // _FOLDERS

    def get(self, key: str, make: Callable[[], bytes | None]) -> bytes | None:
        """The bytes of a key; without a file, those that ``make`` returns, which are stored unless they are None."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        file = self._folder / digest[:2] / digest[2:]
        try:
            data = file.read_bytes()
            if data:
                self._mark_used(file)
                return data
        except OSError:
            pass
        made = make()
        if made:
            self._store(file, made)
        return made

    def _mark_used(self, file: Path) -> None:
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > _USED_AFTER:
                os.utime(file)

    def _store(self, file: Path, data: bytes) -> None:
        """Write a file and delete others; a full disk, or a folder that may not be written, is no error."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(file) as output:
                output.write(data)
            self._shrink(file)
        except OSError as error:
            _log.info("%s is not stored: %s", file, error.strerror or error)

    def _shrink(self, newest: Path) -> None:
        with os.scandir(newest.parent) as entries:
            found = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
        total = sum(size for _, size, _ in found)
        for _, size, path in found:
            if total <= self._share:
                break
            if path != str(newest):
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108 - of an entry
                total -= size
