"""Identity of a file: audio hash, container metadata and tags, and a title from the file name."""

import os
from pathlib import Path

import pytest
from signals import tone, write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.audio.identity import identify, text_of_filename
from recsys.domain.audio import AudioInfo, Tags
from recsys.errors import UnreadableAudio


def test_identity_has_hash_info_and_tags(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.flac", tone(440, 2))
    write_tags(path, title="A Title")
    identity = identify(path)
    assert identity.audio_hash == hash_audio(path)
    assert identity.info == AudioInfo(2.0, 22050, 1, "flac", identity.info.bit_rate, 16)
    assert identity.tags == Tags(title="A Title")


def test_missing_title_is_taken_from_the_file_name(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "01 - A Song.v2.wav", tone(440, 1))
    assert identify(path).tags == Tags(title="A Song.v2", track_number=1)


def test_name_of_an_untagged_file_has_artist_and_title(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "03 - An Artist - A Title.wav", tone(440, 1))
    assert identify(path).tags == Tags(title="A Title", artists=("An Artist",), track_number=3)


def test_name_of_a_file_with_an_artist_has_the_title_alone(tmp_path: Path) -> None:
    for name in ("03 - An Artist - A Title", "A Title", "07. A Title"):
        path = write_audio(tmp_path / f"{name}.flac", tone(440, 1))
        write_tags(path, artist="An Artist", track="5")
        assert identify(path).tags == Tags(title="A Title", artists=("An Artist",), track_number=5)


def test_name_of_a_file_with_a_title_is_not_used(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "03 - An Artist - Another Title.flac", tone(440, 1))
    write_tags(path, title="A Title")
    assert identify(path).tags == Tags(title="A Title")


def test_text_of_filename_decodes_any_bytes() -> None:
    assert text_of_filename("/music/Björk.mp3") == "Björk"
    assert text_of_filename(os.fsdecode(b"caf\xe9.mp3")) == "café"
    assert text_of_filename(os.fsdecode("Группа крови.mp3".encode("cp1251"))) == "Группа крови"
    assert text_of_filename("two\nlines.mp3") == "two lines"
    assert text_of_filename("\U0001f3b5.mp3") == "\U0001f3b5"
    assert text_of_filename(".mp3") == ".mp3"
    assert text_of_filename("\n.mp3") == "untitled"


def test_identify_refuses_a_text_file(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_text("no music")
    with pytest.raises(UnreadableAudio):
        identify(tmp_path / "x.mp3")


def test_identities_of_real_files_differ(data_dir: Path) -> None:
    files = sorted((data_dir / "emotify").rglob("*.mp3"))[::30]
    identities = [identify(path) for path in files]
    assert len({identity.audio_hash for identity in identities}) == len(files)
    assert all(identity.tags.artist for identity in identities)
    assert all(50 < identity.info.duration < 70 for identity in identities)
