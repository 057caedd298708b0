"""What comparing a disk with the catalogue must find, whatever the database."""

from catalogue_fixtures import CatalogueFixtures, failed
from make_entries import make_entry

from recsys.database.catalogue import Catalogue, FailedFile
from recsys.database.scan_comparison import Compared
from recsys.domain.audio import FileStat


def seen(path: str, *, size: int = 1000, mtime_ns: int = 1_700_000_000_123_456_789) -> FileStat:
    """A file as it stands after :func:`entries.make_entry`."""
    return FileStat(path, size, mtime_ns)


class SurveyContract(CatalogueFixtures):
    """See recsys.database.scan_comparison."""

    def test_what_is_new_changed_or_not_analysed_is_to_be_done(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/same"), make_entry("/m/grown"), make_entry("/m/bare", analysed=False)])
        there = [seen("/m/same"), seen("/m/grown", size=7), seen("/m/bare"), seen("/m/\udcff new")]
        with catalogue.survey() as survey:
            survey.see(there)
            assert survey.compare(retry=False) == Compared(unchanged=1, todo=3)
            assert [file.path for file in survey.todo()] == ["/m/bare", "/m/grown", "/m/\udcff new"]
            assert list(survey.todo())[1] == there[1]

    def test_failures_are_left_alone_until_they_change(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/was well")], [failed("/m/bad"), failed("/m/long", stage="skipped")])
        catalogue.store([], [failed("/m/was well", size=1000)])
        there = [seen("/m/bad", size=5, mtime_ns=99), seen("/m/long", size=5, mtime_ns=99)]
        with catalogue.survey() as survey:
            survey.see([*there, seen("/m/was well", mtime_ns=99)])
            assert survey.compare(retry=False) == Compared(failed=2, skipped=1)
            assert list(survey.todo()) == []
        with catalogue.survey() as survey:
            survey.see([seen("/m/bad", size=6, mtime_ns=99), there[1]])
            assert survey.compare(retry=False) == Compared(skipped=1, todo=1)
        with catalogue.survey() as survey:
            survey.see(there)
            assert survey.compare(retry=True) == Compared(todo=2)

    def test_a_lost_worker_is_given_three_attempts(self, catalogue: Catalogue) -> None:
        for attempt in range(1, 5):
            catalogue.store([], [failed("/m/unlucky", stage="worker")])
            with catalogue.survey() as survey:
                survey.see([seen("/m/unlucky", size=5, mtime_ns=99)])
                expected = Compared(todo=1) if attempt < 3 else Compared(failed=1)
                assert survey.compare(retry=False) == expected

    def test_a_missing_file_that_is_back_is_looked_into(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/a")])
        catalogue.mark_missing(["/m/a"])
        with catalogue.survey() as survey:
            survey.see([seen("/m/a")])
            assert survey.compare(retry=False) == Compared(todo=1)

    def test_what_the_scan_could_not_read_comes_as_a_failure_and_hides_nothing(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/closed/a"), make_entry("/m/open/b"), make_entry("/m/open/c")])
        closed = FailedFile(FileStat("/m/closed", 0, 0), "scan", "cannot read the folder")
        with catalogue.survey() as survey:
            survey.see([closed, seen("/m/open/b")])
            assert survey.compare(retry=False) == Compared(unchanged=1, todo=1)
            assert list(survey.todo()) == [closed]
            assert list(survey.gone(["/m"])) == [["/m/open/c"]]

    def test_gone_is_what_is_known_under_the_roots_and_was_not_seen(self, catalogue: Catalogue) -> None:
        paths = [f"/m/{i:05}" for i in range(4500)]
        catalogue.store([make_entry(path, analysed=False) for path in [*paths, "/m2/x"]], [failed("/m/bad")])
        catalogue.mark_missing(["/m/00000"])
        with catalogue.survey() as survey:
            survey.see([seen(path) for path in paths[1::2]])
            survey.see([seen(paths[1])])
            gone = [path for page in survey.gone(["/m", "/elsewhere"]) for path in page]
            assert gone == [*paths[2::2], "/m/bad"]

    def test_pages_hold_every_file_once_in_order(self, catalogue: Catalogue) -> None:
        paths = sorted(f"/m/{i}" for i in range(5000))
        with catalogue.survey() as survey:
            for start in range(0, 5000, 700):
                survey.see([seen(path) for path in paths[start : start + 800]])
            assert survey.compare(retry=False) == Compared(todo=5000)
            assert [file.path for file in survey.todo()] == paths
        with catalogue.survey() as survey:
            assert survey.compare(retry=False) == Compared()

    def test_counts_under_roots(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(path) for path in ("/m/a", "/m/b", "/m/c", "/m2/d")])
        catalogue.mark_missing(["/m/b", "/m2/d"])
        assert [catalogue.present_under(root) for root in ("/m", "/m2", "/m/a", "/")] == [2, 0, 1, 2]
        assert catalogue.missing_under(["/m", "/m2"]) == 2
        assert catalogue.missing_under(["/m"]) == 1
        assert catalogue.missing_under([]) == 0
