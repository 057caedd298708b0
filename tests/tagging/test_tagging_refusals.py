"""Copies with other tags: when a file stays as it is, with which reason, and that nothing is left beside it."""

import hashlib
import os
import shutil
import stat
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pieces import ape, id3, id3_frame, join

from recsys.domain.audio import Tags
from recsys.errors import AudioError
from recsys.tagging import rewrite, verification
from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import NoTags
from recsys.tagging.rewrite import (
    TagWriteRefused,
    commit,
    copy_path,
    file_digest,
    new_copy_name,
    prepare,
    prepare_fields,
    prepare_restored,
    read_fields,
)
from recsys.tagging.splices import Splice, encode_splices
from recsys.tagging.verification import verify

AUDIO = b"\xff\xfb\x90\x00" + bytes(range(250)) * 8
TAGGED = join(id3([id3_frame("TIT2", b"\0title"), id3_frame("TCON", b"\0Jazz")])) + AUDIO
NAME, GENRE = ".recsys-copy.mp3", {"genre": "Blues"}
ITEM = {"encoding": 0, "text": ["Jazz"]}


@pytest.fixture(autouse=True)
def _one_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audio of all files is "audio": it need not be decodable."""
    for module in (rewrite, verification):
        monkeypatch.setattr(module, "hash_audio", lambda _path: "audio")


@pytest.fixture
def song(tmp_path: Path) -> Iterator[Path]:
    """A file that is unchanged, and alone in its folder, after the test."""
    path = tmp_path / "music" / "song.mp3"
    path.parent.mkdir()
    path.write_bytes(TAGGED)
    yield path
    assert path.read_bytes() == TAGGED
    assert list(path.parent.iterdir()) == [path]


def raising(error: Exception) -> object:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NoTags(), "its format has no tags that recsys can write"),
        (TagsNotWritable("a reason"), "a reason"),
        (FileNotFoundError(), "it does not exist any more"),
        (OSError(28, "No space left"), "it cannot be written: No space left"),
        (AudioError("no audio"), "it cannot be read: no audio"),
        (ValueError("first line\nsecond"), r"its tags are damaged \(first line\)"),
        (ValueError(), r"its tags are damaged \(ValueError\)"),
        *((kind("x"), r"its tags are damaged \(.*x.*\)") for kind in (KeyError, TypeError, OverflowError)),
        (struct.error("x"), r"its tags are damaged \(x\)"),
    ],
)
def test_error_is_the_reason_of_a_refusal(
    song: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    monkeypatch.setattr(rewrite, "find_layout", raising(error))
    for refused in (lambda: read_fields(str(song), ("genre",)), lambda: prepare(str(song), NAME, "audio", GENRE)):
        with pytest.raises(TagWriteRefused, match=f"^{reason}$"):
            refused()


def test_copy_has_the_digests_and_the_undo_of_its_change(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    prepared = prepare(str(path), NAME, "audio", GENRE)
    new = TAGGED.replace(id3_frame("TCON", b"\0Jazz"), id3_frame("TCON", b"\0Blues"))
    new = new[:9] + bytes([new[9] + 1]) + new[10:]
    assert prepared.copy == copy_path(str(path), NAME)
    assert prepared.copy.read_bytes() == new
    digests = [hashlib.blake2b(data, digest_size=16).hexdigest() for data in (TAGGED, new)]
    assert [prepared.digest_before, prepared.digest_after] == digests
    assert (prepared.size, prepared.stat) == (len(TAGGED), path.stat())
    assert (file_digest(path), file_digest(tmp_path / "none")) == (digests[0], "")
    commit(str(path), prepared)
    assert path.read_bytes() == new
    commit(str(path), prepare_restored(str(path), NAME, prepared.undo_patch, prepared.digest_before))
    assert path.read_bytes() == TAGGED
    assert list(tmp_path.iterdir()) == [path]


def test_name_of_a_copy_is_hidden_random_and_has_the_suffix_of_the_file(song: Path) -> None:
    link = song.parent.parent / "link.other"
    link.symlink_to(song)
    names = {new_copy_name(str(link)) for _ in range(3)}
    assert len(names) == 3
    for name in names:
        digits = name.removeprefix(".recsys-").removesuffix(".mp3")
        assert len(bytes.fromhex(digits)) == 8
        assert copy_path(str(link), name) == copy_path(str(link), f"../{name}") == song.parent / name


def test_undo_that_gives_another_content_is_refused(song: Path) -> None:
    undo = encode_splices([Splice(0, 1, b"i")])
    with pytest.raises(TagWriteRefused, match="its former content cannot be restored"):
        prepare_restored(str(song), NAME, undo, file_digest(song))


def test_undo_larger_than_its_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    for size, refused in ((1 << 24, False), ((1 << 24) + 1, True)):
        monkeypatch.setattr(rewrite, "encode_splices", lambda _, size=size: bytes(size))
        if refused:
            with pytest.raises(TagWriteRefused, match="the undo of its change would take 16 MB of the library"):
                prepare(str(path), NAME, "audio", GENRE)
            assert list(tmp_path.iterdir()) == [path]
        else:
            prepare(str(path), NAME, "audio", GENRE).copy.unlink()


def test_copy_is_private_until_it_is_verified_and_has_the_times_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    path.chmod(0o640)
    os.utime(path, ns=(1_600_000_000_000_000_001, 1_500_000_000_000_000_002))
    modes = []

    def look(original: Path, copy: Path, target: object, audio_hash: str) -> None:
        modes.append((stat.S_IMODE(copy.stat().st_mode), target, audio_hash))
        os.utime(original, ns=(1, 1_500_000_000_000_000_002))  # another program reads the file

    monkeypatch.setattr(rewrite, "verify", look)
    prepared = prepare(str(path), NAME, "audio", GENRE)
    assert modes == [(0o600, GENRE, "audio")]
    status = prepared.copy.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert (status.st_atime_ns, status.st_mtime_ns) == (1_600_000_000_000_000_001, 1_500_000_000_000_000_002)


def test_copy_is_on_the_disk_before_it_replaces_the_file_and_its_name_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    flushed = []

    def fsync(handle: int) -> None:
        status = os.fstat(handle)
        flushed.append((handle, stat.S_ISDIR(status.st_mode) or status.st_size, path.read_bytes() == TAGGED))

    monkeypatch.setattr(os, "fsync", fsync)
    commit(str(path), prepare(str(path), NAME, "audio", GENRE))
    assert [state for _, *state in flushed] == [[len(TAGGED) + 1, True], [True, False]]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(flushed[-1][0])


def test_folder_that_cannot_be_flushed_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    prepared = prepare(str(path), NAME, "audio", GENRE)
    monkeypatch.setattr(os, "fsync", raising(OSError()))
    commit(str(path), prepared)
    assert b"Blues" in path.read_bytes()


def test_reason_stays_if_the_copy_is_gone(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(_original: Path, copy: Path, *_: object) -> None:
        copy.unlink()
        raise TagsNotWritable("a reason")

    monkeypatch.setattr(rewrite, "verify", lose)
    with pytest.raises(TagWriteRefused, match=r"^a reason$"):
        prepare(str(song), NAME, "audio", GENRE)


@pytest.mark.parametrize("change", ["size", "time", "identity", "gone"])
def test_file_that_another_program_has_changed_is_not_replaced(tmp_path: Path, change: str) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(TAGGED)
    prepared = prepare(str(path), NAME, "audio", GENRE)
    times = (prepared.stat.st_atime_ns, prepared.stat.st_mtime_ns)
    if change == "size":
        path.write_bytes(TAGGED + b"x")
    elif change in ("identity", "gone"):
        shutil.copy(path, tmp_path / "other")
        path.unlink()
    if change == "identity":
        (tmp_path / "other").rename(path)
    if change != "gone":
        os.utime(path, ns=(times[0], times[1] + (change == "time")))
    reason = "it does not exist any more" if change == "gone" else "another program is changing it"
    with pytest.raises(TagWriteRefused, match=reason):
        commit(str(path), prepared)
    assert not prepared.copy.exists()


def test_fields_are_restored_and_an_empty_tag_stays_unless_the_file_had_none(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    only = join(id3([id3_frame("TCON", b"\0Jazz")])) + AUDIO
    emptied, bare = join(id3([])) + AUDIO, hashlib.blake2b(AUDIO, digest_size=16).hexdigest()
    for digest, content in (("", emptied), ("0" * 32, emptied), (bare, AUDIO)):
        path.write_bytes(only)
        prepared = prepare_fields(str(path), NAME, "audio", {"genre": []}, {"genre": [ITEM]}, bare_digest=digest)
        assert prepared.copy.read_bytes() == content
        commit(str(path), prepared)
        assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(TAGGED)
    item = {"encoding": 0, "text": ["Rock"]}
    commit(str(path), prepare_fields(str(path), NAME, "audio", {"genre": [item]}, {"genre": [ITEM]}))
    assert read_fields(str(path), ("genre", "bpm")) == {"genre": ["Rock"], "bpm": []}


def test_restored_fields_of_other_audio_are_refused(song: Path) -> None:
    with pytest.raises(TagWriteRefused, match="its audio would not be recognised afterwards"):
        prepare_fields(str(song), NAME, "other audio", {"genre": []}, {"genre": [ITEM]})
    with pytest.raises(TagWriteRefused, match="its audio has changed since the analysis"):
        prepare(str(song), NAME, "other audio", GENRE)


# The verification of a copy.

TITLE = id3_frame("TIT2", b"\0title")


def mp3(*frames: bytes, audio: bytes = AUDIO) -> bytes:
    return (join(id3(frames)) if frames else b"") + audio


def genre(text: str) -> bytes:
    return id3_frame("TCON", b"\0" + text.encode())


@pytest.mark.parametrize(
    ("before", "after", "target", "reason"),
    [
        (mp3(TITLE), mp3(TITLE, genre("Blues")), GENRE, ""),
        (mp3(TITLE), mp3(TITLE, genre("(0)")), GENRE, ""),
        (mp3(TITLE), mp3(TITLE, genre("Rock; Pop")), {"genre": "Rock; Pop"}, ""),
        (mp3(TITLE), mp3(TITLE, genre("Blues\0Jazz")), GENRE, ""),
        (mp3(TITLE), mp3(TITLE, genre("Jazz\0Blues")), GENRE, "read back"),
        (mp3(TITLE), mp3(TITLE, genre("Jazz")), GENRE, "read back"),
        (mp3(TITLE), mp3(TITLE, genre("Jazz")), {"genre": None}, ""),
        (mp3(TITLE), mp3(TITLE), GENRE, "read back"),
        (mp3(TITLE), mp3(TITLE, genre("Blues")), GENRE | {"bpm": "90"}, "read back"),
        (mp3(TITLE, genre("Jazz")), mp3(TITLE, genre("Blues")), {"bpm": None}, "preserved"),
        (mp3(TITLE), mp3(genre("Blues")), GENRE, "preserved"),
        (mp3(TITLE, id3_frame("TALB", b"\0x")), mp3(id3_frame("TALB", b"\0x"), TITLE), {}, "preserved"),
        (mp3(), mp3(genre("Blues")), GENRE, ""),
        (mp3(TITLE), mp3(TITLE, id3_frame("TKEY", b"\0(17)")), {"key": "(17)"}, ""),
    ],
)
def test_copy_is_compared_with_its_file(
    tmp_path: Path, before: bytes, after: bytes, target: dict[str, str | None], reason: str
) -> None:
    original, copy = tmp_path / "a.mp3", tmp_path / "b.mp3"
    original.write_bytes(before)
    copy.write_bytes(after)
    if not reason:
        verify(original, copy, target, "audio")
        with pytest.raises(TagsNotWritable, match="its audio would not be recognised afterwards"):
            verify(original, copy, target, "other audio")
    else:
        with pytest.raises(TagsNotWritable, match=reason):
            verify(original, copy, target, "audio")


APE = join(ape([("REPLAYGAIN_TRACK_GAIN", "-3 dB")]))


@pytest.mark.parametrize(
    ("before", "after", "old", "new", "is_refused"),
    [
        (AUDIO + APE, mp3(genre("Blues")) + APE, Tags(title="a"), Tags(title="a"), False),
        (AUDIO + APE, mp3(genre("Blues")) + APE, Tags(title="a"), Tags(), True),
        (AUDIO + APE, mp3(genre("Blues")) + APE, Tags(title="a"), Tags(title="b"), True),
        (AUDIO + APE, mp3(genre("Blues")) + APE, Tags(), Tags(title="b"), False),
        (mp3(TITLE), mp3(TITLE, genre("Blues")), Tags(title="a"), Tags(title="b"), False),  # no new block
    ],
)
def test_new_block_that_hides_tags_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes, after: bytes, old: Tags, new: Tags, is_refused: bool
) -> None:
    original, copy = tmp_path / "a.mp3", tmp_path / "b.mp3"
    original.write_bytes(before)
    copy.write_bytes(after)
    read = {original: replace(old, genres=("Jazz",)), copy: replace(new, genres=("Blues",))}
    monkeypatch.setattr(verification, "read_tags", read.__getitem__)
    if is_refused:
        with pytest.raises(TagsNotWritable, match="its other tags would be hidden by the new ones"):
            verify(original, copy, GENRE, "audio")
    else:
        verify(original, copy, GENRE, "audio")
