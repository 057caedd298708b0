"""Completion: the candidates of a line, the protocol of each shell, and the scripts, in bash for real."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from cli_result import Result
from synthetic_library import all_kinds, make_library, make_song

from recsys.cli import completion_scripts
from recsys.cli.app import app
from recsys.cli.completion import CHOICES, KINDS, KINDS_BY_PARAMETER, complete
from recsys.cli.main import main
from recsys.cli.shell_words import Word, quote_word, split_line
from recsys.errors import InvalidRequest, RecsysError
from recsys.export.playlist_formats import FORMATS

ROOT: Any = typer.main.get_command(app)
BREAKS = " \t\n\"'><=;|&(:"
posix = pytest.mark.skipif(sys.platform == "win32", reason="bash and pseudo-terminals of POSIX")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    songs = [
        make_song("jazz", 91, title="So What", artist="Miles Davis", genre="Bebop"),
        make_song("jazz", 92, title="Etude: No. 3 (live)", artist="Bill"),
        make_song("jazz", 93, title="It's $5", artist="Björk"),
    ]
    make_library(folder, [*all_kinds(), *songs])
    return folder


@pytest.fixture
def values(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """The candidates of a line, whose last word is incomplete."""
    monkeypatch.setenv("RECSYS_HOME", str(home))

    def values(line: str) -> list[str]:
        *words, last = split_line(line)
        return [candidate.value for candidate in complete(ROOT, [word.value for word in words], last.value)]

    return values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("si", ["similar"]),
        ("playlist sa", ["save", "saved"]),
        ("db ", ["upgrade"]),
        ("similar so", ["So What"]),
        ("similar 'miles davis - s", ["Miles Davis - So What"]),
        ("similar 1 so", ["So What"]),
        ("show 1 so", []),
        ("path 1 so", ["So What"]),
        ("similar --genre f", ["folk"]),
        ("similar --genre=f", ["--genre=folk"]),
        ("playlist --not-genre te", ["techno"]),
        ("playlist --from so", ["So What"]),
        ("playlist --quota j", ["jazz="]),
        ("playlist save --mood ca", ["calm"]),
        ("playlist --energy a", ["arc"]),
        ("playlist --format ", list(FORMATS)),
        ("genre use d", ["default"]),
        ("classify --model ", ["default"]),
        ("genre train mine --algorithm l", ["linear-svm", "logistic"]),
        ("plot --projection ", ["pca", "umap"]),
        ("similar --exp", ["--explain"]),
        ("likes import --like", ["--like-threshold"]),
        ("playlist --fre", []),
        ("similar -- --exp", []),
        ("similar --nope so", ["So What"]),
        ("--ho", ["--home"]),
        ("similar --ho", ["--home"]),
        ("similar -n 5 so", ["So What"]),
        ("similar --json so", ["So What"]),
        ("--show-completion z", ["zsh"]),
        ("ingest ", []),
        ("similar --album 'album of j", ["album of jazz"]),
        ("tracks --artist 'miles d", ["Miles Davis"]),
        ("tracks --tagged-genre be", ["Bebop"]),
    ],
)
def test_candidates_of_a_line(values: Callable[[str], list[str]], line: str, expected: list[str]) -> None:
    assert values(line) == expected


def test_the_library_is_that_of_the_line(
    values: Callable[[str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path, [make_song("folk", 1, title="Song of another library")])
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "none"))
    home = shlex.quote(str(tmp_path))
    assert values(f"--home {home} similar so") == ["Song of another library"]
    assert values(f"similar --home={home} --genre ") == ["folk"]
    assert values(f"similar --database sqlite:///{home}/library.db --genre ") == ["folk"]


def test_tables_of_completion_name_parameters_that_exist() -> None:
    found, metavars = set(), set()

    def walk(group: Any, typed: str) -> None:
        for parameter in group.params:
            found.add((typed.strip(), parameter.name))
            metavars.add(parameter.metavar)
        for name, command in getattr(group, "commands", {}).items():
            walk(command, f"{typed}{name} ")

    walk(ROOT, "")
    assert set(KINDS_BY_PARAMETER) <= found
    assert set(KINDS) | set(CHOICES) <= metavars
    assert CHOICES["FORMAT"] == tuple(FORMATS)
    assert CHOICES["[SHELL]"] == tuple(completion_scripts.SCRIPTS)


def ask(home: Path, shell: str, line: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run the program as the script of a shell does."""
    monkeypatch.setenv("RECSYS_HOME", str(home))
    monkeypatch.setenv("_RECSYS_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("_RECSYS_LINE", line)
    monkeypatch.setenv("_RECSYS_WORDBREAKS", BREAKS)
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as end:
        main([])
    return Result(int(end.value.code or 0), out.getvalue(), "")


@pytest.mark.parametrize(
    ("shell", "printed"),
    [
        ("bash", "So\\ What\n"),
        ("zsh", "So What\n"),
        ("fish", "So What\n"),
        ("powershell", "'So What'\n"),
    ],
)
def test_every_shell_reads_its_own_form(home: Path, shell: str, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(home, shell, "recsys similar so", monkeypatch) == (0, printed, "")


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_shells_with_descriptions_have_them_after_a_tab(
    home: Path, shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = ask(home, shell, "recsys playlist --exclude-", monkeypatch).out
    assert printed == "--exclude-recent\tNo tracks of the last ten playlists that were written.\n"
    assert ask(home, "bash", "recsys playlist --exclude-", monkeypatch).out == "--exclude-recent\n"


@pytest.mark.parametrize(
    "line", ["recsys similar 'so", "recsys similar so", "recsys genre use x", "recsys tracks --genre "]
)
def test_errors_of_completion_are_silent(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "library.db").write_bytes(b"not a database" * 100)
    result = ask(tmp_path, "bash", line, monkeypatch)
    assert result.out == ""
    (tmp_path / "config.toml").write_text("jobs = \n")
    assert ask(tmp_path, "bash", line, monkeypatch).out == ""
    monkeypatch.setenv("_RECSYS_COMPLETE", "nonsense")
    with pytest.raises(SystemExit, match="1"):
        main([])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b", [("a", "a", ""), ("b", "b", "")]),
        ("a ", [("a", "a", ""), ("", "", "")]),
        ("'a b' c", [("a b", "'a b'", ""), ("c", "c", "")]),
        ('"a b', [("a b", '"a b', '"')]),
        ("a\\ b", [("a b", "a\\ b", "")]),
        ("x'y z'w", [("xy zw", "x'y z'w", "")]),
        ('"a\\"b', [('a"b', '"a\\"b', '"')]),
        ('"a\\b', [("a\\b", '"a\\b', '"')]),
        ("''", [("", "''", "")]),
        ("a \\", [("a", "a", ""), ("", "\\", "")]),
    ],
)
def test_line_is_split_like_a_shell(line: str, words: list[tuple[str, str, str]]) -> None:
    assert split_line(line) == words


def test_powershell_escapes_with_backticks() -> None:
    assert [word.value for word in split_line("C:\\Music So`  W", escape="`")] == ["C:\\Music", "So ", "W"]
    assert quote_word("It's", Word("It", "It"), "powershell") == "'It''s'"
    assert quote_word("jazz", Word("j", "j"), "powershell") == "jazz"


def test_bash_replaces_only_what_follows_a_word_break() -> None:
    assert quote_word("Etude: No 3", Word("Etude:", "Etude:"), "bash", BREAKS) == "\\ No\\ 3"
    assert quote_word("Etude: No 3", Word("Etude: N", "Etude:\\ N"), "bash", BREAKS) == "\\ No\\ 3"
    assert quote_word("Etude: No 3", Word("Etude: N", "Etude\\:\\ N"), "bash", BREAKS) == "Etude:\\ No\\ 3"
    assert quote_word("Etude: No 3", Word("Etude:", "Etude:"), "bash", " =") == "Etude:\\ No\\ 3"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return Result(int(end.value.code or 0), *capsys.readouterr())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "pwsh"])
