"""Libraries with named playlists: the library as a whole, or one of its playlists."""

from collections.abc import Iterable, Mapping, Sequence

from recsys.errors import NotFound
from recsys.importers.entries import ExternalGroup, ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.source import ImportSource

_N_LISTED = 20  # playlists that an error lists


def select_playlist(
    format: str,
    source: ImportSource,
    tracks: Mapping[str, ExternalTrack],
    playlists: Mapping[str, Sequence[str]],
    wanted: str | None,
    *,
    groups: Iterable[ExternalGroup] = (),
) -> ImportedFile:
    """The library, or the wanted playlist: by its whole name, "Folder/Name", or by "Name" if that is unique.

    ``tracks`` has the tracks by a key, ``playlists`` the keys of each playlist.

    Raises
    ------
    NotFound
        No playlist, or more than one, has the wanted name.
    """
    folder = source.path.parent
    if wanted is None:
        return make_imported_file(format, folder, tracks.values(), playlists=playlists, groups=groups)
    found = [name for name in playlists if wanted in (name, name.rpartition("/")[2])]
    found = [name for name in found if name == wanted] or found
    if len(found) != 1:
        number = "several playlists" if found else "no playlist"
        raise NotFound(
            f"{source.path} has {number} named {wanted!r}; choose one of: {list_names(found or list(playlists))}"
        )
    chosen = (tracks[key] for key in playlists[found[0]] if key in tracks)
    return make_imported_file(format, folder, chosen, is_playlist=True)


def list_names(names: Iterable[str]) -> str:
    """Names of playlists, the first of many.

    >>> list_names(["Evening", "", "Morning"])
    'Evening, Morning'
    """
    named = [name for name in names if name]
    more = f" and {len(named) - _N_LISTED} more" if len(named) > _N_LISTED else ""
    return (", ".join(named[:_N_LISTED]) or "none") + more
