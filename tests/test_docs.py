"""The documents are true: commands parse, those that work offline run in order of the page, links lead somewhere."""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from documented_music import write_home

import recsys
from recsys.cli.app import app
from recsys.cli.main import hoist_global_options, main
from recsys.cli.renamed import RENAMED_OPTIONS
from recsys.config import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "benchmarks" / "README.md"]
    if "_build" not in path.parts
)
GUIDES = [path for path in PAGES if path.parent in (ROOT, DOCS, DOCS / "guide")]
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
RENAMED = DOCS / "reference" / "renamed.md"

WrongUsage: Any = typer.BadParameter.__base__  # Typer brings its own click, or uses the public one

#: Commands that are parsed but not run, and why.
NOT_RUN = {
    r"\brecsys (watch|serve|mpd|blissmixer)\b": "runs until it is interrupted",
    r"--scheduler\b": "needs a Dask cluster",
    r"postgresql": "needs a server",
    r"\brecsys (links? |push|pull)": "needs a music server",
    r"\brecsys genre tune\b": "searches for minutes",
    r"EMOTIFY|HOME_D": "needs collections of the benchmarks",
}


class Command(NamedTuple):
    """A command of recsys in a page: its line, the words behind ``recsys``, and the file that its output goes to."""

    line: str
    words: list[str]
    output: str | None = None


def blocks(text: str, language: str) -> list[str]:
    """The contents of fenced blocks; they may be indented in a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, flags=re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", content, flags=re.MULTILINE) for indent, content in found]


def lines(page: Path) -> list[str]:
    """The commands of a page: the lines behind a prompt."""
    typed = "\n".join(blocks(page.read_text(encoding="utf-8"), "console"))
    return [line.removeprefix("$ ") for line in typed.splitlines() if line.startswith("$ ")]


def commands(line: str) -> Iterator[Command]:
    """The commands of recsys in a line of a shell, which may hold pipes, redirections and comments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;>")
    lexer.whitespace_split = True
    words: list[str] = []
    output = None
    for token in [*lexer, ";"]:
        if token in ("|", "&&", ";"):
            if words and words[0] == "recsys":
                yield Command(line, words[1:], output)
            words, output = [], None
        elif token == ">":
            output = ""
        elif output == "":
            output = token
        else:
            words.append(token)


def program() -> tuple[Any, dict[str, Any]]:
    """The program, and its commands by what is typed for them."""
    root = typer.main.get_command(app)
    found: dict[str, Any] = {"recsys": root}
    for name, command in list(_walk(root, "recsys")):
        found[name] = command
    return root, found


def _walk(group: Any, typed: str) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield f"{typed} {name}", command
        yield from _walk(command, f"{typed} {name}")


COMMANDS = program()[1]
SHOWN = [(page, command) for page in PAGES for line in lines(page) for command in commands(line)]


@pytest.fixture(scope="module")
def parser() -> Any:
    """The program with commands that do nothing: calling it only parses."""
    root, found = program()
    for command in found.values():
        command.callback = lambda **_: None
    return root


@pytest.mark.parametrize(
    ("page", "command"), SHOWN, ids=[f"{page.stem}: {command.line[:60]}" for page, command in SHOWN]
)
def test_every_command_in_a_document_parses(parser: Any, page: Path, command: Command) -> None:
    words = hoist_global_options(command.words)
    try:
        parser(words, prog_name="recsys", standalone_mode=False)
    except WrongUsage as error:
        pytest.fail(f"{page.name}: {command.line}: {error.format_message()}")


