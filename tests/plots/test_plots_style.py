"""Text in any script, formats and atomic writing of plots."""

from pathlib import Path

import pytest

from recsys.errors import InvalidRequest
from recsys.plots.style import check_format, families, printable_text, write_figure


def test_printable_text_is_one_line_of_bounded_length() -> None:
    assert printable_text("synth pop", 24) == "synth pop"
    assert printable_text("two\nlines\x1b[31m\udcff", 40) == r"two\nlines\x1b[31m\udcff"
    short = printable_text("the longest name that was ever used for a genre", 24)
    assert len(short) <= 24
    assert short.startswith("the longest name")
    assert short.endswith("genre")


def test_characters_that_no_font_has_add_no_font() -> None:
    assert families("rock Романс Tropicália") == ["DejaVu Sans"]
    found = families("シンセポップ 世界音乐 \U0010fffd")
    assert found[0] == "DejaVu Sans"
    assert not any(name.startswith("Last Resort") for name in found)


def test_font_installed_after_matplotlib_cached_its_list_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import font_manager

    manager = font_manager.fontManager
    [late] = [f for f in manager.ttflist if (f.name, f.style, f.weight) == ("STIXGeneral", "normal", 400)]
    monkeypatch.setattr(manager, "ttflist", [f for f in manager.ttflist if f.name == "DejaVu Sans"])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [late.fname, "/no/such.ttf"])
    families.cache_clear()
    found = families("a\u20e8")  # DejaVu Sans lacks that dot
    families.cache_clear()
    assert "STIXGeneral" in found


@pytest.mark.parametrize("name", ["x.gif", "x", "x.png.zip"])
def test_other_formats_are_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^a picture must be a \.png, \.svg or \.pdf file, got"):
        check_format(Path(name))


def test_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    with pytest.raises(InvalidRequest, match=r"cannot write .*choose another path"):
        write_figure(Figure, tmp_path / "no folder" / "x.png", dark=False)
    assert list(tmp_path.iterdir()) == []
