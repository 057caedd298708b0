"""Stream XML: the elements at some paths, whatever the size of the file, in bounded memory.

Nothing of a file is kept but the element that is being read, and only if it is at a wanted path. Entities are refused:
a file of a kilobyte can expand to gigabytes, and an external entity reads other files.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from recsys.errors import InvalidRequest
from recsys.importers.budget import Budget

MAX_DEPTH = 200
"""Levels of elements; music programs write about ten, and folders of playlists some more."""

MAX_ELEMENTS = 30_000_000
"""Elements of a file: the library of 400,000 tracks in iTunes."""

MAX_NODES = 6_000_000
"""Elements inside of one wanted element: the list of a million tracks in iTunes has three for each."""

MAX_ELEMENT_BYTES = 1 << 28
"""Bytes of one wanted element."""

MAX_PENDING_BYTES = 1 << 23
"""Bytes of a single name, text, comment or attribute, which the parser keeps in memory until its end."""


def root_name(path: Path, chunks: Iterable[bytes]) -> str:
    """The name of the outermost element, without its namespace.

    Entities can only be declared before this element, so a file without declarations here cannot expand any later.

    Raises
    ------
    InvalidRequest
        The file declares entities, or has no element in its first ``MAX_PENDING_BYTES``.
    expat.ExpatError
        The file is not XML.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise InvalidRequest(f"{path} declares XML entities, which no music program writes; it is not read")

    def end(name: str, _: dict[str, str]) -> None:
        raise _RootFoundError(name.rpartition(":")[2])

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = end
    n_bytes = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            n_bytes += len(chunk)
            if n_bytes > MAX_PENDING_BYTES:
                raise InvalidRequest(f"{path} has no element in its first {MAX_PENDING_BYTES >> 20} MB; it is not read")
        parser.Parse(b"", True)
    except _RootFoundError as found:
        return str(found)
    raise ValueError("no element")  # not reached: the parser refuses such a file


class _RootFoundError(Exception):
    """Ends the parsing: what follows the outermost element's start may not be XML, as in web pages."""


def iter_elements(
    chunks: Iterable[bytes], paths: Iterable[str], budget: Budget, *, ignore_case: bool = False
) -> Iterator[tuple[str, ET.Element]]:
    """Iterate over the elements at some paths ("plist/dict"), each with its path; it is emptied after its step.

    With ``ignore_case`` the names of elements are compared, and returned, in lower case.

    Raises
    ------
    InvalidRequest
        A limit is exceeded.
    ET.ParseError
        The file is not well-formed.
    """
    elements = _Elements(paths, budget, ignore_case=ignore_case)
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start", "end"))
    for chunk in chunks:
        budget.spend_bytes(len(chunk))
        parser.feed(chunk)
        n_events = elements.n_events
        yield from elements.read(parser)
        elements.check_size(len(chunk), any_event=elements.n_events > n_events)
    parser.close()
    yield from elements.read(parser)


class _Elements:
    """The elements of a document that are open, and what is kept of them."""

    def __init__(self, paths: Iterable[str], budget: Budget, *, ignore_case: bool) -> None:
        self.n_events = 0
        self._wanted = {tuple(path.split("/")): path for path in paths}
        self._depths = {len(names) for names in self._wanted}
        self._budget = budget
        self._ignore_case = ignore_case
        self._names: list[str] = []  # of the open elements, down to a wanted one
        self._open: list[ET.Element] = []
        self._inside = 0  # open elements in the wanted one, which is counted, or 0
        self._n_nodes = self._n_bytes = 0  # of the wanted element
        self._n_pending = 0  # bytes since the last event

    def read(self, parser: "ET.XMLPullParser[Any]") -> Iterator[tuple[str, ET.Element]]:
        """The wanted elements that are complete."""
        events: Any = parser.read_events()
        for event, element in events:
            self.n_events += 1
            if event == "start":
                if self._ignore_case:
                    element.tag = element.tag.lower()
                if self._inside:
                    self._inside += 1
                    self._n_nodes += 1
                    if self._inside > MAX_DEPTH or self._n_nodes > MAX_NODES:
                        raise self._nodes_error()
                else:
                    self._start(element)
            elif self._inside > 1:
                self._inside -= 1
            else:
                if self._inside:
                    self._budget.spend_row()
                    yield self._wanted[tuple(self._names)], element
                    self._inside = 0
                self._names.pop()
                self._open.pop()
                if self._open:
                    del self._open[-1][:]

    def _start(self, element: ET.Element) -> None:
        """Open an element that is not in a wanted one."""
        self._names.append(element.tag.rpartition("}")[2])
        self._open.append(element)
        if len(self._names) in self._depths and tuple(self._names) in self._wanted:
            self._inside, self._n_nodes, self._n_bytes = 1, 0, 0
        elif len(self._names) > MAX_DEPTH:
            raise self._nodes_error()

    def check_size(self, n_bytes: int, *, any_event: bool) -> None:
        """Refuse what the parser would have to keep: a long text, or a wanted element without an end."""
        if self.n_events > 2 * MAX_ELEMENTS:  # each has a start and an end
            raise self._error(f"more than {MAX_ELEMENTS:,} elements")
        self._n_pending = 0 if any_event else self._n_pending + n_bytes
        self._n_bytes = self._n_bytes + n_bytes if self._inside else 0
        for found, limit in ((self._n_pending, MAX_PENDING_BYTES), (self._n_bytes, MAX_ELEMENT_BYTES)):
            if found > limit:
                raise self._error(f"more than {limit >> 20} MB in one element")

    def _nodes_error(self) -> InvalidRequest:
        if self._n_nodes > MAX_NODES:
            return self._error(f"more than {MAX_NODES:,} elements in one list")
        return self._error(f"elements in more than {MAX_DEPTH} others")

    def _error(self, what: str) -> InvalidRequest:
        return InvalidRequest(f"{self._budget.path} has {what}; it is not read")
