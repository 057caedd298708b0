"""All rows of a list that a server answers page by page, each once, from servers that page in any way.

A server may ignore the size of a page (the first one has all rows), or its start (every page has the same rows), and
may not state how many rows there are. A list that is read whole ends; one that is not is an error, so that no part of a
server is taken for all of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from recsys.errors import Hint, ServerError, pluralise

Row = Mapping[str, Any]


class Page(NamedTuple):
    """Rows, and the number of rows of the whole list where the server states it."""

    rows: Sequence[Row]
    total: int | None = None


def read_pages(url: str, size: int, read: Callable[[int], Page], id_of: Callable[[Row], str]) -> Iterator[Row]:
    """The rows of all pages of ``size`` rows; ``read`` returns the page that begins at a place.

    Raises
    ------
    ServerError
        The server ends the list too early, or has the same page for every place.
    """
    n, known, are_full = 0, set[str](), True
    while True:
        rows, total = read(n)
        new = {id: row for row in rows if (id := id_of(row)) and id not in known}
        is_cut = are_full if total is None else n < total
        if rows and not new and is_cut:
            raise ServerError(f"{url} answers with the same page again and again", hint=Hint.CHECK_SERVER)
        if not rows and total is not None and n < total:
            raise ServerError(f"{url} answers without {total - n} of {pluralise(total, 'row')}", hint=Hint.CHECK_SERVER)
        yield from new.values()
        known.update(new)
        n, are_full = n + len(rows), are_full and len(rows) == size
        if not new or (total is not None and n >= total):
            return
