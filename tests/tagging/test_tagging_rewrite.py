"""Every container: fields are written, other tags and the audio stay, and the old tags are restored."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest
from mutagen import apev2, id3
from signals import FORMATS, music, write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.audio.tags import read_tags
from recsys.tagging.blocks import Raw
from recsys.tagging.containers import find_layout
from recsys.tagging.id3 import ID3v2
from recsys.tagging.layout import Layout
from recsys.tagging.rewrite import (
    PreparedCopy,
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
from recsys.tagging.splices import Splice, in_order

SUFFIX = {"alac": "m4a", **{f: "wav" for f in FORMATS if f.startswith("wav")}, "aiff24": "aiff", "flac24": "flac"}
NAME = ".recsys-copy"
TARGET = {"genre": "Blues", "comment": "für Elise [recsys: Blues 90%]", "custom": "Blues", "bpm": "120", "key": "C#m"}


def make_file(folder: Path, kind: str, *, tagged: bool) -> Path:
    path = write_audio(folder / f"song.{SUFFIX.get(kind, kind)}", music(2, 48000), 48000, kind)
    if tagged:
        write_tags(path)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_700))
    return path


def write(path: Path) -> PreparedCopy:
    copy = prepare(str(path), NAME, hash_audio(path), TARGET)
    commit(str(path), copy)
    return copy


def restore(path: Path, written: PreparedCopy) -> None:
    commit(str(path), prepare_restored(str(path), NAME, written.undo_patch, written.digest_before))


@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "bare"])
@pytest.mark.parametrize("kind", FORMATS)
def test_fields_are_written_and_restored(tmp_path: Path, kind: str, tagged: bool) -> None:
    path = make_file(tmp_path, kind, tagged=tagged)
    audio, tags, digest, mtime = hash_audio(path), read_tags(path), file_digest(path), path.stat().st_mtime_ns
    written = write(path)
    assert read_fields(str(path), tuple(TARGET)) == {field: [text] for field, text in TARGET.items()}
    assert (hash_audio(path), path.stat().st_mtime_ns) == (audio, mtime)
    new = read_tags(path)
    assert new.genre == "Blues"
    assert (new.title, new.artist, new.year) == (tags.title, tags.artist, tags.year)
    assert new.musicbrainz_recording == tags.musicbrainz_recording
    restore(path, written)
    assert (read_tags(path), hash_audio(path), path.stat().st_mtime_ns) == (tags, audio, mtime)
    assert list(tmp_path.iterdir()) == [path]
    assert written.digest_before == digest
    assert file_digest(path) == digest


@pytest.mark.parametrize("kind", ["mp3", "aac", "wav", "aiff", "wv"])
def test_fields_alone_are_restored_and_an_added_tag_is_removed(tmp_path: Path, kind: str) -> None:
    path = make_file(tmp_path, kind, tagged=False)
    audio, digest = hash_audio(path), file_digest(path)
    write(path)
    nothing: dict[str, Raw] = {field: [] for field in TARGET}
    commit(str(path), prepare_fields(str(path), NAME, audio, nothing, nothing, bare_digest=digest))
    assert file_digest(path) == digest
    write(path)
    commit(str(path), prepare_fields(str(path), NAME, audio, nothing, nothing, bare_digest="of another file"))
    assert read_fields(str(path), tuple(TARGET)) == {field: [] for field in TARGET}
    assert hash_audio(path) == audio


def test_id3_keeps_its_version_its_other_frames_and_id3v1(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=False)
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=1, text=["Ein Lied"]))
    tags.add(id3.TPE1(encoding=1, text=["one", "two"]))
    tags.add(id3.TYER(encoding=0, text=["1999"]))
    tags.add(id3.COMM(encoding=0, lang="eng", desc="iTunNORM", text=["0000"]))
    tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG" * 1000))
    tags.save(path, v2_version=3, v23_sep=None)
    id3v1 = b"TAG" + b"An old title".ljust(30, b"\0") + b"\0" * 94 + b"\xff"
    with path.open("ab") as file:
        file.write(id3v1)
    before = {key: frame for key, frame in id3.ID3(path, translate=False).items() if key != "TCON"}
    digest = file_digest(path)
    written = write(path)
    now = id3.ID3(path, translate=False)
    assert now.version == (2, 3, 0)
    assert {key: now[key] for key in before} == before
    assert now["TCON"].text == ["Blues"]
    assert now["COMM::eng"].text == [TARGET["comment"]]
    assert path.read_bytes()[-128:] == id3v1
    restore(path, written)
    assert file_digest(path) == digest


def test_mp3_with_only_ape_tags_gets_no_id3(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=False)
    tags = apev2.APEv2()
    tags["Title"], tags["REPLAYGAIN_TRACK_GAIN"] = "A Title", "-3 dB"
    tags.save(path)
    digest = file_digest(path)
    written = write(path)
    assert read_tags(path).title == "A Title"
    assert read_tags(path).genre == "Blues"
    assert path.read_bytes()[:3] != b"ID3"
    restore(path, written)
    assert file_digest(path) == digest


def test_mp3_with_only_replaygain_in_ape_tags_gets_id3(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=False)
    tags = apev2.APEv2()
    tags["REPLAYGAIN_TRACK_GAIN"] = "-3 dB"
    tags.save(path)
    write(path)
    assert id3.ID3(path)["TCON"].text == ["Blues"]
    assert dict(apev2.APEv2(path)) == {"REPLAYGAIN_TRACK_GAIN": "-3 dB"}


def make_flac(folder: Path, pairs: list[tuple[str, str]]) -> Path:
    """A FLAC file with these Vorbis comments."""
    path = make_file(folder, "flac", tagged=False)
    file = mutagen.File(path)
    file.tags[:] = pairs
    file.save()
    return path


def test_vorbis_comments_keep_their_order_and_spelling(tmp_path: Path) -> None:
    pairs = [("Genre", "Jazz"), ("TITLE", "x"), ("genre", "Swing"), ("bpm", "90"), ("ARTIST", "y")]
    path = make_flac(tmp_path, pairs)
    written = write(path)
    assert mutagen.File(path).tags["genre"] == ["Blues"]
    restore(path, written)
    assert list(mutagen.File(path).tags) == pairs


def items(path: Path) -> dict[str, Raw]:
    """The items of the written fields, as the journal of a former version has them."""
    with path.open("rb") as file:
        [block] = find_layout(file).blocks
        return {field: block.items(field) for field in TARGET}


def test_vorbis_comments_that_are_restored_alone_have_their_places_again(tmp_path: Path) -> None:
    pairs = [("Genre", "Jazz"), ("TITLE", "x"), ("genre", "Swing"), ("ARTIST", "y"), ("bpm", "90")]
    path = make_flac(tmp_path, pairs)
    before = items(path)
    write(path)
    after = items(path)
    commit(str(path), prepare_fields(str(path), NAME, hash_audio(path), before, after))
    assert [pair for pair in mutagen.File(path).tags if pair in pairs] == pairs


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files to others")
def test_owner_of_a_file_stays(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    os.chown(path, 12345, 23456)
    restore(path, write(path))
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux's")
def test_extended_attributes_stay(tmp_path: Path) -> None:
    """Desktops have ratings and comments in them."""
    path = make_file(tmp_path, "mp3", tagged=True)
    try:
        os.setxattr(path, "user.baloo.rating", b"8")
    except OSError as error:
        pytest.skip(f"the file system has no extended attributes: {error}")
    written = write(path)
    assert os.getxattr(path, "user.baloo.rating") == b"8"
    restore(path, written)
    assert os.getxattr(path, "user.baloo.rating") == b"8"


def test_link_stays_a_link_and_read_only_file_stays_read_only(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    path.chmod(0o444)
    link = tmp_path / "elsewhere" / "link.mp3"
    link.parent.mkdir()
    link.symlink_to(path)
    written = write(link)
    assert link.is_symlink()
    assert read_tags(path).genre == "Blues"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    restore(link, written)
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_refused_write_leaves_no_copy(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    with pytest.raises(TagWriteRefused, match="its audio has changed since the analysis; ingest it again"):
        prepare(str(path), NAME, "another hash", TARGET)
    with pytest.raises(TagWriteRefused, match="it does not exist any more"):
        prepare(str(tmp_path / "none.mp3"), NAME, "", TARGET)
    other = write_audio(tmp_path / "song.mka", music(2), 22050, "mka")
    with pytest.raises(TagWriteRefused, match="its format has no tags that recsys can write"):
        prepare(str(other), NAME, hash_audio(other), TARGET)
    with pytest.raises(TagWriteRefused, match="its format has no tags that recsys can write"):
        read_fields(str(other), ("genre",))
    copy = prepare(str(path), NAME, hash_audio(path), TARGET)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(TagWriteRefused, match="another program is changing it"):
        commit(str(path), copy)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["song.mka", "song.mp3"]
    assert not copy_path(str(path), NAME).exists()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            lambda data: Splice(data.index(b"TIT2"), data.index(b"TIT2") + 4, b"TIT3"),
            "its other tags cannot be preserved",
        ),
        (lambda data: Splice(len(data) - 1, len(data), b"?"), "its audio would not be recognised afterwards"),
    ],
    ids=["other frame", "audio"],
)
def test_copy_with_another_difference_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[bytes], Splice], reason: str
) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    digest = file_digest(path)
    more = fault(path.read_bytes())
    real = Layout.change
    monkeypatch.setattr(Layout, "change", lambda self, changes: in_order([*real(self, changes), more]))
    with pytest.raises(TagWriteRefused, match=reason):
        prepare(str(path), NAME, hash_audio(path), TARGET)
    assert file_digest(path) == digest
    assert list(tmp_path.iterdir()) == [path]


def test_copy_with_another_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    real = ID3v2.make
    monkeypatch.setattr(ID3v2, "make", lambda self, field, text: real(self, field, text + "?"))
    with pytest.raises(TagWriteRefused, match="its tags cannot be read back as they were written"):
        prepare(str(path), NAME, hash_audio(path), TARGET)


def test_copy_whose_undo_is_not_exact_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    monkeypatch.setattr("recsys.tagging.rewrite.inverse", lambda _file, _splices: [])
    with pytest.raises(TagWriteRefused, match="its change could not be undone"):
        prepare(str(path), NAME, hash_audio(path), TARGET)
    assert list(tmp_path.iterdir()) == [path]


def test_planted_file_or_link_is_not_followed(tmp_path: Path) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    victim = tmp_path / "elsewhere"
    victim.write_bytes(b"not to be touched")
    (tmp_path / NAME).symlink_to(victim)
    with pytest.raises(TagWriteRefused, match="it cannot be written: File exists"):
        prepare(str(path), NAME, hash_audio(path), TARGET)
    assert victim.read_bytes() == b"not to be touched"
    assert (tmp_path / NAME).is_symlink()
    assert new_copy_name(str(path)) != new_copy_name(str(path))
