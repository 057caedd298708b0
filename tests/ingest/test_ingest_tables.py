"""Tables of before and after: what is done to real files of every container, and what the library makes of it.

Identity is real, so that the containers are; analyses are counted, and each has another vector.
"""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
from make_entries import VERSION, make_outcome
from mutagen import apev2, flac, id3, mp4
from signals import FORMATS, music, write_audio, write_tags

from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.domain.results import IngestSummary
from recsys.domain.tracks import Track
from recsys.errors import NotFound
from recsys.ingest.pipeline import ingest

COUNTED = ("new", "unchanged", "updated", "moved", "duplicates", "missing", "failed")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400


class Library:
    """Folders of music, a catalogue, and a listener that counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}")
        self.analyses: list[str] = []
        self.clock = 1_700_000_000

    def touch(self, *paths: Path) -> None:
        """Every change has a time of its own, even on a disk with a coarse clock."""
        for path in paths:
            self.clock += 10
            os.utime(path, (self.clock,) * 2)

    def put(self, name: str, seed: int = 0) -> Path:
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_audio(path, music(1.5, seed=seed))
        self.touch(path)
        return path

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=VERSION)

    def ingest(self, *roots: Path) -> dict[str, int]:
        def listen(path: str) -> Any:
            self.analyses.append(path)
            return make_outcome(len(self.analyses))

        with self.open() as catalogue:
            summary: IngestSummary = ingest(
                roots or (self.music,),
                catalogue,
                self.settings,
                executor=lambda: ThreadPoolExecutor(1),
                analyse=listen,
            )
        return {name: n for name in COUNTED if (n := getattr(summary, name))}

    def state(self) -> dict[int, tuple[Any, ...]]:
        """Of every track by id: its paths, its rating, its vector."""
        with self.open() as catalogue:
            ids, vectors = catalogue.vectors()
            found: dict[int, Track] = catalogue.tracks_by_id(ids.tolist())
            ratings = catalogue.rated_tracks()
        return {
            i: (sorted(Path(p).relative_to(self.folder).as_posix() for p in found[i].paths) if not found[i].missing
                else "missing", ratings.get(i, 0), vector.tobytes())
            for i, vector in zip(ids.tolist(), vectors, strict=True)
        }  # fmt: skip

    def rate(self) -> None:
        """Track 1 is liked, 2 disliked."""
        with self.open() as catalogue:
            catalogue.set_rating([1], 1)
            catalogue.set_rating([2], -1)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


# Places

A, B = "music/a.flac", "music/jazz/b.mp3"
Step = Callable[[Library], object]


def path_of(library: Library, name: str) -> Path:
    return library.folder / name


def move(source: str, target: str) -> Step:
    def do(library: Library) -> None:
        path_of(library, target).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path_of(library, source), path_of(library, target))

    return do


def copy(source: str, target: str) -> Step:
    def do(library: Library) -> None:
        path_of(library, target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path_of(library, source), path_of(library, target))

    return do


def delete(name: str) -> Step:
    return lambda library: path_of(library, name).unlink()


def replace(name: str, seed: int) -> Step:
    def do(library: Library) -> None:
        write_audio(path_of(library, name), music(1.5, seed=seed))
        library.touch(path_of(library, name))

    return do


def swap(one: str, other: str) -> Step:
    def do(library: Library) -> None:
        first, second = path_of(library, one), path_of(library, other)
        shutil.move(first, library.folder / "aside")
        shutil.move(second, first)
        shutil.move(library.folder / "aside", second)

    return do


def scan(*roots: str) -> Step:
    return lambda library: library.ingest(*(path_of(library, root) for root in roots))


def steps(*several: Step) -> Step:
    def do(library: Library) -> None:
        for step in several:
            step(library)

    return do


@pytest.mark.parametrize(
    ("what", "counts", "places", "analysed"),
    [
        pytest.param(steps(), {"unchanged": 2}, {1: [A], 2: [B]}, 0, id="nothing"),
        pytest.param(move(A, "music/new.flac"), {"unchanged": 1, "moved": 1}, {1: ["music/new.flac"], 2: [B]}, 0,
                     id="renamed"),
        pytest.param(move(A, "music/A.flac"), {"unchanged": 1, "moved": 1}, {1: ["music/A.flac"], 2: [B]}, 0,
                     id="case only"),
        pytest.param(move(A, "music/a.FLAC"), {"unchanged": 1, "moved": 1}, {1: ["music/a.FLAC"], 2: [B]}, 0,
                     id="case of the suffix"),
        pytest.param(move(A, "music/deep/er/a.flac"), {"unchanged": 1, "moved": 1},
                     {1: ["music/deep/er/a.flac"], 2: [B]}, 0, id="moved into a new folder"),
        pytest.param(move("music/jazz", "music/Jazz"), {"unchanged": 1, "moved": 1}, {1: [A], 2: ["music/Jazz/b.mp3"]},
                     0, id="a folder renamed"),
        pytest.param(swap(A, B), {"moved": 2}, {1: [B], 2: [A]}, 0, id="swapped"),
        pytest.param(copy(A, "music/copy.flac"), {"unchanged": 2, "duplicates": 1}, {1: [A, "music/copy.flac"], 2: [B]},
                     0, id="copied"),
        pytest.param(steps(copy(A, "music/copy.flac"), delete(A)), {"unchanged": 1, "moved": 1},
                     {1: ["music/copy.flac"], 2: [B]}, 0, id="copied and the original deleted"),
        pytest.param(steps(copy(A, "music/copy.flac"), scan("music"), delete(A)), {"unchanged": 2},
                     {1: ["music/copy.flac"], 2: [B]}, 0, id="copied, scanned, then the original deleted"),
        pytest.param(delete(A), {"unchanged": 1, "missing": 1}, {1: "missing", 2: [B]}, 0, id="deleted"),
        pytest.param(steps(move(A, "aside"), scan("music"), move("aside", A)), {"unchanged": 1, "updated": 1},
                     {1: [A], 2: [B]}, 0, id="deleted, scanned, and restored"),
        pytest.param(steps(move(A, "aside"), scan("music"), move("aside", "music/x.flac")),
                     {"unchanged": 1, "moved": 1}, {1: ["music/x.flac"], 2: [B]}, 0, id="restored elsewhere"),
        pytest.param(replace(A, 9), {"unchanged": 1, "new": 1}, {1: "missing", 2: [B], 3: [A]}, 1,
                     id="replaced by another sound"),
        pytest.param(steps(move(A, "music/old.flac"), copy(B, A), replace(A, 9)),
                     {"unchanged": 1, "moved": 1, "new": 1}, {1: ["music/old.flac"], 2: [B], 3: [A]}, 1,
                     id="replaced, and the old one kept elsewhere"),
        pytest.param(steps(replace(A, 9), scan("music"), replace(A, 0)), {"unchanged": 1, "updated": 1},
                     {1: [A], 2: [B], 3: "missing"}, 1, id="replaced, and put back"),
        pytest.param(lambda library: library.touch(path_of(library, A)), {"unchanged": 1, "updated": 1},
                     {1: [A], 2: [B]}, 0, id="only touched"),
    ],
)  # fmt: skip
def test_counts(library: Library, what: Step, counts: dict[str, int], places: dict[int, Any], analysed: int) -> None:
    library.put("a.flac", 0)
    assert library.ingest() == {"new": 1}  # one by one: ids are given in order of arrival
    library.put("jazz/b.mp3", 1)
    assert library.ingest() == {"new": 1, "unchanged": 1}
    library.rate()
    before = library.state()
    n_before = len(library.analyses)
    what(library)
    counted = library.ingest()
    after = library.state()
    assert {i: where for i, (where, _, _) in after.items()} == places
    assert {name: counted.get(name, 0) for name in counts} == counts
    assert sum(counted.values()) == sum(counts.values())
    assert len(library.analyses) - n_before == analysed
    for i, (_, rating, vector) in before.items():
        assert after[i][1:] == (rating, vector)
    counted = library.ingest()  # and then it is quiet
    assert {name for name in counted if name not in ("unchanged", "missing")} == set()


def test_move_between_two_roots(library: Library) -> None:
    other = library.folder / "other"
    other.mkdir()
    library.put("a.flac", 0)
    library.ingest()
    library.put("b.flac", 1)
    library.ingest()
    write_audio(other / "c.flac", music(1.5, seed=2))
    library.ingest(library.music, other)
    before = library.state()
    shutil.move(library.music / "a.flac", other / "a.flac")
    assert library.ingest(other) == {"unchanged": 1, "moved": 1}  # the root it left need not be scanned
    assert library.ingest(library.music, other) == {"unchanged": 3}
    assert library.state() == {**before, 1: (["other/a.flac"], *before[1][1:])}
    assert len(library.analyses) == 3


@pytest.mark.parametrize("leave_the_folder", [True, False])
def test_unmounted_drive_changes_nothing(library: Library, leave_the_folder: bool) -> None:
    drive = library.folder / "drive"
    shutil.copytree(library.put("a.flac").parent, drive)
    library.put("b.flac", 1)
    library.ingest(library.music, drive)
    before = library.state()
    drive.rename(library.folder / "unplugged")
    if leave_the_folder:
        drive.mkdir()
    with pytest.raises(NotFound, match=r"is a drive not mounted\?"):
        library.ingest(library.music, drive)
    with pytest.raises(NotFound, match=r"is a drive not mounted\?"):
        library.ingest(drive)
    assert library.state() == before
    if leave_the_folder:
        drive.rmdir()
    (library.folder / "unplugged").rename(drive)
    assert library.ingest(library.music, drive) == {"unchanged": 3}


# Tags


def retag(path: Path) -> str:
    write_tags(path, title="Another Title", artist="Another Artist")
    return "Another Title"


def untag(path: Path) -> str:
    file = _tagged(path)
    file.delete()
    return "sound"


def add_a_picture(path: Path) -> str:
    """A cover of a hundred kilobytes: what stands behind it moves."""
    file = _tagged(path)
    if isinstance(file.tags, id3.ID3):
        file.tags.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=PICTURE))
    elif isinstance(file, mp4.MP4):
        file.tags["covr"] = [mp4.MP4Cover(PICTURE, mp4.MP4Cover.FORMAT_PNG)]
    elif isinstance(file, flac.FLAC):
        cover = flac.Picture()
        cover.data, cover.mime = PICTURE, "image/png"
        file.add_picture(cover)
    elif isinstance(file.tags, apev2.APEv2):
        file.tags["Cover Art (Front)"] = apev2.APEValue(b"cover.png\0" + PICTURE, apev2.BINARY)
    else:  # Vorbis comments and ASF carry it as text
        file.tags["COVERART" if hasattr(file.tags, "vendor") else "Comment"] = ["x" * len(PICTURE)]
    file.save()
    return "A Title"


def no_padding(path: Path) -> str:
    file = _tagged(path)
    try:
        file.save(padding=lambda _: 0)
    except TypeError:  # a container that has none
        file.save()
    return "A Title"


def much_padding(path: Path) -> str:
    file = _tagged(path)
    try:
        file.save(padding=lambda _: 50_000)
    except TypeError:
        file.save()
    return "A Title"


def _tagged(path: Path) -> Any:
    file = mutagen.File(path)
    return apev2.APEv2File(path) if path.suffix == ".aac" else file


SUFFIXES = [f for f in FORMATS if f in ("wav", "aiff", "flac", "mp3", "ogg", "opus", "m4a", "wma", "wv", "aac")]


@pytest.mark.parametrize("change", [retag, untag, add_a_picture, no_padding, much_padding], ids=lambda f: f.__name__)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_changed_tags_update_the_track(library: Library, suffix: str, change: Callable[[Path], str]) -> None:
    path = library.music / f"sound.{suffix}"
    write_audio(path, music(1.5, 48000), 48000)
    write_tags(path)
    library.touch(path)
    assert library.ingest() == {"new": 1}
    with library.open() as catalogue:
        catalogue.set_rating([1], 1)
    before = library.state()
    title = change(path)
    library.touch(path)
    assert library.ingest() == {"updated": 1}
    assert library.state() == before
    assert len(library.analyses) == 1
    with library.open() as catalogue:
        assert catalogue.tracks_by_id([1])[1].title == title


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_first_tag_of_an_untagged_file(library: Library, suffix: str) -> None:
    path = library.music / f"bare.{suffix}"
    write_audio(path, music(1.5, 48000), 48000)
    library.touch(path)
    assert library.ingest() == {"new": 1}
    write_tags(path)
    library.touch(path)
    assert library.ingest() == {"updated": 1}
    assert len(library.analyses) == 1
    with library.open() as catalogue:
        assert catalogue.tracks_by_id([1])[1].artist == "An Artist"


def test_mp3_with_every_kind_of_tag(library: Library) -> None:
    path = library.put("a.mp3")
    library.ingest()
    vector = library.state()[1][2]
    id3.ID3().save(path, v1=2)
    tags = apev2.APEv2()
    tags["Title"] = "of APE"
    tags.save(path)
    write_tags(path)
    library.touch(path)
    assert library.ingest() == {"updated": 1}
    assert library.state()[1][2] == vector
    assert np.frombuffer(vector, np.float32).any()
