"""What is kept of playlists: the recipes of those that are renewed, and what stood in the last ones."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Engine, delete, insert, select

from recsys.database.engine import reading, writing
from recsys.database.tables import listed, listing, recipe, recording
from recsys.database.writes import now, upsert
from recsys.domain.arrays import IdArray, in_chunks

MAX_HISTORY = 50  # lists that are remembered


class SavedPlaylist(NamedTuple):
    """A recipe by name: its wishes as plain values, the file it is written to, in which format and with which paths."""

    name: str
    wishes: dict[str, Any]
    output: str
    format: str
    places: dict[str, Any]
    saved_at: str = ""


class PlaylistStore:
    """The kept playlists of a library."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, saved: SavedPlaylist) -> None:
        """Keep a recipe in the place of the one of its name."""
        with writing(self._engine) as connection:
            upsert(connection, recipe, ("name",), [saved._asdict() | {"saved_at": now()}])

    def list_saved(self) -> list[SavedPlaylist]:
        """All that are kept, by name."""
        columns = [recipe.c[field] for field in SavedPlaylist._fields]
        with reading(self._engine) as connection:
            return [SavedPlaylist(*row) for row in connection.execute(select(*columns).order_by(recipe.c.name))]

    def delete(self, name: str) -> bool:
        """Forget a recipe; whether there was one."""
        with writing(self._engine) as connection:
            return bool(connection.execute(delete(recipe).where(recipe.c.name == name)).rowcount)

    def add_to_history(self, name: str, ids: Iterable[int]) -> None:
        """A list of these tracks was written; the oldest of more than :data:`MAX_HISTORY` are forgotten."""
        with writing(self._engine) as connection:
            known: set[int] = set()
            for chunk in in_chunks(dict.fromkeys(map(int, ids))):
                known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
            [number] = connection.execute(
                insert(listing).returning(listing.c.id), {"name": name, "at": now()}
            ).scalars()
            if known:
                connection.execute(insert(listed), [{"listing_id": number, "recording_id": i} for i in sorted(known)])
            last = select(listing.c.id).order_by(listing.c.id.desc()).limit(MAX_HISTORY)
            oldest = min(connection.execute(last).scalars())
            connection.execute(delete(listing).where(listing.c.id < oldest))

    def recent(self, lists: int) -> list[IdArray]:
        """The ids (n,) of what stood in each of the last lists, the last one first."""
        import numpy as np

        with reading(self._engine) as connection:
            numbers = (
                connection.execute(select(listing.c.id).order_by(listing.c.id.desc()).limit(lists)).scalars().all()
            )
            rows = connection.execute(select(listed).where(listed.c.listing_id.in_(numbers))).all()
        found: dict[int, list[int]] = {number: [] for number in numbers}
        for number, recording_id in rows:
            found[number].append(recording_id)
        return [np.array(sorted(ids), np.int64) for ids in found.values()]
