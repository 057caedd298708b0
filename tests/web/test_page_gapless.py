"""Tracks of an album follow each other in the page without a gap: in a real browser, counted in samples."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media_library import record_of
from page_browser import browser, needs_browser, server_of
from page_recording import KEEP_ELEMENTS, gaps, record, recorded
from signals import Samples, write_audio
from synthetic_library import KINDS, make_song, open_catalogue

pytestmark = needs_browser

SR = 44100
FORMATS = ("flac", "mp3", "ogg", "wav", "flac")
JUNCTIONS = [4 * SR * number + 123 * number for number in range(1, len(FORMATS))]


def continuous() -> Samples:
    """Noise below 4 kHz, of which every stretch is another one."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(JUNCTIONS[-1] + 4 * SR))
    spectrum[spectrum.size * 4000 // (SR // 2) :] = 0
    y = np.fft.irfft(spectrum)
    return np.asarray(0.4 * y / np.abs(y).max(), np.float32)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album whose tracks are cut out of one signal, each in another format."""
    folder, home = tmp_path_factory.mktemp("music"), tmp_path_factory.mktemp("home")
    records = []
    for number, (format, y) in enumerate(zip(FORMATS, np.split(continuous(), JUNCTIONS), strict=True), 1):
        file = write_audio(folder / f"track {number:02}.{format}", y, SR, format)
        records.append(replace(record_of(file), result=make_song(KINDS[0], number).result))
    with open_catalogue(home) as catalogue:
        catalogue.add_roots([str(folder)])
        catalogue.store(records)
    return home


@pytest.fixture
def page(home: Path) -> Iterator[Any]:
    with server_of(home) as url, browser() as chromium:
        context = chromium.new_context(bypass_csp=True)  # for the recorder
        context.set_default_timeout(60_000)
        context.add_init_script(KEEP_ELEMENTS)
        page = context.new_page()
        page.goto(url)
        page.get_by_role("gridcell", name="track 01").first.wait_for()
        yield page


def test_an_album_plays_without_a_gap(page: Any) -> None:
    record(page, SR)
    page.locator(".virtual-row", has_text="track 01").dblclick()
    player = page.get_by_role("region", name="Player")
    player.get_by_role("link", name=f"track {len(FORMATS):02}").wait_for()
    player.get_by_role("button", name="Play", exact=True).first.wait_for()
    assert gaps(recorded(page), continuous(), JUNCTIONS) == [0] * len(JUNCTIONS)


def test_a_queue_that_changes_near_the_end_has_no_gap(page: Any) -> None:
    """A track that is removed is not played, though it was read; one that follows after the end was read is played."""
    parts = np.split(continuous(), JUNCTIONS)
    record(page, SR)
    page.locator(".virtual-row", has_text="track 03").dblclick()
    read = "() => { const { buffered } = window.elements[0]; return buffered.length && buffered.end(0) > %s; }"
    page.wait_for_function(read % (1.9 * parts[2].size / SR))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("q")
    page.locator(".queue-entry", has_text="track 04").locator(".queue-play").focus()
    page.keyboard.press("Delete")
    page.wait_for_function("() => Number.isFinite(window.elements[0].duration)")  # the last track has been read
    page.get_by_role("button", name="Repeat: off").first.click()
    player = page.get_by_role("region", name="Player")
    player.get_by_role("link", name="track 01").wait_for()
    player.get_by_role("link", name="track 02").wait_for()
    played = [parts[2], parts[4], parts[0]]
    junctions = np.cumsum([part.size for part in played])[:-1].tolist()
    assert gaps(recorded(page), np.concatenate(played), junctions) == [0, 0]
