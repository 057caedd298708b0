"""What keeping a catalogue in order must do, whatever the database."""

from catalogue_fixtures import CatalogueFixtures, failed
from make_entries import DIMENSIONS, VERSION, make_entry

from recsys.database.catalogue import Catalogue, Forgotten


class UpkeepContract(CatalogueFixtures):
    """See recsys.database.pruning and recsys.database.health."""

    def test_roots_are_remembered_once_and_the_outermost_counts(self, catalogue: Catalogue) -> None:
        catalogue.note_roots(["/m/b", "/m/a"])
        catalogue.note_roots(["/m/a", "/m/a/deeper", "/m/a \udcff"])
        assert catalogue.roots() == ["/m/a", "/m/a \udcff", "/m/b"]

    def test_only_what_is_missing_is_forgotten(self, catalogue: Catalogue) -> None:
        paths = [f"/m/{i:04}" for i in range(2500)]
        catalogue.store([make_entry(path) for path in paths], [failed("/m/bad")])
        catalogue.mark_missing(paths[:2100])
        catalogue.rate([1, 2, 2400], 1)
        assert [len(page) for page in catalogue.missing_places()] == [2000, 100]
        assert list(catalogue.missing_places(["/m/0001", "/elsewhere"])) == [["/m/0001"]]
        assert list(catalogue.failed_places()) == [["/m/bad"]]
        expected = Forgotten(tracks=2100, places=2100, rated=2, failures=1)
        assert catalogue.forget([*paths, "/m/bad"], rehearse=True) == expected
        assert len(list(catalogue.missing_places())) == 2
        assert catalogue.forget([*paths, "/m/bad"]) == expected
        assert list(catalogue.missing_places()) == list(catalogue.failed_places()) == []
        assert len(catalogue.tracks()) == len(catalogue.vector_ids()) == 400
        assert list(catalogue.ratings()) == [2400]
        catalogue.store([make_entry("/m/0000")])
        assert catalogue.find(["/m/0000"])["/m/0000"].id == 2501

    def test_vectors_come_in_the_order_they_are_asked_for(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/m/{i}") for i in range(3)])
        ids, vectors = catalogue.vectors()
        assert (catalogue.vectors_of([3, 1]) == vectors[[2, 0]]).all()
        assert catalogue.vector_ids().tolist() == ids.tolist()
        assert catalogue.vectors_of([]).shape == (0, 0)

    def test_a_sound_catalogue_has_no_complaint(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/m/{i}") for i in range(3)])
        assert {finding.state for finding in catalogue.health(DIMENSIONS)} == {"ok"}
        catalogue.repair(DIMENSIONS)
        assert len(catalogue.vector_ids()) == 3

    def test_vectors_of_the_wrong_length_are_found_and_dropped(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/good", version=VERSION)])
        catalogue.store([make_entry("/m/bad", version=VERSION, dimensions=DIMENSIONS - 1)])
        [broken] = [finding for finding in catalogue.health(DIMENSIONS) if finding.state == "broken"]
        assert "tracks 2" in broken.said
        catalogue.repair(DIMENSIONS)
        assert {finding.state for finding in catalogue.health(DIMENSIONS)} == {"ok", "warning"}
        assert catalogue.vector_ids().tolist() == [1]
