#!/usr/bin/env python3
"""What a tab of the page holds after many changes of the view: its heap after a collection, nodes and listeners.

    benchmarks/tab.py LIBRARY [--views 200] [--browser /usr/bin/chromium]

Each view of the menu is opened in turn, on a copy of LIBRARY. The page must have been built (`scripts/build_page.py`).
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import recsys
from playwright.sync_api import CDPSession, sync_playwright
from server import run

_PAUSE = 600  # milliseconds of a view
_STEPS = 8


def held(tab: CDPSession) -> str:
    """A row of the table, after a forced collection."""
    for _ in range(2):
        tab.send("HeapProfiler.collectGarbage")
    found = {each["name"]: each["value"] for each in tab.send("Performance.getMetrics")["metrics"]}
    return f"{found['JSHeapUsedSize'] / 1e6:.2f} | {found['Nodes']:.0f} | {found['JSEventListeners']:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--views", type=int, default=200, metavar="N")
    parser.add_argument("--browser", default="/usr/bin/chromium", metavar="PROGRAM")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as programs:
        home = Path(scratch) / "library"
        shutil.copytree(options.library, home)
        browser = programs.chromium.launch(executable_path=options.browser, args=["--no-sandbox", "--disable-gpu"])
        with run(recsys(home, "serve", "--port", "0")) as server:
            context = browser.new_context()
            name, _, value = server.cookie.partition("=")
            url = f"http://127.0.0.1:{server.port}/"
            context.add_cookies([{"name": name, "value": value, "url": url}])
            page = context.new_page()
            page.goto(url)
            page.wait_for_selector("nav a")
            tab = context.new_cdp_session(page)
            tab.send("HeapProfiler.enable")
            tab.send("Performance.enable")
            links = [each.get_attribute("href") for each in page.query_selector_all("nav a")]
            views = list(dict.fromkeys(each for each in links if each))
            print(f"views: {', '.join(views)}\n\n| after | heap, MB | nodes | listeners |\n|---|---|---|---|")
            print(f"| 0 | {held(tab)} |", flush=True)
            for number in range(1, options.views + 1):
                page.locator(f'nav a[href="{views[number % len(views)]}"]').first.evaluate("link => link.click()")
                page.wait_for_timeout(_PAUSE)
                if number % max(1, options.views // _STEPS) == 0:
                    print(f"| {number} | {held(tab)} |", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
