"""Audio and covers for players of Subsonic."""

import io
from pathlib import Path
from typing import Any

import av
import pytest
from media_library import store_files
from PIL import Image
from signals import tone, write_audio, write_tags
from subsonic_calls import SubsonicCalls

import recsys
from recsys.web.subsonic.media import exactly

SECONDS = 6.0


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def calls(music: Path, tmp_path: Path) -> SubsonicCalls:
    files = [music / "a.flac", music / "b.mp3", music / "c.opus"]
    for number, file in enumerate(files):
        write_audio(file, tone(300.0 + 100 * number, SECONDS, 48_000), 48_000)
    store_files(tmp_path / "home", music, files)
    return SubsonicCalls(tmp_path / "home")


def decoded(data: bytes) -> tuple[str, str, float]:
    """Container, codec and duration of encoded audio."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(stream))
        return container.format.name, stream.codec_context.name, seconds


def test_a_file_is_sent_as_it_is(calls: SubsonicCalls, music: Path) -> None:
    data = (music / "a.flac").read_bytes()
    raw: dict[str, Any] = {"format": "raw", "maxBitRate": 32, "timeOffset": 3}
    for wanted in ({}, raw, {"format": "flac"}, {"maxBitRate": 9999}):
        answer = calls.media("stream", id="tr-1", **wanted)
        assert (answer.status_code, answer.content) == (200, data), wanted
        assert answer.headers["content-type"] == "audio/flac"
        assert answer.headers["content-length"] == str(len(data))
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_player_continues_where_it_was_interrupted(calls: SubsonicCalls, music: Path) -> None:
    data = (music / "a.flac").read_bytes()
    head = calls.media("stream.view", method="HEAD", id="tr-1")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(data)))
    first = calls.media("stream", headers={"Range": "bytes=0-999"}, id="tr-1")
    rest = calls.media("stream", headers={"Range": "bytes=1000-", "If-Range": first.headers["etag"]}, id="tr-1")
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == data
    beyond = calls.media("stream", headers={"Range": f"bytes={len(data)}-"}, id="tr-1")
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("wanted", "container", "codec", "media_type"),
    [
        ({"format": "mp3"}, "mp3", "mp3float", "audio/mpeg"),
        ({"format": "opus"}, "ogg", "opus", 'audio/ogg; codecs="opus"'),
        ({"format": "aac"}, "mp3", "mp3float", "audio/mpeg"),
        ({"maxBitRate": 64}, "mp3", "mp3float", "audio/mpeg"),
    ],
)
def test_other_formats_and_lower_rates_are_transcoded(
    calls: SubsonicCalls, wanted: dict[str, Any], container: str, codec: str, media_type: str
) -> None:
    answer = calls.media("stream", id="tr-1", **wanted)
    assert answer.status_code == 200
    assert (answer.headers["content-type"], answer.headers["accept-ranges"]) == (media_type, "none")
    found = decoded(answer.content)
    assert found[:2] == (container, codec)
    assert found[2] == pytest.approx(SECONDS, abs=0.2)


def test_a_limit_holds_and_keeps_opus(calls: SubsonicCalls) -> None:
    limited = calls.media("stream", id="tr-1", format="mp3", maxBitRate=100).content
    assert 8 * len(limited) / SECONDS == pytest.approx(96_000, rel=0.05)
    assert decoded(calls.media("stream", id="tr-3", maxBitRate=24).content)[1] == "opus"
    assert calls.media("stream", id="tr-2", maxBitRate=1).headers["content-type"] == "audio/mpeg"


def test_a_time_offset_begins_inside_the_song(calls: SubsonicCalls) -> None:
    for format in ("", "mp3"):
        answer = calls.media("stream", id="tr-1", timeOffset="4.5", format=format)
        assert decoded(answer.content)[2] == pytest.approx(SECONDS - 4.5, abs=0.2)
    assert calls.error("stream", id="tr-1", timeOffset=60) == 0
    assert calls.error("stream", id="tr-1", timeOffset="nan") == 0
    extensions = calls.get("getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert {"name": "transcodeOffset", "versions": [1]} in extensions


def test_the_estimated_length_is_the_length(calls: SubsonicCalls) -> None:
    wanted: dict[str, Any] = {
        "id": "tr-1",
        "format": "mp3",
        "estimateContentLength": "true",
        "maxBitRate": 128,
        "timeOffset": 2,
    }
    answer = calls.media("stream", **wanted)
    assert answer.headers["content-length"] == str(len(answer.content))
    assert decoded(answer.content.rstrip(b"\0"))[2] == pytest.approx(SECONDS - 2, abs=0.2)
    head = calls.media("stream", method="HEAD", **wanted)
    assert head.headers["content-length"] == answer.headers["content-length"]
    assert "content-length" not in calls.media("stream", **{**wanted, "format": "opus"}).headers


def test_pieces_are_cut_or_filled() -> None:
    assert b"".join(exactly((piece for piece in (b"ab", b"cd", b"ef")), 3)) == b"abc"
    assert b"".join(exactly((piece for piece in (b"ab", b"c")), 5)) == b"abc\0\0"
    filled = list(exactly((piece for piece in (b"ab",)), 200_000))
    assert sum(map(len, filled)) == 200_000
    assert max(map(len, filled)) < 100_000


def test_a_download_has_the_name_of_the_file(calls: SubsonicCalls, music: Path) -> None:
    (music / "b.mp3").rename(music / "Größe.mp3")
    store_files(calls.library.settings.home, music, [music / "Größe.mp3"])
    answer = calls.media("download", id="tr-2")
    assert answer.content == (music / "Größe.mp3").read_bytes()
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.mp3"


def test_what_is_not_there_is_an_error_of_the_protocol(calls: SubsonicCalls, music: Path) -> None:
    (music / "a.flac").unlink()
    for call, id in (
        ("stream", "tr-1"), ("stream", "tr-99"), ("stream", "al-1"), ("download", "x"), ("getCoverArt", "tr-99"),
        ("getCoverArt", "al-99"), ("getCoverArt", "ar-99"), ("getCoverArt", "pl-99"), ("getCoverArt", "al-none-0"),
    ):  # fmt: skip
        assert calls.error(call, id=id) == 70, (call, id)
    assert calls.error("stream") == calls.error("getCoverArt") == 10
    assert calls.error("hls", id="tr-2") == 70


def test_covers_of_songs_albums_artists_and_playlists(tmp_path: Path, music: Path) -> None:
    file = music / "a.mp3"
    write_audio(file, tone(440, 1.0))
    write_tags(file, title="a", artist="b", album="c")
    Image.new("RGB", (400, 300), "red").save(music / "cover.png")
    store_files(tmp_path / "home", music, [file])
    calls = SubsonicCalls(tmp_path / "home")
    saved = calls.library.playlists.add("list", [1])
    for id in ("tr-1", "al-1", "ar-1", f"pl-{saved.id}"):
        original = calls.media("getCoverArt", id=id)
        assert (original.status_code, original.headers["content-type"]) == (200, "image/png"), id
        assert original.content == (music / "cover.png").read_bytes()
        small = calls.media("getCoverArt", id=id, size=100)
        assert Image.open(io.BytesIO(small.content)).width == 160
        again = calls.media("getCoverArt", headers={"If-None-Match": small.headers["etag"]}, id=id, size=100)
        assert again.status_code == 304


def test_what_has_no_cover_gets_one_of_two_colours(tmp_path: Path, music: Path) -> None:
    write_audio(music / "a.mp3", tone(440, 1.0))
    write_tags(music / "a.mp3", title="a", artist="b", album="c")
    store_files(tmp_path / "home", music, [music / "a.mp3"])
    calls = SubsonicCalls(tmp_path / "home")
    saved = calls.library.playlists.add("list", [1])
    pictures = set()
    for id in ("tr-1", "al-1", "ar-1", f"pl-{saved.id}"):
        made = calls.media("getCoverArt", id=id, size=100)
        assert (made.status_code, made.headers["content-type"]) == (200, "image/jpeg"), id
        assert Image.open(io.BytesIO(made.content)).size == (160, 160)
        pictures.add(made.content)
        again = calls.media("getCoverArt", headers={"If-None-Match": made.headers["etag"]}, id=id, size=100)
        assert again.status_code == 304
    assert len(pictures) == 4
    assert calls.error("getCoverArt", id="pl-99") == 70


def test_a_playlist_of_another_listener_shows_no_cover(tmp_path: Path, music: Path) -> None:
    write_audio(music / "a.mp3", tone(440, 1.0))
    Image.new("RGB", (40, 30), "red").save(music / "cover.png")
    store_files(tmp_path / "home", music, [music / "a.mp3"])
    saved = recsys.Library(tmp_path / "home").playlists.add("list", [1])
    calls = SubsonicCalls(tmp_path / "home", listener="Anna")
    assert calls.error("getCoverArt", id=f"pl-{saved.id}") == 70
