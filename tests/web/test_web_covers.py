"""Covers over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_client import AsgiClient
from media_library import store_files
from PIL import Image
from signals import tone, write_audio

import recsys

COVER = "/api/v1/cover/1"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    song = write_audio(folder / "a.flac", tone(440, 0.5))
    Image.new("RGB", (400, 400), "red").save(folder / "cover.png")
    store_files(tmp_path / "home", folder, [song])
    return folder


@pytest.fixture
def client(music: Path, tmp_path: Path) -> Iterator[AsgiClient]:
    with recsys.Library(tmp_path / "home") as library:
        yield AsgiClient(library)


def test_a_cover_is_sent_as_it_is_or_smaller(client: AsgiClient, music: Path) -> None:
    original, small = client.get(COVER), client.get(f"{COVER}?size=100")
    assert original.content == (music / "cover.png").read_bytes()
    assert original.headers["content-type"] == "image/png"
    assert small.headers["content-type"] == "image/jpeg"
    assert len(small.content) < 5000
    for answer in (original, small):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-length"] == str(len(answer.content))


def test_a_cover_that_the_browser_has_is_not_sent_again(client: AsgiClient) -> None:
    etag = client.get(COVER).headers["etag"]
    assert client.get(COVER, if_none_match=etag).status_code == 304
    assert client.get(f"{COVER}?size=64", if_none_match=etag).status_code == 200


def test_head_has_no_body(client: AsgiClient, music: Path) -> None:
    answer = client.head(COVER)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str((music / "cover.png").stat().st_size)


def test_what_is_no_cover_is_not_found(client: AsgiClient, music: Path) -> None:
    (music / "cover.png").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    for address in (COVER, f"{COVER}?size=64", "/api/v1/cover/2", "/api/v1/cover/album/7", "/api/v1/cover/album/x"):
        assert client.get(address).status_code == (422 if address.endswith("x") else 404)


@pytest.mark.parametrize("size", ["0", "-1", "x", "10001", "1e3", "64&size="])
def test_a_size_that_is_no_size_is_refused(client: AsgiClient, size: str) -> None:
    assert client.get(f"{COVER}?size={size}").status_code == 422
