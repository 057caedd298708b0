#!/usr/bin/env python3
"""Time of searches and sorted pages of a synthetic library, against a scan of every row in the same run.

    benchmarks/search.py [--tracks 300000] [--rounds 7] [--describe 2000] [--home FOLDER]

Times are medians of processor time within one process, of lists of at most 50 tracks.
"Scan" is the same query with the index of trigrams switched off; "before" is what searches were: LIKE on every row,
sorted by artist.
``--home`` keeps the library, which takes most of the time, for the next run.
"""

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from bulk_library import make_rows
from measure import ROOT

sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine, text

from recsys import Library
from recsys.database import trigrams
from recsys.domain.audio import FileStat, Tags
from recsys.metadata.text import fold

_PER_ALBUM, _ALBUMS = 12, 4
_LIMIT = 50
_SYLLABLES = re.findall("..", "kalomiratendorfingalshavelixunpeltramonstebriquazelnorianel")
_FREQUENT = ("the", "of", "you", "love", "in", "a", "night", "me", "my", "and", "to", "time", "heart", "blue", "live")
_HAN = "愛夢花月空海風星雨夜心光山川鳥雪恋春夏秋冬人生道"


def names(n: int) -> Iterator[tuple[FileStat, Tags]]:
    """Files as a tagger names them; the frequency of a word is the inverse of its rank, as in a language."""
    rng = random.Random(0)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 3))) for _ in range(20_000)]
    vocabulary = [*_FREQUENT, *words]
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]

    def phrase(most: int) -> str:
        if rng.random() < 0.03:
            return "".join(rng.choices(_HAN, k=rng.randint(1, 6)))
        return " ".join(rng.choices(vocabulary, weights, k=rng.randint(1, most))).title()

    number = 0
    while True:
        artist = phrase(2)
        for _ in range(_ALBUMS):
            album, year = phrase(4), rng.randint(1950, 2025)
            for track in range(1, _PER_ALBUM + 1):
                if number == n:
                    return
                number += 1
                title = phrase(5)
                path = f"/music/{artist}/{year} - {album}/{track:02} - {title} [{number}].flac"
                tags = Tags(
                    title=title, artists=(artist,), album=album, track_number=track, year=year, genres=("Rock",)
                )
                yield FileStat(path, 30_000_000 + number, 1_700_000_000_000_000_000), tags


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=300_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    parser.add_argument("--describe", type=int, default=2000, metavar="N", help="tracks with vectors")
    parser.add_argument("--home", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch)
        if not (home / "library.db").exists():
            home.mkdir(parents=True, exist_ok=True)
            tagged = dict(names(arguments.tracks))
            make_rows(home, iter(tagged), whole=frozenset(range(arguments.describe)), tags=tagged.__getitem__)
        report(home, arguments.rounds, arguments.describe)
    return 0


def report(home: Path, rounds: int, described: int) -> None:
    """Print the tables."""
    library = Library(home)
    engine = create_engine(f"sqlite:///{home / 'library.db'}")
    with engine.connect() as connection:
        pages = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_trigram%'"
        n = connection.execute(text("SELECT count(*) FROM file")).scalar_one()
        try:
            size = f"{connection.execute(text(pages)).scalar_one() / n:.0f} bytes for a file"
        except Exception as error:  # noqa: BLE001 - not every SQLite has dbstat
            size = f"unknown ({type(error).__name__})"
    print(f"{n:,} tracks; the index of trigrams has {size}\n")
    print("| list | tracks | ms | scan, ms | before, ms | before / now |\n|---|---|---|---|---|---|")
    rare = library.tracks(limit=1)[0].title.split()[0]
    searches: list[tuple[str, str, dict[str, Any]]] = [
        ("rare word", "quazelmon", {}),
        ("frequent word", "love", {}),
        ("two words", "love night", {}),
        ("word of two letters", "ix", {}),
        ("one CJK character", "愛", {}),
        ("two CJK characters", "愛夢", {}),
        ("no match", "xyzzyx", {}),
        ("part of the first title", rare, {}),
        ("artist:", "artist:love", {}),
        ("year: and a word", "year:1970-1979 heart", {}),
        ("excluded word", "love -night", {}),
    ]
    for name, query, options in searches:
        options = {"limit": _LIMIT} | options
        search = partial(_count, library, query, options)
        found, now = search(), median(search, rounds)
        with mock.patch.object(trigrams, "narrowed", return_value=None):
            scan = median(search, rounds)
        before = median(partial(old_search, engine, query, options["limit"]), rounds)
        print(f"| {name} `{query}` | {found} | {now:.1f} | {scan:.1f} | {before:.1f} | {before / now:.1f} |")
    before = median(partial(old_search, engine, "", _LIMIT), rounds)
    for name, options in (
        ("first page", {}),
        ("sorted by title", {"sort": "title"}),
        ("sorted by year, descending", {"sort": "year:desc"}),
        ("sorted by date", {"sort": "added:desc"}),
    ):
        now = median(partial(_count, library, None, {"limit": _LIMIT} | options), rounds)
        print(f"| {name} | {_LIMIT} | {now:.1f} | – | {before:.1f} | {before / now:.1f} |")
    whole = "year:1950-2025"  # the tracks with vectors are the first ones
    listed = library.tracks(whole, sort="added", limit=described)
    with library._context.open() as catalogue:
        ids = [track.id for track in listed]
        plain = median(partial(catalogue.tracks_by_id, ids), rounds)
    words = median(partial(library.describe, listed), rounds)
    print(f"\nReading {len(ids)} tracks: {plain:.0f} ms; describing them: {words:.0f} ms more.")


def _count(library: Library, query: str | None, options: dict[str, Any]) -> int:
    from recsys.errors import NotFound

    try:
        return len(library.tracks(query, **options))
    except NotFound:
        return 0


def old_search(engine: Any, query: str, limit: int | None) -> int:
    """The statement of former versions, without reading whole tracks."""
    words = [word for word in fold(query).split() if ":" not in word and word[0] != "-"]
    matches = " AND ".join(f"search_text LIKE :w{i}" for i in range(len(words))) or "1"
    statement = text(
        "SELECT recording.id, file.title FROM recording JOIN file ON file.recording_id = recording.id AND is_primary "
        f"WHERE file.missing_since IS NULL AND recording.id IN (SELECT recording_id FROM file WHERE {matches}) "
        "ORDER BY lower(coalesce(file.album_artist, file.artist, '')), lower(coalesce(file.album, '')), "
        "coalesce(file.disc_number, 0), coalesce(file.track_number, 0), file.path LIMIT :n"
    )
    values = {f"w{i}": f"%{word}%" for i, word in enumerate(words)}
    with engine.connect() as connection:
        return len(connection.execute(statement, values | {"n": -1 if limit is None else limit}).all())


def median(call: Callable[[], object], rounds: int) -> float:
    """Milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()  # SQLite works in the process; other processes do not count
        call()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
