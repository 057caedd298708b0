"""Files and waveforms of tracks by their ids."""

from pathlib import Path

import pytest
from media_library import store_files
from signals import FORMATS, RARE_FORMATS, tone, write_audio

import recsys
from recsys.errors import InvalidRequest, NotFound

PLAYED = {
    "mp3": "audio/mpeg", "flac": "audio/flac", "flac24": "audio/flac", "wav": "audio/wav", "wav8": "audio/wav",
    "wav24": "audio/wav", "wav32": "audio/wav", "wavfloat": "audio/wav", "ogg": 'audio/ogg; codecs="vorbis"',
    "opus": 'audio/ogg; codecs="opus"', "m4a": "audio/mp4", "fragmented": "audio/mp4", "3gp": "audio/mp4",
    "aac": "audio/aac", "webm": 'audio/webm; codecs="opus"',
}  # fmt: skip


@pytest.mark.parametrize("format", [*FORMATS, *RARE_FORMATS])
def test_what_browsers_play_is_recognised_by_content(tmp_path: Path, format: str) -> None:
    song = write_audio(tmp_path / "a.xyz", tone(440, 1.0, 48000), 48000, format)
    store_files(tmp_path / "home", tmp_path, [song])
    with recsys.Library(tmp_path / "home") as library:
        found = library.media.file(1)
        assert found.media_type == PLAYED.get(format)
        assert found.path == str(song)
        with found.open() as file:
            assert file.read() == song.read_bytes()


def test_a_container_behind_tags_of_another_kind_is_not_played_as_it_is(tmp_path: Path) -> None:
    song = write_audio(tmp_path / "a.flac", tone(440, 1.0))
    song.write_bytes(b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + song.read_bytes())
    store_files(tmp_path / "home", tmp_path, [song])
    with recsys.Library(tmp_path / "home") as library:
        assert library.media.file(1).media_type is None


def test_a_file_that_a_link_replaces_after_it_was_found_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "music" / "album").mkdir(parents=True)
    song = write_audio(tmp_path / "music" / "album" / "a.flac", tone(440, 1.0))
    store_files(tmp_path / "home", tmp_path / "music", [song])
    with recsys.Library(tmp_path / "home") as library:
        found = library.media.file(1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.flac").write_text("secret")
    song.rename(tmp_path / "kept")
    song.symlink_to(tmp_path / "other" / "a.flac")
    with pytest.raises(NotFound):
        found.open()
    song.unlink()
    song.parent.rmdir()
    song.parent.symlink_to(tmp_path / "other")
    with pytest.raises(NotFound, match="was replaced"):
        found.open()


def test_a_waveform_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = write_audio(tmp_path / "a.flac", tone(440, 1.0, 48000, 0.4), 48000)
    store_files(tmp_path / "home", tmp_path, [song])
    with recsys.Library(tmp_path / "home") as library:
        first = library.media.waveform(1, 10)
        assert first.peaks == pytest.approx((0.4,) * 10, abs=0.01)
        assert first.duration == 1.0
        monkeypatch.setattr("recsys.app.waveforms.read_peaks", None)
        assert library.media.waveform(1, 10) == first
        assert len(library.media.waveform(1, 2000).peaks) == 2000
        for n in (0, 2001):
            with pytest.raises(InvalidRequest, match=f"n must be from 1 to 2000, got {n}"):
                library.media.waveform(1, n)


def test_ids_and_encodings_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    store_files(tmp_path / "home", tmp_path, [write_audio(tmp_path / "a.flac", tone(440, 1.0))])
    with recsys.Library(tmp_path / "home") as library:
        with pytest.raises(NotFound, match="no track has the id 2"):
            library.media.waveform(2)
        with pytest.raises(InvalidRequest, match="encoding must be one of opus, ogg, mp3"):
            next(library.media.transcode(1, "wav"))
