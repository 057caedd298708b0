"""Missing tracks are removed on request; those of a drive that is not mounted are kept."""

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


class TwoRoots:
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
def roots(tmp_path: Path) -> TwoRoots:
    return TwoRoots(tmp_path)


def test_prune_removes_missing_tracks_with_ratings_and_ids_are_not_reused(roots: TwoRoots) -> None:
    gone = roots.files[:3]
    ids = {track.path: track.id for track in roots.catalogue.tracks()}
    roots.catalogue.set_rating([ids[str(gone[0])], ids[str(roots.files[5])]], 1)
    roots.remove(gone)
    rehearsed = prune(roots.catalogue, dry_run=True)
    assert roots.catalogue.count_missing([str(roots.jazz)]) == 3
    pruned = prune(roots.catalogue)
    assert pruned == rehearsed == PruneResult(tracks=3, locations=3, rated=1, sample_paths=tuple(map(str, gone)))
    assert len(roots.catalogue.tracks()) == 17
    assert list(roots.catalogue.rated_tracks()) == [ids[str(roots.files[2])]]
    assert len(roots.catalogue.vectors()[0]) == 17
    with pytest.raises(NotFound):
        roots.catalogue.track_details(ids[str(gone[0])])
    roots.catalogue.store([make_entry("/new")])
    assert max(track.id for track in roots.catalogue.tracks()) == 21
    assert prune(roots.catalogue) == PruneResult()


def test_prune_refuses_more_than_half_of_a_root(roots: TwoRoots) -> None:
    roots.remove(roots.files[:6])  # six of the ten of jazz, but of all files a third
    with pytest.raises(PruneRefused, match=f"more than half of the files under {roots.jazz} are missing, 6 of 10;"):
        prune(roots.catalogue)
    with pytest.raises(PruneRefused):
        prune(roots.catalogue, dry_run=True)
    assert roots.catalogue.count_missing([str(roots.jazz)]) == 6
    assert prune(roots.catalogue, [roots.rock]) == PruneResult()
    assert prune(roots.catalogue, force=True).tracks == 6


def test_prune_removes_half_of_a_root(roots: TwoRoots) -> None:
    roots.remove(roots.files[:5])
    assert prune(roots.catalogue).tracks == 5


def test_share_is_of_the_root_not_of_an_inner_folder(roots: TwoRoots) -> None:
    """A whole album is deleted: its folder is all gone, the root is not."""
    album = roots.jazz / "album"
    roots.catalogue.store([make_entry(str(album / f"{i}.mp3")) for i in range(4)])
    roots.catalogue.mark_missing([str(album / f"{i}.mp3") for i in range(4)])
    assert prune(roots.catalogue, [album]).tracks == 4


def test_share_of_files_without_root_is_of_their_folder(roots: TwoRoots) -> None:
    roots.catalogue.store([make_entry(f"/stick/{i}.mp3") for i in range(3)])
    roots.catalogue.mark_missing(["/stick/0.mp3"])
    assert prune(roots.catalogue).tracks == 1
    roots.catalogue.mark_missing(["/stick/1.mp3", "/stick/2.mp3"])
    with pytest.raises(PruneRefused, match="more than half of the files under /stick are missing, 2 of 2;"):
        prune(roots.catalogue)


def test_folder_inside_a_root_is_not_a_root(roots: TwoRoots) -> None:
    roots.catalogue.add_roots([str(roots.jazz / "album"), str(roots.jazz)])
    assert roots.catalogue.roots() == [str(roots.jazz), str(roots.rock)]


def test_reappeared_files_are_kept(roots: TwoRoots) -> None:
    back = roots.files[0]
    roots.remove(roots.files[:2])
    back.touch()
    assert prune(roots.catalogue) == PruneResult(
        tracks=1, locations=1, reappeared=1, sample_paths=(str(roots.jazz / "1.mp3"),)
    )
    assert roots.catalogue.count_missing([str(roots.jazz)]) == 1


def test_track_with_another_file_is_kept(roots: TwoRoots) -> None:
    copy = roots.rock / "copy.mp3"
    roots.catalogue.store([make_entry(str(copy), audio_hash=str(roots.files[0]))])
    roots.catalogue.mark_missing([str(copy)])
    prune(roots.catalogue)
    assert len(roots.catalogue.tracks()) == 20
    assert roots.catalogue.tracks_by_id([1])[1].paths == (str(roots.files[0]),)


def test_failures_of_deleted_files_are_removed(roots: TwoRoots) -> None:
    there = roots.files[0]
    places = (str(there), str(roots.jazz / "gone.mp3"), "/not mounted/x.mp3")
    roots.catalogue.store([], [FailedFile(FileStat(path, 1, 1), "decode", "no frames") for path in places])
    assert prune(roots.catalogue).failures == 1
    assert [failure.path for failure in roots.catalogue.failures()] == ["/not mounted/x.mp3", str(there)]
    assert prune(roots.catalogue, force=True).failures == 1


def test_unknown_root_is_not_found(roots: TwoRoots) -> None:
    with pytest.raises(NotFound, match="has no files at or under /nowhere"):
        prune(roots.catalogue, ["/nowhere"])
