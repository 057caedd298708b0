"""Audio over HTTP: whole files, parts of them, conditional requests, and what is refused."""

import asyncio
import io
import os
from collections.abc import Generator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import av
import pytest
from asgi_client import AsgiClient
from media_library import store_files
from signals import tone, write_audio
from synthetic_library import open_catalogue

import recsys
from recsys.web.api.media import TooManyTranscodings, send_transcoded
from recsys.web.media_response import CHUNK, MediaResponse, pieces_of

AUDIO = "/api/v1/audio/1"
SCOPE: dict[str, Any] = {"type": "http", "asgi": {"spec_version": "2.3"}}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    (folder / "album").mkdir(parents=True)
    write_audio(folder / "album" / "a.flac", tone(440, 1.0))
    store_files(tmp_path / "home", folder, [folder / "album" / "a.flac"])
    return folder


@pytest.fixture
def client(music: Path, tmp_path: Path) -> Iterator[AsgiClient]:
    with recsys.Library(tmp_path / "home") as library:
        yield AsgiClient(library)


@pytest.fixture
def data(music: Path) -> bytes:
    return (music / "album" / "a.flac").read_bytes()


def test_a_file_that_browsers_play_is_sent_as_it_is(client: AsgiClient, data: bytes) -> None:
    answer = client.get(AUDIO)
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["content-type"] == "audio/flac"
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers


def test_head_has_the_headers_and_no_body(client: AsgiClient, data: bytes) -> None:
    answer = client.head(AUDIO, range="bytes=0-9")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(data))


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("0-0", 0, 1),
        ("10-19", 10, 20),
        ("100-", 100, None),
        ("-7", -7, None),
        ("-999999999", 0, None),
        ("5-999999999", 5, None),
    ],
)
def test_a_range_is_sent_alone(client: AsgiClient, data: bytes, wanted: str, first: int, last: int | None) -> None:
    answer = client.get(AUDIO, range=f"bytes={wanted}")
    expected = data[first:last]
    start = len(data) + first if first < 0 else first
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{len(data)}"
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=999999999-1000000000", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(client: AsgiClient, data: bytes, wanted: str) -> None:
    answer = client.get(AUDIO, range=wanted)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(data)}"
    assert answer.json()["code"] == "range_not_satisfiable"


@pytest.mark.parametrize(
    "wanted",
    ["bytes=5-2", "bytes=-", "bytes=a-b", "seconds=1-2", "bytes=0-1,4-5", "bytes=1-2x", "bytes=99999999999999999999-"],
)
def test_a_range_of_another_form_is_ignored(client: AsgiClient, data: bytes, wanted: str) -> None:
    answer = client.get(AUDIO, range=wanted)
    assert (answer.status_code, answer.content) == (200, data)


def test_a_range_is_only_of_the_file_that_the_client_began_with(client: AsgiClient, music: Path, data: bytes) -> None:
    before = client.head(AUDIO).headers
    for validator in (before["etag"], before["last-modified"]):
        assert client.get(AUDIO, range="bytes=0-3", if_range=validator).status_code == 206
    (music / "album" / "b.flac").write_bytes(data + b"more")
    (music / "album" / "b.flac").replace(music / "album" / "a.flac")
    os.utime(music / "album" / "a.flac", (1, 1))
    for validator in (before["etag"], before["last-modified"], 'W/"a"', "soon"):
        answer = client.get(AUDIO, range="bytes=0-3", if_range=validator)
        assert (answer.status_code, answer.content) == (200, data + b"more")


def test_a_file_that_has_not_changed_is_not_sent_again(client: AsgiClient, music: Path) -> None:
    before = client.get(AUDIO).headers
    for name, value in (("If-None-Match", f'"x", {before["etag"]}'), ("If-Modified-Since", before["last-modified"])):
        answer = client.get(AUDIO, **{name: value})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == before["etag"]
    os.utime(music / "album" / "a.flac", (2e9, 2e9))
    assert client.get(AUDIO, if_none_match=before["etag"]).status_code == 200
    assert client.get(AUDIO, if_modified_since=before["last-modified"]).status_code == 200
    assert client.get(AUDIO, if_modified_since="not a date").status_code == 200


