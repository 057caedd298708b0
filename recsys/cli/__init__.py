"""The terminal door: :func:`recsys.cli.main.main` runs a command line."""
