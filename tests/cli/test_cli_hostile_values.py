"""Every option and argument of every command with values that no user means: one clear line, never a traceback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_result import Result
from command_tree import arguments, options, walk
from synthetic_library import all_kinds, make_library, unit

from recsys import Library
from recsys.cli.main import main

NUMBERS = {"nan": "nan", "inf": "inf", "huge": str(10**30), "negative": "-1", "digits": "9" * 5000, "empty": ""}
TEXTS = {
    "empty": "",
    "blank": "   ",
    "digits": "9" * 5000,
    "zero": "a\0b",
    "surrogate": "\udcff\ud800",
    "long": "x" * 300,
    "very long": "x/" * 50_000,
    "no user": "~nobody-here/music",
    "option": "--nope",
    "line": "a\nb",
    "direction": "\u202eabc",
}
MAX_LINE = 2500


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    make_library(home, all_kinds())
    return home


@pytest.fixture(autouse=True)
def _environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(home))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setattr(Library, "watch", lambda *_, **__: None)
    monkeypatch.setattr("recsys.web.server._Server.run", lambda *_, **__: None)
    monkeypatch.setattr("recsys.mpd.daemon.run", lambda *_, **__: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)


def run(capsys: pytest.CaptureFixture[str], words: list[str]) -> Result:
    with pytest.raises(SystemExit) as exit:
        main(words)
    captured = capsys.readouterr()
    code = exit.value.code
    assert isinstance(code, int | None)
    return Result(code or 0, captured.out, captured.err)


def placed(command: Any) -> list[str]:
    """A word for each argument that is needed."""
    return ["1" for argument in arguments(command) if argument.required]


def is_text(parameter: Any) -> bool:
    return parameter.type.name not in ("integer", "float", "integer range", "float range", "choice")


def values(parameter: Any) -> dict[str, str]:
    return TEXTS if is_text(parameter) else NUMBERS


def typed_lines(path: tuple[str, ...], command: Any) -> Iterator[list[str]]:
    """Command lines with each value of each parameter, the others as they must be."""
    behind = [] if getattr(command, "commands", None) else ["--", *placed(command)]
    common = {each.opts[0] for group, parent in walk() if group == path[:-1] for each in options(parent)}
    for option in options(command):
        if not option.is_flag and option.opts[0] not in common:  # those of the group are tried with it
            name = option.opts[0]
            for value in values(option).values():
                yield [*path, *([f"{name}={value}"] if name.startswith("--") else [name, value]), *behind]
    for at, argument in enumerate(arguments(command)):
        for value in values(argument).values():
            words = placed(command)
            words[at : at + 1] = [value]
            yield [*path, "--", *words]


def check(result: Result, typed: list[str]) -> None:
    """One line of an error, or what the command prints if it accepts the value."""
    assert result.code in (0, 1, 2, 3, 4), typed
    assert "Traceback" not in result.err, typed
    assert "unexpected" not in result.err, (typed, result.err)
    errors = [line for line in result.err.splitlines() if line.startswith("recsys: error:")]
    errors = [line for line in errors if " is unchanged: it does not exist" not in line]  # one for each file of a list
    if result.code in (1, 2, 3) and "doctor" not in typed:
        assert len(errors) == 1 or "is unchanged" in result.err, (typed, result)
        assert all(len(line) < MAX_LINE for line in errors), typed[:2]
    assert "\0" not in result.err
    assert "\u202e" not in result.err


COMMANDS = [
    pytest.param(path, command, id=" ".join(path))
    for path, command in walk()
    if path and path != ("demo",)  # which has no values, and makes music
]


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_hostile_values_end_in_one_line(
    path: tuple[str, ...], command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for typed in typed_lines(path, command):
        check(run(capsys, typed), typed)


def test_wrong_numbers_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for typed in (
        "playlist --year nan", "playlist --bpm inf", "playlist --minutes nan", "playlist --diversity inf",
        f"playlist -n {'9' * 5000}", "tracks --limit nan", "similar 1 --year nan", "similar 1 --bpm inf",
        "similar 1 -n -1", f"similar 1 -n {'9' * 5000}", "rate 1 nan", "playlist -n nan",
    ):  # fmt: skip
        assert run(capsys, typed.split()).code == 2, typed


def test_huge_limits_are_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(run(capsys, ["similar", "1", "-n", str(10**30)]).out.splitlines()) == 24  # and a line of headings
    assert len(run(capsys, ["tracks", "--limit", str(10**30)]).out.splitlines()) == 25


def test_endless_argument_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, ["show", "x/" * 50_000])
    assert result.code == 3
    assert "x/x…x/x" in result.err.replace("x/x/", "x/")
    assert len(result.err) < MAX_LINE
