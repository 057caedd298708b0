"""What an attacker with a key, or a file with a hostile tag, sends: nothing of it is executed, resolved or repeated."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from guarded_client import GuardedClient
from synthetic_library import all_kinds, make_library, make_song

HOSTILE = (
    "'; DROP TABLE recording; --",
    '" OR 1=1 --',
    "%' UNION SELECT name FROM sqlite_master --",
    "a) OR (1=1",
    'title:"x" OR "1"="1"',
    "NEAR(a b, 10)",
    "*" * 50,
    "\\",
    "\x00",
    "\ud800",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
)
PARAMETERS = (
    "/tracks?query={}", "/tracks?sort={}", "/tracks?cursor={}", "/tracks?genre={}", "/tracks?tagged_genre={}",
    "/tracks?artist={}", "/tracks?album={}", "/tracks?ids={}", "/complete?prefix={}", "/complete?prefix=a&kind={}",
    "/similar?seed={}", "/similar?seed=1&folders={}", "/similar?seed=1&keys={}", "/artists?query={}",
    "/albums?query={}", "/statistics?tags={}", "/statistics?excluded_folders={}", "/ratings?listener={}", "/tracks/{}",
    "/artists/{}",
    "/playlists/{}", "/playlists/1/export?format={}", "/genre-models/{}", "/audio/{}", "/cover/{}", "/jobs/{}",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedClient]:
    home = tmp_path_factory.mktemp("attacked") / "home"
    hostile = make_song(
        "jazz", 900, title='<img src=x onerror="alert(1)">', artist="</script><script>alert(2)</script>"
    )
    make_library(home, [*all_kinds(each=2), hostile])
    made = GuardedClient(home)
    made.key = made.library.keys.add("test")
    yield made
    made.library.close()


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_no_text_is_taken_for_a_statement_or_a_path(client: GuardedClient, parameter: str) -> None:
    tracks = client.get("/api/v1/tracks?limit=1000").text
    for text in HOSTILE:
        answer = client.get("/api/v1" + parameter.format(encoded(text)))
        assert answer.status_code < 500, text
        assert "root:" not in answer.text
        assert "sqlite" not in answer.text.lower() or "sqlite" in text.lower()
        assert answer.headers["content-type"].startswith(("application/json", "application/problem+json"))
        assert "set-cookie" not in answer.headers
    assert client.get("/api/v1/tracks?limit=1000").text == tracks


@pytest.mark.parametrize("field", ["genres", "tags", "folders", "excluded_folders", "keys"])
@pytest.mark.parametrize("text", HOSTILE)
def test_bodies_are_data_too(client: GuardedClient, field: str, text: str) -> None:
    answer = client.post("/api/v1/playlists/preview", {"request": {"seeds": [text], "filter": {field: [text]}}})
    assert answer.status_code in (404, 409, 422)
    answer = client.post("/api/v1/playlists/preview", {"request": {"seeds": [1], "filter": {field: [text]}}})
    assert answer.status_code in (200, 404, 409, 422)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_name(client: GuardedClient, name: str) -> None:
    """The name of a playlist comes back as it is, or is refused; in headers it is encoded."""
    made = client.post("/api/v1/playlists", {"name": name, "track_ids": [1, 2]})
    if made.status_code != 201:
        assert made.status_code in (400, 409, 422)
        return
    assert made.json()["name"] == name.strip()
    for format in ("m3u8", "xspf", "jspf", "paths", "json"):
        exported = client.get(f"/api/v1/playlists/{made.json()['id']}/export?format={format}")
        assert exported.status_code == 200
        disposition = exported.headers["content-disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''")
        assert set("\r\n\"'<>/\\;").isdisjoint(disposition.partition("UTF-8''")[2])
        assert "set-cookie" not in exported.headers
        assert exported.headers["content-type"].partition(";")[0] not in ("text/html", "image/svg+xml")


def test_hostile_tags_are_data(client: GuardedClient) -> None:
    """JSON is no document: browsers neither render it nor guess another type."""
    answer = client.get("/api/v1/tracks?query=onerror")
    assert answer.json()["items"][0]["title"] == '<img src=x onerror="alert(1)">'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2fapp.py", "/..%5c..%5capp.py", "/assets//etc/passwd", "/%00", "/file:///etc/passwd",
        "/app.py", "/../app.py", "/../../keys.json", "/keys.json",
    ],
)  # fmt: skip
def test_the_files_of_the_page_are_a_table(client: GuardedClient, path: str) -> None:
    answer = client.get(path)
    assert "root:" not in answer.text
    assert "import" not in answer.text
    assert "digest" not in answer.text


def test_a_key_is_not_guessed(client: GuardedClient) -> None:
    plain = client.key or ""
    guessing = GuardedClient(client.library.settings.home, address="192.0.2.50")
    answers = [
        guessing.get("/api/v1/statistics", authorization=f"Bearer {plain[:n]}").status_code
        for n in range(1, len(plain))
    ]
    assert set(answers) == {401, 429}
    assert answers.count(401) <= 11
