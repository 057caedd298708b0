"""The scorecard of a library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys.app.context import Library


def evaluate(
    library: Library, *, labels: Path | None, compare: Path | None, playlists: bool, progress: Callable[[str], None]
) -> dict[str, Any]:
    """The scorecard of the library; see :meth:`recsys.app.library.Service.evaluate`.

    Raises
    ------
    NothingFound, UsageError
    """
    from recsys.evaluate.compare import compared, read_scorecard
    from recsys.evaluate.scorecard import scorecard
    from recsys.metadata.labels import labels_from_table, labels_from_tags
    from recsys.recommend.projection import projection

    old = read_scorecard(compare) if compare else None  # before minutes are spent
    with library.open() as catalogue:
        index = library.index(catalogue, whole=True)
        ids = index.among(catalogue.ids())
        tracks = list(catalogue.get(ids.tolist()).values())
        ours = catalogue.journal.genres()
        labelled = labels_from_table(tracks, labels) if labels else labels_from_tags(tracks, ours)
        learned = len(catalogue.find(projection().labelled))
        vectors = catalogue.vectors_of(ids.tolist())
        card = scorecard(
            vectors, labelled, index, ids,
            edges=catalogue.edges, learned_from=learned, playlists=playlists, tell=progress,
        )  # fmt: skip
    return {**card, "compared": compared(card, old)} if old else card
