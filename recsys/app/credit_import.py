"""Likes and dislikes of albums and artists in the files of other programs: Spotify, TuneMyMusic, Subsonic, iTunes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.domain.credits import Album, Artist
from recsys.domain.listeners import MANUAL, CreditKind
from recsys.domain.tracks import Rating
from recsys.metadata.albums import album_title_key
from recsys.metadata.names import artist_key, title_key

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.importers.entries import ExternalGroup, ImportedFile


@dataclass(frozen=True, slots=True)
class ImportedGroup:
    """An album or an artist of a file, that of the library, and what happens to its rating.

    ``action`` is "like", "dislike", "unchanged", "kept_manual" (a manual rating that differs is kept) or "not_found";
    ``rating`` is stored, None where nothing changes.
    """

    group: "ExternalGroup"
    found: Album | Artist | None
    action: str
    rating: Rating | None = None

    @property
    def kind(self) -> CreditKind:
        """Whether it is an album or an artist."""
        return "artist" if self.group.album is None else "album"

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "kind": self.kind,
            "artist": self.group.artist,
            "album": self.group.album,
            "id": None if self.found is None else self.found.id,
            "action": self.action,
        }


def import_groups(
    catalogue: "Catalogue", files: "Iterable[ImportedFile]", now: str, *, overwrite: bool
) -> tuple[ImportedGroup, ...]:
    """What the likes and bans of albums and artists in some files change; of several for one, the last counts."""
    given = [(file.format, group) for file in files for group in file.groups]
    if not given:
        return ()
    index = _CreditIndex(catalogue.albums(), catalogue.artists())
    has_listener = catalogue.has_listener()
    kinds: tuple[CreditKind, ...] = ("album", "artist")
    stored = {kind: catalogue.credit_ratings(kind) if has_listener else {} for kind in kinds}
    return tuple(_decide(group, source, index.find(group), stored, now, overwrite=overwrite) for source, group in given)


def new_ratings(groups: Iterable[ImportedGroup]) -> dict[CreditKind, dict[int, Rating]]:
    """The ratings to store, by kind and id."""
    ratings: dict[CreditKind, dict[int, Rating]] = {"album": {}, "artist": {}}
    for each in groups:
        if each.found is not None and each.rating is not None:
            ratings[each.kind][each.found.id] = each.rating
    return ratings


class _CreditIndex:
    """The albums and artists of a library by the keys of their names."""

    def __init__(self, albums: Sequence[Album], artists: Sequence[Artist]) -> None:
        self._artists: dict[str, list[Artist]] = defaultdict(list)
        self._albums: dict[tuple[str, str], dict[int, Album]] = defaultdict(dict)
        for artist in artists:
            self._artists[artist_key(artist.name)].append(artist)
        for album in albums:
            for name in {*album.artists, album.artist or ""}:
                for title in _title_keys(album.title):
                    self._albums[artist_key(name), title][album.id] = album

    def find(self, group: "ExternalGroup") -> Album | Artist | None:
        """The only album with this artist and title, or the artist of this name with the most tracks."""
        key = artist_key(group.artist)
        if group.album is None:
            return max(self._artists.get(key, ()), key=lambda artist: artist.n_tracks, default=None)
        for title in _title_keys(group.album):
            albums = self._albums.get((key, title), {})
            if albums:
                return next(iter(albums.values())) if len(albums) == 1 else None
        return None


def _title_keys(title: str) -> list[str]:
    """The key of a title, and that without remarks such as "Remastered" and "Deluxe Edition"."""
    exact = album_title_key(title)
    return list(dict.fromkeys([exact, title_key(title)])) if exact else []


def _decide(
    group: "ExternalGroup",
    source: str,
    found: Album | Artist | None,
    stored: Mapping[CreditKind, Mapping[int, Rating]],
    now: str,
    *,
    overwrite: bool,
) -> ImportedGroup:
    if found is None:
        return ImportedGroup(group, None, "not_found")
    value, action = (1, "like") if group.loved else (-1, "dislike")
    before = stored["artist" if group.album is None else "album"].get(found.id)
    if before is not None and before.value == value and before.strength == 1.0:
        return ImportedGroup(group, found, "unchanged")
    if before is not None and before.source == MANUAL and not overwrite:
        return ImportedGroup(group, found, "kept_manual")
    return ImportedGroup(group, found, action, Rating(value, 1.0, 0, group.rated_at or now, source))
