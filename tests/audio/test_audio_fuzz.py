"""Broken files of every container are read or refused in one clear line; scripts/fuzz.py does it with 20,000."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzing import Heard, broken, complaint, listen, make_seeds

from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure

FILES = 240
PEAK_MB = 600.0  # of a worker that reads but does not compute; sound files need about 100


@pytest.fixture(scope="module")
def seeds() -> Iterator[dict[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        yield make_seeds(Path(folder), seconds=2.0)


def test_sound_files_of_every_format_are_read(seeds: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in seeds.items():
        path = tmp_path / f"whole.{broken({name: data}, 0, 0).suffix}"
        path.write_bytes(data)
        heard = listen(str(path))
        assert (heard.stage, heard.reason) == ("read", ""), name


def test_the_same_numbers_break_the_same_file(seeds: dict[str, bytes]) -> None:
    assert broken(seeds, 1, 7) == broken(seeds, 1, 7)
    assert len({broken(seeds, 1, number).data for number in range(200)}) > 190


def test_broken_files_are_read_or_refused_in_one_line(seeds: dict[str, bytes], tmp_path: Path) -> None:
    outcomes: dict[str, Heard] = {}
    wrong: list[str] = []
    with BoundedExecutor(ProcessPool(1, time_limit=30.0), 1) as crew:
        for number in range(FILES):
            file = broken(seeds, 0, number)
            path = tmp_path / f"{number}.{file.suffix}"
            path.write_bytes(file.data)
            crew.submit(Job(listen, str(path), f"{number}: {file.format}, {'+'.join(file.kinds)}"))
        while crew.in_flight:
            for job, result in crew.results():
                heard = Heard("worker", result.reason, 0, 0) if isinstance(result, AnalysisFailure) else result
                outcomes[job.context] = heard
                if complaint(heard):
                    wrong.append(f"{job.context}: {complaint(heard)}")
    assert wrong == []
    assert len(outcomes) == FILES
    assert {heard.stage for heard in outcomes.values()} >= {"read", "open", "decode", "trim"}
    assert max(heard.peak_mb for heard in outcomes.values()) < PEAK_MB


def test_what_is_unclear_is_complained_about() -> None:
    assert complaint(Heard("read", "", 0, 0)) is None
    assert complaint(Heard("open", "it is no audio", 0, 0)) is None
    assert complaint(Heard("open", "", 0, 0))
    assert complaint(Heard("decode", "two\nlines", 0, 0))
    assert complaint(Heard("worker", "IndexError: 3", 0, 0)) == "IndexError: 3"
