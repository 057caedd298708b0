"""What statistics and similar artists and albums are computed from, whatever the database."""

from collections import Counter
from dataclasses import replace

import numpy as np
from catalogue_fixtures import CatalogueFixtures
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import IngestRecord, Tags
from recsys.domain.listeners import PlayEvent
from recsys.domain.statistics import ListenerStatistics

AT = 1_700_000_000_000  # milliseconds


def tagged(path: str, tags: Tags) -> IngestRecord:
    entry = make_entry(path)
    return replace(entry, identity=replace(entry.identity, tags=tags))


class StatisticsContract(CatalogueFixtures):
    """See recsys.database.statistics and credit_lists.set_links."""

    def test_statistics_count_present_tracks(self, catalogue: Catalogue) -> None:
        catalogue.store(
            [
                tagged(
                    "/1", Tags(title="One", artists=("Foo", "Cee"), album="Blue", genres=("Rock", "Pop"), year=1998)
                ),
                tagged("/2", Tags(title="Two", artists=("Foo",), album="Blue", genres=("Rock",))),
                make_entry("/3"),
                make_entry("/4"),
            ]
        )
        catalogue.set_rating([1, 2], 1)
        catalogue.set_rating([3], -1)
        catalogue.add_plays([PlayEvent(2, AT), PlayEvent(2, AT + 10**6), PlayEvent(1, AT), PlayEvent(4, AT)])
        catalogue.mark_missing(["/4"])
        found, listeners = catalogue.statistics()
        assert (found.tracks, found.artists, found.albums) == (3, 2, 1)
        tracks = catalogue.tracks_by_id([1, 2, 3]).values()
        assert found.duration == sum(track.duration for track in tracks)
        assert found.size > 0
        assert found.untagged == {"title": 1, "artist": 1, "album": 1, "genre": 1, "year": 2}
        assert found.tagged_genres == Counter(Rock=2, Pop=1)
        assert found.decades == {1990: 1}
        assert found.genres == Counter(track.genre for track in tracks)
        assert found.tempi == Counter(int((track.bpm or 0) // 10) * 10 for track in tracks if track.bpm)
        assert found.keys.total() == found.codecs.total() == found.months.total() == 3
        assert found.bit_rates == {}
        assert found.most_played == [(2, 2), (1, 1)]
        assert listeners == [ListenerStatistics("default", 2, 1, 4)]
        foo, cee = (catalogue.resolve_artist(name)[0].id for name in ("Foo", "Cee"))
        assert sorted(catalogue.set_links("artist")) == sorted([(1, foo), (1, cee), (2, foo)])

    def test_statistics_of_some_tracks_count_these(self, catalogue: Catalogue) -> None:
        catalogue.store([tagged(f"/{i}", Tags(artists=(f"Artist {i % 3}",), year=1990 + i)) for i in range(1200)])
        catalogue.add_plays([PlayEvent(i, AT + i) for i in (1, 700, 900, 900 + 100)])
        catalogue.mark_missing(["/900"])
        found, _ = catalogue.statistics(np.arange(600, 1101))
        assert (found.tracks, found.artists, found.albums) == (500, 3, 0)
        assert found.decades.total() == found.codecs.total() == 500
        assert found.most_played == [(700, 1), (900, 1), (1000, 1)]

    def test_statistics_of_no_tracks_are_empty(self, catalogue: Catalogue) -> None:
        for found, listeners in (catalogue.statistics(), catalogue.statistics(np.empty(0, np.int64))):
            assert not any(found._replace(untagged=found.untagged - found.untagged))
            assert found.untagged == {"title": 0, "artist": 0, "album": 0, "genre": 0, "year": 0}
            assert listeners == [ListenerStatistics("default", 0, 0, 0)]
