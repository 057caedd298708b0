"""Every container: fields are written, other tags and the audio stay, and the old tags are restored."""

import os
import stat
from pathlib import Path

import mutagen
import pytest
from mutagen import apev2, id3
from signals import FORMATS, music, write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.audio.tags import read_tags
from recsys.tagging.rewrite import (
    PreparedCopy,
    TagWriteRefused,
    commit,
    file_digest,
    prepare,
    read_fields,
    temporary_path,
)

SUFFIX = {"alac": "m4a", **{f: "wav" for f in FORMATS if f.startswith("wav")}, "aiff24": "aiff", "flac24": "flac"}
TARGET = {"genre": "Blues", "comment": "für Elise [recsys: Blues 90%]", "custom": "Blues", "bpm": "120", "key": "C#m"}


def make_file(folder: Path, kind: str, *, tagged: bool) -> Path:
    path = write_audio(folder / f"song.{SUFFIX.get(kind, kind)}", music(2, 48000), 48000, kind)
    if tagged:
        write_tags(path)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_700))
    return path


def write(path: Path) -> PreparedCopy:
    copy = prepare(str(path), 1, hash_audio(path), TARGET)
    commit(str(path), copy)
    return copy


def restore(path: Path, written: PreparedCopy) -> None:
    old = {field: old for field, (old, _) in written.fields.items()}
    commit(str(path), prepare(str(path), 2, hash_audio(path), old, size=written.size, had_no_tags=written.had_no_tags))


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
    if kind in ("wav", "aiff", "mp3", "ogg", "opus", "aac", "wv"):  # in others some free bytes may remain
        assert file_digest(path) == digest


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


def test_vorbis_comments_keep_their_order_and_spelling(tmp_path: Path) -> None:
    path = make_file(tmp_path, "flac", tagged=False)
    file = mutagen.File(path)
    pairs = [("Genre", "Jazz"), ("TITLE", "x"), ("genre", "Swing"), ("bpm", "90"), ("ARTIST", "y")]
    file.tags[:] = pairs
    file.save()
    written = write(path)
    assert mutagen.File(path).tags["genre"] == ["Blues"]
    restore(path, written)
    assert list(mutagen.File(path).tags) == pairs


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
        prepare(str(path), 1, "another hash", TARGET)
    with pytest.raises(TagWriteRefused, match="it does not exist any more"):
        prepare(str(tmp_path / "none.mp3"), 1, "", TARGET)
    other = write_audio(tmp_path / "song.mka", music(2), 22050, "mka")
    with pytest.raises(TagWriteRefused, match="its format has no tags that recsys can write"):
        prepare(str(other), 1, hash_audio(other), TARGET)
    with pytest.raises(TagWriteRefused, match="its format has no tags that recsys can write"):
        read_fields(str(other), ("genre",))
    copy = prepare(str(path), 1, hash_audio(path), TARGET)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(TagWriteRefused, match="another program is changing it"):
        commit(str(path), copy)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["song.mka", "song.mp3"]
    assert not temporary_path(str(path), 1).exists()


def test_write_that_would_lose_other_tags_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file(tmp_path, "mp3", tagged=True)
    digest = file_digest(path)

    def save_without_title(self: id3.ID3, *_: object, **options: object) -> None:
        self.delall("TIT2")
        real(self, *_, **options)

    real = id3.ID3.save
    monkeypatch.setattr(id3.ID3, "save", save_without_title)
    with pytest.raises(TagWriteRefused, match="its other tags cannot be preserved"):
        prepare(str(path), 1, hash_audio(path), TARGET)
    assert file_digest(path) == digest
    assert list(tmp_path.iterdir()) == [path]
