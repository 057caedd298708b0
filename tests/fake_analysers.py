"""Listeners for tests of ingestion: the sound of a file is its text, and some texts are trouble.

Module-level functions, so that worker processes can call them.
"""

import os
import signal
import time
from pathlib import Path

from make_entries import make_outcome

from recsys.domain.audio import AnalysisResult, AudioInfo, Identity, Tags
from recsys.ingest.worker import AnalysisFailure


def identify_text(path: str) -> Identity | AnalysisFailure:
    """The first line is the audio hash; the second one, if any, the title."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] == "unreadable":
        return AnalysisFailure("open", "it is no text")
    return Identity(lines[0], AudioInfo(float(len(lines[0])), 44100, 2, "txt"), Tags(title=[*lines, None][1]))


def analyse_text(path: str) -> AnalysisResult | AnalysisFailure:
    text = Path(path).read_text(encoding="utf-8").splitlines()[0]
    if text == "silence":
        return AnalysisFailure("trim", "it is silent")
    return make_outcome(sum(text.encode()))


def analyse_or_crash(path: str) -> AnalysisResult | AnalysisFailure:
    """Dies of a segmentation fault on the text "bomb"."""
    if Path(path).read_text(encoding="utf-8").startswith("bomb"):
        os.kill(os.getpid(), signal.SIGSEGV)
    return analyse_text(path)


def hang(path: str) -> AnalysisResult | AnalysisFailure:
    """Never comes to an end by itself."""
    time.sleep(600)
    return analyse_text(path)


def hang_on_rock(path: str) -> AnalysisResult | AnalysisFailure:
    """Never comes to an end on the text "rock".

    It stands here because processes with a time limit import its module: that of a test would last until the limit on
    a busy machine.
    """
    return hang(path) if Path(path).read_text(encoding="utf-8").startswith("rock") else analyse_text(path)


def abort(*_: object) -> None:
    """In place of the life of a worker process: it dies before its first job."""
    os.abort()


def crash_on_bomb(path: str, **_: object) -> AnalysisFailure:
    """In place of a decoder: it ends its process where the name has "bomb", hangs on "hang", and refuses all others."""
    name = Path(path).name
    if "bomb" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hang" in name:
        time.sleep(600)
    return AnalysisFailure("decode", f"{name} is damaged")
