"""The scores of a genre model as tables."""

from typing import Any

from recsys.cli.output import Column, escape, pluralise, print_status, print_table, score_cell

_MAX_TRIALS_SHOWN = 12


def show_scores(card: dict[str, Any]) -> None:
    """Print the scorecard of a genre model."""
    from recsys import genre_messages

    split, scores = card["split"], card["scores"]
    print(
        escape(
            f"{card['name']} {card['version']}: {card['algorithm']} on {card['features']}; "
            f"{pluralise(split['tracks'], 'track')}, {pluralise(len(card['genres']), 'genre')}, "
            f"{pluralise(split['groups'], split['by'])}; labels: {card['labels']}"
        )
    )
    folds = pluralise(split["folds"], "fold")
    if split["by"] == "track":
        print(f"{folds} by track: artists and albums are unknown, so the scores are too high\n")
    else:
        print(
            f"{folds} by {split['by']}, stratified by genre: no {split['by']} is in both the training "
            f"and the test set; 95 % intervals by bootstrap over {split['by']}s\n"
        )
        _warn_of_single_tracks(split)
    columns = [
        Column("model"),
        *(Column(h, right=True) for h in ("accuracy", "balanced", "macro F1", "calibration error")),
    ]
    rows = [_row(f"{card['name']} {card['version']}", scores)]
    rows += [_row(name, other) for name, other in card["baselines"].items()]
    print_table(columns, rows)
    print()
    _show_genres(scores)
    print("\nconfusion: rows are labels, columns are predictions")
    print_table(
        [Column(""), *(Column(g, right=True) for g in card["genres"])],
        [[g, *(n or "·" for n in row)] for g, row in zip(card["genres"], scores["confusion"], strict=True)],
    )
    coverage = ", ".join(f"{c['accuracy']:.3f} of the most certain {c['coverage']:.0%}" for c in scores["coverage"])
    print(f"\naccuracy: {coverage}")
    print(genre_messages.rejection_message(card))
    if card["same_artist_weight"]:
        print(genre_messages.context_message(card))
    first, tracks = card["first_fold"], pluralise(card["first_fold"]["tracks"], "track")
    print(f"the first fold: {score_cell(first['accuracy'])} of {tracks}; {genre_messages.FIRST_FOLD}")
    if card["trials"]:
        _show_trials(card)


def _warn_of_single_tracks(split: dict[str, Any]) -> None:
    """Warn where tracks have no group of the kind that the folds are formed by."""
    others = [f"{n} by {kind}" for kind, n in split["groups_by_kind"].items() if kind != split["by"]]
    if others:
        print_status(f"warning: not every track has an artist; {' and '.join(others)} alone")


def _show_genres(scores: dict[str, Any]) -> None:
    columns = [Column("genre"), *(Column(h, right=True) for h in ("tracks", "precision", "recall", "F1"))]
    rows = [
        [name, s["tracks"], f"{s['precision']:.3f}", f"{s['recall']:.3f}", f"{s['f1']:.3f}"]
        for name, s in scores["genres"].items()
    ]
    rows += [
        [f"{name} mean", scores["tracks"], f"{s['precision']:.3f}", f"{s['recall']:.3f}", f"{s['f1']:.3f}"]
        for name, s in scores["means"].items()
    ]
    print_table(columns, rows)


def _show_trials(card: dict[str, Any]) -> None:
    """The best trials of a search, by their log loss."""
    from recsys import genre_messages

    trials = card["trials"]
    tracks = pluralise(trials[0]["tracks"], "track")
    print(
        f"\ntrials: {pluralise(len({t['name'] for t in trials}), 'candidate')}, "
        f"{sum(t['tracks'] == trials[0]['tracks'] for t in trials)} of them on all {tracks}; "
        "* chosen; --json lists all"
    )
    columns = [Column(""), Column("candidate"), *(Column(h, right=True) for h in ("tracks", "log loss", "accuracy"))]
    chosen = [t for t in trials if t["chosen"]]
    shown = chosen + [t for t in trials if not t["chosen"]][: _MAX_TRIALS_SHOWN - len(chosen)]
    print_table(
        columns,
        [
            ["*" if t["chosen"] else "", t["name"], t["tracks"], f"{t['log_loss']:.3f}", f"{t['accuracy']:.3f}"]
            for t in shown
            if not t["failed"]
        ],
    )
    for t in trials:
        if t["failed"]:
            print_status(f"failed: {t['name']} ({t['failed']})")
    if genre_messages.tuning_kept_default(card):
        print(genre_messages.NO_IMPROVEMENT)


def _row(name: str, scores: dict[str, Any]) -> list[str]:
    cells = [score_cell(scores[key]) for key in ("accuracy", "balanced_accuracy", "f1_macro")]
    return [name, *cells, f"{scores['calibration_error']:.3f}"]
