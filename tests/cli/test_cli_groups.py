"""An option before a subcommand is an error that names it; tried with every option of every group."""

from pathlib import Path
from typing import Any

import pytest
from cli_result import Result
from command_tree import arguments, given, groups, options, value_of

from recsys.cli.main import main

GROUPS = groups()
CASES = [
    pytest.param(path, option, name, id=f"{' '.join(path)} {option.opts[0]} {name}")
    for path, group in GROUPS
    for option in options(group)
    for name in group.commands
]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "none"))


def run(capsys: pytest.CaptureFixture[str], words: list[str]) -> Result:
    with pytest.raises(SystemExit) as exit:
        main(words)
    captured = capsys.readouterr()
    return Result(int(exit.value.code or 0), captured.out, captured.err)


def subcommand(path: tuple[str, ...], name: str) -> Any:
    return dict(GROUPS)[path].commands[name]


@pytest.mark.parametrize(("path", "option", "name"), CASES)
def test_option_before_a_subcommand_is_refused(
    path: tuple[str, ...], option: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = subcommand(path, name)
    behind = [value_of(argument) for argument in arguments(command)]
    for typed in option.opts:
        result = run(capsys, [*path, *given(option, typed), name, *behind])
        assert (result.code, result.out) == (2, "")
        [line] = result.err.splitlines()
        assert f"{typed} cannot precede the subcommand {name}" in line
        known = any(typed in other.opts for other in options(command))
        right = " ".join(["recsys", *path, name, *given(option, typed), *behind])
        assert line.endswith(f"write: {right}" if known else f"which has no option {typed}")


def test_every_group_with_options_is_tried() -> None:
    assert {path for path, _, _ in (case.values for case in CASES)} >= {("playlist",), ("likes",), ("listeners",)}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("playlist --genre jazz -n 3 save Mix", "-n and --genre #; write: recsys playlist save --genre jazz -n 3 Mix"),
        ("playlist --genre=jazz -n3 save Mix", "-n and --genre #; write: recsys playlist save --genre=jazz -n3 Mix"),
        ("playlist --genre a --genre b save -- -x", "--genre #; write: recsys playlist save --genre a --genre b -- -x"),
        ("-q playlist -n 3 save Mix", "-n #; write: recsys playlist save -n 3 Mix"),
        ("playlist --fresh save Mix", "--exclude-recent #; write: recsys playlist save --exclude-recent Mix"),
        ("likes --albums --json import f", "--albums and --json #, which has no option --albums"),
    ],
)
def test_message_has_the_right_order(typed: str, right: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, typed.split())
    assert result.code == 2
    name = "import" if "import" in typed else "save"
    assert result.err.splitlines()[-1].endswith(right.replace("#", f"cannot precede the subcommand {name}"))


@pytest.mark.parametrize("typed", ["playlist -n 3", "playlist refresh Mix", "playlist -- refresh Mix", "likes --json"])
def test_options_of_the_group_or_of_the_subcommand_are_accepted(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, typed.split()).code == 3  # there is no library


def test_unknown_subcommand_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, ["playlist", "-n", "3", "sav", "Mix"])
    assert result.code == 2
    assert "sav" in result.err
