"""The player of the page, in a real browser, with a real server and real audio."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from media_library import record_of
from page_browser import browser, needs_browser, server_of
from signals import tone, write_audio
from synthetic_library import KINDS, make_song, open_catalogue

import recsys

pytestmark = needs_browser

SECONDS = 12.0
TRACKS = 16  # tones of 12 seconds; the last one is a file that browsers do not play


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    records = []
    for number in range(1, TRACKS + 1):
        file = folder / f"tone {number:02}.{'aiff' if number == TRACKS else 'flac'}"
        write_audio(file, tone(110 + 20 * number, SECONDS))
        records.append(replace(record_of(file), result=make_song(KINDS[number % len(KINDS)], number).result))
    home = tmp_path_factory.mktemp("home")
    with open_catalogue(home) as catalogue:
        catalogue.add_roots([str(folder)])
        catalogue.store(records)
    return home


@pytest.fixture(scope="module")
def context(home: Path) -> Iterator[Any]:
    with server_of(home) as url, browser() as chromium:
        logged_in = chromium.new_context(viewport={"width": 1280, "height": 800})
        logged_in.set_default_timeout(60_000)
        page = logged_in.new_page()
        page.goto(url)
        page.close()
        logged_in.base = url.partition("/login")[0] + "/"
        yield logged_in


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    """The library, with an empty queue."""
    yield from opened(context)


@pytest.fixture
def page_of_elements(context: Any) -> Iterator[Any]:
    """The same in a browser that has no media sources."""
    yield from opened(context, "delete window.MediaSource")


def opened(context: Any, script: str = "") -> Iterator[Any]:
    page = context.new_page()
    page.add_init_script(script)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(context.base)
    page.evaluate("localStorage.clear()")
    page.reload()
    page.get_by_role("gridcell", name="tone 01").first.wait_for()
    yield page
    page.close()
    assert errors == []


def play(page: Any, title: str) -> None:
    page.locator(".virtual-row", has_text=title).dblclick()
    playing(page, title)


def playing(page: Any, title: str) -> None:
    """Wait until a track sounds."""
    page.get_by_role("region", name="Player").get_by_role("link", name=title, exact=True).wait_for()
    page.wait_for_function("() => Number(document.querySelector('.waveform').ariaValueNow) >= 1")


def position(page: Any) -> int:
    return int(page.get_by_role("slider", name="Position").get_attribute("aria-valuenow"))


def press(page: Any, key: str) -> None:
    """Press a key while nothing has the focus."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def queue(page: Any) -> list[str]:
    found: list[str] = page.locator(".queue-entry .player-title").all_inner_texts()
    return found


def test_plays_seeks_and_goes_on(page: Any) -> None:
    play(page, "tone 03")
    press(page, "ArrowRight")
    page.wait_for_function("() => Number(document.querySelector('.waveform').ariaValueNow) >= 10")
    playing(page, "tone 04")  # the next track of the list follows by itself
    with page.expect_request("**/plays") as report:
        press(page, "n")
    assert report.value.post_data_json == {"skipped": True}
    playing(page, "tone 05")


def test_a_play_is_reported_after_half_of_the_track(page: Any) -> None:
    with page.expect_response("**/plays", timeout=60_000) as report:
        play(page, "tone 02")
    assert report.value.status == 201
    assert report.value.request.post_data_json == {"skipped": False}


def test_a_like_is_stored(page: Any, home: Path) -> None:
    play(page, "tone 06")
    with page.expect_response("**/rating"):
        press(page, "l")
    page.get_by_role("button", name="Remove the like").first.wait_for()
    with recsys.Library(home) as library:
        assert [track.title for track in library.ratings.tracks().likes] == ["tone 06"]
    with page.expect_response("**/rating"):
        press(page, "l")


