"""``recsys evaluate`` and ``recsys export``: scores of a library, and its neighbours for other programs."""

from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.options import Json, MaxPerArtist
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table, score_cell
from recsys.cli.session import session
from recsys.cli.waiting import waiting_for

export = typer.Typer()

_SHARES = ("reduction", "far_changed")  # metrics of dislikes in per cent


def evaluate(
    context: typer.Context,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="Genre labels: columns path and genre; by default the genre tags of the files."
        ),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="OTHER.json", help="An earlier scorecard (--json) to compare with.")
    ] = None,
    playlists: Annotated[
        bool, typer.Option("--playlists", help="Only playlists, for more simulated listeners, and dislikes.")
    ] = False,
    json: Json = False,
) -> None:
    """Score the similarity, the playlists and their order on this library, with baselines."""
    given = session(context)

    def report(part: str) -> None:
        waiting_for(f"scoring {part}")
        print_status(f"scoring {part}", quiet=given.quiet or not given.verbose)

    waiting_for("reading the library")
    card = given.library().evaluate(labels=labels, compare=compare, playlists=playlists, on_progress=report)
    if json:
        print_json(card)
        return
    _show(card)
    if "compared" in card:
        _show_comparison(card["compared"], card["metrics"])


def _show(card: dict[str, Any]) -> None:
    print(
        f"{pluralise(card['tracks'], 'track')}, {pluralise(card['queries'], 'query', 'queries')}; "
        f"{pluralise(card['genres'], 'genre')}, {pluralise(card['artists'], 'artist')}, "
        f"{pluralise(card['albums'], 'album')}; labels: {card['labels']}"
    )
    print(f"{card['split']}; 95 % intervals by bootstrap over artists\n")
    if card["training_overlap"]:
        print_status(
            f"warning: the similarity was trained on {card['training_overlap']} of these tracks, "
            "which raises the scores of recsys"
        )
    _show_similarity(card)
    if card["playlists"]:
        metrics = card["list_metrics"]
        print(f"\nplaylists of simulated listeners, {card['listeners']} of each kind; 95 % intervals over listeners:")
        rows = [
            [row["likes"], row["method"], *(_with_interval(f"{row[name]:.3f}", row, name, ".3f") for name in metrics)]
            for row in card["playlists"]
        ]
        print_table([Column("likes"), Column("method"), *_headings(metrics)], rows)
    if card["dislikes"]:
        metrics = card["dislike_metrics"]
        print("\neffect of one dislike on its ten nearest tracks in the playlist, and of a distant dislike:")
        rows = [
            [
                row["likes"],
                *(_with_interval(_dislike_cell(name, row[name]), row, name, _dislike_format(name)) for name in metrics),
            ]
            for row in card["dislikes"]
        ]
        print_table([Column("likes"), *_headings(metrics)], rows)
    if card["orderings"]:
        metrics = card["ordering_metrics"]
        print("\ntransitions between successive tracks, in playlists of:")
        rows = [
            [row["list_type"], row["method"], *(_number(row[name]) for name in metrics)] for row in card["orderings"]
        ]
        print_table([Column("tracks"), Column("order"), *_headings(metrics)], rows)


def _show_similarity(card: dict[str, Any]) -> None:
    metrics = card["metrics"]
    shown = [name for name in metrics if any(name in scores for scores in card["similarity"].values())]
    rows = [
        [method, *(score_cell(scores.get(name)) for name in shown)] for method, scores in card["similarity"].items()
    ]
    if rows:
        print_table([Column("similarity"), *(Column(metrics[name], right=True) for name in shown)], rows)
    if card["hubs"]:
        print("\ntracks in the most lists of ten similar tracks:")
        columns = [Column("lists", right=True), Column("id", right=True)]
        columns += [Column("artist"), Column("title", shrinkable=True)]
        print_table(columns, [[hub["lists"], hub["id"], hub["artist"] or "–", hub["title"]] for hub in card["hubs"]])


def _headings(metrics: dict[str, str]) -> list[Column]:
    return [Column(heading, right=True) for heading in metrics.values()]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _dislike_cell(name: str, value: float | None) -> str:
    """A metric of dislikes: shares in per cent, numbers of listeners as integers."""
    return "–" if value is None else format(value, _dislike_format(name))


def _dislike_format(name: str) -> str:
    if name in _SHARES:
        return ".1%"
    return ".0f" if name == "far_listeners" else ".3f"


def _with_interval(cell: str, row: dict[str, Any], name: str, shape: str) -> str:
    """A cell with the interval of the metric in its row, if it has one: "0.744 (0.701–0.780)"."""
    low, high = row["intervals"].get(name, (None, None))
    return cell if low is None else f"{cell} ({low:{shape}}–{high:{shape}})"


def _show_comparison(compared: dict[str, Any], headings: dict[str, str]) -> None:
    if compared["caution"]:
        print_status(f"warning: {compared['caution']}")
    print("\ncompared with the other scorecard:")
    rows = [
        [headings[name], f"{c['old']:.3f}", f"{c['new']:.3f}", f"{c['difference']:+.3f}"]
        for name, c in compared["metrics"].items()
    ]
    print_table([Column("metric"), *(Column(heading, right=True) for heading in ("old", "new", "difference"))], rows)


@export.callback(invoke_without_command=True)
def exports(context: typer.Context) -> None:
    """Export data for other programs."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@export.command()
def neighbours(
    context: typer.Context,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many neighbours of each track.")] = 10,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.jsonl", help="The file; by default stdout.", show_default=False),
    ] = None,
    per_artist: MaxPerArtist = 0,
) -> None:
    """Write the most similar tracks of every track as JSON Lines."""
    given = session(context)
    if output is None:
        for found in given.library().neighbours(n=n, max_per_artist=per_artist):
            print(dumps(found.to_dict()))
        return
    waiting_for("searching the neighbours")
    written = given.library().write_neighbours(output, n=n, max_per_artist=per_artist)
    print_status(f"{pluralise(written, 'track')} written to {output}", quiet=given.quiet)
