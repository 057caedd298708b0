"""``recsys genre``: genre models trained on your own labels."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.genre_scores import show_scores
from recsys.cli.options import Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table
from recsys.cli.progress import count_progress, share_progress
from recsys.cli.session import session
from recsys.cli.tag_writing import tag, undo

if TYPE_CHECKING:
    from recsys import GenreModels, TrainingResult

app = typer.Typer()

ModelName = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The name of the model.")]
OptionalModelName = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", show_default=False, help="The name of the model; by default the active one."),
]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="tags|folders|FILE.csv",
        help="The genre labels: genre tags of the files, names of folders, or a CSV file with the columns path and "
        "genre (default: those of the present model NAME, else tags).",
    ),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Keep the new model even if NAME is active and more accurate.")
]


class Algorithm(StrEnum):
    """The algorithm of a model."""

    blend = "blend"
    svm = "svm"
    linear_svm = "linear-svm"
    forest = "forest"
    logistic = "logistic"
    boosting = "boosting"
    knn = "knn"


class Features(StrEnum):
    """The features of a model."""

    descriptors = "descriptors"
    embedding = "embedding"
    all = "all"


@app.callback(invoke_without_command=True)
def genre(context: typer.Context) -> None:
    """Train, evaluate and use genre models on your own labels; write genres into tags."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def train(
    context: typer.Context,
    name: ModelName,
    labels: Labels = None,
    algorithm: Annotated[Algorithm, typer.Option(help="The algorithm.")] = Algorithm.blend,
    features: Annotated[Features, typer.Option(help="The features.")] = Features.embedding,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Train a model on the tracks of the library, and show cross-validated scores."""
    given = session(context)
    models = given.library().genre_models
    with _report_interrupt(models, name), count_progress("training", quiet=given.quiet) as progress:
        result = models.train(
            name, labels=labels, algorithm=algorithm.value, features=features.value, replace=replace, progress=progress
        )
    _show_result(name, result, json=json, quiet=given.quiet)


@app.command()
def tune(
    context: typer.Context,
    name: ModelName,
    labels: Labels = None,
    minutes: Annotated[float, typer.Option(metavar="M", help="The approximate duration of the search.")] = 10.0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, other candidates.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Candidates in parallel (default: one for each core).")
    ] = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Search algorithms and hyper-parameters for a better model; the search is cross-validated as a whole."""
    given = session(context)
    models = given.library(jobs=jobs).genre_models
    with _report_interrupt(models, name), share_progress("tuning", quiet=given.quiet) as progress:
        result = models.tune(name, labels=labels, minutes=minutes, seed=seed, replace=replace, progress=progress)
    _show_result(name, result, json=json, quiet=given.quiet)


@contextmanager
def _report_interrupt(models: "GenreModels", name: str) -> Iterator[None]:
    """Report on Ctrl-C that no model was stored."""
    before = models.current_version(name)
    try:
        yield
    except KeyboardInterrupt:
        print_status(f"no model was stored; {before} is unchanged" if before else "no model was stored")
        raise


def _show_result(name: str, result: "TrainingResult", *, json: bool, quiet: bool) -> None:
    for genre, reason in result.skipped_genres.items():
        print_status(f"skipped genre: {genre} ({reason})", quiet=quiet)
    if json:
        print_json(result.to_dict())
        return
    show_scores(result.scores)
    scores = ""
    if result.compared:
        scores = (
            f" (accuracy {result.compared.before:.3f} before, {result.compared.since:.3f} now, on the same "
            f"{pluralise(result.compared.tracks, 'track')})"
        )
    if result.kept:
        print_status(f"{result.kept} is active and more accurate, and is kept{scores}; replace it with --replace")
        return
    if result.replaced_version:
        print_status(f"the new model replaces {result.replaced_version}{scores}", quiet=quiet)
    print_status(f"use it with: recsys genre use {name}, then: recsys genre predict", quiet=quiet)


@app.command()
def evaluate(
    context: typer.Context,
    name: OptionalModelName = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write an HTML page with pictures to this folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the cross-validated scores of a model, with baselines."""
    given = session(context)
    models = given.library().genre_models
    scores = models.evaluate(name)
    if report is not None:
        page, *_ = models.write_report(name, report)
        print_status(f"report written to {page}", quiet=given.quiet)
    if json:
        print_json(scores)
    else:
        show_scores(scores)


@app.command()
def suspects(
    context: typer.Context,
    name: OptionalModelName = None,
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    """List the tracks whose genre label is most probably wrong."""
    found = session(context).library().genre_models.label_issues(name, limit=n)
    if json:
        print_json([issue.to_dict() for issue in found])
        return
    columns = [Column("label"), Column("%", right=True), Column("predicted"), Column("%", right=True)]
    columns += [Column("id", right=True), *(Column(name, shrinkable=True) for name in ("artist", "title", "file"))]
    rows = [
        [
            issue.label, f"{100 * issue.label_probability:.0f}", issue.predicted,
            f"{100 * issue.predicted_probability:.0f}", issue.id, issue.artist or "–", issue.title, issue.path,
        ]
        for issue in found
    ]  # fmt: skip
    print_table(columns, rows)


@app.command()
def models(context: typer.Context, json: Json = False) -> None:
    """List the genre models."""
    found = session(context).library().genre_models.list()
    if json:
        print_json(found)
        return
    columns = [Column(""), Column("model"), Column("made"), Column("genres", right=True), Column("tracks", right=True)]
    columns += [Column("algorithm"), Column("accuracy", right=True), Column("labels", shrinkable=True)]
    rows = [
        [
            "*" if m["active"] else "", f"{m['name']} {m['version']}", (m["made"] or "shipped")[:10],
            len(m["genres"]), m["tracks"], m["algorithm"],
            "–" if m["accuracy"] is None else f"{m['accuracy']:.3f}", m["labels"],
        ]
        for m in found
    ]  # fmt: skip
    print_table(columns, rows)


@app.command()
def use(context: typer.Context, name: ModelName) -> None:
    """Activate a model: it predicts the genres of new tracks; "default" is the one that ships."""
    given = session(context)
    given.library().genre_models.activate(name)
    print_status(f"{name} is active; predict the genres of all tracks with: recsys genre predict", quiet=given.quiet)


@app.command()
def predict(context: typer.Context, name: OptionalModelName = None) -> None:
    """Predict the genre of every track with the active model, or activate NAME first; reads no audio."""
    given = session(context)
    with count_progress("predicting", quiet=given.quiet) as progress:
        count = given.library().genre_models.predict(name, progress=progress)
    print_status(
        f"genre of {pluralise(count, 'track')} predicted" if count else "the genres of all tracks are up to date",
        quiet=given.quiet,
    )


@app.command()
def delete(context: typer.Context, name: ModelName) -> None:
    """Delete a model that is not active; the genres that it predicted are kept."""
    given = session(context)
    given.library().genre_models.delete(name)
    print_status(f"{name} is deleted", quiet=given.quiet)


app.command()(tag)
app.command()(undo)