@pytest.mark.parametrize(
    "line", ["recsys similar A --no-such", "recsys genre train", "recsys genre train m --algorithm x"]
)
def test_a_wrong_command_does_not_parse(parser: Any, line: str) -> None:
    with pytest.raises(WrongUsage):
        parser(line.split()[1:], prog_name="recsys", standalone_mode=False)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_options_in_the_text_exist(page: Path) -> None:
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    quoted = re.findall(r"`([^`\n]+)`", text)
    named = [match[1] for code in quoted if (match := re.match(r"(recsys(?: [a-z][a-z-]*)+)", code))]
    unknown = [name for name in named if " ".join(name.split()[:2]) not in COMMANDS]
    assert unknown == []
    if page in (RENAMED, ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"):
        return  # old names, and options of other programs
    options = {each for c in COMMANDS.values() for p in c.params for each in (*p.opts, *p.secondary_opts)} | {
        "--help",
        "--executor",
    }
    quoted = [code for code in quoted if not re.match(r"(benchmarks|scripts)/", code)]
    used = {match for code in quoted for match in re.findall(r"(?<!\S)--[a-z][a-z-]+", code)}
    assert used - options - {"--files-from"} == set()


def test_old_names_of_options_are_not_used() -> None:
    rows = re.findall(r"^\| (.+?) \| `(--[a-z-]+)` \| `(--[a-z-]+)` \|$", RENAMED.read_text(), flags=re.MULTILINE)
    old = {name for _, name, _ in rows}
    documented: dict[str, dict[str, str]] = {}
    for listed, name, new in rows:
        for command in re.findall("`(.+?)`", listed):
            documented.setdefault(command, {})[name] = new
    assert documented == RENAMED_OPTIONS
    used = {(page.name, word) for page, command in SHOWN for word in command.words if word.split("=")[0] in old}
    assert used == set()


@pytest.mark.parametrize("typed", [n for n, c in COMMANDS.items() if not hasattr(c, "commands") and not c.hidden])
def test_every_command_is_in_a_guide(typed: str) -> None:
    assert any(re.search(rf"\b{typed}\b", page.read_text(encoding="utf-8")) for page in GUIDES)


def test_every_setting_is_documented() -> None:
    text = (DOCS / "guide" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.__dataclass_fields__ if f"| `{name}` | `RECSYS_{name.upper()}` |" not in text]
    assert missing == []


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_and_option_has_a_help_text(typed: str) -> None:
    command = COMMANDS[typed]
    assert command.help
    for parameter in command.params:
        assert parameter.help or parameter.hidden, f"{typed} does not explain {parameter.name}"


@pytest.mark.parametrize("typed", COMMANDS)
def test_no_help_text_is_swallowed_as_markup(typed: str) -> None:
    from rich.text import Text

    texts = {parameter.name: parameter.help or "" for parameter in COMMANDS[typed].params} | {"": COMMANDS[typed].help}
    for name, text in texts.items():
        assert Text.from_markup(text).plain == text, f"{typed} {name}"
        assert not text.endswith(" .")


class Home(NamedTuple):
    """A home folder with music and a library, and a copy of both as they were."""

    path: Path
    pristine: Path

    def restore(self) -> None:
        """As at the beginning."""
        shutil.rmtree(self.path)
        shutil.copytree(self.pristine, self.path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Music that is ingested, in genres predicted by a model of its folders, with two likes."""
    path = tmp_path_factory.mktemp("documented") / "home"
    write_home(path)
    library = str(path / "library")
    run(["--home", library, "ingest", str(path / "Music"), "--jobs", "1"])
    run(["--home", library, "genre", "train", "folders", "--labels", "folders", "--algorithm", "logistic"])
    run(["--home", library, "genre", "predict", "folders"])
    run(["--home", library, "like", "Free Energy", "La Maltese"])
    pristine = path.with_name("pristine")
    shutil.copytree(path, pristine)
    return Home(path, pristine)


@pytest.fixture
def home(prepared: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of a reader, whose current folder has exports of other programs."""
    prepared.restore()
    monkeypatch.setenv("HOME", str(prepared.path))
    monkeypatch.setenv("USERPROFILE", str(prepared.path))
    monkeypatch.setenv("RECSYS_HOME", str(prepared.path / "library"))
    monkeypatch.setenv("RECSYS_JOBS", "1")
    monkeypatch.chdir(prepared.path / "work")
    return prepared.path


def run(words: list[str]) -> str:
    """What a command prints; it must succeed."""
    raw = BytesIO()  # playlists are written to stdout as bytes
    out = TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0, f"recsys {shlex.join(words)} ended with {ended.value.code}"
    return raw.getvalue().decode()


def typed_in_shell(word: str) -> str:
    """``~`` at the beginning of a word, as a shell expands it."""
    return str(Path(word).expanduser()) if word.startswith("~") else word


RUN = [page for page in PAGES if any(commands(line) for line in lines(page)) and page.name != "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", RUN, ids=[path.relative_to(ROOT).as_posix() for path in RUN])
@pytest.mark.usefixtures("home")
def test_the_commands_of_a_page_run_in_its_order(page: Path) -> None:
    for line in lines(page):
        if line.startswith("mkdir -p "):
            Path(typed_in_shell(line.split()[-1])).mkdir(parents=True)
        for command in commands(line):
            if any(re.search(pattern, line) for pattern in NOT_RUN):
                continue
            printed = run([typed_in_shell(word) for word in command.words])
            if command.output:
                Path(command.output).write_text(printed, encoding="utf-8")


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_is_documented(pattern: str) -> None:
    assert any(re.search(pattern, command.line) for _, command in SHOWN)


WITH_PYTHON = (DOCS / "guide" / "python.md", ROOT / "README.md")
PYTHON = [code for page in WITH_PYTHON for code in blocks(page.read_text(encoding="utf-8"), "python")]


@pytest.mark.skipif(not hasattr(recsys, "Library"), reason="the Python API is not there yet")
@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
@pytest.mark.usefixtures("home")
def test_python_examples_run(code: str) -> None:
    exec(compile(code, "a document", "exec"), {"__name__": "example"})


def test_the_first_python_example_is_a_short_script_that_writes_a_playlist(home: Path) -> None:
    assert "ingest" in PYTHON[0]
    assert "similar" in PYTHON[0]
    assert ".save(" in PYTHON[0]
    assert len([line for line in PYTHON[0].splitlines() if line.strip()]) <= 15


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them, and its explicit targets."""
    text = page.read_text(encoding="utf-8")
    if "<!-- generated: " in text:
        sys.path.insert(0, str(DOCS / "_ext"))
        try:
            from generated_pages import expand
        finally:
            sys.path.pop(0)
        text = expand(text)
    text = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    found = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return found | set(re.findall(r"^\(([\w-]+)\)=$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in slugs(file), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_distribution_has_its_own_name(page: Path) -> None:
    assert not re.search(r"pip install [^\n]*\brecsys(?!-music)\b", page.read_text(encoding="utf-8"))


def test_scripts_that_are_typed_exist() -> None:
    words = {word for page in PAGES for line in lines(page) for word in line.split()}
    typed = {word for word in words if re.match(r"(scripts|benchmarks)/", word)}
    assert typed
    assert [word for word in typed if not (ROOT / word).is_file()] == []


def test_files_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {path for path in re.findall(r"`([a-z_]+/[\w/.]*)`", text) if "NAME" not in path}
    assert len(named) > 20
    assert [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "recsys"))] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200
