"""The page: the files that ``web/`` is built into, and its document for every other address.

Files are found by their name in a table that is made when the server starts; no path of a request reaches the disk.
"""

import html
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

PAGE = Path(__file__).parent / "page"
TYPES = {
    ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".md": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
}  # fmt: skip
"""The media types of the files that are served; all others are not."""
DOCUMENT = "index.html"
BASE = '<base href="/" />'
"""What the document has where the base path of the server is put."""
FOREVER = "public, max-age=31536000, immutable"
"""The names of assets have a hash of their content."""
NOT_BUILT = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>recsys</title></head><body>
<h1>The page is not installed</h1>
<p>The server runs, and its API answers. This recsys was built without access to the npm registry, which the page
needs once.</p>
<p>With access to registry.npmjs.org, install recsys again: <code>pip install --force-reinstall --no-deps --no-cache-dir
</code> and the folder or the name that it was installed from; in a clone: <code>python scripts/build_page.py</code>.
Then start the server again.</p>
</body></html>
"""


def page_files(folder: Path = PAGE) -> dict[str, bytes]:
    """The files of the page by their path in the folder; none without a build."""
    if not (folder / DOCUMENT).is_file():
        return {}
    found = (path for path in folder.rglob("*") if path.suffix in TYPES and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def page_router(base_path: str, files: dict[str, bytes]) -> APIRouter:
    """The routes of the page, to be added after all others.

    Parameters
    ----------
    base_path
        The path that the server is below, without a slash at the end.
    files
        What :func:`page_files` returns.
    """
    router = APIRouter()
    base = f'<base href="{html.escape(base_path)}/" />'
    document = files.get(DOCUMENT, NOT_BUILT.encode()).replace(BASE.encode(), base.encode())

    @router.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(path: str) -> Response:
        if path in files and path != DOCUMENT:
            lasting = FOREVER if path.startswith("assets/") else "no-cache"
            return Response(files[path], media_type=TYPES[Path(path).suffix], headers={"Cache-Control": lasting})
        if path.startswith(("api/", "assets/")):
            raise HTTPException(404)
        status = 200 if files else 503
        return Response(document, status, media_type=TYPES[".html"], headers={"Cache-Control": "no-cache"})

    return router