def test_ids_that_no_track_has_are_not_found(client: AsgiClient) -> None:
    assert client.get("/api/v1/audio/2").status_code == 404
    for path in ("0", "-1", "x", "1.5", "99999999999999999999"):
        assert client.get(f"/api/v1/audio/{path}").status_code == 422


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "../../../etc/passwd", "%2e%2e/1", "1/../../../etc", "1%00"]
)
def test_paths_are_not_addresses(client: AsgiClient, path: str) -> None:
    answer = client.get(f"/api/v1/audio/{path}")
    assert not answer.headers["content-type"].startswith("audio")
    assert b"root:" not in answer.content
    if not path.startswith(".."):  # which clients resolve: that address is of the page
        assert answer.status_code in (404, 422)


@pytest.mark.parametrize("what", ["album/a.flac", "album"])
def test_a_link_that_leaves_the_folder_is_refused(client: AsgiClient, music: Path, tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    (music / what).rename(outside)
    (music / what).symlink_to(outside)
    answer = client.get(AUDIO)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "the file of track 1 is not inside a folder that was ingested"
    assert "outside" not in answer.text
    with open_catalogue(tmp_path / "home") as catalogue:
        catalogue.add_roots([str(outside)])
    assert client.get(AUDIO).status_code == 200


def test_a_root_may_be_a_link(client: AsgiClient, music: Path, tmp_path: Path) -> None:
    music.rename(tmp_path / "elsewhere")
    music.symlink_to(tmp_path / "elsewhere")
    assert client.get(AUDIO).status_code == 200


def test_a_folder_that_is_no_longer_of_the_library_is_not_read(client: AsgiClient, music: Path, tmp_path: Path) -> None:
    with open_catalogue(tmp_path / "home") as catalogue:
        [root] = catalogue.roots()
        catalogue.add_roots([str(tmp_path / "mus")])
        catalogue.mark_missing([str(music / "album" / "a.flac")])
        catalogue.remove_empty_roots([root])
    assert client.get(AUDIO).status_code == 404


def test_a_missing_copy_is_replaced_by_another(client: AsgiClient, music: Path, tmp_path: Path, data: bytes) -> None:
    (music / "copy.flac").write_bytes(data)
    store_files(tmp_path / "home", music, [music / "copy.flac"])
    (music / "album" / "a.flac").unlink()
    assert client.get(AUDIO).content == data
    (music / "copy.flac").unlink()
    answer = client.get(AUDIO)
    assert (answer.status_code, answer.json()["detail"]) == (404, "the file of track 1 is missing")


def test_a_device_in_the_place_of_a_file_is_not_read(client: AsgiClient, music: Path) -> None:
    (music / "album" / "a.flac").unlink()
    os.mkfifo(music / "album" / "a.flac")
    assert client.get(AUDIO).status_code == 404


def test_a_file_that_is_truncated_while_it_is_sent_ends_early(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(5 * CHUNK))
    with (tmp_path / "a").open("rb", buffering=0) as file:
        pieces = pieces_of(file, 1, 4 * CHUNK)
        assert len(next(pieces)) == CHUNK
        os.truncate(tmp_path / "a", CHUNK + 10)
        assert [len(piece) for piece in pieces] == [9]


def test_a_file_that_grows_while_it_is_sent_is_sent_up_to_its_announced_length(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(CHUNK + 5))
    with (tmp_path / "a").open("rb", buffering=0) as file:
        pieces = pieces_of(file, 0, CHUNK + 5)
        next(pieces)
        (tmp_path / "a").write_bytes(bytes(9 * CHUNK))
        assert [len(piece) for piece in pieces] == [5]


def test_what_browsers_do_not_play_is_transcoded(client: AsgiClient, music: Path, tmp_path: Path) -> None:
    song = write_audio(music / "b.m4a", tone(440, 3.0), format="alac")
    store_files(tmp_path / "home", music, [song])
    answer = client.get("/api/v1/audio/2", range="bytes=0-")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == 'audio/webm; codecs="opus"'
    assert answer.headers["accept-ranges"] == "none"
    assert "content-length" not in answer.headers
    assert seconds_of(answer.content) == pytest.approx(3.0, abs=0.1)
    assert client.head("/api/v1/audio/2").headers["content-type"] == answer.headers["content-type"]


@pytest.mark.parametrize(
    ("query", "kind"),
    [("transcode=opus", "audio/webm"), ("transcode=mp3", "audio/mpeg"), ("transcode=flac", "audio/mp4")],
)
def test_any_file_is_transcoded_on_request_from_any_position(client: AsgiClient, query: str, kind: str) -> None:
    answer = client.get(f"{AUDIO}?{query}&start=0.5")
    assert answer.headers["content-type"].startswith(kind)
    assert seconds_of(answer.content) == pytest.approx(0.5, abs=0.1)
    assert client.get(f"{AUDIO}?start=0.5").headers["content-type"].startswith("audio/webm")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "audio/flac"),
        ("audio/webm,audio/ogg,audio/wav,audio/*;q=0.9", "audio/flac"),
        ("audio/mpeg", "audio/mpeg"),
        ("audio/flac;q=0, audio/webm", 'audio/webm; codecs="opus"'),
        ("text/html", 'audio/webm; codecs="opus"'),
    ],
)
def test_a_client_gets_what_it_accepts(client: AsgiClient, accept: str, kind: str) -> None:
    assert client.head(AUDIO, accept=accept).headers["content-type"] == kind


