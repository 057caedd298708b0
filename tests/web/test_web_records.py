"""The routes return what ``recsys.Library`` returns, as ``--json`` prints it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgi_client import AsgiClient
from synthetic_library import all_kinds, make_library

import recsys


@pytest.fixture
def library(tmp_path: Path) -> Iterator[recsys.Library]:
    make_library(tmp_path, all_kinds())
    with recsys.Library(tmp_path, keep_open=True) as library:
        yield library


@pytest.fixture
def client(library: recsys.Library) -> AsgiClient:
    return AsgiClient(library)


def get(client: AsgiClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(client: AsgiClient, method: str, path: str, body: object) -> Any:
    answer = client.request(method, f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def test_similar_has_filters_minus_seeds_and_reasons(client: AsgiClient, library: recsys.Library) -> None:
    assert get(client, "/tracks/1/similar?n=4") == library.similar(1, n=4).to_dict()
    found = get(client, "/similar?seed=1&seed=2&minus=7&n=5&genres=jazz&genres=folk&explain=true&bpm_max=115")
    expected = library.similar(
        1, 2, n=5, not_like=[7], explain=True,
        filter=recsys.TrackFilter(genres=["jazz", "folk"], bpm_range=(0, 115)),
    )  # fmt: skip
    assert found == expected.to_dict()
    assert all("explanation" in track for track in found["tracks"])
    album = library.album("album of jazz")
    assert get(client, f"/similar?album={album.id}&n=3")["tracks"]


def test_a_path_goes_from_one_track_to_the_other(client: AsgiClient, library: recsys.Library) -> None:
    assert get(client, "/path?start=1&end=20&n=5") == library.path(1, 20, n=5).to_dict()


def test_a_page_of_tracks_continues_at_its_cursor(client: AsgiClient, library: recsys.Library) -> None:
    ids = get(client, "/tracks/ids?sort=title:desc")["ids"]
    assert sorted(ids) == list(range(1, 25))
    seen, cursor = [], ""
    while cursor is not None:
        page = get(client, f"/tracks?sort=title:desc&limit=10{cursor and '&cursor='}{cursor}")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert seen == ids
    assert get(client, "/tracks?query=artist:nobody") == {"items": [], "next": None}
    assert [row["id"] for row in get(client, "/tracks?ids=3,1,999")["items"]] == [3, 1]
    assert get(client, "/tracks/3") == library.details(3)


def test_likes_belong_to_a_listener_and_plays_are_stored(client: AsgiClient, library: recsys.Library) -> None:
    send(client, "PUT", "/tracks/2/rating?listener=Anna", {"rating": 1})
    send(client, "PUT", "/tracks/2/stars", {"stars": 1})
    album, artist = library.album("album of folk"), library.artist("artist 1")
    send(client, "PUT", f"/albums/{album.id}/rating", {"rating": -1})
    send(client, "PUT", f"/artists/{artist.id}/stars", {"stars": 5})
    rated = get(client, "/ratings")
    assert [track["id"] for track in rated["disliked_tracks"]] == [2]
    assert [each["id"] for each in rated["disliked_albums"]] == [album.id]
    assert [each["id"] for each in rated["liked_artists"]] == [artist.id]
    assert get(client, "/ratings?kind=album") == {name: rated[name] if "album" in name else [] for name in rated}
    assert [track["id"] for track in get(client, "/ratings?listener=Anna")["liked_tracks"]] == [2]
    for _ in range(2):
        send(client, "POST", "/tracks/5/plays", {"at": "2026-05-01T20:15:00Z"})
    send(client, "POST", "/tracks/5/plays", {"skipped": True})
    [row] = get(client, "/tracks?ids=5")["items"]
    assert (row["plays"], len(get(client, "/plays")["items"])) == (1, 2)


def test_playlists_are_previewed_kept_changed_and_exported(client: AsgiClient, library: recsys.Library) -> None:
    request = {"n": 4, "seeds": ["1"], "quotas": [{"genre": "folk", "share": 0.5}]}
    preview = send(client, "POST", "/playlists/preview", {"request": request})
    assert preview == library.playlist(recsys.PlaylistRequest.from_dict(request)).to_dict()
    assert get(client, "/playlists")["items"] == []
    made = send(client, "POST", "/playlists", {"name": "Ever\u00e4ng", "request": request})
    assert [row["id"] for row in made["tracks"]] == [track["id"] for track in preview["tracks"]]
    fixed = send(client, "POST", "/playlists", {"name": "fixed", "track_ids": [3, 1]})
    changed = send(client, "PUT", f"/playlists/{fixed['id']}", {"name": "mine", "track_ids": [1, 3, 2]})
    assert (changed["name"], [row["id"] for row in changed["tracks"]], changed["request"]) == ("mine", [1, 3, 2], None)
    names = {each["name"]: each["n_tracks"] for each in get(client, "/playlists")["items"]}
    assert names == {"Ever\u00e4ng": 4, "mine": 3}
    send(client, "POST", "/listeners", {"name": "Anna"})
    assert get(client, "/playlists?listener=Anna")["items"] == []
    assert send(client, "POST", f"/playlists/{made['id']}/refresh", {})["tracks"]
    assert (
        client.request("POST", f"/api/v1/playlists/{fixed['id']}/refresh", json={}).json()["code"] == "invalid_request"
    )
    file = client.get(f"/api/v1/playlists/{made['id']}/export?format=m3u8")
    assert file.text.startswith("#EXTM3U")
    assert "Ever%C3%A4ng.m3u8" in file.headers["content-disposition"]
    assert (
        client.request("POST", "/api/v1/export", json={"track_ids": [2], "format": "paths"}).text
        == "/music/jazz/02.mp3\n"
    )
    longer = send(client, "POST", "/playlists/extend", {"track_ids": [1, 3], "n": 3})
    assert not {1, 3} & {track["id"] for track in longer["tracks"]}
    send(client, "DELETE", f"/playlists/{made['id']}", {})
    assert client.get(f"/api/v1/playlists/{made['id']}").status_code == 404


def test_artists_albums_and_genres_are_listed(client: AsgiClient, library: recsys.Library) -> None:
    [artist] = get(client, "/artists?query=artist%2012")["items"]
    assert artist == library.artist("artist 12").to_dict()
    assert get(client, f"/artists/{artist['id']}/similar?n=2")["items"] == [
        each.to_dict() for each in library.similar_artists("artist 12", n=2)
    ]
    [album] = get(client, f"/albums?artist={artist['id']}")["items"]
    assert get(client, f"/albums/{album['id']}") == album
    assert get(client, f"/albums/{album['id']}/similar?n=2")["items"]
    page = get(client, "/artists?limit=20")
    assert [len(page["items"]), page["next"]] == [20, "20"]
    assert {each["name"] for each in get(client, "/genres")["items"]} == set(library.genres())
    assert "jazz" in get(client, "/tags")["items"]
    assert get(client, "/statistics")["tracks"] == 24


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/tracks/999", 404, "not_found", None),
        ("/tracks/0", 422, "invalid_request", "id"),
        ("/tracks?query=year:soon", 422, "invalid_request", "query"),
        ("/similar", 422, "invalid_request", None),
        ("/similar?seed=1&year_min=1990&year_max=1980", 422, "invalid_request", "year_range"),
        ("/similar?seed=1&genres=nothing", 404, "not_found", None),
        ("/genre-models/default", 404, "not_found", None),
        ("/nothing", 404, "not_found", None),
    ],
)
def test_an_error_is_a_problem(client: AsgiClient, path: str, status: int, code: str, field: str | None) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    if field is not None:
        assert problem["field"] == field
    assert "\n" not in problem["detail"]


def test_a_path_that_is_not_utf_8_is_returned(tmp_path: Path) -> None:
    from synthetic_library import make_song

    make_library(tmp_path, [make_song("jazz", 1, folder="/m\udcfcsic")])
    with recsys.Library(tmp_path) as library:
        assert get(AsgiClient(library), "/tracks/1")["path"] == "/m\udcfcsic/jazz/01.mp3"
