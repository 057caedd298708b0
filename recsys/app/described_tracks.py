"""The tags and moods of all analysed tracks as bits: to read the vector of every track takes seconds each time.

The tags are in a file beside the index as well, from which each program reads them; only vectors that are new are read
again. Moods take too long to compute for a program that answers one question; a server keeps them.

The file belongs to the library whose database has its token, as the index does
(:mod:`recsys.recommend.index_update`), at its revision or before. It is written with each change.
"""

import logging
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeAlias

import numpy as np

from recsys.atomic import atomic_write
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.version import __version__
from recsys.errors import RecsysError
from recsys.features.version import FEATURE_VERSION

Bits: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.uint8]]"
Flags: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"

_log = logging.getLogger(__name__)


class DescribedTracks:
    """A bit for each of some words and each track of a catalogue; only new vectors are read again."""

    _words: Sequence[str]
    _columns: slice | None = None  # of the raw vectors; None is all

    def __init__(self) -> None:
        self._ids: IdArray = np.empty(0, np.int64)
        self._bits: Bits = np.empty((0, -(-len(self._words) // 8)), np.uint8)
        self._revision = 0
        self._lock = Lock()

    def with_words(self, catalogue: Catalogue, words: Iterable[str]) -> IdArray:
        """Ids, ascending, of the tracks that have all of these words, those that were removed included."""
        with self._lock:
            self._update(catalogue)
            ids, bits = self._ids, self._bits
        passing = np.ones(len(ids), np.bool_)
        for column in map(self._words.index, words):
            passing &= (bits[:, column // 8] >> (7 - column % 8)) & 1 == 1
        return ids[passing]

    def _update(self, catalogue: Catalogue) -> bool:
        """Read what is new; whether anything is."""
        revision = catalogue.vector_revision()  # first: what is written meanwhile is read again, not missed
        if revision == self._revision:
            return False
        batches = catalogue.vector_batches(since=self._revision, raw=True, columns=self._columns)
        found = [(ids, np.packbits(self._describe(vectors), axis=1)) for ids, vectors in batches]
        ids = np.concatenate([*(ids for ids, _ in found), self._ids])
        bits = np.concatenate([*(each for _, each in found), self._bits])
        self._ids, first = np.unique(ids, return_index=True)  # the new bits of a track are before the former ones
        self._bits, self._revision = bits[first], revision
        return True

    def _describe(self, vectors: FloatArray) -> Flags:
        raise NotImplementedError


class TracksOfMoods(DescribedTracks):
    """The moods of all analysed tracks."""

    def __init__(self) -> None:
        from recsys.genre.moods import MOODS

        self._words = tuple(MOODS)
        super().__init__()

    def _describe(self, vectors: FloatArray) -> Flags:
        from recsys.genre.moods import described_by

        return described_by(vectors)


class TaggedTracks(DescribedTracks):
    """The tags of all analysed tracks, also in the file that the catalogue has for them."""

    def __init__(self) -> None:
        from recsys.features.schema import GROUPS
        from recsys.genre.tags import tag_names

        self._words, self._columns = tuple(tag_names()), GROUPS["tags"]
        super().__init__()

    def _describe(self, vectors: FloatArray) -> Flags:
        from recsys.genre.tags import has_tags

        return has_tags(vectors, self._words)

    def _update(self, catalogue: Catalogue) -> bool:
        file = catalogue.tags_file
        if file is not None and not self._revision:
            self._read(file, catalogue)
        is_new = super()._update(catalogue)
        if file is not None and is_new:
            self._write(file, catalogue)
        return is_new

    def _read(self, file: Path, catalogue: Catalogue) -> None:
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                is_own = str(stored["stamp"]) == self._stamp(catalogue.index_token(file))
                if is_own and (revision := int(stored["revision"])) <= catalogue.vector_revision():
                    self._ids, self._bits, self._revision = stored["ids"], stored["bits"], revision
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("cannot read the tags in %s (%s); they are read from the library", file, error)

    def _write(self, file: Path, catalogue: Catalogue) -> None:
        token = secrets.token_hex(16)
        try:
            catalogue.set_index_token(file, token)
            with atomic_write(file) as opened:
                np.savez(opened, stamp=self._stamp(token), revision=self._revision, ids=self._ids, bits=self._bits)
        except (RecsysError, OSError) as error:  # a full disk or a read-only folder costs time, not the result
            _log.info("cannot write the tags to %s: %s", file, error)

    def _stamp(self, token: str | None) -> str:
        """What a file must have that this version may use: which tracks have a tag may change with each version."""
        return " ".join(["recsys", __version__, f"{FEATURE_VERSION}", f"{token}", *self._words])
