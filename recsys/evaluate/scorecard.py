"""The scorecard of a library: scores of its similarity and playlists, compared with baselines.

Nothing is fitted here, so nothing is held out. But the shipped projection was fitted to some public music; if that is
in the library, the scores of recsys are optimistic, and the record has the number of such tracks
(``scripts/score_peers.py`` fits the projection without the artists of the queries).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.errors import Hint, NotFound, pluralise
from recsys.evaluate.dislikes import DISLIKE_METRICS, score_dislikes
from recsys.evaluate.metrics import confidence_interval, retrieval, skewness
from recsys.evaluate.orderings import ORDERING_METRICS, score_orderings
from recsys.evaluate.similarity_models import SYSTEM, Features, SimilarityModel, similarity_models, system_model
from recsys.evaluate.simulated_listeners import N_LISTENERS, recommenders, score_lists, simulate_listeners
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex

MAX_QUERIES = 5_000  # all tracks of a smaller library; the intervals of a share are at most ±0.014 for these
HUBS = 10
N_LISTENERS_PLAYLISTS_ONLY = 200  # of each kind, where only playlists are scored
FORMAT = 2  # of the record
SPLIT = "every query into all other tracks; the same artist never counts for genre; nothing is learned here"
#: Metrics of similarity: key in the record: heading of the table.
METRICS = {
    "genre_p1": "genre P@1",
    "genre_p5": "genre P@5",
    "genre_p10": "genre P@10",
    "album_hit10": "album hit@10",
    "artist_r_precision": "artist R-prec.",
    "skew": "hub skew",
    "never_recommended": "never found",
}
#: Metrics of playlists: key in the record: heading of the table.
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
    normalised: Features,
    labelled: LabelledTracks,
    index: NearestIndex,
    ids: IdArray,
    *,
    edges: Callable[[Sequence[int]], TrackEdges] | None = None,
    training_overlap: int = 0,
    playlists: bool = False,
    on_progress: ProgressCallback = lambda _: None,
) -> dict[str, Any]:
    """All scores of a library as a record of plain values, ready for JSON.

    Parameters
    ----------
    normalised
        Normalised feature vectors (n, D), or a function that reads some dimensions of them.
    labelled, ids
        The same n tracks, in the same order.
    index
        Contains all ``ids``.
    edges
        Returns the features of the beginnings and ends of tracks by id; None: orderings are not scored.
    training_overlap
        Number of tracks that the shipped projection was fitted to.
    playlists
        Score only playlists, for more listeners, and dislikes.
    on_progress
        Called with the name of each part before it is scored.

    Raises
    ------
    NotFound
        If no two tracks have the same genre, artist or album.
    """
    n = len(ids)
    _ensure_labelled(labelled)
    queries = np.arange(n)
    if n > MAX_QUERIES:
        queries = np.sort(np.random.default_rng(0).choice(n, MAX_QUERIES, replace=False))
    counts = {name: len({label for label in labels if label}) for name, labels in _labels(labelled).items()}
    similarity: dict[str, dict[str, Any]] = {}
    hubs: list[dict[str, Any]] = []
    for model in () if playlists else similarity_models(normalised, labelled, index, ids):
        on_progress(model.name)
        similarity[model.name], occurrences = _score(model, queries, labelled)
        if model.name == SYSTEM:
            hubs = _hubs(occurrences, labelled)
        del model  # before the next one is made, which is as large
    on_progress("playlists")
    count = N_LISTENERS_PLAYLISTS_ONLY if playlists else N_LISTENERS
    lists = _playlists(system_model(index, ids), index, ids, labelled, count)
    on_progress("orderings")
    return {
        "format": FORMAT,
        "tracks": n,
        "queries": len(queries),
        "genres": counts["genres"],
        "artists": counts["artists"],
        "albums": counts["albums"],
        "labels": labelled.source,
        "training_overlap": training_overlap,
        "split": SPLIT
        if len(queries) == n
        else SPLIT.replace("every query", f"a sample of {pluralise(len(queries), 'query', 'queries')}"),
        "metrics": METRICS,
        "similarity": similarity,
        "hubs": hubs,
        "list_metrics": LIST_METRICS,
        "listeners": count,
        "playlists": lists,
        "dislike_metrics": DISLIKE_METRICS,
        "dislikes": score_dislikes(index, ids, labelled, count=count) if playlists else [],
        "ordering_metrics": ORDERING_METRICS,
        "orderings": score_orderings(index, ids, labelled.tracks, edges) if edges else [],
    }


def _labels(labelled: LabelledTracks) -> dict[str, tuple[str | None, ...]]:
    return {"genres": labelled.genres, "artists": labelled.artists, "albums": labelled.albums}


def _ensure_labelled(labelled: LabelledTracks) -> None:
    for labels in _labels(labelled).values():
        known = [label for label in labels if label]
        if len(set(known)) < len(known):
            return
    raise NotFound(
        f"nothing can be scored: no two of {pluralise(len(labelled.tracks), 'track')} share a genre, artist or album",
        hint=Hint.GIVE_LABELS,
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
    scores["never_recommended"] = {"mean": float(np.mean(found.occurrences == 0))}
    return scores, found.occurrences


def _hubs(occurrences: IdArray, labelled: LabelledTracks) -> list[dict[str, Any]]:
    most_frequent = np.argsort(-occurrences, kind="stable")[:HUBS].tolist()
    tracks = labelled.tracks
    return [
        {"id": tracks[i].id, "artist": tracks[i].artist, "title": tracks[i].title, "lists": int(occurrences[i])}
        for i in most_frequent
        if occurrences[i]
    ]


def _playlists(
    model: SimilarityModel, index: NearestIndex, ids: IdArray, labelled: LabelledTracks, count: int
) -> list[dict[str, Any]]:
    rows = []
    for kind in ("artist", "genre"):
        for tastes in (1, 2, 3):
            listeners = simulate_listeners(labelled, kind, tastes, count=count)
            if not listeners:
                continue
            for name, recommender in recommenders(model, index, ids, labelled).items():
                scores = score_lists(recommender, listeners, model.vectors)
                numbers = {metric: float(getattr(scores, metric)) for metric in LIST_METRICS}
                intervals = {metric: list(limits) for metric, limits in scores.intervals.items()}
                rows.append({"likes": pluralise(tastes, kind), "method": name, **numbers, "intervals": intervals})
    return rows
