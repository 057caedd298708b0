"""The messages, JSON and exit statuses of ``recsys genre tag`` and ``undo``; tests/tagging tests what they write."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_result import Result

from recsys.app.tag_writing import TagWriter, TagWriteResult
from recsys.cli.main import main
from recsys.database.tag_edits import Run
from recsys.tagging.planning import FieldChange, FileChange, RestoredFields, SkippedFile, TagWritePlan

CHANGES = tuple(FileChange(f"/music/{i}.mp3", "hash", (FieldChange("genre", "", "Rock"),), 0.9) for i in range(3))
FIELDS_ONLY = (RestoredFields("/music/b.mp3", "the bytes are not stored"),)
SKIPPED = (SkippedFile("/music/a.mp3", "it was changed since"),)


def run(
    home: Path,
    *arguments: str,
    capsys: pytest.CaptureFixture[str],
    plan: TagWritePlan | None = None,
    result: TagWriteResult | None = None,
) -> Result:
    """Run ``recsys genre`` with a tag writer that returns this plan and this result."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TagWriter, "plan", lambda *_, **__: plan)
        patch.setattr(TagWriter, "apply", lambda *_, **__: result)
        patch.setattr(TagWriter, "undo", lambda *_, **__: result)
        patch.setattr(TagWriter, "history", lambda _: [Run(4, "2026-05-31T18:30:00+00:00", 3, 2)])
        with pytest.raises(SystemExit) as end:
            main(["--home", str(home), "genre", *arguments])
    return Result(int(end.value.code or 0), *capsys.readouterr())


def test_kept_values_are_counted_apart_from_unchanged_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(tmp_path, "tag", "--skip-non-empty", plan=TagWritePlan((), (), 198, 1, 76), capsys=capsys)
    assert found.code == 0
    assert found.err == (
        "no file would change; unchanged: 198 files already up to date, 76 files with another value; "
        "the genre of 1 track is not probable enough\n"
    )


def test_plan_has_equal_changes_in_one_line_or_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(CHANGES, (), 0, 0)
    found = run(tmp_path, "tag", plan=plan, capsys=capsys)
    heading, row = found.out.splitlines()
    assert heading.split() == [
        "files", "folders", "field", "current", "new", "lowest", "%", "median", "%", "such", "as",
    ]  # fmt: skip
    assert row.split() == ["3", "1", "genre", "–", "Rock", "90", "90", "music/0.mp3"]
    assert found.err == "3 files in 1 folder would change; write with --write\n"
    heading, row, *_ = run(tmp_path, "tag", "--files", plan=plan, capsys=capsys).out.splitlines()
    assert heading.split() == ["file", "field", "current", "new", "%"]
    assert row.split() == ["/music/0.mp3", "genre", "–", "Rock", "90"]


def test_extent_is_reported_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(CHANGES, (), 0, 0)
    found = run(tmp_path, "tag", "--write", plan=plan, result=TagWriteResult(4, 3, ()), capsys=capsys)
    assert found.err.splitlines() == [
        "writing 3 files in 1 folder", "3 files written (run 4); undo it with: recsys genre undo 4",
    ]  # fmt: skip
    assert "Rock" in found.out


def test_kept_values_are_shown_with_the_prediction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tuple(
        FileChange(f"/music/{i}.flac", "h", (FieldChange("genre", "Classical", "Jazz"),), 0.5 + i / 10)
        for i in range(3)
    )
    plan = TagWritePlan((), (), 4, 0, 3, 0, kept, 1)
    found = run(tmp_path, "tag", plan=plan, capsys=capsys)
    title, heading, row = found.out.splitlines()
    assert title == "kept, because recsys has not written it:"
    assert "predicted" in heading
    assert row.split() == ["3", "1", "genre", "Classical", "Jazz", "50", "60", "music/0.flac"]
    assert found.err.splitlines() == [
        "1 of 4 files with a genre has the predicted one",
        "no file would change; unchanged: 4 files already up to date, "
        "3 files with another value (--overwrite replaces it)",
    ]
    assert len(run(tmp_path, "tag", "--files", plan=plan, capsys=capsys).out.splitlines()) == 5


def test_many_different_changes_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = tuple(FileChange(f"/m/{i}.mp3", "h", (FieldChange("genre", f"g{i}", "Rock"),), None) for i in range(28))
    *_, first, last = run(tmp_path, "tag", plan=TagWritePlan(changes, (), 0, 0), capsys=capsys).out.splitlines()
    assert "label" in first
    assert last == "… and 3 other changes in 3 files; --files lists all"


