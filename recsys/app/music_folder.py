"""The music folder of another program, whose paths are relative to it, and the tracks of the library.

The folder may have another name here: a link, another mount, another machine. A file is found at its path below the
folder or one that was ingested, else by the end of its path as imports match it, for which all files of the library are
compared; from what precedes that end, the folder follows.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.domain.paths import absolute_path
from recsys.domain.requests import TrackFilter
from recsys.domain.tracks import Track

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

_MAX_UNKNOWN = 10_000  # paths that are remembered as unknown


class MusicFolder:
    """Paths of another program and tracks of a library; :meth:`recsys.Library.music_folder`."""

    def __init__(self, context: LibraryContext, folder: str | os.PathLike[str] | None = None) -> None:
        self._context = context
        self._given = [] if folder is None else [str(absolute_path(folder))]
        self._found: list[str] = []  # folders with files of the library, as the library names them
        self._unknown: set[str] = set()
        self._revision = -1

    @property
    def filter(self) -> TrackFilter:
        """The tracks that the other program has too, as far as the folder is known.

        >>> lib.music_folder().filter.folders
        ()
        """
        return TrackFilter(folders=self._found)

    def tracks(self, paths: Iterable[str]) -> dict[str, Track]:
        """The tracks of the files at some paths, absolute ones or relative to the folder; unknown ones are left out.

        >>> files = lib.music_folder("/music")
        >>> {path: track.title for path, track in files.tracks(["jazz/01.mp3", "jazz/99.mp3"]).items()}
        {'jazz/01.mp3': 'So What'}
        """
        with self._context.open() as catalogue:
            if self._revision != (revision := catalogue.tracks_revision()):
                self._unknown, self._revision = set(), revision
            wanted = [path for path in dict.fromkeys(paths) if path and path not in self._unknown]
            ids = self._at(catalogue, wanted)
            if missing := [path for path in wanted if path not in ids]:
                ids |= self._by_ending(catalogue, missing)
            if len(self._unknown) > _MAX_UNKNOWN:
                self._unknown = set()
            self._unknown.update(path for path in wanted if path not in ids)
            found = catalogue.tracks_by_id(set(ids.values()))
        return {path: found[i] for path, i in ids.items() if i in found}

    def paths(self, tracks: Sequence[Track]) -> dict[int, str]:
        """The paths, relative to the folder and with "/", of those of some tracks that have a file in it, by track id.

        >>> files = lib.music_folder("/music")
        >>> files.paths(list(files.tracks(["jazz/02.mp3"]).values()))
        {2: 'jazz/02.mp3'}
        """
        found: dict[int, str] = {}
        with self._context.open() as catalogue:
            for track in tracks:
                for path in (track.path, *catalogue.stored_recording(track.id).paths):
                    below = next((base for base in self._found if PurePath(path).is_relative_to(base)), None)
                    if below is not None:
                        found[track.id] = PurePath(path).relative_to(below).as_posix()
                        break
        return found

    def _at(self, catalogue: "Catalogue", paths: Sequence[str]) -> dict[str, int]:
        """The recordings at these paths below the folders."""
        ids: dict[str, int] = {}
        for base in dict.fromkeys((*self._found, *self._given, *catalogue.roots())):
            full = {str(Path(base, path)): path for path in paths if path not in ids}
            at = catalogue.ids_at(full)
            ids |= {full[path]: i for path, i in at.items()}
            if any(not Path(full[path]).is_absolute() for path in at):
                self._remember(base)
        return ids | catalogue.ids_at(path for path in paths if path not in ids and Path(path).is_absolute())

    def _by_ending(self, catalogue: "Catalogue", paths: Sequence[str]) -> dict[str, int]:
        """The recordings that have the only file whose path ends so, which takes a pass over all files."""
        from recsys.importers.entries import ExternalTrack, ImportedFile
        from recsys.matching.match import match

        file = ImportedFile("", tuple(ExternalTrack(path=path) for path in paths), Path("/"))
        [matches] = match([file], catalogue.iter_files)
        ids = {}
        for path, found in zip(paths, matches, strict=True):
            if found is None or found.method not in ("path", "path ending"):
                continue
            ids[path] = found.id
            tail = PurePath(path).parts
            for known in catalogue.stored_recording(found.id).paths:
                parts = PurePath(known).parts
                if len(tail) < len(parts) and parts[-len(tail) :] == tail:
                    self._remember(str(PurePath(*parts[: -len(tail)])))
        return ids

    def _remember(self, base: str) -> None:
        if base not in self._found:
            self._found.append(base)
