"""The tables of the terminal: every field is an option, every hint a command, every old option a new one."""

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from cli_result import Result
from synthetic_library import all_kinds, make_library, unit

import recsys
from recsys import errors
from recsys.cli.app import app
from recsys.cli.main import hoist_global_options, main
from recsys.cli.messages import COMMAND_OPTIONS, EXIT_STATUS, HINTS, OPTIONS, hint, message
from recsys.cli.output import Column, table_lines
from recsys.cli.renamed import RENAMED_OPTIONS, rename_options
from recsys.config import Settings
from recsys.errors import Hint, InvalidRequest, NotFound, RecsysError

PACKAGE = Path(recsys.__file__).parent
CHECKS = (
    "check_number", "check_min", "check_range", "check_interval", "check_choice", "whole", "texts", "instances",
    "interval", "folder_map",
)  # fmt: skip
#: Fields of the Python API that no command line sets.
ONLY_PYTHON = {
    "encoding",
    "current",
    "max_bit_rate",
    "order",
    "position_ms",
    "start",
    "after",
    "filter",
    "offset",
    "kind",
    "request",
    "since",
    "value",
    "y",
    "patches_per_window",
}
WrongUsage: Any = typer.BadParameter.__base__  # Typer brings its own click, or uses the public one


def commands() -> dict[str, Any]:
    """All commands by what is typed for them after ``recsys``."""
    found: dict[str, Any] = {}

    def walk(group: Any, typed: str) -> None:
        for name, command in getattr(group, "commands", {}).items():
            found[f"{typed}{name}"] = command
            walk(command, f"{typed}{name} ")

    walk(typer.main.get_command(app), "")
    return found


COMMANDS = commands()
OPTION_NAMES = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
METAVARS = {parameter.metavar for command in COMMANDS.values() for parameter in command.params if parameter.metavar}
GLOBAL_OPTIONS = {"--home", "--database"}


def fields() -> Iterator[tuple[str, str]]:
    """Every field that an error in the package names as a constant, with the place."""
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] == "web" and path.name != "options.py":  # fields are those of requests
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            values = [keyword.value for keyword in node.keywords if keyword.arg == "field"]
            values += [
                element for keyword in node.keywords if keyword.arg == "others" for element in _elements(keyword)
            ]
            if isinstance(node.func, ast.Name) and node.func.id in CHECKS:
                values += node.args[:1]
            for value in values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and "test" not in path.name:
                    yield value.value, f"{path.relative_to(PACKAGE)}:{node.lineno}"


def _elements(keyword: ast.keyword) -> list[ast.expr]:
    return keyword.value.elts if isinstance(keyword.value, ast.Tuple | ast.List) else []


def is_typed(name: str) -> bool:
    """Whether a user can type this option or argument."""
    return name in OPTION_NAMES | GLOBAL_OPTIONS or any(name in metavar for metavar in METAVARS)


def test_every_field_of_an_error_is_an_option() -> None:
    found = dict(fields())
    assert len(found) > 30
    unknown = {}
    for field, place in found.items():
        label = message(InvalidRequest("is wrong", field=field)).removesuffix(" is wrong")
        if not is_typed(label) and field not in Settings.__dataclass_fields__ and field not in ONLY_PYTHON:
            unknown[field] = f"{label} ({place})"
    assert unknown == {}


@pytest.mark.parametrize("request_type", [recsys.TrackFilter, recsys.PlaylistRequest, recsys.PathOptions, recsys.Quota])
def test_every_field_of_a_request_is_an_option(request_type: Any) -> None:
    own = {"filter", "genre", "share", "count"}  # parts of other options
    labels = {name: message(InvalidRequest("", field=name)).strip() for name in request_type.__dataclass_fields__}
    assert {name: label for name, label in labels.items() if name not in own and not is_typed(label)} == {}


def test_tables_have_no_unused_entries() -> None:
    known = {name for name, _ in fields()} | set(recsys.TrackFilter.__dataclass_fields__)
    known |= set(recsys.PlaylistRequest.__dataclass_fields__)
    assert set(OPTIONS) <= known
    for command, options in COMMAND_OPTIONS.items():
        names = {option for parameter in COMMANDS[command].params for option in parameter.opts}
        assert set(options.values()) <= names


def test_exit_statuses_belong_to_codes() -> None:
    codes = {
        value.code for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RecsysError)
    }
    assert set(EXIT_STATUS) <= codes


def test_a_field_may_have_another_option_in_a_command() -> None:
    error = InvalidRequest("must not be negative", field="min_duration", value=-1.0)
    assert message(error) == "--shortest must not be negative, got -1"
    assert message(error, command="ingest") == "--min-duration must not be negative, got -1"


def test_hint_follows_the_message() -> None:
    error = NotFound("no playlist is saved", hint=Hint.SAVE_PLAYLIST)
    assert message(error) == "no playlist is saved; save one with: recsys playlist save NAME"


@pytest.fixture(scope="module")
def parser() -> Any:
    """The program with commands that do nothing: calling it only parses."""
    root = typer.main.get_command(app)

    def disarm(command: Any) -> None:
        command.callback = lambda **_: None
        for each in getattr(command, "commands", {}).values():
            disarm(each)

    disarm(root)
    return root


