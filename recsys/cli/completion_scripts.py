"""The scripts that connect completion to a shell: ``recsys --show-completion`` and ``--install-completion``."""

import os
from pathlib import Path
from typing import NamedTuple

from recsys.errors import InvalidRequest, RecsysError

BASH = r"""_recsys_completion() {
    local reply
    COMPREPLY=()
    while IFS= read -r reply; do
        COMPREPLY+=("$reply")
    done < <(_RECSYS_COMPLETE=complete_bash _RECSYS_LINE="${COMP_LINE:0:COMP_POINT}" \
        _RECSYS_WORDBREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o default -F _recsys_completion recsys
"""

ZSH = r"""#compdef recsys
_recsys_completion() {
    local line
    local -a values texts
    while IFS= read -r line; do
        values+=("${line%%$'\t'*}")
        texts+=("${line/$'\t'/  -- }")
    done < <(_RECSYS_COMPLETE=complete_zsh _RECSYS_LINE="${words[1,CURRENT]}" recsys 2>/dev/null)
    if (( ${#values} )); then
        compadd -U -l -d texts -a values
    else
        _files
    fi
}
if [[ ${funcstack[1]} == _recsys ]]; then
    _recsys_completion "$@"
else
    compdef _recsys_completion recsys
fi
"""

FISH = r"""function __recsys_complete
    set -l found (env _RECSYS_COMPLETE=complete_fish _RECSYS_LINE=(commandline -cp | string collect) recsys 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command recsys --no-files --arguments '(__recsys_complete)'
"""

POWERSHELL = r"""Register-ArgumentCompleter -Native -CommandName recsys -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    if (-not $wordToComplete) { $line += ' ' }
    $env:_RECSYS_COMPLETE = 'complete_powershell'
    $env:_RECSYS_LINE = $line
    try {
        recsys 2>$null | ForEach-Object {
            $value, $text = $_ -split "`t", 2
            if (-not $text) { $text = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
        }
    } finally {
        Remove-Item Env:_RECSYS_COMPLETE, Env:_RECSYS_LINE
    }
}
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
_ALIASES = {"pwsh": "powershell"}
DETECT = "detect"


class Installed(NamedTuple):
    """The shell whose completion was installed, and the file with the script."""

    shell: str
    file: Path


def script(shell: str) -> str:
    """The script of a shell, or of the one that runs the program (:data:`DETECT`).

    Raises
    ------
    InvalidRequest
        The shell is unknown, or cannot be detected.
    """
    return SCRIPTS[find_shell(shell)]


def find_shell(name: str) -> str:
    """The shell of a name or, for :data:`DETECT`, the one that runs the program.

    Raises
    ------
    InvalidRequest
        The shell is unknown, or cannot be detected.
    """
    if name == DETECT:
        found = _detect()
        if found not in SCRIPTS:
            raise InvalidRequest(f"cannot detect the shell; name one of {', '.join(SCRIPTS)} after the option")
        return found
    shell = _ALIASES.get(name, name)
    if shell not in SCRIPTS:
        raise InvalidRequest(f"the shell must be one of {', '.join(SCRIPTS)}, got {name!r}")
    return shell


def _detect() -> str:
    from importlib import import_module

    shellingham = import_module("shellingham")  # of Typer; it has no types
    try:
        name = str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        name = Path(os.environ.get("SHELL", "")).name
    return _ALIASES.get(name, name)


def install(shell: str) -> Installed:
    """Write the script of a shell where the shell reads it, and add what is missing to its start file.

    Raises
    ------
    InvalidRequest
        The shell is unknown, or cannot be detected.
    RecsysError
        A file cannot be written, or PowerShell has no profile.
    """
    shell = find_shell(shell)
    home = Path.home()
    try:
        match shell:
            case "bash":
                file = _write(home / ".bash_completions" / "recsys.sh", BASH)
                _append(home / ".bashrc", f"source '{file}'")
            case "zsh":
                file = _write(home / ".zfunc" / "_recsys", ZSH)
                _append(home / ".zshrc", "fpath=(~/.zfunc $fpath)\nautoload -Uz compinit && compinit")
            case "fish":
                file = _write(home / ".config" / "fish" / "completions" / "recsys.fish", FISH)
            case _:
                file = _powershell_profile()
                _append(file, POWERSHELL.rstrip())
    except OSError as error:
        raise RecsysError(f"cannot install the completion: {error}") from error
    return Installed(shell, file)


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _append(file: Path, text: str) -> None:
    """Add lines to a file that does not have them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_bytes() if file.exists() else b""
    if text.encode() in before.replace(b"\r\n", b"\n"):
        return
    with file.open("ab") as stream:
        stream.write((b"" if not before or before.endswith(b"\n") else b"\n") + text.encode() + b"\n")


def _powershell_profile() -> Path:
    """The file that PowerShell runs at its start."""
    import shutil
    import subprocess

    program = shutil.which("pwsh") or shutil.which("powershell")
    if program is None:
        raise RecsysError("cannot find PowerShell; print the script with --show-completion powershell")
    done = subprocess.run(
        [program, "-NoProfile", "-Command", "Write-Output $PROFILE"], capture_output=True, text=True, check=False
    )
    if done.returncode or not done.stdout.strip():
        raise RecsysError("cannot find the profile of PowerShell; print the script with --show-completion powershell")
    return Path(done.stdout.strip())
