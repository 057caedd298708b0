"""The files that one of several ingests into a library processes; it leaves to the others what they have claimed.

At the end it waits for the others, so that every file is processed when it ends: what they have not stored when their
claim ends, as after a kill, it processes itself.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from recsys.database.claims import Claims
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile

POLL_SECONDS = 0.5  # between two questions for the files that others have claimed
_MAX_DEFERRED = 1000  # files of others that are remembered before they are asked for


class SharedWork:
    """Files to be processed.

    Parameters
    ----------
    files : iterator
        All of them; failures of the scan are not claimed.
    claims : Claims
    find_done : callable
        Which of these paths another ingest has stored since they were compared.
    on_done : callable
        Called with each file that another ingest has stored.
    batch : int
        Files that are claimed together: as many as are processed at a time.
    """

    def __init__(
        self,
        files: Iterator[FileStat | FailedFile],
        claims: Claims,
        find_done: Callable[[Sequence[str]], set[str]],
        on_done: Callable[[FileStat], None],
        *,
        batch: int,
    ) -> None:
        self._files, self._claims, self._batch = files, claims, batch
        self._find_done, self._on_done = find_done, on_done
        self._ready: deque[FileStat | FailedFile] = deque()
        self._deferred: list[FileStat] = []
        self._ended = False
        self._asked = float("-inf")

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left for this ingest."""
        return self._ended and not self._ready and not self._deferred

    def stop(self) -> None:
        """Leave all other files."""
        self._ended = True
        self._ready.clear()
        self._deferred.clear()

    def take(self) -> FileStat | FailedFile | None:
        """The next file; None if nothing is left, or only files that others process now."""
        while not self._ready and not self._ended:
            files = list(islice(self._files, self._batch))
            self._ended = len(files) < self._batch
            self._claim(files)
            if len(self._deferred) >= _MAX_DEFERRED:
                self._ask_again()
        if not self._ready:
            self._ask_again()
        return self._ready.popleft() if self._ready else None

    def wait(self) -> None:
        """Wait until it is useful to ask again for the files of others, if only those are left."""
        if self._ended and not self._ready:
            time.sleep(POLL_SECONDS)

    def _ask_again(self) -> None:
        if time.monotonic() - self._asked >= POLL_SECONDS:
            self._asked = time.monotonic()
            files, self._deferred = self._deferred, []
            self._claim(files)

    def _claim(self, files: Sequence[FileStat | FailedFile]) -> None:
        paths = [file.path for file in files if isinstance(file, FileStat)]
        claimed = self._claims.claim(paths)
        done = self._find_done(paths) if self._claims.shared and paths else set()  # after the claim, or it is too early
        for file in files:
            if isinstance(file, FailedFile):
                self._ready.append(file)
            elif file.path in done:
                self._on_done(file)
            elif file.path in claimed:
                self._ready.append(file)
            else:
                self._deferred.append(file)
        self._claims.release(done & claimed)
