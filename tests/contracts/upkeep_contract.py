"""What keeping a catalogue in order must do, whatever the database."""

from catalogue_fixtures import CatalogueFixtures, failed
from make_entries import DIMENSIONS, VERSION, make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.catalogue import RemovedCounts


class UpkeepContract(CatalogueFixtures):
    """See recsys.database.pruning and recsys.database.health."""

    def test_roots_are_stored_once_without_inner_folders(self, catalogue: Catalogue) -> None:
        catalogue.add_roots(["/m/b", "/m/a"])
        catalogue.add_roots(["/m/a", "/m/a/deeper", "/m/a \udcff"])
        assert catalogue.roots() == ["/m/a", "/m/a \udcff", "/m/b"]

    def test_only_missing_tracks_are_deleted(self, catalogue: Catalogue) -> None:
        paths = [f"/m/{i:04}" for i in range(2500)]
        catalogue.store([make_entry(path) for path in paths], [failed("/m/bad")])
        catalogue.mark_missing(paths[:2100])
        catalogue.set_rating([1, 2, 2400], 1)
        assert [len(page) for page in catalogue.missing_paths()] == [2000, 100]
        assert list(catalogue.missing_paths(["/m/0001", "/elsewhere"])) == [["/m/0001"]]
        assert list(catalogue.failed_paths()) == [["/m/bad"]]
        expected = RemovedCounts(tracks=2100, locations=2100, rated=2, failures=1)
        assert catalogue.delete([*paths, "/m/bad"], dry_run=True) == expected
        assert len(list(catalogue.missing_paths())) == 2
        assert catalogue.delete([*paths, "/m/bad"]) == expected
        assert list(catalogue.missing_paths()) == list(catalogue.failed_paths()) == []
        assert len(catalogue.tracks()) == len(catalogue.vector_ids()) == 400
        assert list(catalogue.rated_tracks()) == [2400]
        catalogue.store([make_entry("/m/0000")])
        assert catalogue.find_by_hash(["/m/0000"])["/m/0000"].id == 2501

    def test_vectors_by_id_keep_the_order(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/m/{i}") for i in range(3)])
        ids, vectors = catalogue.vectors()
        assert (catalogue.vectors_by_id([3, 1]) == vectors[[2, 0]]).all()
        assert (catalogue.vectors_by_id([3, 1], columns=slice(1, 3)) == vectors[[2, 0], 1:3]).all()
        assert catalogue.vector_ids().tolist() == ids.tolist()
        assert catalogue.vectors_by_id([]).shape == (0, 0)

    def test_valid_catalogue_has_no_problems(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/m/{i}") for i in range(3)])
        assert {finding.status for finding in catalogue.check(DIMENSIONS)} == {"ok"}
        catalogue.repair(DIMENSIONS)
        assert len(catalogue.vector_ids()) == 3

    def test_vectors_of_the_wrong_length_are_reported_and_deleted(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/good", version=VERSION)])
        catalogue.store([make_entry("/m/bad", version=VERSION, dimensions=DIMENSIONS - 1)])
        [damaged] = [finding for finding in catalogue.check(DIMENSIONS) if finding.status == "error"]
        assert "tracks 2" in damaged.message
        catalogue.repair(DIMENSIONS)
        assert {finding.status for finding in catalogue.check(DIMENSIONS)} == {"ok", "warning"}
        assert catalogue.vector_ids().tolist() == [1]
