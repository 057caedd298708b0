"""The clients of music servers, against servers written from the documents of their APIs."""

import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from music_servers import (
    PASSWORD,
    USER,
    Answer,
    JellyfinServer,
    LyrionServer,
    MusicServer,
    PlexServer,
    Request,
    Song,
    StoredPlaylist,
    SubsonicServer,
)

from recsys.domain.links import Link
from recsys.errors import Hint, InvalidRequest, ServerError
from recsys.servers import server as protocol
from recsys.servers import subsonic
from recsys.servers.choice import check_login, check_secret, open_server
from recsys.servers.connection import Connection, check_url

KINDS = {"subsonic": SubsonicServer, "jellyfin": JellyfinServer, "lyrion": LyrionServer, "plex": PlexServer}


def songs(n: int = 3, *, album: str = "album") -> list[Song]:
    return [Song(f"{i + 1:032x}", "Björk", f"song {i}", album, f"/music/{i} ö.mp3", 200 + i) for i in range(n)]


def opened(kind: str, server: MusicServer, *, secret: str | None = None) -> protocol.MusicServer:
    user = None if kind == "plex" or (kind == "lyrion" and secret is None) else USER
    given = secret or (PlexServer.TOKEN if kind == "plex" else PASSWORD)
    return open_server(Link("x", kind, server.url, user), given)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make_server(kind: str, listed: list[Song]) -> MusicServer:
    numbered = [Song(str(i), *list(vars(song).values())[1:]) for i, song in enumerate(listed, 1)]
    return KINDS[kind](listed if kind in ("subsonic", "jellyfin") else numbered)


def test_all_tracks_are_read_with_names_path_and_duration(kind: str) -> None:
    with make_server(kind, songs(1203)) as server, opened(kind, server) as client:
        client.log_in()
        tracks = list(client.read_tracks())
    assert [track.id for track in tracks] == [song.id for song in server.songs]
    entry = tracks[1202].entry
    assert (entry.artist, entry.title, entry.album, entry.path, entry.duration) == (
        "Björk", "song 1202", "album", "/music/1202 ö.mp3", 1402.0,
    )  # fmt: skip
    assert [name for _, name in tracks[0].artists] == ["Björk"]


def test_stars_ratings_and_plays_are_read(kind: str) -> None:
    listed = songs(2)
    listed[0].starred, listed[0].rating, listed[0].plays = "2024-05-01T08:30:00Z", 4, 7
    with make_server(kind, listed) as server, opened(kind, server) as client:
        client.log_in()
        first, second = [track.entry for track in client.read_tracks()]
    assert (second.loved, second.stars, second.plays) == (None, None, 0)
    expected = {
        "subsonic": (True, 0.8, 7), "jellyfin": (True, None, 7), "lyrion": (None, 0.8, 0), "plex": (None, 0.8, 7),
    }  # fmt: skip
    assert (first.loved, first.stars, first.plays) == expected[kind]


def test_a_playlist_is_created_and_replaced(kind: str) -> None:
    with make_server(kind, songs(3)) as server, opened(kind, server) as client:
        client.log_in()
        ids = [song.id for song in server.songs]
        made = client.create_playlist("Calm & more", ids[0])
        assert client.playlists() == {made: "Calm & more"}
        assert server.playlists[made].ids in ([], ids[:1])
        client.replace_playlist(made, "Calmer", ids[::-1])
    assert list(server.playlists) == [made]
    assert (server.playlists[made].name, server.playlists[made].ids) == ("Calmer", ids[::-1])


def test_long_playlists_are_complete_and_their_addresses_short(kind: str) -> None:
    with make_server(kind, songs(30 if kind == "lyrion" else 700)) as server, opened(kind, server) as client:
        client.log_in()
        ids = [song.id for song in server.songs]
        made = client.create_playlist("long", ids[0])
        client.replace_playlist(made, "long", ids)
        assert server.playlists[made].ids == ids
        client.replace_playlist(made, "long", ids[::-1])
        assert server.playlists[made].ids == ids[::-1]
    queries = [request for request in server.requests if request.method in ("GET", "PUT", "DELETE")]
    assert (
        max(
            sum(len(v) + len(k) + 2 for k, each in r.fields.items() for v in each)
            for r in [server.requests[0], *queries]
        )
        < 5000
    )


