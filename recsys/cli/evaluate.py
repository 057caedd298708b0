"""``recsys evaluate`` and ``recsys export``: how good it is, and what others need to find out for themselves."""

from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.options import Json, PerArtist
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table, score_cell
from recsys.cli.session import session

export = typer.Typer()


def evaluate(
    context: typer.Context,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Genres to judge by: columns path and genre; else the files' tags."),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="OTHER.json", help="An earlier scorecard (--json) to compare with.")
    ] = None,
    playlists: Annotated[
        bool, typer.Option("--playlists", help="Playlists alone: more listeners, and what dislikes do.")
    ] = False,
    json: Json = False,
) -> None:
    """Score the similarity, the playlists and their order of this library, beside baselines."""
    given = session(context)
    watching = given.verbose and not given.quiet

    def tell(name: str) -> None:
        print_status(f"scoring {name}", quiet=not watching)

    card = given.service().evaluate(labels=labels, compare=compare, playlists=playlists, on_progress=tell)
    if json:
        print_json(card)
        return
    _show(card)
    if "compared" in card:
        _show_comparison(card["compared"], card["metrics"])


def _show(card: dict[str, Any]) -> None:
    metrics, list_metrics = card["metrics"], card["list_metrics"]
    print(
        f"{card['tracks']} tracks, {card['queries']} queries; {card['genres']} genres, {card['artists']} artists, "
        f"{card['albums']} albums; labels: {card['labels']}"
    )
    print(f"{card['split']}; 95 % intervals by bootstrap over artists\n")
    if card["learned_from"]:
        print_status(f"careful: recsys has learned from {card['learned_from']} of these tracks, its own scores flatter")
    shown = [name for name in metrics if any(name in scores for scores in card["similarity"].values())]
    rows = []
    for method, scores in card["similarity"].items():
        rows.append([method, *(score_cell(scores.get(name)) for name in shown)])
    if rows:
        print_table([Column("similarity"), *(Column(metrics[name], right=True) for name in shown)], rows)
    if card["hubs"]:
        print("\nin most lists of ten:")
        columns = [
            Column("lists", right=True),
            Column("id", right=True),
            Column("artist"),
            Column("title", shrinkable=True),
        ]
        print_table(columns, [[hub["lists"], hub["id"], hub["artist"] or "–", hub["title"]] for hub in card["hubs"]])
    if card["playlists"]:
        print(f"\nplaylists of simulated listeners, {card['listeners']} of each kind:")
        lists = [
            [row["likes"], row["method"], *(f"{row[name]:.3f}" for name in list_metrics)] for row in card["playlists"]
        ]
        headings = [Column(heading, right=True) for heading in list_metrics.values()]
        print_table([Column("likes"), Column("method"), *headings], lists)
    if card["aversions"]:
        names = card["dislike_metrics"]
        print("\nwhat one dislike removes: of its ten nearest that are in the list, and of a list far from it:")
        rows = [[row["likes"], *(_dislike(name, row[name]) for name in names)] for row in card["aversions"]]
        print_table([Column("likes"), *(Column(heading, right=True) for heading in names.values())], rows)
    if card["orders"]:
        print("\nhow tracks follow each other in lists of:")
        names = card["order_metrics"]
        orders = [[row["lists"], row["method"], *(_number(row[name]) for name in names)] for row in card["orders"]]
        print_table([Column("tracks"), Column("order"), *(Column(h, right=True) for h in names.values())], orders)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _dislike(name: str, value: float | None) -> str:
    """A number of the dislikes: shares in per cent, listeners as they are."""
    if value is None:
        return "–"
    if name in ("lowered", "far_changed"):
        return f"{value:.1%}"
    return f"{value:.0f}" if name == "far_listeners" else f"{value:.3f}"


def _show_comparison(compared: dict[str, Any], headings: dict[str, str]) -> None:
    if compared["caution"]:
        print_status(f"careful: {compared['caution']}")
    print("\ncompared with the other scorecard:")
    rows = [
        [headings[name], f"{c['old']:.3f}", f"{c['new']:.3f}", f"{c['difference']:+.3f}"]
        for name, c in compared["metrics"].items()
    ]
    print_table([Column("metric"), *(Column(h, right=True) for h in ("before", "now", "difference"))], rows)


@export.callback(invoke_without_command=True)
def exports(context: typer.Context) -> None:
    """Write what recsys knows for other programs."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@export.command()
def neighbours(
    context: typer.Context,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many of each track.")] = 10,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.jsonl", help="Where to; else to stdout.")
    ] = None,
    per_artist: PerArtist = 0,
) -> None:
    """For every track the most similar others, as JSON Lines."""
    given = session(context)
    if output is None:
        for neighbours in given.service().neighbours(n=n, max_per_artist=per_artist):
            print(dumps(neighbours.to_dict()))
        return
    written = given.service().write_neighbours(output, n=n, max_per_artist=per_artist)
    print_status(f"{pluralise(written, 'track')} written to {output}", quiet=given.quiet)
