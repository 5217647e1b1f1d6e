"""The README's pictures, made anew: `python3 start.py picture`. A drawing, the whole network, one map opened."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from start import system_chromium
from tests.browser.driving import FLAGS, ROOT, running

FOLDER = ROOT / "docs"
VIEWS = {"network": "", "map": "?layer=conv2&map=24"}


def take(browser: Browser, address: str, name: str, query: str, theme: str) -> None:
    """One view in one theme, once everything stands still."""
    page = browser.new_page(viewport={"width": 1360, "height": 840}, color_scheme=theme)
    page.goto(f"{address}/{query}")
    page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=60_000)
    page.wait_for_timeout(1200)
    page.screenshot(path=FOLDER / f"{name}-{theme}.png")
    page.close()


def main() -> int:
    """All pictures."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        with running(ROOT / "app.py", Path(folder) / "log.txt") as address:
            for name, query in VIEWS.items():
                for theme in ("light", "dark"):
                    take(browser, address, name, query, theme)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
