"""Missing tracks are removed on request; those of a drive that is not mounted are kept."""

import os
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from make_entries import VERSION, make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.domain.prune_results import KeptFiles, PruneResult
from recsys.errors import Hint, NotFound, PruneRefused
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
    new = roots.jazz / "new.mp3"
    new.touch()
    roots.catalogue.store([make_entry(str(new))])
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


def test_share_of_files_without_root_is_of_their_folder(roots: TwoRoots, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "other.txt").touch()
    for i in range(1, 3):
        (stick / f"{i}.mp3").touch()
    roots.catalogue.store([make_entry(str(stick / f"{i}.mp3")) for i in range(3)])
    assert prune(roots.catalogue).tracks == 1
    for i in range(1, 3):
        (stick / f"{i}.mp3").unlink()
    with pytest.raises(PruneRefused, match=f"more than half of the files under {stick} are missing, 2 of 2;"):
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
    assert prune(roots.catalogue, force=True).failures == 0
    assert prune(roots.catalogue, ["/not mounted"], force=True).failures == 1


def test_unknown_root_is_not_found(roots: TwoRoots) -> None:
    with pytest.raises(NotFound, match="has no files at or under /nowhere"):
        prune(roots.catalogue, ["/nowhere"])


def test_file_that_is_gone_since_the_last_ingest_is_removed(roots: TwoRoots) -> None:
    gone = roots.files[:2]
    for path in gone:
        path.unlink()
    rehearsed = prune(roots.catalogue, dry_run=True)
    assert roots.catalogue.count_present(str(roots.jazz)) == 10
    assert prune(roots.catalogue) == rehearsed
    assert rehearsed == PruneResult(tracks=2, locations=2, sample_paths=tuple(map(str, gone)))
    assert roots.catalogue.count_present(str(roots.jazz)) == 8
    assert prune(roots.catalogue) == PruneResult()


def test_folder_in_the_place_of_a_file_is_not_the_file(roots: TwoRoots) -> None:
    path = roots.files[0]
    path.unlink()
    path.mkdir()
    assert prune(roots.catalogue).sample_paths == (str(path),)


def test_file_in_the_place_of_a_folder_has_no_files(roots: TwoRoots) -> None:
    album = roots.jazz / "album"
    roots.catalogue.store([make_entry(str(album / "1.mp3"))])
    album.touch()
    assert prune(roots.catalogue).sample_paths == (str(album / "1.mp3"),)


@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_root_that_is_not_mounted_is_kept_until_it_is_named_with_force(roots: TwoRoots, empty: bool) -> None:
    for path in [*roots.jazz.iterdir(), roots.rock / "0.mp3"]:
        path.unlink()
    if not empty:
        roots.jazz.rmdir()
    roots.catalogue.store([], [FailedFile(FileStat(str(roots.jazz / "bad.mp3"), 1, 1), "decode", "no frames")])
    kept = (KeptFiles(str(roots.jazz), 10, "not_mounted"),)
    for force in (False, True):
        assert prune(roots.catalogue, force=force, dry_run=True).kept == kept
    assert prune(roots.catalogue) == PruneResult(1, 1, sample_paths=(str(roots.rock / "0.mp3"),), kept=kept)
    with pytest.raises(PruneRefused, match=r"10 files are kept: .*/jazz does not exist or is empty") as refused:
        prune(roots.catalogue, [roots.jazz])
    assert refused.value.hint is Hint.FORGET_FOLDER
    assert refused.value.hint_values == {"folder": str(roots.jazz)}
    pruned = prune(roots.catalogue, [roots.jazz], force=True)
    assert (pruned.tracks, pruned.failures, pruned.kept) == (10, 1, ())
    assert roots.catalogue.roots() == [str(roots.rock)]
    assert len(roots.catalogue.tracks()) == 9
    with pytest.raises(NotFound):
        prune(roots.catalogue, [roots.jazz], force=True)


def test_root_that_returns_has_all_its_tracks(roots: TwoRoots) -> None:
    away = roots.jazz.rename(roots.jazz.with_name("away"))
    assert prune(roots.catalogue).tracks == 0
    away.rename(roots.jazz)
    assert prune(roots.catalogue) == PruneResult()
    assert len(roots.catalogue.tracks()) == 20


