"""Covers: which file of a folder is one, what its bytes are, and smaller copies of it."""
