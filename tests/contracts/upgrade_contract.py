"""A library of every past schema revision is upgraded: every row is kept, under the names of today."""

import json
from typing import Any, cast

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from make_entries import VERSION, make_entry
from past_libraries import REVISIONS, TIME, VALUES, VECTORS, make_library, migrations
from sqlalchemy import Connection, Inspector, inspect, text

from recsys.app.saved_playlists import request_from
from recsys.database import migrate
from recsys.database.catalogue import Catalogue
from recsys.database.tag_edits import Run, TagEdit
from recsys.domain.audio import Mood
from recsys.domain.listeners import PlayCount, PlayEvent
from recsys.domain.request_records import PlaylistRequestRecord
from recsys.domain.requests import PlaylistRequest, TrackFilter
from recsys.domain.results import Failure
from recsys.domain.tracks import Rating
from recsys.errors import SchemaMismatch

REQUEST = {
    "n": 3,
    "minutes": None,
    "seeds": ["1"],
    "include_seeds": True,
    "filter": {
        "genres": ["rock"],
        "year_range": [1990, 1999],
        "bpm_range": [90.0, 180.5],
        "excluded_genres": ["jazz"],
        "keys": ["A minor"],
        "tags": [],
        "folders": ["/music"],
        "excluded_folders": ["/music/live"],
        "moods": ["happy"],
        "valence_range": [0.25, 1.0],
        "arousal_range": [0.0, 0.75],
    },
    "min_duration": 60.0,
    "max_duration": 900.0,
    "max_per_artist": 1,
    "max_per_album": 4,
    "min_artist_gap": 3,
    "diversity": 2.5,
    "exploration": 1.5,
    "quotas": [
        {"genre": "rock", "share": 0.4, "count": None},
        {"genre": "r&b", "share": 0.125, "count": None},
        {"genre": "a=b", "share": None, "count": 2},
    ],
    "energy_curve": "arc",
    "exclude_recent": True,
    "seed": 7,
    "added_by_hand": [1, "x"],
}


