"""Interpretation of tags: comparable names, albums, and labels of genre, artist and album."""
