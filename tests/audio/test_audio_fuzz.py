"""Mutated files of every container are read, or refused with a reason of one line; scripts/fuzz.py reads 20,000."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzing import ReadOutcome, finding, make_seeds, mutated, read_file

from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure

FILES = 240
PEAK_MB = 600.0  # of a worker that only reads; valid files need about 100


@pytest.fixture(scope="module")
def seeds() -> Iterator[dict[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        yield make_seeds(Path(folder), seconds=2.0)


def test_valid_files_of_every_format_are_read(seeds: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in seeds.items():
        path = tmp_path / f"whole.{mutated({name: data}, 0, 0).suffix}"
        path.write_bytes(data)
        outcome = read_file(str(path))
        assert (outcome.stage, outcome.reason) == ("read", ""), name


def test_mutated_is_deterministic(seeds: dict[str, bytes]) -> None:
    assert mutated(seeds, 1, 7) == mutated(seeds, 1, 7)
    assert len({mutated(seeds, 1, number).data for number in range(200)}) > 190


def test_mutated_files_are_read_or_refused_in_one_line(seeds: dict[str, bytes], tmp_path: Path) -> None:
    outcomes: dict[str, ReadOutcome] = {}
    findings: list[str] = []
    with BoundedExecutor(ProcessPool(1, file_timeout=30.0), 1) as executor:
        for number in range(FILES):
            file = mutated(seeds, 0, number)
            path = tmp_path / f"{number}.{file.suffix}"
            path.write_bytes(file.data)
            executor.submit(Job(read_file, str(path), f"{number}: {file.format}, {'+'.join(file.kinds)}"))
        while executor.in_flight:
            for job, result in executor.results():
                outcome = ReadOutcome("worker", result.reason, 0, 0) if isinstance(result, AnalysisFailure) else result
                outcomes[job.context] = outcome
                if problem := finding(outcome):
                    findings.append(f"{job.context}: {problem}")
    assert findings == []
    assert len(outcomes) == FILES
    assert {outcome.stage for outcome in outcomes.values()} >= {"read", "open", "decode", "trim"}
    assert max(outcome.peak_mb for outcome in outcomes.values()) < PEAK_MB


def test_finding_of_crashes_and_unclear_reasons() -> None:
    assert finding(ReadOutcome("read", "", 0, 0)) is None
    assert finding(ReadOutcome("open", "not a supported audio file", 0, 0)) is None
    assert finding(ReadOutcome("open", "", 0, 0)) == "the reason is not one line of text: ''"
    assert finding(ReadOutcome("decode", "two\nlines", 0, 0)) == r"the reason is not one line of text: 'two\nlines'"
    assert finding(ReadOutcome("worker", "IndexError: 3", 0, 0)) == "IndexError: 3"
