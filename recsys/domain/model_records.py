"""Records of genre models, of tags in files, and of scorecards; see :mod:`recsys.domain.records`."""

from typing import Annotated, Any, NotRequired, TypedDict


class GenreModelRecord(TypedDict):
    """A genre model."""

    name: str
    version: int
    made: Annotated[str | None, "UTC, ISO 8601; null for the model that ships"]
    genres: list[str]
    algorithm: str
    features: str
    tracks: Annotated[int, "tracks in its training data"]
    labels: Annotated[str, "where they are from"]
    accuracy: Annotated[float | None, "out-of-fold"]
    fingerprint: Annotated[str | None, "hash of the training data"]
    feature_version: int | None
    active: Annotated[bool, "whether it predicts the genres of this library"]


class LabelIssueRecord(TypedDict):
    """A track whose label a genre model doubts."""

    id: int | None
    artist: str | None
    title: str | None
    path: str
    label: str
    predicted: str
    label_probability: float
    predicted_probability: float


class FieldChangeRecord(TypedDict):
    """A change of one field of a file's tags."""

    field: str
    old: str | None
    new: str


class FileChangeRecord(TypedDict):
    """The changes of the tags of a file."""

    path: str
    probability: Annotated[float | None, "of the genre; null for a label"]
    changes: list[FieldChangeRecord]


class SkippedFileRecord(TypedDict):
    """A file that is left as it is."""

    path: str
    reason: str


class TagPlanRecord(TypedDict):
    """The changes of tags in files, made or planned."""

    run: Annotated[int | None, "number of the run; null for a plan, which writes nothing"]
    written: Annotated[int, "files"]
    files: list[FileChangeRecord]
    folders: Annotated[int, "folders of these files"]
    kept: Annotated[list[FileChangeRecord], "fields with another value that is kept; `new` would replace it"]
    unchanged: Annotated[int, "files that have these values already"]
    kept_existing: Annotated[int, "files of which nothing else changes either"]
    agreeing: Annotated[int, "files with a genre that recsys has not written, and that is the predicted one"]
    label_conflicts: Annotated[int, "tracks whose label and prediction differ"]
    hard_links: Annotated[list[str], "paths of files to change whose other names (hard links) keep the former content"]
    below_threshold: Annotated[int, "tracks whose genre is not probable enough"]
    skipped: list[SkippedFileRecord]


class RestoredFieldsRecord(TypedDict):
    """A file of which the fields were restored, but not every byte."""

    path: str
    reason: str


class UndoRecord(TypedDict):
    """What was restored."""

    restored: Annotated[int, "files"]
    byte_identical: Annotated[int, "of these, files that are byte for byte as before"]
    fields_only: Annotated[list[RestoredFieldsRecord], "the others of these"]
    skipped: list[SkippedFileRecord]


class TagRunRecord(TypedDict):
    """A run that writes tags."""

    number: int
    at: Annotated[str, "UTC, ISO 8601"]
    files: int
    still_applied: Annotated[int, "files in which it has not been undone"]


class TrialRecord(TypedDict):
    """A candidate of tuning."""

    name: str
    tracks: int
    log_loss: float | None
    accuracy: float
    seconds: float
    chosen: bool
    failed: Annotated[str, "the reason, or empty"]


class SplitRecord(TypedDict):
    """How tracks were split into folds."""

    by: Annotated[str, "artist, album or track"]
    folds: int
    groups: int
    groups_by_kind: dict[str, int]
    tracks: int
    test: Annotated[int, "tracks in the first fold"]


class GenreScorecardRecord(TypedDict):
    """The scores of a genre model, out-of-fold; `scores` of each model have the keys of `genre evaluate`."""

    name: str
    version: int
    made: Annotated[str, "UTC, ISO 8601"]
    algorithm: str
    features: str
    feature_version: int
    labels: str
    fingerprint: str
    genres: list[str]
    same_artist_weight: Annotated[float, "weight of the other tracks of an artist; 0 is none"]
    threshold: Annotated[float, "below this probability a genre is “unknown”"]
    split: SplitRecord
    scores: Annotated[dict[str, Any], "accuracy, balanced_accuracy and f1_macro with intervals, genres, confusion …"]
    first_fold: Annotated[dict[str, Any], "the same of one fold alone"]
    baselines: Annotated[dict[str, Any], "the same of each baseline"]
    trials: Annotated[list[TrialRecord], "of tuning"]


class ComparisonRecord(TypedDict):
    """The accuracy of the replaced and of the new model on the same tracks."""

    before: float
    since: float
    tracks: int


class TrainingRecord(GenreScorecardRecord):
    """The scores of a model that was trained, and what became of it."""

    skipped_genres: Annotated[dict[str, str], "genres with too few tracks, and why"]
    replaced_version: Annotated[str | None, "the model that it replaces"]
    kept: Annotated[str | None, "the better active model, where the new one is discarded"]
    compared: ComparisonRecord | None


class ScorecardRecord(TypedDict):
    """The scores of the similarity and the playlists of a library; `metrics` … have the headings of the keys."""

    format: int
    tracks: int
    queries: int
    genres: int
    artists: int
    albums: int
    labels: str
    training_overlap: Annotated[int, "tracks that the shipped similarity was trained on"]
    split: str
    metrics: dict[str, str]
    similarity: Annotated[dict[str, Any], "scores of each method, with intervals"]
    hubs: Annotated[list[dict[str, Any]], "the tracks in most lists of ten"]
    list_metrics: dict[str, str]
    listeners: Annotated[int, "simulated listeners of each kind"]
    playlists: list[dict[str, Any]]
    dislike_metrics: dict[str, str]
    dislikes: list[dict[str, Any]]
    ordering_metrics: dict[str, str]
    orderings: list[dict[str, Any]]
    compared: NotRequired[Annotated[dict[str, Any], "only where it is compared with an earlier scorecard"]]