def test_the_queue_survives_a_reload(page: Any) -> None:
    play(page, "tone 07")
    press(page, " ")
    page.get_by_role("button", name="Play", exact=True).first.wait_for()
    before = position(page)
    page.reload()
    page.get_by_role("region", name="Player").get_by_role("link", name="tone 07", exact=True).wait_for()
    assert abs(position(page) - before) <= 1
    press(page, "q")
    assert len(queue(page)) == TRACKS
    page.keyboard.press("Escape")
    press(page, " ")
    page.wait_for_function(f"() => Number(document.querySelector('.waveform').ariaValueNow) > {before}")


def test_radio_adds_similar_tracks_and_learns(page: Any, home: Path) -> None:
    play(page, "tone 08")
    with page.expect_response("**/similar?**"):
        press(page, "r")
    press(page, "q")
    page.locator(".queue-entry").nth(5).wait_for()
    first = queue(page)
    assert first[0] == "tone 08"
    assert len(set(first)) == len(first) > 5
    press(page, "n")
    playing(page, first[1])
    with page.expect_request(lambda request: "minus=" in request.url) as refreshed:
        press(page, "d")  # a disliked track of the radio is left
    playing(page, first[2])
    with recsys.Library(home) as library:
        [disliked] = library.ratings.tracks().dislikes
        assert disliked.title == first[1]
        assert f"minus={disliked.id}" in refreshed.value.url
        library.ratings.set([str(disliked.id)], 0)


def test_a_file_that_browsers_do_not_play_can_be_sought_in(page: Any) -> None:
    play(page, f"tone {TRACKS}")
    click_at(page, 8)
    page.wait_for_function("() => Number(document.querySelector('.waveform').ariaValueNow) >= 9")


def test_without_media_sources_it_is_transcoded_from_a_position(page_of_elements: Any) -> None:
    page = page_of_elements
    play(page, f"tone {TRACKS}")
    with page.expect_request(lambda request: "transcode=opus" in request.url and "start=8.00" in request.url):
        press(page, " ")
        slider = page.get_by_role("slider", name="Position")
        slider.press("Home")
        slider.press("ArrowRight")
        slider.press("End")
        slider.press("Home")
        click_at(page, 8)
    assert position(page) == 8


def click_at(page: Any, seconds: float) -> None:
    """Seek in the waveform."""
    slider = page.get_by_role("slider", name="Position")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] * seconds / SECONDS, "y": box["height"] / 2})


def test_without_media_sources_the_next_track_follows(page_of_elements: Any) -> None:
    play(page_of_elements, "tone 03")
    click_at(page_of_elements, 10)
    playing(page_of_elements, "tone 04")


def test_the_queue_by_keyboard_and_by_drag(page: Any) -> None:
    play(page, "tone 01")
    press(page, "q")
    assert queue(page)[:3] == ["tone 01", "tone 02", "tone 03"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    assert queue(page)[:3] == ["tone 01", "tone 03", "tone 02"]
    page.wait_for_function("() => document.activeElement.closest('li')?.textContent.includes('tone 03')")
    page.keyboard.press("Delete")
    assert queue(page)[:3] == ["tone 01", "tone 02", "tone 04"]
    page.locator(".queue-entry").nth(3).drag_to(page.locator(".queue-entry").nth(1))
    assert queue(page)[:4] == ["tone 01", "tone 05", "tone 02", "tone 04"]
    page.keyboard.press("Escape")
    assert page.locator(".queue-panel").count() == 0


def test_another_tab_that_plays_makes_this_one_pause(page: Any, context: Any) -> None:
    play(page, "tone 09")
    other = context.new_page()
    other.goto(context.base)
    play(other, "tone 10")
    page.get_by_role("button", name="Play", exact=True).first.wait_for()
    assert other.get_by_role("button", name="Pause").first.is_visible()
    other.close()


def test_the_full_view_of_a_phone(page: Any) -> None:
    play(page, "tone 11")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Open the full view of tone 11").click()
    view = page.get_by_role("dialog", name="Now playing")
    view.get_by_role("button", name="Next track").click()
    view.get_by_role("heading", name="tone 12").wait_for()
    view.get_by_role("button", name="Queue").click()
    page.get_by_role("complementary", name="Queue").wait_for()
