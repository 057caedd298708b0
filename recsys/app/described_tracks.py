"""The moods and tags of all analysed tracks, as a server keeps them: to read every vector takes seconds each time."""

from collections.abc import Iterable
from threading import Lock

import numpy as np

from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray


class DescribedTracks:
    """A bit for each mood and tag of each track, of a catalogue that stays open; only new vectors are read again."""

    def __init__(self) -> None:
        from recsys.genre.moods import MOODS
        from recsys.genre.tags import tag_names

        self._words = (*MOODS, *(name for name in tag_names() if name not in MOODS))
        self._ids: IdArray = np.empty(0, np.int64)
        self._bits = np.empty((0, -(-len(self._words) // 8)), np.uint8)
        self._revision = 0
        self._lock = Lock()

    def with_words(self, catalogue: Catalogue, words: Iterable[str]) -> IdArray:
        """Ids, ascending, of the tracks that have all of these moods and tags, those that were removed included."""
        with self._lock:
            self._update(catalogue)
            ids, bits = self._ids, self._bits
        passing = np.ones(len(ids), np.bool_)
        for column in map(self._words.index, words):
            passing &= (bits[:, column // 8] >> (7 - column % 8)) & 1 == 1
        return ids[passing]

    def _update(self, catalogue: Catalogue) -> None:
        revision = catalogue.vector_revision()  # first: what is written meanwhile is read again, not missed
        if revision == self._revision:
            return
        found = [
            (ids, self._describe(vectors)) for ids, vectors in catalogue.vector_batches(since=self._revision, raw=True)
        ]
        ids = np.concatenate([*(ids for ids, _ in found), self._ids])
        bits = np.concatenate([*(each for _, each in found), self._bits])
        self._ids, first = np.unique(ids, return_index=True)  # the new bits of a track are before the former ones
        self._bits, self._revision = bits[first], revision

    def _describe(self, vectors: FloatArray) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
        from recsys.features.schema import GROUPS
        from recsys.genre.moods import MOODS, described_by
        from recsys.genre.tags import has_tags

        moods = described_by(vectors)
        tags = has_tags(vectors[:, GROUPS["tags"]], self._words[len(MOODS) :])
        return np.packbits(np.hstack([moods, tags]), axis=1)
