"""The scorecard of a library: how good its similarity and its playlists are, beside baselines, with the split named.

Nothing is learned here, so nothing is held out. But the shipped projection has learned from some music; where that is
in the library the scores of recsys flatter, and the record says so (``scripts/score_peers.py`` learns it again
without the artists asked about).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.errors import NotFound
from recsys.evaluate.dislikes import DISLIKE_METRICS, score_dislikes
from recsys.evaluate.metrics import confidence_interval, retrieval, skewness
from recsys.evaluate.orderings import ORDERING_METRICS, score_orderings
from recsys.evaluate.similarity_models import SYSTEM, SimilarityModel, similarity_models
from recsys.evaluate.simulated_listeners import N_LISTENERS, recommenders, score_lists, simulate_listeners
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex

MAX_QUERIES = 20_000
HUBS = 10
HUB_OCCURRENCES = 200  # listeners of each kind, where playlists alone are scored
FORMAT = 1  # of the record
SPLIT = "every query into all other tracks; the same artist never counts for genre; nothing is learned here"
#: Metrics of similarity: name in the record, heading in the table.
METRICS = {
    "genre_p1": "genre P@1",
    "genre_p5": "genre P@5",
    "genre_p10": "genre P@10",
    "album_hit10": "album hit@10",
    "artist_r_precision": "artist R-prec.",
    "skew": "hub skew",
    "never": "never found",
}
#: Metrics of playlists likewise.
LIST_METRICS = {
    "recall": "recall@20",
    "r_precision": "R-precision",
    "ndcg": "NDCG@20",
    "alpha_ndcg": "α-NDCG@20",
    "tastes_met": "tastes met",
    "coverage": "coverage",
    "diversity": "diversity",
}

ProgressCallback = Callable[[str], None]


def scorecard(
    normalised: FloatArray,
    labelled: LabelledTracks,
    index: NearestIndex,
    ids: IdArray,
    *,
    edges: Callable[[Sequence[int]], TrackEdges] | None = None,
    training_overlap: int = 0,
    playlists: bool = False,
    on_progress: ProgressCallback = lambda _: None,
) -> dict[str, Any]:
    """The record of all scores: plain numbers, ready for JSON.

    Parameters
    ----------
    normalised : features (n, D)
    labelled, ids : of the same n tracks
    index : holds them
    edges : how tracks of some ids begin and end; None: orders are not scored
    training_overlap : how many of the tracks the shipped projection has learned from
    playlists : score playlists alone, for more listeners, and what dislikes do
    on_progress : hears what is being scored

    Raises
    ------
    NotFound
        Nothing is labelled: no genre and no artist has two tracks.
    """
    n = len(ids)
    _ensure_labelled(labelled)
    queries = np.arange(n)
    if n > MAX_QUERIES:
        queries = np.sort(np.random.default_rng(0).choice(n, MAX_QUERIES, replace=False))
    known = {name: len({label for label in labels if label}) for name, labels in _labels(labelled).items()}
    similarity: dict[str, dict[str, Any]] = {}
    ours: SimilarityModel | None = None
    hubs: list[dict[str, Any]] = []
    for space in similarity_models(normalised, labelled, index, ids):
        on_progress(space.name)
        if space.name == SYSTEM:
            ours = space
        if playlists:
            continue
        similarity[space.name], occurrences = _score(space, queries, labelled)
        if space.name == SYSTEM:
            hubs = _hubs(occurrences, labelled)
    assert ours is not None
    on_progress("playlists")
    count = HUB_OCCURRENCES if playlists else N_LISTENERS
    lists = _playlists(ours, index, ids, labelled, count)
    on_progress("orders")
    return {
        "format": FORMAT,
        "tracks": n,
        "queries": len(queries),
        "genres": known["genres"],
        "artists": known["artists"],
        "albums": known["albums"],
        "labels": labelled.source,
        "learned_from": training_overlap,
        "split": SPLIT,
        "metrics": METRICS,
        "similarity": similarity,
        "hubs": hubs,
        "list_metrics": LIST_METRICS,
        "listeners": count,
        "playlists": lists,
        "dislike_metrics": DISLIKE_METRICS,
        "aversions": score_dislikes(index, ids, labelled, count=count) if playlists else [],
        "order_metrics": ORDERING_METRICS,
        "orders": score_orderings(index, ids, labelled.tracks, edges) if edges else [],
    }


def _labels(labelled: LabelledTracks) -> dict[str, tuple[str | None, ...]]:
    return {"genres": labelled.genres, "artists": labelled.artists, "albums": labelled.albums}


def _ensure_labelled(labelled: LabelledTracks) -> None:
    for labels in _labels(labelled).values():
        known = [label for label in labels if label]
        if len(set(known)) < len(known):
            return
    raise NotFound(
        f"nothing can be scored: no two of the {len(labelled.tracks)} tracks share a genre, artist or album; "
        "give labels: recsys evaluate --labels FILE.csv (columns path and genre)"
    )


def _score(model: SimilarityModel, queries: IdArray, labelled: LabelledTracks) -> tuple[dict[str, Any], IdArray]:
    found = retrieval(model.scorer, queries, labelled.genres, labelled.artists, labelled.albums)
    artists = [labelled.artists[query] for query in queries.tolist()]
    single = {f"genre_p{k}": scores for k, scores in found.precision.items()}
    single |= {"album_hit10": found.album_hit, "artist_r_precision": found.artist_r_precision}
    scores: dict[str, Any] = {}
    for name, values in single.items():
        mean, low, high = confidence_interval(values, artists)
        if not np.isnan(mean):
            scores[name] = {"mean": mean, "low": low, "high": high, "queries": int(np.sum(~np.isnan(values)))}
    scores["skew"] = {"mean": skewness(found.occurrences)}
    scores["never"] = {"mean": float(np.mean(found.occurrences == 0))}
    return scores, found.occurrences


def _hubs(occurrences: IdArray, labelled: LabelledTracks) -> list[dict[str, Any]]:
    worst = np.argsort(-occurrences, kind="stable")[:HUBS].tolist()
    tracks = labelled.tracks
    return [
        {"id": tracks[i].id, "artist": tracks[i].artist, "title": tracks[i].title, "lists": int(occurrences[i])}
        for i in worst
        if occurrences[i]
    ]


def _playlists(
    model: SimilarityModel, index: NearestIndex, ids: IdArray, labelled: LabelledTracks, count: int
) -> list[dict[str, Any]]:
    rows = []
    for kind in ("artist", "genre"):
        for tastes in (1, 2, 3):
            asked = simulate_listeners(labelled, kind, tastes, count=count)
            if not asked:
                continue
            for name, maker in recommenders(model, index, ids, labelled).items():
                scores = score_lists(maker, asked, model.vectors)
                numbers = {metric: float(getattr(scores, metric)) for metric in LIST_METRICS}
                rows.append({"likes": f"{tastes} {kind}{'s' * (tastes > 1)}", "method": name, **numbers})
    return rows
