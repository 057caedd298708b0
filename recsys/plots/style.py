"""What all plots share: file formats, a light and a dark theme, text in any script, and atomic writing.

No plot opens a window, and the same data are written as the same bytes.
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
_REGULAR = (400, "normal", "regular", 350, "book", 500, "medium")  # weights in order of preference
_PLACEHOLDER_FONT = "Last Resort"  # draws every character as a box; matplotlib's own last fallback
_DPI = 120  # of PNG
_VECTOR_DPI = 200  # of rasterised parts in SVG and PDF
_UNDATED: dict[str, dict[str, None]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


class Theme(NamedTuple):
    """Colours of the background, of text, of lines and ticks, and of emphasis."""

    background: str
    text: str
    muted: str
    accent: str


LIGHT = Theme("#ffffff", "#1d2126", "#6b727c", "#2f5f9e")
DARK = Theme("#15181d", "#e8eaed", "#969da7", "#7fb2ff")


def theme(dark: bool) -> Theme:
    """The dark or the light theme."""
    return DARK if dark else LIGHT


def check_format(path: Path) -> str:
    """The format of a file by its suffix.

    Raises
    ------
    InvalidRequest
        If the suffix is not one of :data:`FORMATS`.

    Examples
    --------
    >>> check_format(Path("library.SVG"))
    'svg'
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InvalidRequest(f"a picture must be a .png, .svg or .pdf file, got {path.name!r}")
    return kind


def check_output_path(path: Path) -> None:
    """Check a path before a picture is computed.

    Raises
    ------
    InvalidRequest
        If the suffix is not one of :data:`FORMATS`, or the folder does not exist.
    """
    check_format(path)
    if not path.absolute().parent.is_dir():
        raise InvalidRequest(f"cannot write {path}: there is no folder {path.parent}; create it or choose another path")


def write_figure(draw: Callable[[], Any], path: Path, *, dark: bool, texts: Iterable[str] = ()) -> None:
    """Write the figure that ``draw`` returns.

    Parameters
    ----------
    draw
        Called with the style of the theme active.
    path
        Its suffix is the format.
    dark
        Whether to use the dark theme.
    texts
        Texts in the figure, for which fonts are chosen.

    Raises
    ------
    InvalidRequest
        If the suffix is not one of :data:`FORMATS`, or the file cannot be written.
    """
    kind = check_format(path)
    from matplotlib.style import context

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # no warning if a font has another weight

    colours = theme(dark)
    style = _style(colours) | {"font.family": families("".join(texts))}
    with context(["default", style]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # no font has it, and a box is drawn
        figure = draw()
        dpi = _DPI if kind == "png" else _VECTOR_DPI
        try:
            with atomic_write(path) as file:
                figure.savefig(file, format=kind, dpi=dpi, metadata=_UNDATED[kind])
        except OSError as error:
            raise InvalidRequest(f"cannot write {path}: {error.strerror}; choose another path") from error


def _style(colours: Theme) -> dict[str, Any]:
    text = dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor"), colours.text)
    lines = dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color", "grid.color"), colours.muted)
    backgrounds = dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), colours.background)
    return {
        **text, **lines, **backgrounds, "ytick.labelcolor": colours.text, "axes.titlesize": 12, "axes.titlepad": 8,
        "axes.linewidth": 0.8, "svg.hashsalt": "recsys", "text.parse_math": False, "axes.unicode_minus": True,
    }  # fmt: skip


def printable_text(text: str, max_length: int) -> str:
    """Text in one line without control characters; shortened in the middle if it is too long.

    Examples
    --------
    >>> printable_text("a very long name of a genre", 12)
    'a very l…nre'
    """
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    if len(printable) <= max_length:
        return printable
    head = max_length * 2 // 3
    return f"{printable[:head].rstrip()}…{printable[len(printable) - (max_length - head - 1) :].lstrip()}"


@cache
def families(text: str) -> list[str]:
    """Names of fonts for a text: matplotlib's default, then installed ones with the characters that it lacks."""
    found, missing = [_FONT], {ord(c) for c in text if c.isprintable() and not c.isspace()}
    missing -= _code_points(next(f.fname for f in _regular() if f.name == _FONT))
    if not missing:
        return found
    _reload_fonts()
    fonts = _regular()
    for font in sorted(fonts, key=lambda f: (_REGULAR.index(f.weight), f.name)):
        if (
            font.name not in found
            and not font.name.startswith(_PLACEHOLDER_FONT)
            and (covered := missing & _code_points(font.fname))
        ):
            found.append(font.name)
            missing -= covered
    return found


def _regular() -> list[Any]:
    from matplotlib.font_manager import fontManager

    return [f for f in fontManager.ttflist if f.style == "normal" and f.weight in _REGULAR]


def _reload_fonts() -> None:
    """Add fonts that were installed after matplotlib cached its list of fonts."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.fname for font in fontManager.ttflist}
    for file in findSystemFonts():
        if file not in known:
            with suppress(OSError, RuntimeError, ValueError):  # broken, or of an unsupported kind
                fontManager.addfont(file)


def _code_points(font: str) -> set[int]:
    """The code points that a font file has."""
    from matplotlib.font_manager import get_font

    try:
        return set(get_font(font).get_charmap())
    except (OSError, RuntimeError):  # the font is broken or was removed
        return set()
