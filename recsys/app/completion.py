"""Names that begin with a text, for the completion of what a user types; read-only, and fast in large libraries."""

from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

from recsys.config import Settings
from recsys.domain.checks import check_choice, check_min

NameKind: TypeAlias = Literal[
    "track", "artist", "album", "genre", "tagged_genre", "tag", "mood", "genre_model", "saved_playlist", "listener"
]
NAME_KINDS: tuple[NameKind, ...] = get_args(NameKind)


def complete_names(settings: Settings, prefix: str, *, kind: NameKind = "track", limit: int = 50) -> list[str]:
    """Names of a library that begin with ``prefix``: :meth:`recsys.Library.complete` without a library.

    It imports neither NumPy nor, for a SQLite file, SQLAlchemy.

    Raises
    ------
    LibraryNotFound
        There is no database.
    LibraryError
        The database cannot be read, or has another schema.
    InvalidRequest
        The kind is unknown, or ``limit`` is less than 1.
    """
    check_choice("kind", kind, NAME_KINDS)
    check_min("limit", limit, 1)
    if kind in ("track", "artist", "album"):
        from recsys.database import names

        complete = {"track": names.complete_track, "artist": names.complete_artist, "album": names.complete_album}
        return complete[kind](settings.database, prefix, limit)
    folded = prefix.casefold()
    return [name for name in _NAMES[kind](settings) if name.casefold().startswith(folded)][:limit]


def _genres(settings: Settings) -> list[str]:
    from recsys.database.names import genre_names

    return genre_names(settings.database)


def _tagged_genres(settings: Settings) -> list[str]:
    from recsys.database.names import tagged_genre_names

    return tagged_genre_names(settings.database)


def _saved_playlists(settings: Settings) -> list[str]:
    from recsys.database.names import saved_playlist_names

    return saved_playlist_names(settings.database, settings.listener)


def _listeners(settings: Settings) -> list[str]:
    from recsys.database.names import listener_names

    return listener_names(settings.database)


def _genre_models(settings: Settings) -> list[str]:
    from recsys.genre import DEFAULT_MODEL

    # Not with recsys.genre.model_store, which imports scikit-learn: half a second.
    return [DEFAULT_MODEL, *sorted(path.stem for path in (settings.home / "models").glob("*.zip"))]


def _tags(_: Settings) -> list[str]:
    from recsys.genre.moods import MOODS
    from recsys.genre.tags import tag_names

    return sorted({*MOODS, *tag_names()})


def _moods(_: Settings) -> list[str]:
    from recsys.genre.moods import MOODS

    return list(MOODS)


_NAMES: dict[str, Callable[[Settings], list[str]]] = {
    "genre": _genres,
    "tagged_genre": _tagged_genres,
    "tag": _tags,
    "mood": _moods,
    "genre_model": _genre_models,
    "saved_playlist": _saved_playlists,
    "listener": _listeners,
}
