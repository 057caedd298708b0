"""Genre models of one's own: training on the tracks of a library, judging, choosing one, and using it.

The models lie in the folder ``models`` of the home, each a file; ``used`` there names the one that says the genres of
this library. All of it works on stored vectors: no audio is touched.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys.app.active_model import place, used
from recsys.app.context import Library
from recsys.app.validation import at_least
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.errors import ModelError, NothingFound, RecsysError, UsageError
from recsys.genre import DEFAULT_MODEL

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.trained_model import Comparison, TrainedModel

_log = logging.getLogger(__name__)

SHIPPED = "the model that ships, as it is"
TUNING_SECONDS = 600.0


class Trained(NamedTuple):
    """What a training gave: scores as :func:`recsys.genre.scores.scored` has them; the genres left out, and why.

    ``replaced`` is the model, "mine 1", in whose place the new one stands; ``kept`` the one in use that does better and
    stays, the new one being given up. ``compared`` is how the two did on the same tracks, None where that is unknown.
    """

    scores: dict[str, Any]
    dropped: dict[str, str]
    replaced: str | None = None
    kept: str | None = None
    compared: "Comparison | None" = None


class Suspect(NamedTuple):
    """A track whose label a model doubts: what was given, what the model says, the probability it gives to both.

    ``id`` and the names are None where the library knows the path no more.
    """

    id: int | None
    artist: str | None
    title: str | None
    path: str
    given: str
    said: str
    given_probability: float
    said_probability: float


@dataclass(frozen=True, slots=True)
class GenreModels:
    """The genre models beside a library."""

    library: Library

    @property
    def folder(self) -> Path:
        """Where the models lie."""
        return self.library.settings.home / "models"

    # Making models

    def train(
        self,
        name: str,
        *,
        labels: str | None = None,
        algorithm: str = "blend",
        features: str = "embedding",
        replace: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Trained:
        """Train a model and keep it as ``name``.

        ``labels`` are "tags", "folders" or a csv with the columns path and genre; without them those that a model of
        this name has learned from, else "tags". A model of this name that is in use and does better on the same tracks
        stays, unless ``replace``: see :func:`recsys.genre.trained_model.compare`.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.genre.algorithms import recipe
        from recsys.genre.training import train

        recipe(algorithm, features)  # what is wrong is said before the library is read
        return self._learn(
            name, labels, replace,
            lambda lesson: train(algorithm=algorithm, features=features, progress=progress, **lesson),
        )  # fmt: skip

    def tune(
        self,
        name: str,
        *,
        labels: str | None = None,
        seconds: float = TUNING_SECONDS,
        seed: int = 0,
        replace: bool = False,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> Trained:
        """Search algorithms and hyper-parameters for about so many seconds, and keep the best as ``name``.

        The scores are those of the whole search, run for each fold without it. ``labels`` and ``replace``
        as for :meth:`train`.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.genre.training import tune
        from recsys.ingest.executors import available_cores

        at_least("--minutes", seconds / 60, 0.1)
        at_least("--seed", seed, 0)
        jobs = self.library.settings.jobs or available_cores()
        return self._learn(
            name, labels, replace,
            lambda lesson: tune(seconds=seconds, jobs=jobs, seed=seed, progress=progress, **lesson),
        )  # fmt: skip

    def _learn(
        self, name: str, labels: str | None, replace: bool, make: "Callable[[dict[str, Any]], TrainedModel]"
    ) -> Trained:
        from recsys.app.training_data import examples_of, said_by_default
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.model_store import path_of, save
        from recsys.genre.scores import scored
        from recsys.genre.trained_model import compare
        from recsys.genre.training_set import labels_by_path, usable

        path = path_of(self.folder, name)
        before = _described(path)
        with self.library.open() as catalogue:
            examples, dropped = usable(examples_of(catalogue, labels or before.get("labels") or "tags"))
            others = {SHIPPED: said_by_default(catalogue, examples)}
            version = 1 + max(before.get("version", 0), *_versions(name, catalogue.genre_models()))
        model = make(
            {
                "name": name, "examples": examples, "others": others,
                "feature_version": FEATURE_VERSION, "version": version,
            }
        )  # fmt: skip
        standing = f"{name} {before['version']}" if before else None
        old = self._standing(name) if before and name == self.used() else None
        compared = compare(old, model, labels_by_path(examples)) if old else None
        if compared and compared.before > compared.since and not replace:
            return Trained(scored(model), dropped, kept=standing, compared=compared)
        save(model, self.folder)
        return Trained(scored(model), dropped, standing, compared=compared)

    def _standing(self, name: str) -> "TrainedModel | None":
        """The model of this name with its answers; None where it cannot be read."""
        try:
            return self._load(name)
        except (ModelError, NothingFound):
            return None

    def standing(self, name: str) -> str | None:
        """The model of this name with its version, "mine 1"; None where there is none that can be read.

        Raises
        ------
        UsageError
        """
        from recsys.genre.model_store import path_of

        found = _described(path_of(self.folder, name))
        return f"{name} {found['version']}" if found else None

    def delete(self, name: str) -> None:
        """Remove a model for good; the genres that it has given stay.

        Raises
        ------
        NothingFound
            There is none.
        UsageError
            It is in use.
        """
        from recsys.genre.model_store import path_of

        if name == DEFAULT_MODEL:
            raise UsageError("the default model ships with recsys and is not deleted")
        path = path_of(self.folder, name)
        if name == self.used():
            raise UsageError(f"{name} is in use; choose another first: recsys genre use default")
        try:
            path.unlink()
        except FileNotFoundError:
            raise NothingFound(f"there is no genre model {name!r}; see: recsys genre models") from None
        except OSError as error:
            raise UsageError(f"cannot delete {path}: {error.strerror}") from error

    # Judging them

    def evaluate(self, name: str | None = None) -> dict[str, Any]:
        """The scores of a model, by default of the one in use, as :func:`recsys.genre.scores.scored` has them.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.genre.scores import scored

        return scored(self._taught(name))

    def write_report(self, name: str | None, folder: Path) -> list[Path]:
        """Write pictures of :meth:`evaluate` and one HTML page with all of it into a folder; what was written.

        Raises
        ------
        NothingFound, ModelError, UsageError
        """
        from recsys.plots.genre_page import Doubt
        from recsys.plots.genre_report import write_report

        card = self.evaluate(name)
        doubts = [Doubt(s.path, s.artist, s.title or Path(s.path).name, *s[4:]) for s in self.suspects(name)]
        try:
            return write_report(card, folder, doubts)
        except OSError as error:
            raise UsageError(f"cannot write the report to {folder}: {error.strerror}") from error

    def suspects(self, name: str | None = None) -> list[Suspect]:
        """Tracks whose label a model doubts that has not heard their artist, the most doubted first.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.genre.trained_model import suspects

        found = suspects(self._taught(name))
        with self.library.open() as catalogue:
            ids = catalogue.ids_at(path for path, *_ in found)
            tracks = catalogue.get(ids.values())
        rows = []
        for row in found:
            known = tracks.get(ids.get(row[0], 0))
            named = Suspect(None, None, None, *row)
            rows.append(named._replace(id=known.id, artist=known.artist, title=known.title) if known else named)
        return rows

    def _taught(self, name: str | None) -> "TrainedModel":
        """A model that has learned from labels of the library, by default the one in use."""
        name = name or self.used()
        if name == DEFAULT_MODEL:
            raise NothingFound(
                "name a model of yours: the default one has learned from none of your labels; see recsys genre models"
            )
        return self._load(name)

    # Choosing one

    def models(self) -> list[dict[str, Any]]:
        """Every model: name, version, when and from what it was made, its accuracy, and whether it is in use."""
        from recsys.genre.model import default_model
        from recsys.genre.model_store import describe, names, path_of

        used, default = self.used(), default_model()
        found: list[dict[str, Any]] = [
            {
                "name": DEFAULT_MODEL, "version": default.version, "made": None, "genres": list(default.genres),
                "algorithm": "discriminant and softmax", "features": "tags", "tracks": len(default.trained_on),
                "labels": "GTZAN, Emotify and AllMusic 4Q", "accuracy": None, "fingerprint": None,
                "feature_version": None,
                "used": used == DEFAULT_MODEL,
            }
        ]  # fmt: skip
        for name in names(self.folder):
            try:
                facts = describe(path_of(self.folder, name))
            except RecsysError as error:  # the others are there all the same
                _log.warning("%s", error)
                continue
            kept = (
                "name",
                "tracks",
                "accuracy",
                "version",
                "made",
                "genres",
                "algorithm",
                "features",
                "fingerprint",
                "feature_version",
            )
            found.append({key: facts[key] for key in kept} | {"labels": facts["source"], "used": used == name})
        return found

    def used(self) -> str:
        """The name of the model in use."""
        return used(self.folder)

    def in_use(self, name: str | None) -> Callable[[FloatArray, FloatArray], list[GenrePrediction]]:
        """What a model, by default the one in use, says of raw and normalised vectors (n, D).

        Raises
        ------
        NothingFound, ModelError
        """
        name = name or self.used()
        if name == DEFAULT_MODEL:
            from recsys.features.schema import GROUPS
            from recsys.genre.model import predict

            return lambda raw, _normalised: predict(raw[:, GROUPS["tags"]])
        model = self._load(name, answered=False)
        return lambda _raw, normalised: model.predict(normalised)

    def use(self, name: str) -> None:
        """Let this model say the genres from now on; :meth:`predict` has it say them of what is there.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.atomic import replacing

        if name != DEFAULT_MODEL:
            self._load(name, answered=False)  # what cannot be read cannot be used
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(place(self.folder)) as file:
            file.write(f"{name}\n".encode())

    # Using it

    def predict(
        self, name: str | None = None, *, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> int:
        """Have the model in use say the genre of every track that it has not said it of; how many.

        Where company counts, the other tracks of their artists are named anew too, which are not counted.

        With a ``name``, that one is used from now on: a library has its genres from one model.

        Raises
        ------
        NothingFound, ModelError
        """
        if name:
            self.use(name)
        from recsys.app.moods import fill_moods

        with self.library.open() as catalogue:
            fill_moods(catalogue)
            return self._fill(catalogue, self.used(), progress)

    def catch_up(self, catalogue: "Catalogue") -> None:
        """What came since is named by the model in use; ingest has named it by the default one."""
        if (used := self.used()) == DEFAULT_MODEL:
            return
        try:
            self._fill(catalogue, used, lambda _done, _all: None)
        except RecsysError as error:  # what was asked for is done; the new tracks have the default model's genre
            _log.warning("%s", error)

    def _fill(self, catalogue: "Catalogue", name: str, progress: Callable[[int, int], None]) -> int:
        from recsys.app.genre_prediction import name_by, name_by_default

        if name == DEFAULT_MODEL:
            return name_by_default(catalogue, progress)
        return name_by(self._load(name, answered=False), catalogue, progress)

    def _load(self, name: str, *, answered: bool = True) -> "TrainedModel":
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.model_store import load, path_of

        return load(path_of(self.folder, name), FEATURE_VERSION, answered=answered)


def _described(path: Path) -> dict[str, Any]:
    """What the model there says of itself; nothing where there is none, or none that can be read."""
    from recsys.genre.model_store import describe

    try:
        return describe(path)
    except (ModelError, NothingFound):
        return {}


def _versions(name: str, models: Iterable[str]) -> Iterator[int]:
    """The versions of a model of this name among those that predictions name, and 0: its file may be gone."""
    yield 0
    for model in models:
        own, _, version = model.rpartition(" ")
        if own == name and version.isascii() and version.isdecimal():
            yield int(version)
