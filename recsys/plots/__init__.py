"""Plots with matplotlib: a recording, a map of a library, and the report of a genre model.

``recording``, ``library_map`` and ``genre_report`` draw; ``genre_page`` and ``genre_messages`` are the text of the
report; ``style`` is what all plots share. matplotlib is imported when something is drawn.
"""
