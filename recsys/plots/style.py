"""What all pictures share: formats, a light and a dark ground, text in any script, and files that are whole.

A picture belongs to no window, and the same data give the same file.
"""

import logging
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from recsys.atomic import atomic_write
from recsys.errors import InvalidRequest

FORMATS = ("png", "svg", "pdf")
_FONT = "DejaVu Sans"  # comes with matplotlib
_REGULAR = (400, "normal", "regular", 350, "book", 500, "medium")  # weights, the first is preferred
_BOXES = "Last Resort"  # has every letter as a box; matplotlib takes it by itself where no other has a letter
_DPI = 120
_FINE_DPI = 200  # of what is no vector in SVG and PDF
_UNDATED: dict[str, dict[str, None]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


class Theme(NamedTuple):
    """Colours of a ground: itself, text, quieter text and lines, and one that stands out."""

    background: str
    text: str
    muted: str
    accent: str


LIGHT = Theme("#ffffff", "#1d2126", "#6b727c", "#2f5f9e")
DARK = Theme("#15181d", "#e8eaed", "#969da7", "#7fb2ff")


def theme(dark: bool) -> Theme:
    """The theme of a ground."""
    return DARK if dark else LIGHT


def check_format(path: Path) -> str:
    """The format that the suffix names.

    Raises
    ------
    InvalidRequest
        It is none of :data:`FORMATS`.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InvalidRequest(f"a picture is a .png, .svg or .pdf file, not {path.name!r}")
    return kind


def check_output_path(path: Path) -> None:
    """Whether a picture can be there, asked before it is made.

    Raises
    ------
    InvalidRequest
        The suffix is none of :data:`FORMATS`, or there is no such folder.
    """
    check_format(path)
    if not path.absolute().parent.is_dir():
        raise InvalidRequest(f"cannot write {path}: there is no folder {path.parent}; make it or choose another place")


def write_figure(draw: Callable[[], Any], path: Path, *, dark: bool, texts: Iterable[str] = ()) -> None:
    """Write the figure that ``draw`` makes, on a light or dark ground; ``texts`` are what must be legible in it.

    Raises
    ------
    InvalidRequest
        The suffix names another format, or the file cannot be written.
    """
    kind = check_format(path)
    from matplotlib.style import context

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a font of another weight will do

    colours = theme(dark)
    style = _style(colours) | {"font.family": families("".join(texts))}
    with context(["default", style]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # no font has it: it is drawn as a box
        figure = draw()
        dpi = _DPI if kind == "png" else _FINE_DPI
        try:
            with atomic_write(path) as file:
                figure.savefig(file, format=kind, dpi=dpi, metadata=_UNDATED[kind])
        except OSError as error:
            raise InvalidRequest(f"cannot write {path}: {error.strerror}; choose another place") from error


def _style(colours: Theme) -> dict[str, Any]:
    text = dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor"), colours.text)
    lines = dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color", "grid.color"), colours.muted)
    grounds = dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), colours.background)
    return {
        **text, **lines, **grounds, "ytick.labelcolor": colours.text, "axes.titlesize": 12, "axes.titlepad": 8,
        "axes.linewidth": 0.8, "svg.hashsalt": "recsys", "text.parse_math": False, "axes.unicode_minus": True,
    }  # fmt: skip


def printable_text(text: str, max_length: int) -> str:
    """Text in one line that no renderer stumbles over, its middle left out where it is too long."""
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    if len(printable) <= max_length:
        return printable
    head = max_length * 2 // 3
    return f"{printable[:head].rstrip()}…{printable[len(printable) - (max_length - head - 1) :].lstrip()}"


@cache
def families(text: str) -> list[str]:
    """Fonts for a text: matplotlib's own, and installed ones that have the letters which it lacks."""
    found, missing = [_FONT], {ord(c) for c in text if c.isprintable() and not c.isspace()}
    missing -= _compact_name(next(f.fname for f in _regular() if f.name == _FONT))
    if not missing:
        return found
    _reload_fonts()
    fonts = _regular()
    for font in sorted(fonts, key=lambda f: (_REGULAR.index(f.weight), f.name)):
        if font.name not in found and not font.name.startswith(_BOXES) and (has := missing & _compact_name(font.fname)):
            found.append(font.name)
            missing -= has
    return found


def _regular() -> list[Any]:
    from matplotlib.font_manager import fontManager

    return [f for f in fontManager.ttflist if f.style == "normal" and f.weight in _REGULAR]


def _reload_fonts() -> None:
    """Fonts that were installed after matplotlib has made its list of them, which it does once."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.fname for font in fontManager.ttflist}
    for file in findSystemFonts():
        if file not in known:
            with suppress(OSError, RuntimeError, ValueError):  # broken, or of a kind that it cannot draw
                fontManager.addfont(file)


def _compact_name(font: str) -> set[int]:
    """The code points that a font file has."""
    from matplotlib.font_manager import get_font

    try:
        return set(get_font(font).get_charmap())
    except (OSError, RuntimeError):  # a broken or vanished font has none
        return set()
