"""Libraries of past schema revisions, made by the frozen migrations and plain SQL, with rows in every table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from alembic import command
from alembic.config import Config
from make_entries import DIMENSIONS, VERSION
from sqlalchemy import Connection, text

from recsys.database import migrate
from recsys.database.engine import connect, parse_url, writing

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012",
             "0013", "0014")  # fmt: skip
RENAMED = "0007"  # the rows up to this revision have the names of tables and columns of before the next one
TIME = "2026-11-01T12:00:0{}.000000+00:00"
VECTORS = np.arange(2 * DIMENSIONS, dtype="<f4").reshape(2, DIMENSIONS)
STARTS = (1.5, 60.0, 118.25)

REQUEST = """{"n": 3, "minutes": null, "seeds": ["1"], "include_seeds": true, "only": {"genres": ["rock"],
"years": [1990, 1999], "bpm": [90.0, 180.5], "not_genres": ["jazz"], "keys": ["A minor"], "tags": [],
"within": ["/music"], "without": ["/music/live"], "moods": ["happy"], "valence": [0.25, 1.0], "arousal": [0.0, 0.75]},
"shortest": 60.0, "longest": 900.0, "per_artist": 1, "per_album": 4, "artist_gap": 3, "variety": 2.5,
"adventure": 1.5, "quotas": ["rock=40%", "r&b = 12.5 %", "a=b=2"], "energy": "arc", "fresh": true, "seed": 7,
"added_by_hand": [1, "x"]}"""

ROWS: dict[str, tuple[str, ...]] = {
    "0001": (
        "INSERT INTO recording (payload, duration, sample_rate, channels, codec, added_at) VALUES "
        "('one', 180.5, 44100, 2, 'mp3', '{1}'), ('removed', 1.0, 8000, 1, 'mp3', '{1}'),"
        "('three', 90.0, 48000, 1, 'flac', '{2}')",
        "DELETE FROM recording WHERE payload = 'removed'",
        "INSERT INTO file (path, recording_id, size, mtime_ns, missing_since, shown, tagged, title, artist, album,"
        " year, genre, search) VALUES "
        "('/music/a.mp3', 1, 1000, 1700000000123456789, NULL, true, 5, 'Jóga', 'Björk', 'Homogenic', 1997, 'Rock',"
        " '\nbjork - joga\njoga\na\na.mp3\n/music/a.mp3\n bjork\n homogenic\n'),"
        "('/music/copy.mp3', 1, 1000, 1700000000123456789, NULL, false, 0, NULL, NULL, NULL, NULL, NULL,"
        " '\ncopy\ncopy.mp3\n/music/copy.mp3\n'),"
        "('/music/gone.flac', 3, 2000, 1700000000123456789, '{5}', true, 0, NULL, NULL, NULL, NULL, NULL,"
        " '\ngone\ngone.flac\n/music/gone.flac\n')",
        "INSERT INTO analysis (recording_id, feature_version, bpm, bpm_confidence, pulse_clarity, tonic, mode,"
        " key_confidence, loudness) VALUES (1, :version, 120.0, 0.8, 0.6, 9, 'minor', 0.7, -14.5),"
        " (3, :version, 0.0, 0.0, 0.1, 0, 'major', 0.2, NULL)",
        "INSERT INTO vector (recording_id, feature_version, generation, normalised, raw, starts, windows) VALUES "
        "(1, :version, 1, :vector_1, :vector_1, '[1.5, 60.0, 118.25]', :windows),"
        "(3, :version, 3, :vector_3, :vector_3, '[1.5, 60.0, 118.25]', :windows)",
        "INSERT INTO prediction (recording_id, genre, probability, genres, model) VALUES "
        "(1, 'rock', 0.75, :genres, 'default 1'), (3, 'jazz', 0.5, :genres, 'mine 2')",
        "INSERT INTO rating (recording_id, value, at) VALUES (1, 1, '{6}'), (3, -1, '{7}')",
        "INSERT INTO failure (path, size, mtime_ns, stage, reason, attempts, at) VALUES "
        "('/music/bad.mp3', 5, 99, 'decode', 'no frames', 2, '{3}')",
        "UPDATE counter SET value = 3 WHERE name = 'generation'",
    ),
    "0002": ("INSERT INTO root (path) VALUES ('/music')",),
    "0003": (
        "INSERT INTO name (file_id, name) VALUES (1, 'bjork - joga'), (1, 'joga'), (1, 'a'), (1, 'a.mp3'),"
        " (1, '/music/a.mp3'), (2, 'copy'), (2, 'copy.mp3'), (2, '/music/copy.mp3'), (3, 'gone'), (3, 'gone.flac'),"
        " (3, '/music/gone.flac')",
    ),
    "0004": (
        "INSERT INTO retag (run, at, path, payload, fields, bare, size, before, digest, pending, state) VALUES "
        "(1, '{1}', '/music/a.mp3', 'one', :fields, true, 900, 'd1', 'd2', '', 'written'),"
        "(2, '{2}', '/music/a.mp3', 'one', :no_fields, false, 1000, 'd2', 'd3', 'd4', 'undoing')",
    ),
    "0005": (
        "UPDATE rating SET strength = 0.5, plays = 12, source = 'lastfm' WHERE recording_id = 3",
        "UPDATE rating SET plays = 3 WHERE recording_id = 1",
    ),
    "0006": (
        "INSERT INTO recipe (name, wishes, output, format, places, saved_at) VALUES "
        "('evening', :request, '/lists/evening.m3u8', 'm3u8', :places, '{4}'),"
        "('empty', :no_fields, '/lists/empty.m3u8', 'm3u8', :no_fields, '{5}')",
        "INSERT INTO listing (name, at) VALUES ('old', '{1}')",
        "DELETE FROM listing",
        "INSERT INTO listing (name, at) VALUES ('evening', '{6}')",
        "INSERT INTO listed (listing_id, recording_id) VALUES (2, 1), (2, 3)",
    ),
    "0007": (
        "UPDATE analysis SET bpm_alternative = 60.0, bpm_alternative_probability = 0.25, valence = 0.75, arousal = 0.5"
        " WHERE recording_id = 1",
    ),
    "0008": (),
    "0009": (
        "INSERT INTO listener (name, name_key, created_at) VALUES ('Anna', 'anna', '{2}')",
        "INSERT INTO track_like (listener_id, recording_id, value, strength, rated_at, source) VALUES "
        "(2, 1, -1, 1.0, '{3}', 'manual')",
        "INSERT INTO track_stars (listener_id, recording_id, stars, rated_at, source) VALUES "
        "(2, 3, 5, '{4}', 'itunes')",
        "INSERT INTO play (listener_id, played_at_ms, recording_id, skipped, source) VALUES "
        "(2, 1700000000000, 1, false, 'lastfm'), (2, 1700000000001, 1, true, 'manual')",
        "INSERT INTO play_count (listener_id, recording_id, plays, skips, last_played_ms) VALUES "
        "(2, 1, 7, 1, 1700000000000)",
    ),
    "0010": (),
    "0011": (),
    "0012": (),
    "0013": (),
    "0014": (),
}
VALUES: dict[str, Any] = {
    "version": VERSION,
    "vector_1": VECTORS[0].tobytes(),
    "vector_3": VECTORS[1].tobytes(),
    "windows": np.arange(3 * DIMENSIONS, dtype="<f2").tobytes(),
    "genres": '{"rock": 0.75, "jazz": 0.25}',
    "fields": '{"genre": {"before": null, "after": ["Rock"], "was": "", "is": "Rock"}}',
    "no_fields": "{}",
    "request": REQUEST,
    "places": '{"relative_to": "/lists", "absolute": false, "mapped": [["/music", "/data"]]}',
}


@contextmanager
def migrations(url: str) -> Iterator[tuple[Config, Connection]]:
    """Alembic on a database, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(migrate.migrations()))
    engine = connect(parse_url(url))
    try:
        with writing(engine, changes_tracks=False) as connection:
            config.attributes["connection"] = connection
            yield config, connection
    finally:
        engine.dispose()


def make_library(url: str, revision: str) -> None:
    """A library as the last program of a schema revision stored it."""
    with migrations(url) as (config, connection):
        command.upgrade(config, min(revision, RENAMED))
        for added in REVISIONS[: REVISIONS.index(revision) + 1]:
            if added > RENAMED:
                command.upgrade(config, added)
            for statement in ROWS[added]:
                _insert(connection, statement)


def _insert(connection: Connection, statement: str) -> None:
    for second in range(10):
        statement = statement.replace(f"{{{second}}}", TIME.format(second))
    clause = text(statement)
    connection.execute(clause, {name: VALUES[name] for name in clause.compile().params})
