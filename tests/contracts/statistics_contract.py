"""What statistics and similar artists and albums are computed from, whatever the database."""

from dataclasses import replace

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

    def test_statistics_have_one_row_for_each_present_track(self, catalogue: Catalogue) -> None:
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
        catalogue.add_plays([PlayEvent(2, AT), PlayEvent(2, AT + 10**6), PlayEvent(1, AT)])
        catalogue.mark_missing(["/4"])
        found = catalogue.statistics_source()
        assert [(row.id, row.title, row.year) for row in found.tracks] == [
            (1, "One", 1998), (2, "Two", None), (3, None, None),
        ]  # fmt: skip
        assert all(row.duration > 0 and row.size > 0 and row.codec for row in found.tracks)
        assert sorted(found.tagged_genres) == [(1, "Pop"), (1, "Rock"), (2, "Rock")]
        assert found.listeners == [ListenerStatistics("default", 2, 1, 3)]
        assert found.plays == [(2, 2), (1, 1)]
        foo, cee = (catalogue.resolve_artist(name)[0].id for name in ("Foo", "Cee"))
        assert sorted(found.artists) == sorted([(1, foo), (1, cee), (2, foo)])
        [blue] = {number for _, number in found.albums}
        assert sorted(found.albums) == [(1, blue), (2, blue)]
        assert sorted(catalogue.set_links("artist")) == sorted(found.artists)

    def test_statistics_of_an_empty_catalogue_are_empty(self, catalogue: Catalogue) -> None:
        found = catalogue.statistics_source()
        assert found[:4] == ([], [], [], [])
        assert (found.listeners, found.plays) == ([ListenerStatistics("default", 0, 0, 0)], [])
