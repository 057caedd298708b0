"""The file of the last jobs: it survives torn lines, other content, and a disk that cannot be written."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.web.jobs.history import _MAX_LINES, MAX_JOBS, History, latest, parse
from recsys.web.jobs.job import new_record
from recsys.web.jobs.records import JobRecord


def record(id: str, done: int = 0) -> JobRecord:
    return new_record(id, "ingest", {"folders": ["/music/\udcff"]}) | {"done": done}


def test_each_state_is_stored_and_the_last_one_counts(tmp_path: Path) -> None:
    history = History(tmp_path / "home" / "jobs.jsonl")
    for each in (record("a"), record("b"), record("a", 5)):
        history.add(each)
    found = History(history.path).load()
    assert [(each["id"], each["done"]) for each in found] == [("a", 5), ("b", 0)]
    assert found[1]["parameters"] == {"folders": ["/music/\udcff"]}


def test_a_torn_line_is_skipped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    History(path).add(record("a"))
    path.write_bytes(path.read_bytes() + json.dumps(record("b")).encode()[:-20])
    history = History(path)
    history.add(record("c"))
    assert [each["id"] for each in history.load()] == ["a", "c"]


def test_the_file_is_bounded(tmp_path: Path) -> None:
    history = History(tmp_path / "jobs.jsonl")
    for number in range(_MAX_LINES + 2):
        history.add(record(str(number)))
    assert len(history.path.read_bytes().splitlines()) == MAX_JOBS + 1
    assert history.load()[-1]["id"] == str(_MAX_LINES + 1)
    assert [each.name for each in tmp_path.iterdir()] == ["jobs.jsonl"]


@given(st.lists(st.binary(max_size=40) | st.sampled_from([json.dumps(record("a")).encode()]), max_size=8))
def test_any_content_is_read(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b"\n".join(lines))
    history = History(path)
    assert {each["id"] for each in history.load()} <= {"a"}
    history.add(record("z"))
    assert history.load()[-1]["id"] == "z"


@pytest.mark.parametrize(
    "change",
    [{"state": "lost"}, {"kind": "rm"}, {"id": 7}, {"id": None}, {"state": []}, {"kind": {}}],
)
def test_a_record_of_another_form_is_skipped(change: dict[str, object]) -> None:
    assert parse(json.dumps({**record("a"), **change}).encode()) is None


@given(st.lists(st.integers(0, 300), max_size=400))
def test_the_latest_are_the_last_added(ids: list[int]) -> None:
    found = latest([record(str(id), number) for number, id in enumerate(ids)])
    assert len(found) == min(len(set(ids)), MAX_JOBS)
    assert [each["id"] for each in found] == [str(id) for id in dict.fromkeys(ids)][-MAX_JOBS:]
    assert all(
        ids[each["done"]] == int(each["id"]) and str(each["id"]) not in map(str, ids[each["done"] + 1 :])
        for each in found
    )


def test_a_disk_that_cannot_be_written_stops_no_job(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "jobs.jsonl")
    history.add(record("a"))
    assert history.load() == []
    assert "cannot write the history of jobs" in caplog.text