class UpgradeContract:
    """Inherit, and define the fixture ``new_url``: a SQLAlchemy URL of a database without tables."""

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_upgrade_keeps_every_row(self, new_url: str, revision: str) -> None:
        make_library(new_url, revision)
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            check_tracks(catalogue)
            check_ratings(catalogue, revision)
            assert [track.id for track in catalogue.tracks("omogeni")] == [1]
            assert [each.name for each in catalogue.listeners()[1:]] == (["Anna"] if revision >= "0009" else [])
            assert catalogue.roots() == (["/music"] if revision >= "0002" else [])
            check_tag_edits(catalogue, revision)
            check_saved_playlists(catalogue, revision)
            assert [found for found in catalogue.check(len(VECTORS[0])) if found.status == "error"] == []
            catalogue.store([make_entry("/music/new.mp3")])
            assert catalogue.resolve("new").id == 4  # ids are not reused
        with migrations(new_url) as (config, connection):
            assert migrate.schema_version(connection) == migrate.HEAD
            command.check(config)

    @pytest.mark.parametrize("revision", [revision for revision in REVISIONS if revision >= "0009"])
    def test_upgrade_keeps_what_belongs_to_a_listener(self, new_url: str, revision: str) -> None:
        make_library(new_url, revision)
        with Catalogue.open(new_url, feature_version=VERSION, listener="anna") as anna:
            assert anna.ratings() == {
                1: Rating(-1, 1.0, 7, TIME.format(3), "manual"),
                3: Rating(1, 1.0, 0, TIME.format(4), "itunes", 5, from_stars=True),
            }
            assert anna.play_counts() == {1: PlayCount(7, 1, "2023-11-14T22:13:20.000+00:00")}
            assert [event[1:] for event in anna.recent_plays(5)] == [
                (1_700_000_000_001, True, "manual"), (1_700_000_000_000, False, "lastfm"),
            ]  # fmt: skip

    def test_downgrade_restores_the_previous_schema(self, new_url: str) -> None:
        """Tables, columns, indexes, constraints and rows, as revision 0007 has them."""
        make_library(new_url, "0007")
        before = contents(new_url)
        with migrations(new_url) as (config, _):
            command.upgrade(config, "head")
        with migrations(new_url) as (config, _):
            command.downgrade(config, "0007")
        after = contents(new_url)
        request, expected = (found["rows"]["recipe"][-1] for found in (after, before))
        assert json.loads(request.pop("wishes")) == json.loads(
            expected.pop("wishes").replace("r&b = 12.5 %", "r&b=12.5%")
        )
        assert after == before
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            check_saved_playlists(catalogue, "0007")

    def test_downgrade_keeps_what_the_default_listener_has(self, new_url: str) -> None:
        """What belongs to others, and plays of tracks without a like, have no place in revision 0008."""
        make_library(new_url, "0008")
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            catalogue.store([make_entry(f"/music/{i}.mp3") for i in range(4, 10)])
            catalogue.set_stars([3], 5)  # disliked
            for stars in range(1, 6):
                catalogue.set_stars([3 + stars], stars)
            catalogue.add_plays([PlayEvent(i, 1_700_000_000_000) for i in (1, 5, 9)])
            catalogue.add_listener("anna")
            [mine, _] = catalogue.saved_playlists.list_saved()
        with Catalogue.open(new_url, feature_version=VERSION, listener="anna") as anna:
            anna.set_rating([1, 9], -1)
            anna.saved_playlists.save(mine._replace(name="hers"))
            anna.saved_playlists.add_to_history("hers", [9])
        with migrations(new_url) as (config, _):
            command.downgrade(config, "0008")
        with migrations(new_url) as (_, connection):
            query = "SELECT recording_id, value, strength, plays, source FROM rating ORDER BY 1"
            assert [tuple(row) for row in connection.execute(text(query))] == [
                (1, 1, 1.0, 4, "manual"), (3, -1, 0.5, 12, "lastfm"), (4, -1, 1.0, 0, "manual"),
                (5, -1, 0.5, 1, "manual"), (7, 1, 0.5, 0, "manual"), (8, 1, 1.0, 0, "manual"),
            ]  # fmt: skip
            assert connection.execute(text("SELECT name FROM saved_playlist ORDER BY 1")).scalars().all() == [
                "empty", "evening",
            ]  # fmt: skip
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            check_saved_playlists(catalogue, "0008")
            catalogue.saved_playlists.add_to_history("next", [1])
            assert [ids.tolist() for ids in catalogue.saved_playlists.recent(3)] == [[1], [1, 3]]

    def test_upgrade_links_what_the_columns_hold(self, new_url: str) -> None:
        """A text with several values is one artist and one genre; two discs are one album. No file is opened."""
        make_library(new_url, "0008")
        with migrations(new_url) as (_, connection):
            connection.execute(text("UPDATE file SET artist = 'Foo; Cee', genre = 'Rock; Pop' WHERE id = 1"))
            for disc in (1, 2):
                connection.execute(
                    text(
                        "INSERT INTO file (path, recording_id, size, mtime_ns, is_primary, tag_count, artist, album,"
                        f" search_text) VALUES ('/music/Adela/19/CD{disc}/01.flac', 1, 9, 9, false, 2, 'VA', '19', '')"
                    )
                )
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            track = catalogue.resolve("joga")
            assert (track.artists, track.tagged_genres) == (("Foo; Cee",), ("Rock; Pop",))
            assert [artist.name for artist in catalogue.artists()] == ["Foo; Cee"]
            assert track.album_id == catalogue.resolve_album("Homogenic")[0].id
            assert track.added_at == TIME.format(1)
        with migrations(new_url) as (_, connection):
            rows = connection.execute(
                text("SELECT album_id, disc_number, tag_version FROM file WHERE album = '19' ORDER BY path")
            ).all()
            assert connection.execute(text("SELECT count(*) FROM unlinked_title")).scalar() == 0
        assert [tuple(row) for row in rows] == [(rows[0][0], 1, 0), (rows[0][0], 2, 0)]
        assert rows[0][0] not in (None, track.album_id)

    def test_unreadable_requests_are_kept(self, new_url: str) -> None:
        """Values of another form than the program stores do not stop an upgrade."""
        make_library(new_url, "0007")
        odd = '{"only": null, "quotas": ["rock", 5, {"genre": "jazz", "share": 0.5}], "fresh": {"only": 1}}'
        with migrations(new_url) as (_, connection):
            connection.execute(text("UPDATE recipe SET wishes = :odd, places = :places"), {"odd": odd, "places": "[1]"})
        with Catalogue.open(new_url, feature_version=VERSION) as catalogue:
            for saved in catalogue.saved_playlists.list_saved():
                assert saved.request is not None
                assert dict(saved.request) == {
                    "filter": None,
                    "quotas": ["rock", 5, {"genre": "jazz", "share": 0.5}],
                    "exclude_recent": {"only": 1},
                }
                assert json.dumps(saved.path_options) == "[1]"

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_interrupted_upgrade_leaves_the_old_schema(
        self, new_url: str, revision: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_library(new_url, revision)
        before = contents(new_url)

        def interrupt(config: Config, revision: str) -> None:
            upgrade(config, revision)
            raise KeyboardInterrupt

        upgrade = command.upgrade
        with monkeypatch.context() as patch:
            patch.setattr(command, "upgrade", interrupt)
            with pytest.raises(KeyboardInterrupt):
                Catalogue.open(new_url, feature_version=VERSION)
        assert contents(new_url) == before
        with pytest.raises(SchemaMismatch, match=f"has schema {revision}"):
            Catalogue.open(new_url, feature_version=VERSION, read_only=True)


def check_tracks(catalogue: Catalogue) -> None:
    counts = catalogue.count()
    assert (counts.tracks, counts.files, counts.missing, counts.failures, counts.analysed) == (1, 2, 1, 1, 1)
    track = catalogue.resolve("joga")
    assert (track.id, track.artist, track.tagged_genre, track.year) == (1, "Björk", "Rock", 1997)
    assert (track.bpm, track.key, track.loudness, track.genre) == (120.0, "A minor", -14.5, "rock")
    assert track.paths == ("/music/a.mp3", "/music/copy.mp3")
    assert [found.id for found in catalogue.tracks("homogenic")] == [1]
    missing = catalogue.resolve("gone")
    assert (missing.id, missing.missing, missing.bpm, missing.loudness) == (3, True, None, None)
    assert {name: known.id for name, known in catalogue.find_by_hash(["one", "three"]).items()} == {
        "one": 1,
        "three": 3,
    }
    details = catalogue.track_details(1)
    assert (details["audio_hash"], details["added_at"], details["genre_model"]) == ("one", TIME.format(1), "default 1")
    ids, vectors = catalogue.vectors()
    assert ids.tolist() == [1, 3]
    np.testing.assert_array_equal(vectors, VECTORS)
    starts, windows = catalogue.windows(3)
    assert (starts, windows.tobytes()) == ((1.5, 60.0, 118.25), VALUES["windows"])
    assert catalogue.vector_revision() == 3
    assert catalogue.vectors(since=1)[0].tolist() == [3]
    assert catalogue.failures() == [Failure("/music/bad.mp3", "decode", "no frames", 2, TIME.format(3))]


def check_ratings(catalogue: Catalogue, revision: str) -> None:
    if revision < "0005":  # until then every rating was entered by hand
        like, dislike = Rating(1, 1.0, 0, TIME.format(6), "manual"), Rating(-1, 1.0, 0, TIME.format(7), "manual")
    else:
        like, dislike = Rating(1, 1.0, 3, TIME.format(6), "manual"), Rating(-1, 0.5, 12, TIME.format(7), "lastfm")
    assert catalogue.ratings() == {1: like, 3: dislike}
    assert {i: count.plays for i, count in catalogue.play_counts().items()} == (
        {1: 3, 3: 12} if revision >= "0005" else {}
    )
    listener = catalogue.listeners()[0]
    assert (listener.name, listener.is_default, listener.likes, listener.dislikes) == ("default", True, 1, 1)


def check_tag_edits(catalogue: Catalogue, revision: str) -> None:
    edits = catalogue.tag_edits
    if revision < "0004":
        assert (edits.runs(), edits.next_run()) == ([], 1)
        return
    fields = {"genre": {"before": None, "after": ["Rock"], "was": "", "is": "Rock"}}
    path = "/music/a.mp3"
    assert list(edits.applied()) == [
        TagEdit(1, 1, TIME.format(1), path, "one", fields, True, 900, "d1", "d2", "", "written")
    ]
    assert edits.incomplete() == [
        TagEdit(2, 2, TIME.format(2), path, "one", {}, False, 1000, "d2", "d3", "d4", "undoing")
    ]
    assert edits.runs() == [Run(2, TIME.format(2), 1, 0), Run(1, TIME.format(1), 1, 1)]
    number = edits.begin(edits.next_run(), path, "one", ".recsys-1.mp3")
    assert number == 3
    edits.roll_back(number)
    assert edits.begin(3, path, "one", ".recsys-2.mp3") == 4  # ids are not reused
    edits.roll_back(4)


def check_saved_playlists(catalogue: Catalogue, revision: str) -> None:
    store = catalogue.saved_playlists
    if revision < "0006":
        assert (store.list_saved(), store.recent(3)) == ([], [])
        return
    empty, evening = store.list_saved()
    paths = {"relative_to": "/lists", "absolute": False, "path_map": {"/music": "/data"}}
    assert empty._asdict() == {
        "name": "empty", "request": {}, "output": "/lists/empty.m3u8", "format": "m3u8", "path_options": {},
        "saved_at": TIME.format(5), "changed_at": TIME.format(5), "id": 1,
    }  # fmt: skip
    assert evening._asdict() == {
        "name": "evening", "request": REQUEST, "output": "/lists/evening.m3u8", "format": "m3u8", "path_options": paths,
        "saved_at": TIME.format(4), "changed_at": TIME.format(4), "id": 2,
    }  # fmt: skip
    assert evening.request is not None
    assert list(evening.request) == list(REQUEST)
    assert store.lengths() == {}
    stored: dict[str, Any] = dict(evening.request)
    del stored["added_by_hand"]
    known = evening._replace(request=cast(PlaylistRequestRecord, stored))
    request = request_from(known)
    assert isinstance(request, PlaylistRequest)
    assert (request.max_per_artist, request.min_artist_gap, request.exclude_recent) == (1, 3, True)
    assert request.filter == TrackFilter(
        genres=("rock",), year_range=(1990, 1999), bpm_range=(90.0, 180.5), excluded_genres=("jazz",),
        keys=("A minor",), folders=("/music",), excluded_folders=("/music/live",), moods=("happy",),
        valence_range=(0.25, 1.0), arousal_range=(0.0, 0.75),
    )  # fmt: skip
    assert [ids.tolist() for ids in store.recent(3)] == [[1, 3]]
    if revision >= "0007":
        track = catalogue.resolve("joga")
        assert (track.bpm_alternative, track.bpm_alternative_probability) == (60.0, 0.25)
        assert Mood(track.valence or 0, track.arousal or 0) == Mood(0.75, 0.5)


def contents(url: str) -> dict[str, Any]:
    """Every table with its columns, keys, indexes and rows."""
    with migrations(url) as (_, connection):
        schema = inspect(connection)
        tables = sorted(schema.get_table_names())
        return {
            "columns": {
                table: [(c["name"], str(c["type"]), c["nullable"]) for c in schema.get_columns(table)]
                for table in tables
            },
            "defaults": {table: [c["default"] for c in schema.get_columns(table)] for table in tables},
            "keys": {table: schema.get_pk_constraint(table) for table in tables},
            "foreign keys": {table: sorted(schema.get_foreign_keys(table), key=str) for table in tables},
            "unique": {table: sorted(schema.get_unique_constraints(table), key=str) for table in tables},
            "indexes": {table: indexes(schema, table) for table in tables},
            "rows": {table: rows(connection, table) for table in tables},
        }


def indexes(schema: Inspector, table: str) -> list[dict[str, object]]:
    found = sorted(schema.get_indexes(table), key=lambda index: str(index["name"]))
    return [dict(index) | {"dialect_options": str(index.get("dialect_options", {}).keys())} for index in found]


def rows(connection: Connection, table: str) -> list[dict[str, object]]:
    found = connection.execute(text(f"SELECT * FROM {table}")).mappings()
    plain = [{key: json.dumps(v) if isinstance(v, dict) else v for key, v in row.items()} for row in found]
    return sorted(plain, key=str)
