"""The page in a real browser, against a real server: search, lists, similar tracks, keyboard, phone, attacks by tags.

Needs a build of the page, Playwright and a Chromium; skipped without them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_process import ServerProcess
from synthetic_library import all_kinds, make_library, make_song

from recsys.web.page_files import page_files

sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
ATTACK = '<img src=x onerror="window.attacked=1">'
LONG = "夜の底で鳴るとても長い曲の名前" * 8
RIGHT_TO_LEFT = "أغنية الليل"
VIEWS = (
    "", "albums", "artists", "tracks/1", "albums/1", "artists/1", "similar?plus=t1&minus=t9", "path?start=1&end=9",
    "genres", "map", "builder", "builder?from=likes", "playlists", "likes", "duplicates", "genre-models", "jobs",
    "settings",
)  # fmt: skip
WAIT = 30_000  # milliseconds

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.skipif(not page_files(), reason="needs a build of the page: scripts/build_page.py"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    home = tmp_path_factory.mktemp("page") / "home"
    hard = [
        make_song("jazz", 900, artist=ATTACK, album=ATTACK, title=ATTACK, genre=ATTACK),
        make_song("jazz", 901, title=LONG),
        make_song("jazz", 902, title=RIGHT_TO_LEFT),
    ]
    make_library(home, [*all_kinds(), *hard])
    with ServerProcess(home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def login(server: ServerProcess, browser: Any) -> Any:
    """What the browser stores after the one-time URL."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector("h1")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(server: ServerProcess, browser: Any, login: Any) -> Iterator[Any]:
    """A page that is logged in; errors in the browser, other than covers that files do not have, fail the test."""
    context = browser.new_context(storage_state=login, base_url=server.url.split("login")[0], locale="en-GB")
    shown = context.new_page()
    shown.set_default_timeout(WAIT)
    errors: list[str] = []
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield shown
    assert shown.evaluate("window.attacked") is None
    context.close()
    assert errors == []


def open_view(page: Any, address: str) -> None:
    page.goto(address or ".")
    page.wait_for_selector("main h1")
    sync_api.expect(page.locator(".loading, [aria-busy=true]")).to_have_count(0, timeout=WAIT)


def test_the_library_is_searched_and_sorted(page: Any) -> None:
    open_view(page, "")
    grid = page.get_by_role("grid")
    rows = int(grid.get_attribute("aria-rowcount"))
    assert rows > 20
    page.get_by_role("combobox", name="Search").fill("title 11")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=title+11")
    sync_api.expect(grid).not_to_have_attribute("aria-rowcount", str(rows), timeout=WAIT)
    page.get_by_role("button", name="Title", exact=True).click()
    page.wait_for_selector("[role=columnheader][aria-sort=ascending]")
    assert "sort=title" in page.url


def test_similar_tracks_have_reasons(page: Any) -> None:
    open_view(page, "tracks/1")
    page.get_by_role("link", name="Similar music").click()
    page.get_by_role("heading", level=1, name="Similar tracks").wait_for()
    page.locator(".track-list .similarity").first.wait_for()
    assert page.title() == "Similar tracks – recsys"
    assert page.locator("main:focus").count() == 1  # the focus follows the address
    page.go_back()
    page.get_by_role("heading", level=1, name="title 1", exact=True).wait_for()


def test_the_library_is_used_by_keyboard(page: Any) -> None:
    open_view(page, "")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("region", name="2 tracks selected").wait_for()
    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu", name="Actions")
    menu.wait_for()
    page.keyboard.press("Escape")
    menu.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"


def test_the_focus_stays_where_keys_are_pressed(page: Any) -> None:
    open_view(page, "")
    page.get_by_role("button", name="Title", exact=True).press("Enter")
    page.wait_for_selector("[role=columnheader][aria-sort=ascending]")
    assert page.evaluate("document.activeElement.textContent") == "Title"
    open_view(page, "similar?plus=t1,t2")
    for rest in ("Remove title 2", "Add a track, album or artist"):
        page.get_by_role("list", name="Like these").get_by_role("button").first.press("Enter")
        page.wait_for_function("name => document.activeElement.ariaLabel === name", arg=rest)
    open_view(page, "map")
    page.get_by_role("button", name="Lasso").press("Enter")
    page.get_by_role("application").press("Escape")
    page.locator("[aria-pressed=false]", has_text="Lasso").wait_for()


def test_what_is_chosen_is_seen_with_forced_colours(page: Any) -> None:
    page.emulate_media(forced_colors="active")
    open_view(page, "builder")
    for chosen in page.locator(".choice input:checked + span, .curves input:checked + .curve-card").all():
        assert chosen.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_albums_are_found_by_their_names_and_keep_their_like(page: Any) -> None:
    open_view(page, "artists")
    page.get_by_role("navigation").get_by_role("link", name="Albums").click()
    cards = page.get_by_role("list", name="Albums").get_by_role("listitem")
    sync_api.expect(cards).not_to_have_count(1)
    page.get_by_role("searchbox", name="Find albums").fill("techno")
    sync_api.expect(cards).to_have_count(1)
    page.get_by_role("link", name="album of techno").click()
    page.get_by_role("heading", level=1, name="album of techno").wait_for()
    with page.expect_response("**/rating"):
        page.locator(".hero").get_by_role("button", name="Like", exact=True).click()
    page.reload()
    page.locator(".hero [aria-pressed=true]").wait_for()
    page.go_back()
    sync_api.expect(cards).to_have_count(1)