VALUES = {"extra": "dask", "file": "old.json", "name": "mine", "run": "3", "folder": "/music"}


@pytest.mark.parametrize("action", Hint)
def test_every_hint_is_a_text_whose_commands_parse(parser: Any, action: Hint) -> None:
    text = hint(action, VALUES)
    assert "{" not in text
    for typed in re.findall(r"recsys ([^:,;>()]+)", text):
        words = shlex.split(typed)
        if words[0] in ("again", "FOLDER"):  # "install recsys again"
            continue
        parser(hoist_global_options(words), prog_name="recsys", standalone_mode=False)
    for option in re.findall(r"--[a-z-]+", text):
        assert option in OPTION_NAMES | GLOBAL_OPTIONS


def test_hints_have_a_table_entry_each() -> None:
    assert set(HINTS) == set(Hint)


@pytest.mark.parametrize("command", RENAMED_OPTIONS)
def test_old_options_have_a_new_one(command: str) -> None:
    names = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    for old, new in RENAMED_OPTIONS[command].items():
        assert new in names
        assert old not in names


def test_renamed_options_keep_their_values() -> None:
    words, replaced = rename_options(["likes", "import", "x.csv", "--map-path=/a=/b", "--like-from", "3", "--json"])
    assert words == ["likes", "import", "x.csv", "--input-path-map=/a=/b", "--like-threshold", "3", "--json"]
    assert replaced == {"--map-path": "--input-path-map", "--like-from": "--like-threshold"}
    assert rename_options(["path", "A", "B", "--map-path", "/a=/b"])[0][3] == "--path-map"
    assert rename_options(["similar", "--", "--fresh"]) == (["similar", "--", "--fresh"], {})
    assert rename_options(["playlist", "--from", "x", "--", "--fresh"])[1] == {}
    assert rename_options([]) == ([], {})


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds())

    def run(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as end:
            main(["--home", str(tmp_path), *arguments])
        return Result(int(end.value.code or 0), *capsys.readouterr())

    return run


def test_old_option_works_and_its_new_name_is_printed(run: Run) -> None:
    result = run("playlist", "--from", "1", "-n", "2", "--variety=3", "--adventure", "1", "--json")
    assert result.code == 0
    assert result.err.splitlines() == ["--variety is called --diversity now", "--adventure is called --exploration now"]
    assert len(result.json["tracks"]) == 2
    assert run("playlist", "--from", "1", "-n", "2", "--variety=3", "--json", "--quiet").err == ""


def test_old_options_are_not_in_the_help(run: Run) -> None:
    for command, names in RENAMED_OPTIONS.items():
        out = run(*command.split(), "--help").out
        for old, new in names.items():
            assert not re.search(rf"{old}\b", out)
            assert new in out


def test_error_names_the_option_that_was_typed(run: Run) -> None:
    for typed, start in (
        ("playlist --per-artist -1", "--per-artist must be at least 0, got -1"),
        ("playlist --exploration 11", "--exploration must be from 0 to 10, got 11"),
        (
            "playlist --year 1999-1990",
            "--year must go from a lower to a higher number between 0 and 9999, got 1999-1990",
        ),
        ("playlist --n 5", "No such option: --n"),
        ("playlist -n 5 --minutes 5", "-n cannot be combined with --minutes"),
        ("playlist --include-seeds", "--include-seeds needs --from"),
        ("playlist --quota jazz", "--quota must be a share such as jazz=30%, or a count such as jazz=5, got 'jazz'"),
        ("playlist --valence 0.5", "--valence must be two numbers such as 0.6-1, got '0.5'"),
        ("path 1 2 --shortest x", "--shortest must be seconds, or minutes and seconds such as 1:30, got 'x'"),
        ("ingest . --max-duration -1", "--max-duration must not be negative, got -1"),
        ("ingest . --time-budget soon", "--time-budget must be a time such as 2h, 1h30m, 45m or 90s, got 'soon'"),
    ):
        result = run(*typed.split())
        assert result.code == 2
        assert result.err.startswith(f"recsys: error: {start}")


def test_long_name_does_not_widen_other_lines_of_a_pipe() -> None:
    columns = [Column("id", right=True), Column("title", shrinkable=True), Column("genre")]
    long = "a very long title " * 9
    heading, first, second = table_lines(columns, [(1, "short", "jazz"), (2, long, "folk")], None)
    assert heading.index("genre") == first.index("jazz") < 50
    assert second == f" 2  {long}  folk"  # nothing is cut off
    assert max(map(len, table_lines(columns, [(1, "short", "jazz"), (2, long, "folk")], 40))) <= 40


def test_columns_are_left_out_where_a_terminal_is_too_narrow() -> None:
    columns = [Column("id", right=True), Column("title", shrinkable=True), Column("genre", spare=1)]
    columns += [Column("key", spare=2)]
    rows = [(1, "a long title of a track", "electronic", "Am (8A)")]
    headings = {width: next(iter(table_lines(columns, rows, width))).split() for width in (80, 37, 30, 20, 5)}
    assert headings[80] == headings[37] == ["id", "title", "genre", "key"]
    assert headings[30] == ["id", "title", "genre"]
    assert headings[20] == headings[5] == ["id", "title"]
    for width in (80, 37, 30, 20):
        assert max(map(len, table_lines(columns, rows, width))) <= width
