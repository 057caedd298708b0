"""A real server process with the built page, and a real browser; without them the tests are skipped."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import recsys

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BUILT = Path(recsys.__file__).parent / "web" / "page" / "index.html"
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or not BUILT.exists(), reason="no chromium, or the page is not built"
)


@contextmanager
def server_of(home: Path) -> Iterator[str]:
    """A server of the library in ``home``; the URL that logs in, once."""
    environment = {**os.environ, "RECSYS_HOME": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "recsys", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert process.stdout is not None
    with process, process.stdout as output:
        try:
            found = None
            while found is None:
                line = output.readline()
                assert line, "the server has ended"
                found = re.search(r"http://\S+", line)
            yield found.group()
        finally:
            process.terminate()


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()
