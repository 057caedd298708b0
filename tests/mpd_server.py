"""A real MPD with a music folder and no sound, and mpc."""

import os
import select
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

HAS_MPD = bool(shutil.which("mpd") and shutil.which("mpc"))
needs_mpd = pytest.mark.skipif(not HAS_MPD, reason="mpd and mpc are not installed")


class MpdServer:
    """MPD on a Unix socket in ``folder``, with the files of ``music``."""

    def __init__(self, folder: Path, music: Path, *, password: str = "", host: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.socket, self._pid_file, self._config = folder / "s", folder / "pid", folder / "mpd.conf"
        self.host, self.password = host or str(self.socket), password
        names = {"db_file": "db", "state_file": "state", "sticker_file": "stickers", "log_file": "log"}
        lines = [f'{name} "{folder / file}"' for name, file in names.items()]
        lines += [f'music_directory "{music}"', f'pid_file "{self._pid_file}"', f'bind_to_address "{self.host}"']
        lines += ["audio_output {", 'type "null"', 'name "none"', "}"]
        if password:
            lines += [f'password "{password}@read,add,control,admin"', 'default_permissions ""']
        self._config.write_text("\n".join([*lines, ""]), encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        self.mpc("update", "--wait")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start MPD; it accepts connections when this returns."""
        subprocess.run(["mpd", str(self._config)], check=True, capture_output=True)

    def stop(self) -> None:
        """Stop MPD and wait for its end."""
        process = os.pidfd_open(int(self._pid_file.read_text()))
        try:
            subprocess.run(["mpd", "--kill", str(self._config)], check=True, capture_output=True)
            select.select([process], [], [])
        finally:
            os.close(process)

    def mpc(self, *words: str) -> list[str]:
        """Run mpc; the lines that it prints."""
        host = f"{self.password}@{self.host}" if self.password else self.host
        done = subprocess.run(
            ["mpc", "-q", *words], env=os.environ | {"MPD_HOST": host}, check=True, capture_output=True, text=True
        )
        return done.stdout.splitlines()