def test_mount_point_in_a_root_is_older_than_the_files_on_its_drive(roots: TwoRoots) -> None:
    """Both folders are empty: files were deleted from one, after they were ingested."""
    for name in ("drive", "album"):
        folder = roots.jazz / name
        folder.mkdir()
        roots.catalogue.store([make_entry(str(folder / f"{i}.mp3")) for i in range(2)])
    os.utime(roots.jazz / "drive", (1_700_000_000,) * 2)
    os.utime(roots.jazz / "album", (4_000_000_000,) * 2)
    pruned = prune(roots.catalogue)
    assert pruned.sample_paths == tuple(str(roots.jazz / "album" / f"{i}.mp3") for i in range(2))
    assert pruned.kept == (KeptFiles(str(roots.jazz / "drive"), 2, "not_mounted"),)
    assert prune(roots.catalogue, [roots.jazz / "drive"], force=True).tracks == 2


def test_link_to_a_drive_that_is_not_mounted_is_kept(roots: TwoRoots) -> None:
    link = roots.jazz / "drive"
    link.symlink_to("/media/drive that is not mounted")
    roots.catalogue.store([make_entry(str(link / "deep" / "1.mp3"))])
    assert prune(roots.catalogue).kept == (KeptFiles(str(link), 1, "not_mounted"),)


@pytest.mark.parametrize("missing", [False, True])
def test_files_of_a_closed_folder_are_kept(roots: TwoRoots, monkeypatch: pytest.MonkeyPatch, missing: bool) -> None:
    if missing:
        roots.catalogue.mark_missing(map(str, roots.files[:10]))
    real = os.scandir

    def refuse(path: Any) -> Any:  # tests may run as root, whom permissions do not stop
        if str(path) == str(roots.jazz):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    kept = (KeptFiles(str(roots.jazz), 10, "unreadable"),)
    assert prune(roots.catalogue) == PruneResult(kept=kept)
    for force in (False, True):
        with pytest.raises(PruneRefused, match="jazz cannot be read; nothing was changed"):
            prune(roots.catalogue, [roots.jazz], force=force)


class UnknownKind:
    """An entry of a file system that does not list the kinds of entries, in a folder in which none can be looked up."""

    def __init__(self, name: str) -> None:
        self.name = name

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        raise PermissionError(13, "Permission denied", self.name)


def test_files_whose_kind_cannot_be_looked_up_are_kept(roots: TwoRoots, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir
    entries = nullcontext([UnknownKind(path.name) for path in roots.jazz.iterdir()])
    monkeypatch.setattr(os, "scandir", lambda path: entries if str(path) == str(roots.jazz) else real(path))
    assert prune(roots.catalogue) == PruneResult()


def test_file_that_may_have_moved_is_kept_until_the_next_ingest(roots: TwoRoots) -> None:
    """A new file has its size (1000 bytes, as all files of these tests are stored)."""
    moved, deleted = roots.files[0], roots.files[1]
    moved.unlink()
    new = roots.rock / "new place.mp3"
    new.write_bytes(b"x" * 1000)
    pruned = prune(roots.catalogue)
    assert pruned == PruneResult(kept=(KeptFiles(str(roots.rock), 1, "moved"),))
    with pytest.raises(PruneRefused, match=r"1 file is kept: .*/rock has new files of the same size"):
        prune(roots.catalogue, [roots.jazz])
    roots.catalogue.store([make_entry(str(new), audio_hash=str(moved))])
    deleted.unlink()
    assert prune(roots.catalogue).sample_paths == (str(moved), str(deleted))
    assert roots.catalogue.tracks_by_id([1])[1].paths == (str(new),)


def test_track_that_loses_one_of_its_missing_files_keeps_a_primary_file(roots: TwoRoots) -> None:
    first, copy = roots.files[0], roots.rock / "copy.mp3"
    roots.catalogue.store([make_entry(str(copy), audio_hash=str(first))])
    away = roots.jazz.rename(roots.jazz.with_name("away"))
    roots.catalogue.mark_missing([str(copy), str(first)])
    assert prune(roots.catalogue).locations == 1
    assert [path for page in roots.catalogue.missing_paths() for path in page] == [str(roots.jazz / "0.mp3")]
    assert roots.catalogue.tracks_by_id([1])[1].path == str(roots.jazz / "0.mp3")
    away.rename(roots.jazz)
