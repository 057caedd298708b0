"""``recsys genre``: models on labels of one's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.options import Json
from recsys.cli.output import Column, escape, pluralise, print_json, print_status, print_table, score_cell
from recsys.cli.progress import counting, share_done
from recsys.cli.session import session
from recsys.cli.tag_writing import tag, undo

if TYPE_CHECKING:
    from recsys import GenreModels, TrainingResult

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="Which model.")]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="tags|folders|FILE.csv",
        help="Whose genres to learn; a csv has columns path and genre "
        "(default: what NAME learned from, else tags: the genre tags of the files).",
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help="Keep the new model even if NAME is in use and does better.")]
MaybeName = Annotated[
    str | None, typer.Argument(metavar="[NAME]", show_default=False, help="Which model; else the one in use.")
]

_MAX_TRIALS_SHOWN = 12


class Algorithm(StrEnum):
    """What can be trained."""

    blend = "blend"
    svm = "svm"
    linear_svm = "linear-svm"
    forest = "forest"
    logistic = "logistic"
    boosting = "boosting"
    knn = "knn"


class Features(StrEnum):
    """What it may see."""

    descriptors = "descriptors"
    embedding = "embedding"
    all = "all"


@app.callback(invoke_without_command=True)
def genre(context: typer.Context) -> None:
    """Train a genre model on your own labels, judge it, use it."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def train(
    context: typer.Context,
    name: Name,
    labels: Labels = None,
    algorithm: Annotated[Algorithm, typer.Option(help="How to learn.")] = Algorithm.blend,
    features: Annotated[Features, typer.Option(help="What to learn from.")] = Features.embedding,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Train a model on the tracks of the library, with scores on artists that it has not heard."""
    given = session(context)
    models = given.service().genre_models
    with _all_or_nothing(models, name), counting("training", quiet=given.quiet) as progress:
        trained = models.train(
            name, labels=labels, algorithm=algorithm.value, features=features.value, replace=replace, progress=progress
        )
    _show_trained(given.quiet, name, trained, json)


@app.command()
def tune(
    context: typer.Context,
    name: Name,
    labels: Labels = None,
    minutes: Annotated[float, typer.Option(metavar="M", help="About how long to search.")] = 10.0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, other candidates.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Candidates tried at a time (default: one a core).")
    ] = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Search algorithms and hyper-parameters for a better model; the search itself is judged on artists unheard."""
    given = session(context)
    models = given.service(jobs=jobs).genre_models
    with _all_or_nothing(models, name), share_done("tuning", quiet=given.quiet) as progress:
        trained = models.tune(name, labels=labels, seconds=60 * minutes, seed=seed, replace=replace, progress=progress)
    _show_trained(given.quiet, name, trained, json)


@contextmanager
def _all_or_nothing(models: "GenreModels", name: str) -> Iterator[None]:
    """Whoever interrupts it is told what stands."""
    before = models.current_version(name)
    try:
        yield
    except KeyboardInterrupt:
        print_status(f"nothing was kept; {before} stands as it was" if before else "nothing was kept")
        raise


def _show_trained(quiet: bool, name: str, trained: "TrainingResult", json: bool) -> None:
    for left, why in trained.skipped_genres.items():
        print_status(f"left out: {left} ({why})", quiet=quiet)
    if json:
        compared = trained.compared and trained.compared._asdict()
        outcome = {"replaced": trained.replaced_version, "kept": trained.kept, "compared": compared}
        print_json(trained.scores | {"dropped": trained.skipped_genres} | outcome)
        return
    _show(trained.scores)
    both = ""
    if trained.compared:
        both = (
            f" ({trained.compared.before:.3f} before, {trained.compared.since:.3f} now, on the same "
            f"{pluralise(trained.compared.tracks, 'track')})"
        )
    if trained.kept:
        print_status(
            f"{trained.kept} is in use, does better and stays{both}; --replace puts the new model in its place"
        )
        return
    if trained.replaced_version:
        print_status(f"it replaces {trained.replaced_version}{both}", quiet=quiet)
    print_status(f"use it: recsys genre use {name}, then recsys genre predict", quiet=quiet)


@app.command()
def evaluate(
    context: typer.Context,
    name: MaybeName = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write pictures and an HTML page into this folder.")
    ] = None,
    json: Json = False,
) -> None:
    """How good a model is on artists that it has not heard, beside baselines."""
    given = session(context)
    models = given.service().genre_models
    scores = models.evaluate(name)
    if report is not None:
        page, *_ = models.write_report(name, report)
        print_status(f"report written to {page}", quiet=given.quiet)
    if json:
        print_json(scores)
    else:
        _show(scores)


