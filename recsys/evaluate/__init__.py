"""Evaluation of similarity, playlists, dislikes and orderings, against baselines.

``scorecard`` runs it all; ``metrics`` the retrieval metrics, in which the same artist never counts as relevant for
genre; ``similarity_models`` and ``simulated_listeners`` what is compared; ``compare`` two scorecards.
"""