def test_a_like_is_stored(page: Any) -> None:
    open_view(page, "tracks/2")
    page.locator(".hero").get_by_role("button", name="Like", exact=True).click()
    page.locator(".hero [aria-pressed=true]").wait_for()
    open_view(page, "tracks/2")
    page.locator(".hero [aria-pressed=true]").wait_for()


@pytest.mark.parametrize("address", ["?q=img", "?q=900", "genres", "similar?plus=t1"])
def test_names_from_tags_are_text(page: Any, address: str) -> None:
    open_view(page, address)
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("address", VIEWS)
def test_no_view_is_larger_than_its_window(page: Any, address: str) -> None:
    open_view(page, address)
    for width, height in ((1280, 800), (640, 400), (320, 640)):  # 640 by 400 is a zoom of 200 %
        page.set_viewport_size({"width": width, "height": height})
        document, main = page.evaluate(
            """() => [document.documentElement, document.querySelector('main')].map(
                ({ scrollWidth, scrollHeight, clientWidth }) => ({ scrollWidth, scrollHeight, clientWidth }))"""
        )
        assert (document["scrollWidth"], document["scrollHeight"]) == (width, height)
        assert main["scrollWidth"] <= main["clientWidth"]


def test_filters_and_a_selection_leave_room_for_rows_on_a_small_phone(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    open_view(page, "")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("textbox", name="Artist").wait_for()
    page.get_by_role("grid").focus()
    page.keyboard.press("Shift+ArrowDown")
    bar = page.get_by_role("region", name="2 tracks selected")
    box, button = bar.bounding_box(), bar.get_by_role("button", name="Add to a playlist").bounding_box()
    assert button["x"] + button["width"] <= box["x"] + box["width"]
    assert page.locator(".filter-panel").bounding_box()["height"] > 200
    assert page.get_by_role("grid").bounding_box()["height"] > 200


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm ci in web/")
@pytest.mark.parametrize("address", [*VIEWS, "nowhere"])
def test_no_view_has_a_finding_of_axe(page: Any, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_view(page, address)
    assert_no_finding(page)


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm ci in web/")
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_that_opens_has_a_finding_of_axe(page: Any, width: int) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    open_view(page, "playlists")
    for opener in ("Listener: default", "Appearance and language"):
        page.get_by_role("button", name=opener).click()
        page.get_by_role("menu").wait_for()
        assert_no_finding(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Listener: default").click()
    page.get_by_role("menuitem", name="Add a listener").click()
    page.get_by_role("dialog").wait_for()
    assert_no_finding(page)
    page.keyboard.press("Escape")
    open_view(page, "")
    page.get_by_role("combobox", name="Search").fill("title")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert_no_finding(page)
    page.keyboard.press("Escape")
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+F10")
    page.get_by_role("menu", name="Actions").wait_for()
    assert_no_finding(page)
    page.get_by_role("menuitem", name="Add to queue").click()
    page.get_by_role("menu").wait_for(state="detached")
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Add to a playlist").click()
    page.get_by_role("dialog").wait_for()
    assert_no_finding(page)
    page.keyboard.press("Escape")
    open_view(page, "genres")  # its keys are not those of a table
    page.keyboard.press("q")
    page.locator(".queue-entry").first.wait_for()
    assert_no_finding(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert_no_finding(page)


def assert_no_finding(page: Any) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run().then(found => found.violations)")
        assert [(each["id"], scheme, [node["html"] for node in each["nodes"]][:3]) for each in found] == []


def test_another_language_is_chosen(page: Any) -> None:
    open_view(page, "")
    page.get_by_role("button", name="Appearance and language").click()
    page.get_by_role("menuitemradio", name="Deutsch").click()
    page.get_by_role("heading", level=1, name="Sammlung").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de"


def test_a_lost_server_is_found_again(page: Any) -> None:
    open_view(page, "")
    page.context.set_offline(True)
    page.get_by_role("link", name="Genres").click()
    page.get_by_role("alert").first.wait_for()
    page.context.set_offline(False)
    page.locator(".banner").get_by_role("button").click()
    page.locator(".banner").wait_for(state="detached")


def test_an_unknown_address_and_no_results_have_their_views(page: Any) -> None:
    page.goto("nowhere")
    page.get_by_text("There is no page at this address").wait_for()
    page.goto("?q=zzzzqqq")
    page.get_by_text("No track matches").wait_for()
