"""Read the tags of known files again, which an older version has read.

The files have not changed, so that nothing is decoded and analysed. The tags are read by the workers; an interrupted
run is continued by the next, since every file has the version that has read its tags.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat, Reread
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import Progress
from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.worker import AnalysisFailure, reread_file
from recsys.ingest.worker_process import held_interrupts

_BATCH = 500  # files in one transaction
_SAMPLES = 50  # batches over which the speed is measured


class Rereading:
    """The rereading of one ingest.

    Attributes
    ----------
    total, done : int
        Numbers of files, and of those that are stored.
    changed : list of FileStat
        Files whose audio hash is that of no recording any more; they have to be processed like new files.
    failed : list of FailedFile
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.total = self.done = 0
        self.changed: list[FileStat] = []
        self.failed: list[FailedFile] = []
        self._catalogue = catalogue
        self._of_copies: dict[str, list[tuple[FileStat, Reread]]] = {}  # by their new audio hash
        self._read: list[tuple[FileStat, Reread]] = []
        self._times: deque[tuple[float, int]] = deque([(time.monotonic(), 0)], maxlen=_SAMPLES)

    def run(
        self,
        files: Iterator[FileStat],
        executor: BoundedExecutor,
        *,
        stop: Callable[[], bool],
        report: Callable[[Progress], None],
    ) -> None:
        """Read and store the tags of all ``files``, until ``stop`` returns true.

        Raises
        ------
        KeyboardInterrupt
            The user interrupts it.
        """
        exhausted = False
        try:
            while not exhausted or executor.in_flight:
                while not exhausted and executor.can_accept:
                    file = None if stop() else next(files, None)
                    if file is None:
                        exhausted = True
                    else:
                        executor.submit(Job(reread_file, file.path, file))
                for job, result in executor.results(timeout=1.0) if executor.in_flight else ():
                    self._add(job.context, result)
                if len(self._read) >= _BATCH:
                    self._write()
                report(self._progress())
            self._add_copies()
        finally:
            with held_interrupts():
                self._write()

    @property
    def remaining(self) -> int:
        """Number of files that are not stored, changed or failed."""
        return self.total - self.done - len(self.changed) - len(self.failed)

    def _add(self, file: FileStat, result: Reread | AnalysisFailure) -> None:
        if isinstance(result, AnalysisFailure):
            self.failed.append(FailedFile(file, result.stage, result.reason))
        elif result.audio_hash is None or self._has_hash(file, result.audio_hash):
            self._read.append((file, result))
        else:
            self._of_copies.setdefault(result.audio_hash, []).append((file, result))

    def _has_hash(self, file: FileStat, audio_hash: str, copies: Sequence[str] = ()) -> bool:
        """Whether the recording of a file has this hash, perhaps after it was given to it."""
        known = self._catalogue.find_by_hash([audio_hash]).get(audio_hash)
        if known is not None and any(other.path == file.path for other in known.paths):
            return True
        return self._catalogue.rename(file, audio_hash, copies=copies)

    def _add_copies(self) -> None:
        """Add the files whose recordings have several: they keep it if all of its files have the same new hash."""
        for audio_hash, some in self._of_copies.items():
            paths = [file.path for file, _ in some]
            for file, result in some:
                if self._has_hash(file, audio_hash, paths):
                    self._read.append((file, result))
                else:
                    self.changed.append(file)
        self._of_copies = {}

    def _write(self) -> None:
        if self._read:
            self._catalogue.store_rereads(self._read)
            self.done += len(self._read)
            self._read = []
            self._times.append((time.monotonic(), self.done))

    def _progress(self) -> Progress:
        (start, before), now = self._times[0], time.monotonic()
        done = self.done + len(self._read)
        speed = (done - before) / max(now - start, 1e-3)
        eta = (self.remaining - len(self._read)) / speed if done > before else None
        return Progress(done, self.total, len(self.failed), speed, eta, "tags")