def test_folders_and_overwrite_reach_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: dict[str, Any] = {}

    def plan(_writer: object, query: object, options: object, **named: object) -> TagWritePlan:
        seen.update(query=query, options=options, **named)
        return TagWritePlan((), (), 0, 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TagWriter, "plan", plan)
        with pytest.raises(SystemExit):
            main(["--home", str(tmp_path), "genre", "tag", "a", "b", "--in", "/m/x", "--not-in", "/m/y", "--overwrite"])
    capsys.readouterr()
    assert (seen["query"], seen["options"].overwrite) == ("a b", True)
    assert (seen["filter"].folders, seen["filter"].excluded_folders) == (("/m/x",), ("/m/y",))


def test_interrupted_write_reports_the_written_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(CHANGES, (), 0, 0)
    found = run(tmp_path, "tag", "--write", plan=plan, result=TagWriteResult(4, 1, (), interrupted=True), capsys=capsys)
    assert found.code == 130
    assert found.err.splitlines() == [
        "writing 3 files in 1 folder",
        "1 of 3 files written (run 4); undo it with: recsys genre undo 4",
        "recsys: interrupted",
    ]
    found = run(tmp_path, "tag", "--write", plan=plan, result=TagWriteResult(4, 0, (), interrupted=True), capsys=capsys)
    assert found.err.splitlines()[1] == "no file was written"


def test_undo_reports_the_run_and_the_restored_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(tmp_path, "undo", result=TagWriteResult(3, 1, SKIPPED, 1), capsys=capsys)
    assert found.code == 4
    assert found.err.splitlines() == [
        "recsys: error: /music/a.mp3 is unchanged: it was changed since",
        "1 file restored to the state before run 3, byte for byte",
    ]
    result = TagWriteResult(3, 2, (), 1, FIELDS_ONLY, interrupted=True)
    found = run(tmp_path, "undo", result=result, capsys=capsys)
    assert found.code == 130
    assert found.err.splitlines() == [
        "warning: of /music/b.mp3 only the fields are restored: the bytes are not stored",
        "2 files restored to the state before run 3: 1 byte for byte, 1 in the written fields only",
        "recsys: interrupted",
    ]
    found = run(tmp_path, "undo", result=TagWriteResult(3, 0, SKIPPED, 0), capsys=capsys)
    assert (found.code, found.err.splitlines()[-1]) == (1, "no file was restored")


def test_label_conflicts_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(CHANGES, (), 0, 0, 0, 1)
    differs = "the predicted genre of 1 track differs from your genre label"
    kept, _ = run(tmp_path, "tag", plan=plan, capsys=capsys).err.splitlines()
    assert kept == f"{differs}; the label is kept, unless --override-labels"
    replaced, _ = run(tmp_path, "tag", "--override-labels", plan=plan, capsys=capsys).err.splitlines()
    assert replaced == f"warning: {differs}, and replaces it"


def test_json_of_plan_and_undo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(CHANGES[:1], (), 2, 3, 4, 5)
    counts = {
        "unchanged": 2,
        "kept_existing": 4,
        "label_conflicts": 5,
        "hard_links": [],
        "below_threshold": 3,
        "skipped": [],
    }
    counts |= {"folders": 1, "kept": [], "agreeing": 0}
    change = {"field": "genre", "old": "", "new": "Rock"}
    file = {"path": "/music/0.mp3", "probability": 0.9, "changes": [change]}
    assert run(tmp_path, "tag", "--json", plan=plan, capsys=capsys).json == {
        "run": None, "written": 0, "files": [file], **counts,
    }  # fmt: skip
    result = TagWriteResult(3, 1, SKIPPED, 1)
    skipped = [{"path": "/music/a.mp3", "reason": "it was changed since"}]
    found = run(tmp_path, "tag", "--write", "--json", plan=plan, result=result, capsys=capsys)
    assert found.json == {"run": 3, "written": 1, "files": [file], **counts, "skipped": skipped}
    found = run(tmp_path, "undo", "--json", result=result, capsys=capsys)
    assert found.json == {"restored": 1, "byte_identical": 1, "fields_only": [], "skipped": skipped}
    result = TagWriteResult(3, 1, (), 0, FIELDS_ONLY)
    assert run(tmp_path, "undo", "--json", result=result, capsys=capsys).json == {
        "restored": 1, "byte_identical": 0, "skipped": [],
        "fields_only": [{"path": "/music/b.mp3", "reason": "the bytes are not stored"}],
    }  # fmt: skip


def test_runs_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heading, row = run(tmp_path, "undo", "--list", capsys=capsys).out.splitlines()
    assert heading.split() == ["run", "at", "(UTC)", "files", "still", "applied"]
    assert row.split() == ["4", "2026-05-31", "18:30:00", "3", "2"]
    record = {"number": 4, "at": "2026-05-31T18:30:00+00:00", "files": 3, "still_applied": 2}
    assert json.loads(run(tmp_path, "undo", "--list", "--json", capsys=capsys).out) == [record]
