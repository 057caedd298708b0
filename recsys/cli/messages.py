"""How the terminal writes errors: codes as exit statuses, fields as options, hints as commands."""

import shlex

from recsys.errors import Hint, RecsysError

EXIT_STATUS = {"invalid_request": 2, "not_found": 3, "library_not_found": 3, "not_analysed": 3, "ambiguous_track": 3}
"""By the code of an error; 1 for all others."""

OPTIONS = {
    "n": "-n",
    "seeds": "--from",
    "genres": "--genre",
    "excluded_genres": "--not-genre",
    "tagged_genres": "--tagged-genre",
    "excluded_tagged_genres": "--not-tagged-genre",
    "year_range": "--year",
    "bpm_range": "--bpm",
    "keys": "--key",
    "tags": "--tag",
    "moods": "--mood",
    "valence_range": "--valence",
    "arousal_range": "--arousal",
    "folders": "--in",
    "excluded_folders": "--not-in",
    "min_duration": "--shortest",
    "max_duration": "--longest",
    "max_per_artist": "--per-artist",
    "max_per_album": "--per-album",
    "min_artist_gap": "--artist-gap",
    "quotas": "--quota",
    "energy_curve": "--energy",
    "as_dislikes": "--dislike",
    "query": "QUERY",
    "kind": "KIND",
    "url": "URL",
    "name": "NAME",
    "stars": "STARS",
    "tracks": "TRACK",
    "when": "WHEN",
    "allowed_hosts": "--allow-host",
    "trusted_proxies": "--trusted-proxy",
}
"""By the name of a field, where the option has another name than the field."""

COMMAND_OPTIONS = {
    "ingest": {"min_duration": "--min-duration", "max_duration": "--max-duration"},
    "link": {"name": "--name"},
}
"""By a command and a field, where a command has another option for the field than the others."""

HINTS = {
    Hint.INGEST: "run: recsys ingest FOLDER",
    Hint.SEARCH_TRACKS: "search with: recsys tracks WORD",
    Hint.LIST_TRACKS: "list them with: recsys tracks",
    Hint.LIKE_TRACKS: "like some with: recsys like TRACK, or choose some with: recsys playlist --from TRACK",
    Hint.SAVE_PLAYLIST: "save one with: recsys playlist save NAME",
    Hint.LIST_FAILURES: "list them with: recsys failures",
    Hint.PRUNE: "mount what is not mounted and run: recsys ingest FOLDER, or remove them with: recsys prune",
    Hint.FORCE_PRUNE: "remove them nevertheless with --force",
    Hint.OPEN_FOLDER: "change its permissions, or mount it again, and repeat the command",
    Hint.INGEST_FOLDER: "run: recsys ingest {folder}, and repeat the command",
    Hint.FORGET_FOLDER: "mount it, or ingest its new place; if it is gone for good, run: recsys prune --force {folder}",
    Hint.REPAIR: "run: recsys doctor --fix, then: recsys ingest FOLDER",
    Hint.RESTORE_DATABASE: "restore a copy of it, or move it away and run: recsys ingest FOLDER",
    Hint.CHOOSE_DATABASE: "choose another one with --database",
    Hint.UPGRADE_DATABASE: "run: recsys db upgrade",
    Hint.UPGRADE_PROGRAM: "install a newer version of recsys",
    Hint.REINSTALL: "install recsys again",
    Hint.INSTALL_EXTRA: "run: pip install 'recsys-music[{extra}]'",
    Hint.MOVE_LIBRARY: "free some space, or move the library with --home FOLDER",
    Hint.MAKE_WRITABLE: "change its permissions, or mount it for writing",
    Hint.MAKE_SCORECARD: "make one with: recsys evaluate --json > {file}",
    Hint.GIVE_LABELS: "give labels with --labels FILE.csv (columns path and genre)",
    Hint.LIST_GENRE_MODELS: "list them with: recsys genre models",
    Hint.TRAIN_GENRE_MODEL: "train it again with: recsys genre train {name}",
    Hint.ACTIVATE_DEFAULT_MODEL: "activate another model first with: recsys genre use default",
    Hint.LIST_TAG_RUNS: "list the runs with: recsys genre undo --list",
    Hint.UNDO_TAG_RUN: "undo that run first with: recsys genre undo {run}",
    Hint.CHOOSE_FORMAT: "choose one with --format",
    Hint.CHOOSE_PLAYLIST: "choose one of its playlists with --playlist NAME",
    Hint.MAP_INPUT_PATHS: "if its paths begin with another folder, add --input-path-map OLD=NEW",
    Hint.POLL: "scan regularly instead, with --poll",
    Hint.SEND_FILES: "mount it there, or send the files with --send-files",
    Hint.NAME_SCHEDULER: "add --scheduler tcp://HOST:8786",
    Hint.ADD_LISTENER: "add one with: recsys listeners add {name}",
    Hint.ADD_KEY: "add one with: recsys keys add NAME",
    Hint.LIST_KEYS: "list them with: recsys keys",
    Hint.LIST_LINKS: "list them with: recsys links",
    Hint.LINK_AGAIN: "give the right one with: recsys link KIND URL",
    Hint.CHECK_SERVER: "check the kind of the server and its address: a proxy or another program may be there",
    Hint.USE_OTHER_URL: "link the address that the server has",
    Hint.TRUST_CERTIFICATE: "write the path of a file with the certificate of the server to SSL_CERT_FILE",
    Hint.REPLACE_PLAYLIST: "it is lost; else rename one of the two",
    Hint.NAME_PLAYLIST: "name one of: recsys playlist saved",
    Hint.REFRESH_LINK: "if it has new music, run: recsys links refresh {name}",
}
"""The command or the option that each hint stands for."""


def message(error: RecsysError, *, command: str = "") -> str:
    """An error in one line: what happened, and the command that helps.

    >>> from recsys.errors import InvalidRequest
    >>> message(InvalidRequest("must be at least 0", field="max_per_artist", value=-1))
    '--per-artist must be at least 0, got -1'
    """
    options = OPTIONS | COMMAND_OPTIONS.get(command, {})
    text = error.describe(lambda field: options.get(field, f"--{field.replace('_', '-')}"))
    return text if error.hint is None else f"{text}; {hint(error.hint, error.hint_values)}"


def hint(hint: Hint, values: dict[str, str] | None = None) -> str:
    """The text of a hint with its values, quoted for a shell where that is needed.

    >>> hint(Hint.INSTALL_EXTRA, {"extra": "dask"})
    "run: pip install 'recsys-music[dask]'"
    """
    return HINTS[hint].format(**{name: shlex.quote(value) for name, value in (values or {}).items()})
