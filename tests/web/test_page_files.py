"""The page as files: their types, how long browsers keep them, the document below any path, and a server without it."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from recsys.web import page_files
from recsys.web.page_files import page_router


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page as Vite builds it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(f"<html><head>{page_files.BASE}</head></html>", encoding="utf-8")
    (tmp_path / "assets" / "index-a1b2.js").write_text("export {};", encoding="utf-8")
    (tmp_path / "assets" / "index-a1b2.css").write_text("a {}", encoding="utf-8")
    (tmp_path / "licences.md").write_text("# MIT", encoding="utf-8")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "sources.sha256").write_text("0", encoding="utf-8")
    return tmp_path


def ask(folder: Path, path: str, *, base_path: str = "", method: str = "GET") -> httpx.Response:
    app = FastAPI()
    app.include_router(page_router(base_path, page_files.page_files(folder)))

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, root_path=base_path)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("index-a1b2.js", "text/javascript; charset=utf-8"), ("index-a1b2.css", "text/css; charset=utf-8")],
)
def test_assets_are_kept_for_ever(folder: Path, name: str, media_type: str) -> None:
    answer = ask(folder, f"/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == page_files.FOREVER


@pytest.mark.parametrize("path", ["/", "/index.html", "/tracks/12", "/artists/3?x=1", "/no.such.file"])
def test_every_other_address_has_the_document(folder: Path, path: str) -> None:
    answer = ask(folder, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert page_files.BASE in answer.text


@pytest.mark.parametrize("path", ["/recsys/", "/recsys/tracks/12"])
def test_the_document_has_the_base_path(folder: Path, path: str) -> None:
    assert '<base href="/recsys/" />' in ask(folder, path, base_path="/recsys").text


def test_assets_are_below_the_base_path(folder: Path) -> None:
    assert ask(folder, "/recsys/assets/index-a1b2.js", base_path="/recsys").text == "export {};"


def test_a_base_path_is_escaped(folder: Path) -> None:
    assert '<base href="/a&quot;&gt;&lt;b/" />' in ask(folder, '/a"><b/', base_path='/a"><b').text


@pytest.mark.parametrize("path", ["/assets/old-hash.js", "/assets/%2e%2e/server.py", "/api/v1/nothing", "/api/"])
def test_unknown_assets_and_routes_are_not_found(folder: Path, path: str) -> None:
    assert ask(folder, path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/manifest.json", "/..%2fmanifest.json", "/%2e%2e%2f%2e%2e%2fetc/passwd", "//etc/passwd"]
)
def test_no_path_reaches_another_file(folder: Path, path: str) -> None:
    assert ask(folder, path).text == (folder / "index.html").read_text(encoding="utf-8")


def test_files_of_the_build_itself_are_not_served(folder: Path) -> None:
    assert set(page_files.page_files(folder)) == {
        "index.html", "assets/index-a1b2.js", "assets/index-a1b2.css", "licences.md",
    }  # fmt: skip


def test_only_reading_is_allowed(folder: Path) -> None:
    assert ask(folder, "/tracks/12", method="POST").status_code == 405
    assert ask(folder, "/tracks/12", method="HEAD").status_code == 200


def test_without_a_build_one_plain_page_has_what_to_do(tmp_path: Path) -> None:
    answer = ask(tmp_path, "/")
    assert answer.status_code == 503
    assert "scripts/build_page.py" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
