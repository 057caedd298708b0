"""Every container: what is written is there, what was there stays, and comes back."""

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
WANTED = {"genre": "Blues", "comment": "für Elise [recsys: Blues 90%]", "custom": "Blues", "bpm": "120", "key": "C#m"}


def make(folder: Path, kind: str, *, tagged: bool) -> Path:
    path = write_audio(folder / f"song.{SUFFIX.get(kind, kind)}", music(2, 48000), 48000, kind)
    if tagged:
        write_tags(path)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_700))
    return path


def write(path: Path, wanted: dict[str, str] = WANTED, number: int = 1) -> PreparedCopy:
    made = prepare(str(path), number, hash_audio(path), wanted)
    commit(str(path), made)
    return made


def restore(path: Path, made: PreparedCopy) -> None:
    before = {field: before for field, (before, _) in made.fields.items()}
    commit(str(path), prepare(str(path), 2, hash_audio(path), before, size=made.size, had_no_tags=made.had_no_tags))


@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "bare"])
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_written_is_there_and_comes_off_again(tmp_path: Path, kind: str, tagged: bool) -> None:
    path = make(tmp_path, kind, tagged=tagged)
    payload, tags, content, mtime = hash_audio(path), read_tags(path), file_digest(path), path.stat().st_mtime_ns
    made = write(path)
    assert read_fields(str(path), tuple(WANTED)) == {field: [text] for field, text in WANTED.items()}
    assert (hash_audio(path), path.stat().st_mtime_ns) == (payload, mtime)
    written = read_tags(path)
    assert written.genre == "Blues"
    assert (written.title, written.artist, written.year) == (tags.title, tags.artist, tags.year)
    assert written.musicbrainz_recording == tags.musicbrainz_recording
    restore(path, made)
    assert (read_tags(path), hash_audio(path), path.stat().st_mtime_ns) == (tags, payload, mtime)
    assert list(tmp_path.iterdir()) == [path]
    assert made.digest_before == content
    if kind in ("wav", "aiff", "mp3", "ogg", "opus", "aac", "wv"):  # elsewhere some bytes of free space may stay
        assert file_digest(path) == content


def test_id3_keeps_its_version_its_other_frames_and_the_old_tag_behind(tmp_path: Path) -> None:
    path = make(tmp_path, "mp3", tagged=False)
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=1, text=["Ein Lied"]))
    tags.add(id3.TPE1(encoding=1, text=["one", "two"]))
    tags.add(id3.TYER(encoding=0, text=["1999"]))
    tags.add(id3.COMM(encoding=0, lang="eng", desc="iTunNORM", text=["0000"]))
    tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG" * 1000))
    tags.save(path, v2_version=3, v23_sep=None)
    old = b"TAG" + b"An old title".ljust(30, b"\0") + b"\0" * 94 + b"\xff"
    with path.open("ab") as file:
        file.write(old)
    before = {key: frame for key, frame in id3.ID3(path, translate=False).items() if key != "TCON"}
    content = file_digest(path)
    made = write(path)
    now = id3.ID3(path, translate=False)
    assert now.version == (2, 3, 0)
    assert {key: now[key] for key in before} == before
    assert now["TCON"].text == ["Blues"]
    assert now["COMM::eng"].text == [WANTED["comment"]]
    assert path.read_bytes()[-128:] == old
    restore(path, made)
    assert file_digest(path) == content


def test_a_file_with_ape_tags_alone_keeps_them_to_itself(tmp_path: Path) -> None:
    path = make(tmp_path, "mp3", tagged=False)
    tags = apev2.APEv2()
    tags["Title"], tags["REPLAYGAIN_TRACK_GAIN"] = "A Title", "-3 dB"
    tags.save(path)
    content = file_digest(path)
    made = write(path)
    assert read_tags(path).title == "A Title"
    assert read_tags(path).genre == "Blues"
    assert path.read_bytes()[:3] != b"ID3"
    restore(path, made)
    assert file_digest(path) == content


def test_gain_in_ape_tags_does_not_keep_id3_away(tmp_path: Path) -> None:
    path = make(tmp_path, "mp3", tagged=False)
    tags = apev2.APEv2()
    tags["REPLAYGAIN_TRACK_GAIN"] = "-3 dB"
    tags.save(path)
    write(path)
    assert id3.ID3(path)["TCON"].text == ["Blues"]
    assert dict(apev2.APEv2(path)) == {"REPLAYGAIN_TRACK_GAIN": "-3 dB"}


def test_vorbis_comments_keep_their_order_and_spelling(tmp_path: Path) -> None:
    path = make(tmp_path, "flac", tagged=False)
    file = mutagen.File(path)
    pairs = [("Genre", "Jazz"), ("TITLE", "x"), ("genre", "Swing"), ("bpm", "90"), ("ARTIST", "y")]
    file.tags[:] = pairs
    file.save()
    made = write(path)
    assert mutagen.File(path).tags["genre"] == ["Blues"]
    restore(path, made)
    assert list(mutagen.File(path).tags) == pairs


def test_a_link_stays_a_link_and_a_closed_file_is_replaced_as_closed(tmp_path: Path) -> None:
    path = make(tmp_path, "mp3", tagged=True)
    path.chmod(0o444)
    link = tmp_path / "elsewhere" / "link.mp3"
    link.parent.mkdir()
    link.symlink_to(path)
    made = write(link)
    assert link.is_symlink()
    assert read_tags(path).genre == "Blues"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    restore(link, made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_what_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    path = make(tmp_path, "mp3", tagged=True)
    with pytest.raises(TagWriteRefused, match="not the one that was listened to"):
        prepare(str(path), 1, "another sound", WANTED)
    with pytest.raises(TagWriteRefused, match="not there any more"):
        prepare(str(tmp_path / "none.mp3"), 1, "", WANTED)
    other = write_audio(tmp_path / "song.mka", music(2), 22050, "mka")
    with pytest.raises(TagWriteRefused, match="no tags that recsys can write"):
        prepare(str(other), 1, hash_audio(other), WANTED)
    with pytest.raises(TagWriteRefused, match="no tags that recsys can write"):
        read_fields(str(other), ("genre",))
    made = prepare(str(path), 1, hash_audio(path), WANTED)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(TagWriteRefused, match="somebody else is changing it"):
        commit(str(path), made)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["song.mka", "song.mp3"]
    assert not temporary_path(str(path), 1).exists()


def test_tags_that_would_not_survive_are_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path, "mp3", tagged=True)
    content = file_digest(path)

    def careless(self: id3.ID3, *_: object, **options: object) -> None:
        self.delall("TIT2")
        real(self, *_, **options)

    real = id3.ID3.save
    monkeypatch.setattr(id3.ID3, "save", careless)
    with pytest.raises(TagWriteRefused, match="other tags could not be kept"):
        prepare(str(path), 1, hash_audio(path), WANTED)
    assert file_digest(path) == content
    assert list(tmp_path.iterdir()) == [path]
