"""Several processes that write to one catalogue at once lose nothing and duplicate nothing."""

import subprocess
import sys
from pathlib import Path

from catalogue_fixtures import CatalogueFixtures

from recsys.database.catalogue import Catalogue

# Stores batches of files, half of them shared with the other writers, each batch in an order of its own.
WRITER = f"""
import random, sys
sys.path[:0] = [{str(Path(__file__).parents[1])!r}, {str(Path(__file__).parent)!r}]
from make_entries import VERSION, make_entry
from catalogue_fixtures import failed
from recsys.database.catalogue import Catalogue
url, me = sys.argv[1], int(sys.argv[2])
rng = random.Random(me)
with Catalogue.open(url, feature_version=VERSION) as catalogue:
    for batch in range(12):
        entries = [make_entry(f"/shared/{{batch}}/{{i}}", f"shared {{batch}} {{i}}") for i in range(20)]
        entries += [make_entry(f"/own/{{me}}/{{batch}}/{{i}}", f"own {{me}} {{batch}} {{i}}") for i in range(20)]
        entries += [make_entry(f"/copy/{{me}}/{{batch}}/{{i}}", f"shared {{batch}} {{i}}") for i in range(5)]
        rng.shuffle(entries)
        catalogue.store(entries, [failed(f"/bad/{{batch}}")])
        catalogue.mark_missing([f"/own/{{me}}/{{batch}}/0"])
"""
WRITERS, BATCHES = 4, 12


class WritersContract(CatalogueFixtures):
    """Every writer is a process of its own."""

    def test_concurrent_writers_lose_and_duplicate_nothing(self, url: str, catalogue: Catalogue) -> None:
        command = [sys.executable, "-c", WRITER, url]
        writers = [subprocess.Popen([*command, str(me)], stderr=subprocess.PIPE, text=True) for me in range(WRITERS)]
        errors = [writer.communicate(timeout=240)[1] for writer in writers]
        assert [writer.returncode for writer in writers] == [0] * WRITERS, errors
        counts = catalogue.count()
        shared, own = BATCHES * 20, WRITERS * BATCHES * 20
        assert counts.tracks == counts.analysed == shared + own - WRITERS * BATCHES
        assert counts.missing == WRITERS * BATCHES
        assert counts.files == shared + own - WRITERS * BATCHES + WRITERS * BATCHES * 5
        assert {failure.attempts for failure in catalogue.failures()} == {WRITERS}
        ids, vectors = catalogue.vectors()
        assert len(ids) == len(set(ids.tolist())) == len(vectors) == shared + own
        assert catalogue.vector_revision() == WRITERS * BATCHES
