"""The real program on a folder full of trouble, and killed in the middle: nothing is lost, every file accounted for."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from signals import music, silence, tone, write_audio

SR = 22050


def recsys(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "recsys", "--home", str(home), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)


def trouble(folder: Path) -> dict[str, str]:
    """Bad files by name, with a word that the reason must hold."""
    folder.mkdir()
    (folder / "text.mp3").write_text("this is no music\n" * 200)
    (folder / "empty.flac").touch()
    (folder / "random.ogg").write_bytes(np.random.default_rng(1).bytes(40_000))
    write_audio(folder / "blink.wav", tone(440, 0.2), SR)
    write_audio(folder / "silent.flac", silence(8), SR)
    cut = write_audio(folder / "stump.flac", music(8), SR)
    cut.write_bytes(cut.read_bytes()[:60])
    (folder / "dangling.mp3").symlink_to("nowhere.mp3")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.mp3")
    return {
        "text.mp3": "audio", "empty.flac": "empty", "random.ogg": "audio", "blink.wav": "0.20 s",
        "silent.flac": "silent", "stump.flac": "", "dangling.mp3": "No such file", "pipe.mp3": "regular",
    }  # fmt: skip


def good(folder: Path) -> list[bytes]:
    """Files with odd names that can be analysed, one of them cut short in the middle."""
    names = [
        b"plain.wav",
        b"caf\xe9.wav",
        "emoji \N{MUSICAL NOTE}.wav".encode(),
        b"line\nbreak.wav",
        b"cut short.mp3",
    ]
    for i, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        write_audio(path, music(9, seed=i) * (1 - 0.1 * i), SR)
    cut = folder / "cut short.mp3"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    return names


def test_folder_of_hostile_files(tmp_path: Path) -> None:
    bad = trouble(tmp_path / "music")
    names = good(tmp_path / "music")
    home = tmp_path / "home"

    done = recsys(home, "ingest", tmp_path / "music", "--jobs", 1, "--json")
    assert done.returncode == 4, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["new"], summary["failed"], summary["scanned"]) == (
        len(names),
        len(bad),
        len(names) + len(bad),
    )
    assert "Traceback" not in done.stderr

    failures = {Path(f["path"]).name: f["reason"] for f in json.loads(recsys(home, "failures", "--json").stdout)}
    assert set(failures) == set(bad)
    for name, word in bad.items():
        assert word in failures[name], f"{name}: {failures[name]}"
        assert "\n" not in failures[name]

    tracks = json.loads(recsys(home, "tracks", "--json").stdout)
    assert {os.fsencode(Path(t["path"]).name) for t in tracks} == set(names)
    again = json.loads(recsys(home, "ingest", tmp_path / "music", "--json").stdout)
    assert (again["unchanged"], again["failed"], again["new"]) == (len(names), len(bad), 0)
    assert recsys(home, "ingest", tmp_path / "music").returncode == 0  # nothing failed that had not failed before

    playlist = tmp_path / "lists" / "odd.m3u8"
    playlist.parent.mkdir()
    made = recsys(home, "playlist", "--from", tracks[0]["id"], "-o", playlist)
    assert made.returncode == 0, made.stderr
    assert len([line for line in playlist.read_bytes().split(b"\n") if line and not line.startswith(b"#")]) == 4


def test_folder_without_usable_files_fails(tmp_path: Path) -> None:
    trouble(tmp_path / "music")
    done = recsys(tmp_path / "home", "ingest", tmp_path / "music", "--jobs", 1)
    assert done.returncode == 1
    assert "recsys failures" in done.stderr


def rows(home: Path) -> dict[str, Any]:
    """What the database holds, without times of day and numbers given in order of arrival."""
    with sqlite3.connect(f"file:{home / 'library.db'}?mode=ro", uri=True) as connection:
        files = connection.execute(
            "SELECT file.path, recording.audio_hash, length(vector.raw), vector.raw, file.size FROM file "
            "JOIN recording ON recording.id = file.recording_id LEFT JOIN vector ON vector.recording_id = recording.id"
        ).fetchall()
    return {path: rest for path, *rest in files}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_ingest_resumes_with_the_same_result(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for i in range(10):
        write_audio(folder / f"{i}.wav", np.roll(music(7), 997 * i) * (1 - i / 20), SR)
    calm, shaken = tmp_path / "calm", tmp_path / "shaken"
    assert recsys(calm, "ingest", folder, "--jobs", 1).returncode == 0

    command = [
        sys.executable,
        "-m",
        "recsys",
        "--home",
        str(shaken),
        "ingest",
        str(folder),
        "--jobs",
        "1",
        "--quiet",
    ]
    for seconds in (1.5, 4.0):  # before the first track, and while listening; any moment must do
        process = subprocess.Popen(command, start_new_session=True)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert_no_orphan(process.pid)
    done = recsys(shaken, "ingest", folder, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    assert rows(shaken) == rows(calm)


def assert_no_orphan(group: int) -> None:
    """The workers of a killed ingest end by themselves."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a worker outlived its parent")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to another process")
def test_ctrl_c_twice_ends_with_a_summary(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for i in range(200):
        write_audio(folder / f"{i}.wav", np.roll(music(2), 97 * i) * (1 - i / 250), SR)
    command = [sys.executable, "-m", "recsys", "--home", str(tmp_path / "home"), "ingest", str(folder), "--jobs", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    database = tmp_path / "home" / "library.db-wal"
    deadline = time.monotonic() + 60
    while not (database.exists() and database.stat().st_size > 300_000) and time.monotonic() < deadline:
        time.sleep(0.05)  # until the first batch is written
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    done = process.communicate(timeout=60)[1]
    assert process.returncode == 130, done
    assert "interrupted; all finished files are stored" in done
    assert "Traceback" not in done
    assert_no_orphan(process.pid)