@pytest.mark.parametrize("query", ["transcode=wav", "transcode=", "start=-1", "start=nan", "start=inf", "start=x"])
def test_other_encodings_and_positions_are_refused(client: AsgiClient, query: str) -> None:
    assert client.get(f"{AUDIO}?{query}").status_code == 422


def test_a_position_after_the_end_is_refused(client: AsgiClient) -> None:
    answer = client.get(f"{AUDIO}?transcode=mp3&start=5")
    assert (answer.status_code, answer.json()["field"]) == (422, "start")


def test_a_file_that_became_something_else_is_refused(client: AsgiClient, music: Path) -> None:
    (music / "album" / "a.flac").write_bytes(b"text" * 100)
    answer = client.get(AUDIO)
    assert (answer.status_code, answer.json()["code"]) == (415, "unreadable_audio")


def test_transcodings_are_limited_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(answers: int) -> list[int]:
        made = [await send_transcoded(one_piece(), "audio/mpeg", {}) for _ in range(answers)]
        for each in made:
            await each(SCOPE, never, ignore)
        return [each.status_code for each in made]

    def one_piece() -> Generator[bytes]:
        yield b"piece"

    async def never() -> dict[str, str]:
        await asyncio.sleep(3600)
        return {}

    async def ignore(_: MutableMapping[str, Any]) -> None: ...

    async def run() -> None:
        monkeypatch.setattr("recsys.web.api.media._MAX_OPEN", 2)
        assert await send(2) == [200, 200]
        assert await send(2) == [200, 200]
        with pytest.raises(TooManyTranscodings, match="2 tracks are being transcoded"):
            await send(3)

    asyncio.run(run())


def test_a_client_that_goes_away_ends_the_answer() -> None:
    closed: list[bool] = []
    sent: list[MutableMapping[str, Any]] = []

    def pieces() -> Iterator[bytes]:
        while True:
            yield b"piece"

    async def receive() -> dict[str, str]:
        while len(sent) < 3:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    response = MediaResponse(pieces(), lambda: closed.append(True))
    asyncio.run(response(SCOPE, receive, send))
    assert closed == [True]


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as container:
        stream: Any = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream)) / stream.rate