def test_script_is_printed_for_every_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, "--show-completion", shell)
    assert (result.code, result.err) == (0, "")
    assert f"complete_{'powershell' if shell == 'pwsh' else shell}" in result.out
    assert "_RECSYS_LINE" in result.out


def test_shell_is_detected_or_has_to_be_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shellingham = import_module("shellingham")
    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("zsh", "/bin/zsh"))
    assert run(capsys, "--show-completion").out == completion_scripts.ZSH
    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("cmd", "cmd.exe"))
    result = run(capsys, "--show-completion")
    assert (result.code, result.out) == (2, "")
    assert "name one of bash, zsh, fish, powershell" in result.err
    assert run(capsys, "--show-completion", "csh").code == 2

    def fail() -> None:
        raise shellingham.ShellDetectionFailure

    monkeypatch.setattr(shellingham, "detect_shell", fail)
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert run(capsys, "--show-completion").out == completion_scripts.FISH


@pytest.mark.parametrize(
    ("shell", "script", "start_file"),
    [
        ("bash", ".bash_completions/recsys.sh", ".bashrc"),
        ("zsh", ".zfunc/_recsys", ".zshrc"),
        ("fish", ".config/fish/completions/recsys.fish", None),
    ],
)
def test_installing_twice_changes_a_start_file_once(
    shell: str,
    script: str,
    start_file: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    if start_file:
        (tmp_path / start_file).write_bytes(b"# \xff mine")
    for _ in range(2):
        result = run(capsys, "--install-completion", shell)
        assert (result.code, result.out) == (0, "")
        assert f"completion for {shell} is installed in {tmp_path / script}" in result.err
    assert (tmp_path / script).read_text(encoding="utf-8") == completion_scripts.SCRIPTS[shell]
    if start_file:
        text = (tmp_path / start_file).read_bytes()
        assert text.startswith(b"# \xff mine\n")
        assert text.count(b"source" if shell == "bash" else b"compinit &&") <= 1
        assert len(text.splitlines()) == {"bash": 2, "zsh": 3}[shell]


def test_powershell_needs_its_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(RecsysError, match="cannot find PowerShell; print the script"):
        completion_scripts.install("powershell")
    monkeypatch.setattr("shutil.which", lambda name: name)
    profile = tmp_path / "PowerShell" / "profile.ps1"
    answer = subprocess.CompletedProcess([], 0, f"{profile}\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    for _ in range(2):
        assert completion_scripts.install("pwsh") == ("powershell", profile)
    assert profile.read_text(encoding="utf-8") == completion_scripts.POWERSHELL
    with pytest.raises(InvalidRequest, match="the shell must be one of"):
        completion_scripts.install("tcsh")


def test_unwritable_home_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr(Path, "home", lambda: file)
    with pytest.raises(RecsysError, match="cannot install the completion"):
        completion_scripts.install("fish")


@pytest.fixture
def program(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program ``recsys`` that completes, and otherwise writes its arguments to a file."""
    arguments = tmp_path / "arguments.json"
    program = tmp_path / "bin" / "recsys"
    program.parent.mkdir()
    code = f"import json, sys; json.dump(sys.argv[1:], open({str(arguments)!r}, 'w'))"
    program.write_text(
        f'#!/bin/sh\nif [ -n "$_RECSYS_COMPLETE" ]; then exec {shlex.quote(sys.executable)} -m recsys; fi\n'
        f'exec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "completion.sh").write_text(completion_scripts.BASH)
    monkeypatch.setenv("RECSYS_HOME", str(home))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(completion_scripts.__file__).parents[2]))
    monkeypatch.setenv("TERM", "dumb")
    return tmp_path


@posix
@pytest.mark.parametrize(
    ("keys", "arguments"),
    [
        ("recsys simi\t so\t", ["similar", "So What"]),
        ("recsys similar 'so\t", ["similar", "So What"]),
        ('recsys similar "it\t', ["similar", "It's $5"]),
        ("recsys similar it\t", ["similar", "It's $5"]),
        ("recsys similar 'it\t", ["similar", "It's $5"]),
        ("recsys similar etu\t --explain", ["similar", "Etude: No. 3 (live)", "--explain"]),
        ("recsys similar Etude:\\ n\t", ["similar", "Etude: No. 3 (live)"]),
        ("recsys playlist --genre=fo\t --quota ja\t30%", ["playlist", "--genre=folk", "--quota", "jazz=30%"]),
        ("recsys ingest compl\t", ["ingest", "completion.sh"]),
    ],
)
def test_bash_completes_what_is_typed(program: Path, keys: str, arguments: list[str]) -> None:
    import pty

    control, terminal = pty.openpty()
    with subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"], stdin=terminal, stdout=terminal, stderr=terminal, cwd=program,
        start_new_session=True,
    ) as shell:  # fmt: skip
        os.close(terminal)
        os.write(control, f"source completion.sh\n{keys}\nexit\n".encode())
        while _read(control):
            pass
        shell.wait()
    os.close(control)
    assert json.loads((program / "arguments.json").read_text()) == arguments


def _read(control: int) -> bytes:
    """Output of a terminal; empty at its end, which Linux reports as an error."""
    try:
        return os.read(control, 4096)
    except OSError:
        return b""
