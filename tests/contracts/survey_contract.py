"""What comparing a disk with the catalogue must find, whatever the database."""

from dataclasses import replace
from datetime import datetime

from catalogue_fixtures import CatalogueFixtures, failed
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.database.scan_comparison import ScanComparison, ScanCounts
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile


def seen(path: str, *, size: int = 1000, mtime_ns: int = 1_700_000_000_123_456_789) -> FileStat:
    """A file as it stands after :func:`entries.make_entry`."""
    return FileStat(path, size, mtime_ns)


def changed_paths(scan: ScanComparison) -> list[str]:
    """The paths of the changed files; none of them failed to be read."""
    files = list(scan.changed())
    assert not [file for file in files if isinstance(file, FailedFile)]
    return [file.path for file in files if isinstance(file, FileStat)]


class SurveyContract(CatalogueFixtures):
    """See recsys.database.scan_comparison."""

    def test_new_changed_and_not_analysed_files_are_changed(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/same"), make_entry("/m/grown"), make_entry("/m/bare", analysed=False)])
        there = [seen("/m/same"), seen("/m/grown", size=7), seen("/m/bare"), seen("/m/\udcff new")]
        with catalogue.open_scan() as survey:
            survey.record(there)
            assert survey.compare(retry=False) == ScanCounts(unchanged=1, todo=3)
            assert changed_paths(survey) == ["/m/bare", "/m/grown", "/m/\udcff new"]
            assert list(survey.changed())[1] == there[1]

    def test_failed_files_are_left_until_they_change(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/was well")], [failed("/m/bad"), failed("/m/long", stage="skipped")])
        catalogue.store([], [failed("/m/was well", size=1000)])
        there = [seen("/m/bad", size=5, mtime_ns=99), seen("/m/long", size=5, mtime_ns=99)]
        with catalogue.open_scan() as survey:
            survey.record([*there, seen("/m/was well", mtime_ns=99)])
            assert survey.compare(retry=False) == ScanCounts(failed=2, skipped=1)
            assert list(survey.changed()) == []
        with catalogue.open_scan() as survey:
            survey.record([seen("/m/bad", size=6, mtime_ns=99), there[1]])
            assert survey.compare(retry=False) == ScanCounts(skipped=1, todo=1)
        with catalogue.open_scan() as survey:
            survey.record(there)
            assert survey.compare(retry=True) == ScanCounts(todo=2)

    def test_lost_worker_is_tried_three_times(self, catalogue: Catalogue) -> None:
        for attempt in range(1, 5):
            catalogue.store([], [failed("/m/unlucky", stage="worker")])
            with catalogue.open_scan() as survey:
                survey.record([seen("/m/unlucky", size=5, mtime_ns=99)])
                expected = ScanCounts(todo=1) if attempt < 3 else ScanCounts(failed=1)
                assert survey.compare(retry=False) == expected

    def test_missing_file_that_reappears_is_changed(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/a")])
        catalogue.mark_missing(["/m/a"])
        with catalogue.open_scan() as survey:
            survey.record([seen("/m/a")])
            assert survey.compare(retry=False) == ScanCounts(todo=1)

    def test_unreadable_folder_is_a_failure_and_its_files_do_not_disappear(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/closed/a"), make_entry("/m/open/b"), make_entry("/m/open/c")])
        closed = FailedFile(FileStat("/m/closed", 0, 0), "scan", "cannot read the folder")
        with catalogue.open_scan() as survey:
            survey.record([closed, seen("/m/open/b")])
            assert survey.compare(retry=False) == ScanCounts(unchanged=1, todo=1)
            assert list(survey.changed()) == [closed]
            assert list(survey.disappeared(["/m"])) == [["/m/open/c"]]

    def test_disappeared_paths_are_stored_under_the_roots_and_not_scanned(self, catalogue: Catalogue) -> None:
        paths = [f"/m/{i:05}" for i in range(4500)]
        catalogue.store([make_entry(path, analysed=False) for path in [*paths, "/m2/x"]], [failed("/m/bad")])
        catalogue.mark_missing(["/m/00000"])
        with catalogue.open_scan() as survey:
            survey.record([seen(path) for path in paths[1::2]])
            survey.record([seen(paths[1])])
            gone = [path for page in survey.disappeared(["/m", "/elsewhere"]) for path in page]
            assert gone == [*paths[2::2], "/m/bad"]

    def test_unchanged_files_are_found_in_any_order_and_count_once(self, catalogue: Catalogue) -> None:
        paths = [f"/m/{i:05}" for i in range(600)]
        catalogue.store([make_entry(path) for path in [*paths, "/m/\udcff"]])
        with catalogue.open_scan() as survey:
            survey.record([seen(path) for path in reversed(paths[:400])])
            survey.record([seen("/m/\udcff"), seen(paths[7]), *map(seen, paths[400:])])
            assert survey.compare(retry=False) == ScanCounts(unchanged=601)
            assert list(survey.changed()) == []
            assert list(survey.disappeared(["/m"])) == []
        with catalogue.open_scan() as survey:
            survey.record([seen(path, size=7 if path == paths[300] else 1000) for path in paths if path[-1] != "5"])
            assert survey.compare(retry=False) == ScanCounts(unchanged=539, todo=1)
            assert changed_paths(survey) == [paths[300]]
            gone = [path for page in survey.disappeared(["/m"]) for path in page]
            assert gone == [*(path for path in paths if path[-1] == "5"), "/m/\udcff"]

    def test_file_that_another_ingest_stores_meanwhile_has_not_disappeared(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/a"), make_entry("/m/b")])
        with catalogue.open_scan() as survey:
            survey.record([seen("/m/a")])
            catalogue.store([make_entry("/m/c")])
            assert survey.compare(retry=False) == ScanCounts(unchanged=1)
            assert list(survey.disappeared(["/m"])) == [["/m/b"]]

    def test_pages_have_every_file_once_in_order(self, catalogue: Catalogue) -> None:
        paths = sorted(f"/m/{i}" for i in range(5000))
        with catalogue.open_scan() as survey:
            for start in range(0, 5000, 700):
                survey.record([seen(path) for path in paths[start : start + 800]])
            assert survey.compare(retry=False) == ScanCounts(todo=5000)
            assert changed_paths(survey) == paths
        with catalogue.open_scan() as survey:
            assert survey.compare(retry=False) == ScanCounts()

    def test_counts_under_roots(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(path) for path in ("/m/a", "/m/b", "/m/c", "/m2/d")])
        catalogue.mark_missing(["/m/b", "/m2/d"])
        assert [catalogue.count_present(root) for root in ("/m", "/m2", "/m/a", "/")] == [2, 0, 1, 2]
        assert catalogue.count_missing(["/m", "/m2"]) == 2
        assert catalogue.count_missing(["/m"]) == 1
        assert catalogue.count_missing([]) == 0

    def test_failed_file_is_tried_again_after_a_later_change_of_its_inode(self, catalogue: Catalogue) -> None:
        """Its size and modification time are the same, as after a restore or a change of its permissions."""
        catalogue.store([], [failed("/m/bad"), failed("/m/long", stage="skipped")])
        [first, _] = catalogue.failures()
        at = round(datetime.fromisoformat(first.at).timestamp() * 1e6) * 1000
        for changed_at, expected in (
            (at - 1_000_000_000, ScanCounts(failed=1, skipped=1)),
            (at + 1_000_000_000, ScanCounts(todo=2)),
            (1 << 62, ScanCounts(todo=2)),
            (1 << 80, ScanCounts(failed=1, skipped=1)),
        ):
            with catalogue.open_scan() as survey:
                survey.record([FileStat(path, 5, 99, changed_at) for path in ("/m/bad", "/m/long")])
                assert survey.compare(retry=False) == expected

    def test_what_could_not_be_read_is_always_tried_again(self, catalogue: Catalogue) -> None:
        for _ in range(5):
            catalogue.store([], [failed("/m/closed", stage="access")])
            with catalogue.open_scan() as survey:
                survey.record([seen("/m/closed", size=5, mtime_ns=99)])
                assert survey.compare(retry=False) == ScanCounts(todo=1)

    def test_folder_that_still_cannot_be_read_is_counted(self, catalogue: Catalogue) -> None:
        closed = FailedFile(FileStat("/m/closed", 0, 0), "scan", "cannot read the folder: Permission denied")
        catalogue.store([], [closed])
        for folder, expected in (
            (closed, ScanCounts(unreadable=1)),
            (replace(closed, reason="cannot read the folder: Input/output error"), ScanCounts(todo=1)),
        ):
            with catalogue.open_scan() as survey:
                survey.record([folder])
                assert survey.compare(retry=False) == expected

    def test_unchanged_file_that_can_be_read_again_is_recovered(self, catalogue: Catalogue) -> None:
        """A network drive failed during a scan; its files are not hashed again."""
        catalogue.store([make_entry("/m/a"), make_entry("/m/b")])
        catalogue.store([], [FailedFile(FileStat(path, 0, 0), "scan", "cannot open it") for path in ("/m/a", "/m/b")])
        with catalogue.open_scan() as survey:
            survey.record([seen("/m/a"), seen("/m/b", size=7)])
            assert survey.compare(retry=False) == ScanCounts(recovered=1, todo=1)
            assert [file.path for file in survey.recovered()] == ["/m/a"]
            assert changed_paths(survey) == ["/m/b"]