@app.command()
def suspects(
    context: typer.Context,
    name: MaybeName = None,
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    """Tracks whose label a model doubts most: what to listen to again."""
    found = session(context).service().genre_models.label_issues(name)[:n]
    if json:
        print_json([row._asdict() for row in found])
        return
    columns = [Column("label"), Column("%", right=True), Column("rather"), Column("%", right=True)]
    columns += [Column("id", right=True), *(Column(name, shrinkable=True) for name in ("artist", "title", "file"))]
    rows = [
        [
            s.label, f"{100 * s.label_probability:.0f}", s.predicted, f"{100 * s.predicted_probability:.0f}",
            s.id, s.artist or "–", s.title, s.path,
        ]
        for s in found
    ]  # fmt: skip
    print_table(columns, rows)


@app.command()
def models(context: typer.Context, json: Json = False) -> None:
    """The models there are."""
    found = session(context).service().genre_models.models()
    if json:
        print_json(found)
        return
    columns = [Column(""), Column("model"), Column("made"), Column("genres", right=True), Column("tracks", right=True)]
    columns += [Column("algorithm"), Column("accuracy", right=True), Column("labels", shrinkable=True)]
    rows = [
        [
            "*" if m["used"] else "", f"{m['name']} {m['version']}", (m["made"] or "shipped")[:10],
            len(m["genres"]), m["tracks"], m["algorithm"],
            "–" if m["accuracy"] is None else f"{m['accuracy']:.3f}", m["labels"],
        ]
        for m in found
    ]  # fmt: skip
    print_table(columns, rows)


@app.command()
def use(context: typer.Context, name: Name) -> None:
    """Let a model say the genres from now on; "default" is the one that ships."""
    given = session(context)
    given.service().genre_models.activate(name)
    print_status(f"{name} is in use; for the tracks that are there: recsys genre predict", quiet=given.quiet)


@app.command()
def predict(context: typer.Context, name: MaybeName = None) -> None:
    """Have the model in use, or NAME from now on, say the genre of every track; no audio is touched."""
    given = session(context)
    with counting("predicting", quiet=given.quiet) as progress:
        count = given.service().genre_models.predict(name, progress=progress)
    print_status(
        f"a new genre for {pluralise(count, 'track')}" if count else "every track has its genre already",
        quiet=given.quiet,
    )


@app.command()
def delete(context: typer.Context, name: Name) -> None:
    """Remove a model that is not in use; the genres it has given stay."""
    given = session(context)
    given.service().genre_models.delete(name)
    print_status(f"{name} is deleted", quiet=given.quiet)


app.command()(tag)
app.command()(undo)


def _show(card: dict[str, Any]) -> None:
    from recsys import genre_messages

    split, scores = card["split"], card["scores"]
    print(
        escape(
            f"{card['name']} {card['version']}: {card['algorithm']} on {card['features']}; "
            f"{pluralise(split['tracks'], 'track')}, {len(card['genres'])} genres, "
            f"{pluralise(split['groups'], split['by'])}; labels: {card['labels']}"
        )
    )
    print(
        f"{split['folds']} folds by {split['by']}, stratified by genre: no {split['by']} that is judged was learned "
        f"from; 95 % intervals by bootstrap over {split['by']}s\n"
        if split["by"] != "track"
        else f"{split['folds']} folds of single tracks: neither artists nor albums are known, so the scores flatter\n"
    )
    alone = [f"{n} by {kind}" for kind, n in split["tracks_by"].items() if kind != split["by"]]
    if alone and split["by"] != "track":
        print_status(f"careful: not every track has an artist; {' and '.join(alone)} alone")
    columns = [
        Column("model"),
        *(Column(h, right=True) for h in ("accuracy", "balanced", "macro F1", "calibration error")),
    ]
    rows = [_row(f"{card['name']} {card['version']}", scores)]
    rows += [_row(name, other) for name, other in card["baselines"].items()]
    print_table(columns, rows)
    print()
    heads = [Column("genre"), *(Column(h, right=True) for h in ("tracks", "precision", "recall", "F1"))]
    kinds = [
        [name, s["tracks"], f"{s['precision']:.3f}", f"{s['recall']:.3f}", f"{s['f1']:.3f}"]
        for name, s in scores["genres"].items()
    ]
    kinds += [
        [f"{name} mean", scores["tracks"], f"{s['precision']:.3f}", f"{s['recall']:.3f}", f"{s['f1']:.3f}"]
        for name, s in scores["means"].items()
    ]
    print_table(heads, kinds)
    print("\nconfusion: rows are labels, columns what was said")
    print_table(
        [Column(""), *(Column(g, right=True) for g in card["genres"])],
        [[g, *(n or "·" for n in row)] for g, row in zip(card["genres"], scores["confusion"], strict=True)],
    )
    surest = ", ".join(f"{c['accuracy']:.3f} of the surest {c['coverage']:.0%}" for c in scores["coverage"])
    print(f"\naccuracy: {surest}")
    print(genre_messages.rejection_message(card))
    if card["company"]:
        print(genre_messages.context_message(card))
    test, tracks = card["test"], pluralise(card["test"]["tracks"], "track")
    print(f"the first fold: {score_cell(test['accuracy'])} of {tracks}; {genre_messages.FIRST_FOLD}")
    if card["tried"]:
        _show_trials(card)


def _show_trials(card: dict[str, Any]) -> None:
    """The best of what tuning tried, in the order of their log loss."""
    from recsys import genre_messages

    tried = card["tried"]
    print(
        f"\ntried: {len({t['name'] for t in tried})} candidates, "
        f"{sum(t['tracks'] == tried[0]['tracks'] for t in tried)} of them on all {tried[0]['tracks']} tracks; "
        "* chosen; --json has all"
    )
    columns = [Column(""), Column("candidate"), *(Column(h, right=True) for h in ("tracks", "log loss", "accuracy"))]
    kept = [t for t in tried if t["chosen"]]
    shown = kept + [t for t in tried if not t["chosen"]][: _MAX_TRIALS_SHOWN - len(kept)]
    print_table(
        columns,
        [
            ["*" if t["chosen"] else "", t["name"], t["tracks"], f"{t['log_loss']:.3f}", f"{t['accuracy']:.3f}"]
            for t in shown
            if not t["failed"]
        ],
    )
    for t in tried:
        if t["failed"]:
            print_status(f"failed: {t['name']} ({t['failed']})")
    if genre_messages.tuning_kept_default(card):
        print(genre_messages.NO_IMPROVEMENT)


def _row(name: str, scores: dict[str, Any]) -> list[str]:
    cells = [score_cell(scores[key]) for key in ("accuracy", "balanced_accuracy", "f1_macro")]
    return [name, *cells, f"{scores['calibration_error']:.3f}"]
