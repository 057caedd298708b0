"""What a job is asked to do, by kind: the bodies that the API accepts."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Folder = Annotated[str, Field(min_length=1, max_length=4096)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
ModelName = Annotated[str, Field(min_length=1, max_length=64)]
Algorithm = Literal["blend", "svm", "linear-svm", "forest", "logistic", "boosting", "knn"]
Features = Literal["descriptors", "embedding", "all"]
Labels = Literal["tags", "folders"]


class _Request(BaseModel, extra="forbid"):
    def parameters(self) -> dict[str, Any]:
        """Everything but the kind."""
        return self.model_dump(exclude={"kind"})


class IngestRequest(_Request):
    """Analyse what is new in folders of the server."""

    kind: Literal["ingest"]
    folders: list[Folder] = Field(min_length=1, max_length=100)


class RetryRequest(_Request):
    """Try the failed files again."""

    kind: Literal["retry"]


class PruneRequest(_Request):
    """Remove tracks whose files are gone; ``dry_run``, the default, only counts them."""

    kind: Literal["prune"]
    folders: list[Folder] = Field(default_factory=list, max_length=100)
    dry_run: bool = True
    force: bool = False


class RefreshRequest(_Request):
    """Make the files of saved playlists of the listener anew: those of some names, or all."""

    kind: Literal["refresh"]
    names: list[Name] = Field(default_factory=list, max_length=1000)


class TrainRequest(_Request):
    """Train a genre model on the labels of the library."""

    kind: Literal["train"]
    name: ModelName
    labels: Labels | None = None
    algorithm: Algorithm = "blend"
    features: Features = "embedding"
    replace: bool = False


class TuneRequest(_Request):
    """Search for the best genre model for some minutes."""

    kind: Literal["tune"]
    name: ModelName
    labels: Labels | None = None
    minutes: float = Field(default=10.0, ge=0.1, le=1440)
    seed: int = Field(default=0, ge=0, lt=2**31)
    replace: bool = False


class PredictRequest(_Request):
    """Activate a genre model, or keep the active one, and predict the genres of all tracks."""

    kind: Literal["predict"]
    name: ModelName | None = None


class EvaluateRequest(_Request):
    """Score the similarity and the playlists of the library."""

    kind: Literal["evaluate"]
    playlists: bool = False


class WatchRequest(_Request):
    """Ingest folders now and after every change, until it is cancelled."""

    kind: Literal["watch"]
    folders: list[Folder] = Field(min_length=1, max_length=100)


JobRequest = Annotated[
    IngestRequest | RetryRequest | PruneRequest | RefreshRequest | TrainRequest | TuneRequest | PredictRequest
    | EvaluateRequest | WatchRequest,
    Field(discriminator="kind"),
]  # fmt: skip
