"""What is missing is forgotten when asked, and a drive that is not mounted is never a clean-up."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from make_entries import VERSION, make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import PruneResult
from recsys.errors import NotFound, PruneRefused
from recsys.ingest.prune import prune


class Shelf:
    """Two roots of ten files each that are on the disk and in the catalogue."""

    def __init__(self, folder: Path) -> None:
        self.jazz, self.rock = folder / "jazz", folder / "rock"
        self.catalogue = Catalogue.open(f"sqlite:///{folder / 'library.db'}", feature_version=VERSION)
        for root in (self.jazz, self.rock):
            root.mkdir()
            for i in range(10):
                (root / f"{i}.mp3").touch()
        self.catalogue.add_roots([str(self.jazz), str(self.rock)])
        self.catalogue.store([make_entry(str(path)) for path in self.files])

    @property
    def files(self) -> list[Path]:
        return sorted([*self.jazz.glob("*"), *self.rock.glob("*")])

    def remove(self, paths: Iterable[Path]) -> None:
        paths = list(paths)
        for path in paths:
            path.unlink()
        self.catalogue.mark_missing(map(str, paths))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_prune_removes_missing_tracks_with_ratings_and_ids_are_not_reused(shelf: Shelf) -> None:
    gone = shelf.files[:3]
    ids = {track.path: track.id for track in shelf.catalogue.tracks()}
    shelf.catalogue.set_rating([ids[str(gone[0])], ids[str(shelf.files[5])]], 1)
    shelf.remove(gone)
    rehearsed = prune(shelf.catalogue, dry_run=True)
    assert shelf.catalogue.count_missing([str(shelf.jazz)]) == 3
    pruned = prune(shelf.catalogue)
    assert pruned == rehearsed == PruneResult(tracks=3, locations=3, rated=1, sample_paths=tuple(map(str, gone)))
    assert len(shelf.catalogue.tracks()) == 17
    assert list(shelf.catalogue.rated_tracks()) == [ids[str(shelf.files[2])]]
    assert len(shelf.catalogue.vectors()[0]) == 17
    with pytest.raises(NotFound):
        shelf.catalogue.track_details(ids[str(gone[0])])
    shelf.catalogue.store([make_entry("/new")])
    assert max(track.id for track in shelf.catalogue.tracks()) == 21
    assert prune(shelf.catalogue) == PruneResult()


def test_prune_refuses_more_than_half_of_a_root(shelf: Shelf) -> None:
    shelf.remove(shelf.files[:6])  # six of the ten of jazz, but of all files a third
    with pytest.raises(PruneRefused, match=f"more than half of the files under {shelf.jazz} are missing, 6 of 10;"):
        prune(shelf.catalogue)
    with pytest.raises(PruneRefused):
        prune(shelf.catalogue, dry_run=True)
    assert shelf.catalogue.count_missing([str(shelf.jazz)]) == 6
    assert prune(shelf.catalogue, [shelf.rock]) == PruneResult()
    assert prune(shelf.catalogue, force=True).tracks == 6


def test_prune_removes_half_of_a_root(shelf: Shelf) -> None:
    shelf.remove(shelf.files[:5])
    assert prune(shelf.catalogue).tracks == 5


def test_share_is_of_the_root_not_of_an_inner_folder(shelf: Shelf) -> None:
    """A whole album is deleted: its folder is all gone, the root is not."""
    album = shelf.jazz / "album"
    shelf.catalogue.store([make_entry(str(album / f"{i}.mp3")) for i in range(4)])
    shelf.catalogue.mark_missing([str(album / f"{i}.mp3") for i in range(4)])
    assert prune(shelf.catalogue, [album]).tracks == 4


def test_share_of_files_without_root_is_of_their_folder(shelf: Shelf) -> None:
    shelf.catalogue.store([make_entry(f"/stick/{i}.mp3") for i in range(3)])
    shelf.catalogue.mark_missing(["/stick/0.mp3"])
    assert prune(shelf.catalogue).tracks == 1
    shelf.catalogue.mark_missing(["/stick/1.mp3", "/stick/2.mp3"])
    with pytest.raises(PruneRefused, match="more than half of the files under /stick are missing, 2 of 2;"):
        prune(shelf.catalogue)


def test_folder_inside_a_root_is_not_a_root(shelf: Shelf) -> None:
    shelf.catalogue.add_roots([str(shelf.jazz / "album"), str(shelf.jazz)])
    assert shelf.catalogue.roots() == [str(shelf.jazz), str(shelf.rock)]


def test_reappeared_files_are_kept(shelf: Shelf) -> None:
    back = shelf.files[0]
    shelf.remove(shelf.files[:2])
    back.touch()
    assert prune(shelf.catalogue) == PruneResult(
        tracks=1, locations=1, reappeared=1, sample_paths=(str(shelf.jazz / "1.mp3"),)
    )
    assert shelf.catalogue.count_missing([str(shelf.jazz)]) == 1


def test_track_with_another_file_is_kept(shelf: Shelf) -> None:
    copy = shelf.rock / "copy.mp3"
    shelf.catalogue.store([make_entry(str(copy), audio_hash=str(shelf.files[0]))])
    shelf.catalogue.mark_missing([str(copy)])
    prune(shelf.catalogue)
    assert len(shelf.catalogue.tracks()) == 20
    assert shelf.catalogue.tracks_by_id([1])[1].paths == (str(shelf.files[0]),)


def test_failures_of_deleted_files_are_removed(shelf: Shelf) -> None:
    there = shelf.files[0]
    places = (str(there), str(shelf.jazz / "gone.mp3"), "/not mounted/x.mp3")
    shelf.catalogue.store([], [FailedFile(FileStat(path, 1, 1), "decode", "no frames") for path in places])
    assert prune(shelf.catalogue).failures == 1
    assert [failure.path for failure in shelf.catalogue.failures()] == ["/not mounted/x.mp3", str(there)]
    assert prune(shelf.catalogue, force=True).failures == 1


def test_unknown_root_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFound, match="has no files at or under /nowhere"):
        prune(shelf.catalogue, ["/nowhere"])