@pytest.mark.parametrize("secret", ["wrong", "ö" * 100])
def test_a_wrong_password_is_one_line_without_it(kind: str, secret: str) -> None:
    server = LyrionServer(songs(1), secured=True) if kind == "lyrion" else make_server(kind, songs(1))
    with (
        server,
        opened(kind, server, secret=secret if kind != "plex" else "wrong") as client,
        pytest.raises(ServerError, match=r"refuses the user, the password or the key$") as caught,
    ):
        client.log_in()
    assert caught.value.hint is Hint.LINK_AGAIN
    assert secret not in str(caught.value)


@pytest.mark.parametrize("kind", ["plex", "jellyfin"])
def test_keys_and_passwords_may_have_any_letters(kind: str) -> None:
    with (
        make_server(kind, []) as server,
        opened(kind, server, secret="schlüssel 鍵") as client,
        pytest.raises(ServerError, match="refuses the user, the password or the key"),
    ):
        client.log_in()


@pytest.mark.parametrize("user", ["", "  ", "\udcff", "a\nb"])
def test_a_user_that_cannot_be_sent_is_refused(user: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^user must have printable characters"):
        check_login("subsonic", user)


@pytest.mark.parametrize("secret", ["\udcff", "a\nb", "a\0"])
def test_a_password_that_cannot_be_sent_is_refused(secret: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^the password or key has characters that cannot be printed$"):
        check_secret(secret)


def test_a_name_of_a_host_that_is_too_long_is_one_line() -> None:
    link = Link("x", "plex", f"http://{'a' * 70}.example")
    with open_server(link, "key") as client, pytest.raises(ServerError, match=r"^cannot reach http://aaa"):
        client.log_in()


def test_lyrion_with_a_password() -> None:
    with (
        LyrionServer(make_server("lyrion", songs(1)).songs, secured=True) as server,
        opened("lyrion", server, secret=PASSWORD) as client,
    ):
        client.log_in()
        assert len(list(client.read_tracks())) == 1


FAILURES: dict[str, tuple[Answer, str]] = {
    "proxy": (Answer(b"<html>Bad gateway</html>", 502, "text/html"), "answers with HTTP status 502"),
    "page": (Answer(b"<!doctype html><title>login", 200, "text/html"), "answers with a page that is not JSON"),
    "text": (Answer(b"{'a': 1}"), "answers with something that is not JSON"),
    "empty": (Answer(None), "answers without"),
    "other": (Answer([1, 2]), "answers without"),
    "half": (Answer({"a": "b" * 100}, cut=True), "has broken off its answer"),
    "redirect": (Answer(status=301, location="https://a:b@example.org/x?u=1"), "redirects to https://example.org/x$"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_server_is_one_line(kind: str, failure: str) -> None:
    answer, message = FAILURES[failure]
    server = make_server(kind, songs(1))
    server.before = lambda _: answer
    with server, opened(kind, server) as client, pytest.raises(ServerError, match=message) as caught:
        client.log_in()
    assert str(caught.value).startswith(f"{server.url} ")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("failure", ["proxy", "page", "half"])
def test_a_failure_while_tracks_are_read_is_no_end_of_the_list(kind: str, failure: str) -> None:
    server = make_server(kind, songs(1203))
    with server, opened(kind, server) as client:
        client.log_in()
        n = len(server.requests)
        server.before = lambda _: FAILURES[failure][0] if len(server.requests) > n + 1 else None
        with pytest.raises(ServerError, match=FAILURES[failure][1]):
            list(client.read_tracks())


def test_pages_that_are_missing_are_an_error() -> None:
    def half(listed: list[Song]) -> Callable[..., Answer | None]:
        return lambda request: Answer({"Items": [], "TotalRecordCount": 9}) if request.path == "/Items" else None

    with JellyfinServer(songs(9)) as server, opened("jellyfin", server) as client:
        client.log_in()
        server.before = half(server.songs)
        with pytest.raises(ServerError, match="answers without 9 of 9 rows"):
            list(client.read_tracks())


def _ignoring_the_start(kind: str, server: MusicServer) -> Callable[[Request], Answer | None]:
    """What a server answers that has its first page for every place."""

    def before(request: Request) -> Answer | None:
        starts = {"jellyfin": "StartIndex", "plex": "X-Plex-Container-Start", "subsonic": "offset"}
        if kind != "lyrion":
            changed = request._replace(fields={**request.fields, starts[kind]: ["0"]})
            return server.answer(changed)
        body = json.loads(request.body)
        if body["params"][1][0] in ("titles", "playlists"):
            body["params"][1][1] = 0
        return server.answer(request._replace(body=json.dumps(body).encode()))

    return before


@pytest.mark.parametrize("states_total", [True, False])
def test_a_server_with_the_same_page_for_every_place_is_an_error(
    kind: str, states_total: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"recsys.servers.{kind}.PAGE", 4)
    listed = [song for i in range(9) for song in songs(1, album=f"album {i}")]
    for i, song in enumerate(listed):
        song.id = f"{100 + i}"
    server = make_server(kind, listed)
    if isinstance(server, SubsonicServer):
        server.empty_query = False
        monkeypatch.setattr(server, "PAGE", 4)
    with server, opened(kind, server) as client:
        client.log_in()
        same = _ignoring_the_start(kind, server)
        server.before = same if states_total else lambda request: _without_total(same(request))
        if kind == "lyrion" and not states_total:
            return  # it always has a count
        with pytest.raises(ServerError, match="answers with the same page again and again"):
            list(client.read_tracks())


def _without_total(answer: Answer | None) -> Answer | None:
    content = answer.content if answer else None
    for fields in (content, content.get("MediaContainer")) if isinstance(content, dict) else ():
        for name in ("TotalRecordCount", "totalSize", "size"):
            (fields or {}).pop(name, None)
    return answer


def test_a_server_that_ignores_pages_is_read_once(kind: str) -> None:
    """Every page has all rows, and no number of them."""
    server = make_server(kind, songs(9))
    with server, opened(kind, server) as client:
        client.log_in()
        whole = _ignoring_the_start(kind, server)
        server.before = lambda request: _without_total(whole(request))
        assert [track.id for track in client.read_tracks()] == [song.id for song in server.songs]
    assert len(server.requests) < 20


def test_a_playlist_loses_no_track_if_the_server_fails(kind: str) -> None:
    n = 30 if kind == "lyrion" else 450
    server = make_server(kind, songs(n))
    if isinstance(server, SubsonicServer):
        server.form_post = False
    with server, opened(kind, server) as client:
        client.log_in()
        ids = [song.id for song in server.songs]
        made = client.create_playlist("long", ids[0])
        client.replace_playlist(made, "long", ids)
        total = len(server.requests)
        client.replace_playlist(made, "long", ids[::-1])
        needed = len(server.requests) - total
        for failing in range(1, needed, max(1, needed // 6)):
            start = len(server.requests)
            server.before = lambda _, last=start + failing: Answer(status=500) if len(server.requests) > last else None
            with pytest.raises(ServerError):
                client.replace_playlist(made, "long", ids[failing:] + ids[:failing])
            assert set(server.playlists[made].ids) == set(ids)
            server.before = None
        client.replace_playlist(made, "long", ids)
        assert server.playlists[made].ids == ids


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_at_the_time_that_it_states(
    kind: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("recsys.servers.connection._pause", waited.append)
    later = formatdate(time.time() + 30, usegmt=True)
    busy = [Answer(b"slow down", status, retry_after=after) for after in ("2", later)]
    server = make_server(kind, songs(3))
    server.before = lambda _: busy.pop() if busy else None
    with server, opened(kind, server) as client:
        client.log_in()
        assert len(list(client.read_tracks())) == 3
    assert len(waited) == 2
    assert waited[1] == 2
    assert 0 < waited[0] <= 30


@pytest.mark.parametrize(("after", "waits"), [("1", 3), ("61", 0), ("x", 0), (None, 0), ("Mon, 99 Foo", 0)])
def test_a_server_that_stays_busy_is_one_line(after: str | None, waits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("recsys.servers.connection._pause", waited.append)
    with (
        SubsonicServer(before=lambda _: Answer(b"", 503, retry_after=after)) as server,
        opened("subsonic", server) as client,
        pytest.raises(ServerError, match=r"answers with HTTP status 503$"),
    ):
        client.log_in()
    assert len(waited) == waits


def test_an_answer_that_comes_too_slowly_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.servers.connection._ANSWER_SECONDS", -1.0)
    with (
        SubsonicServer() as server,
        opened("subsonic", server) as client,
        pytest.raises(ServerError, match="does not end its answer"),
    ):
        client.log_in()


def test_a_server_that_is_down_is_one_line(kind: str) -> None:
    with make_server(kind, []) as server:
        url = server.url
    server.url = url
    with (
        opened(kind, server) as client,
        pytest.raises(ServerError, match=rf"^cannot reach {re.escape(url)}: Connection refused$"),
    ):
        client.log_in()


def test_an_untrusted_certificate_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", *names]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs openssl")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with SubsonicServer(songs(1), tls=tls) as server:
        with (
            opened("subsonic", server) as client,
            pytest.raises(ServerError, match=r"^the certificate of https://\S+ is not trusted: self-") as caught,
        ):
            client.log_in()
        assert caught.value.hint is Hint.TRUST_CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with opened("subsonic", server) as client:
            client.log_in()
    with SubsonicServer(songs(1)) as server:
        server.url = server.url.replace("http:", "https:")
        with opened("subsonic", server) as client, pytest.raises(ServerError, match=r"does not answer by TLS$"):
            client.log_in()


@pytest.mark.parametrize(
    "url",
    ["", "localhost:4533", "ftp://host", "http://", "http://a:b@host", "http://host?x=1", "http://host/#/app",
     "http://host:99999", "http://[::1", "http://host:x", "http://a b",
     "http://\udcff", "http://host:0"],
)  # fmt: skip
def test_an_invalid_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^url must") as caught:
        check_url(url)
    assert "a:b" not in str(caught.value)


def test_the_path_of_an_address_is_kept() -> None:
    assert check_url(" https://host/music/ ") == "https://host/music"
    with (
        SubsonicServer(songs(1)) as server,
        open_server(Link("x", "subsonic", f"{server.url}/music/", USER), "") as c,
        pytest.raises(ServerError),
    ):
        c.log_in()
    assert server.requests[0].path == "/music/rest/ping"


def test_an_answer_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.servers.connection.MAX_ANSWER_BYTES", 1 << 20)
    with SubsonicServer(before=lambda _: Answer(b" " * (2 << 20))) as server:
        connection = Connection(server.url)
        with pytest.raises(ServerError, match="answers with more than 1 MB"):
            connection.ask("GET", "x")
        connection.close()


def test_plex_tracks_with_fields_of_another_form_are_read_without_them() -> None:
    wrong = {"ratingKey": "7", "title": "song", "Media": "file", "Guid": [1], "Part": {}}

    def before(request: Request) -> Answer | None:
        return Answer({"MediaContainer": {"size": 1, "Metadata": [wrong]}}) if "/all" in request.path else None

    with PlexServer(songs=songs(), before=before) as server, opened("plex", server) as client:
        [track] = client.read_tracks()
    assert (track.id, track.entry.title, track.entry.path) == ("7", "song", None)


@pytest.mark.parametrize("answer", [{"count": "x"}, {"count": 1, "titles_loop": "x"}, {"count": [], "titles_loop": 1}])
def test_lyrion_rows_of_another_form_are_an_error(answer: dict[str, object]) -> None:
    def before(request: Request) -> Answer | None:
        return Answer({"result": answer}) if b'"titles"' in request.body else None

    with (
        LyrionServer(songs=songs(), before=before) as server, opened("lyrion", server) as client,
        pytest.raises(ServerError, match="answers without rows and their count"),
    ):  # fmt: skip
        list(client.read_tracks())


@pytest.mark.parametrize(
    ("kind", "user", "message"),
    [("emby", "anna", "kind must be one of"), ("jellyfin", None, "user is needed"), ("plex", "anna", "user must not")],
)
def test_a_login_that_a_kind_does_not_have_is_refused(kind: str, user: str | None, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_login(kind, user)


class TestSubsonic:
    """The quirks of servers with this API."""

    def test_forms_are_sent_where_the_server_takes_them(self) -> None:
        with SubsonicServer(songs(2)) as server, opened("subsonic", server) as client:
            client.log_in()
            list(client.read_tracks())
        assert [request.method for request in server.requests[:2]] == ["GET", "GET"]
        assert {request.method for request in server.requests[2:]} == {"POST"}

    @pytest.mark.parametrize("open_subsonic", [True, False])
    def test_addresses_are_used_where_it_does_not(self, open_subsonic: bool) -> None:
        with (
            SubsonicServer(songs(2), form_post=False, open_subsonic=open_subsonic) as server,
            opened("subsonic", server) as client,
        ):
            client.log_in()
            assert len(list(client.read_tracks())) == 2
        assert {request.method for request in server.requests} == {"GET"}

    @pytest.mark.parametrize("lacking", ["empty_query", "pages"])
    def test_servers_that_do_not_page_are_read_by_album(self, lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subsonic, "PAGE", 4)
        listed = [song for i in range(3) for song in songs(3, album=f"album {i}")]
        for i, song in enumerate(listed):
            song.id = str(i)
        with SubsonicServer(listed) as server, opened("subsonic", server) as client:
            setattr(server, lacking, False)
            client.log_in()
            assert sorted(track.id for track in client.read_tracks()) == [str(i) for i in range(9)]

    def test_a_server_without_digests_gets_the_password(self) -> None:
        with SubsonicServer(songs(1), tokens=False) as server, opened("subsonic", server) as client:
            client.log_in()
            assert len(list(client.read_tracks())) == 1
        assert all(PASSWORD not in str(request.fields) for request in server.requests)

    def test_a_digest_never_has_the_password(self) -> None:
        with SubsonicServer(songs(1)) as server, opened("subsonic", server) as client:
            client.log_in()
        assert all("p" not in request.fields for request in server.requests)

    def test_a_key_needs_no_user(self) -> None:
        with (
            SubsonicServer(songs(1), api_key="key") as server,
            open_server(Link("x", "navidrome", server.url), "key") as c,
        ):
            c.log_in()
            assert len(list(c.read_tracks())) == 1
        assert all("u" not in request.fields for request in server.requests)

    def test_a_server_that_returns_no_playlist_is_asked_for_it(self) -> None:
        with SubsonicServer(songs(2), returns_playlist=False) as server, opened("subsonic", server) as client:
            client.log_in()
            made = client.create_playlist("calm", server.songs[0].id)
        assert server.playlists[made].name == "calm"

    def test_playlists_of_other_users_are_not_listed(self) -> None:
        others = {"1": StoredPlaylist("mine", []), "2": StoredPlaylist("public", [], owner="bob")}
        with SubsonicServer(playlists=others) as server, opened("subsonic", server) as client:
            client.log_in()
            assert client.playlists() == {"1": "mine"}


def test_requests_are_not_logged() -> None:
    """Addresses of Subsonic have digests of passwords."""
    with SubsonicServer(songs(1)) as server:
        code = f"""
import logging
logging.basicConfig(level=logging.DEBUG)
from recsys.servers.subsonic import Subsonic
client = Subsonic({server.url!r}, {USER!r}, {PASSWORD!r})
client.log_in()
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(server.requests) == 2
    assert "127.0.0.1" not in done.stderr + done.stdout
