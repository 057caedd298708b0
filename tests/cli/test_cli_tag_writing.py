"""What ``recsys genre tag`` and ``undo`` tell; what they do is in tests/tagging."""

from pathlib import Path

import pytest

from recsys.app.tag_writing import TagWriter, TagWriteResult
from recsys.cli.main import main
from recsys.tagging.planning import FieldChange, FileChange, SkippedFile, TagWritePlan

INTENTS = tuple(FileChange(f"/music/{i}.mp3", "sound", (FieldChange("genre", "", "Rock"),), 0.9) for i in range(3))


def told(
    home: Path,
    *arguments: str,
    capsys: pytest.CaptureFixture[str],
    plan: TagWritePlan | None = None,
    done: TagWriteResult | None = None,
) -> tuple[int, list[str]]:
    """The exit code and what is said beside the data, where the tagger says so."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TagWriter, "plan", lambda *_, **__: plan)
        patched.setattr(TagWriter, "apply", lambda *_, **__: done)
        patched.setattr(TagWriter, "undo", lambda *_, **__: done)
        with pytest.raises(SystemExit) as left:
            main(["--home", str(home), "genre", *arguments])
    return int(left.value.code or 0), capsys.readouterr().err.splitlines()


def test_files_that_say_something_else_are_not_those_that_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(tmp_path, "tag", "--only-if-empty", plan=TagWritePlan((), (), 198, 1, 76), capsys=capsys)
    assert code == 0
    assert said == [
        "nothing is to be written; left as they are: 198 files that already said so, 76 files with something else "
        "there; the genre of 1 track is too unsure"
    ]


def test_who_interrupts_is_told_what_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(INTENTS, (), 0, 0)
    code, said = told(
        tmp_path, "tag", "--write", plan=plan, done=TagWriteResult(4, 1, (), interrupted=True), capsys=capsys
    )
    assert code == 130
    assert said == ["1 of 3 files written (run 4); take it back: recsys genre undo 4", "recsys: interrupted"]
    code, said = told(
        tmp_path, "tag", "--write", plan=plan, done=TagWriteResult(4, 0, (), interrupted=True), capsys=capsys
    )
    assert said[0] == "no file was written"


def test_undo_says_which_run_and_how_far_it_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = (SkippedFile("/music/a.mp3", "somebody has changed it since"),)
    code, said = told(tmp_path, "undo", done=TagWriteResult(3, 1, left, 1), capsys=capsys)
    assert code == 4
    assert said[1:] == ["1 file restored as before run 3, 1 of them byte for byte"]
    code, said = told(tmp_path, "undo", done=TagWriteResult(3, 2, (), 1, interrupted=True), capsys=capsys)
    assert (code, said) == (130, ["2 files restored as before run 3, 1 of them byte for byte", "recsys: interrupted"])
    code, said = told(tmp_path, "undo", done=TagWriteResult(3, 0, left, 0), capsys=capsys)
    assert (code, said[-1]) == (1, "nothing could be taken back")


def test_what_the_model_contradicts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TagWritePlan(INTENTS, (), 0, 0, 0, 1)
    kept = "the model says another genre than you have labelled 1 track with; yours is kept, unless --relabel"
    assert told(tmp_path, "tag", plan=plan, capsys=capsys)[1][0] == kept
    assert told(tmp_path, "tag", "--relabel", plan=plan, capsys=capsys)[1][0].startswith("careful: the model says")
