"""A client of the Music Player Daemon that keeps its queue filled."""
