"""The README's pictures, made anew: `python3 start.py picture`. The whole network, one map opened, a run under way."""

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


def take_training(browser: Browser, address: str) -> None:
    """Train live while its first network learns, paused so that it stands still."""
    page = browser.new_page(viewport={"width": 1360, "height": 960}, color_scheme="light")
    page.goto(f"{address}/train")
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    trainer = page.locator(".cnnviz-trainer").element_handle(timeout=60_000)
    is_there = "(root) => root.dataset.state === 'running' && Number(root.dataset.step) >= 150"
    page.wait_for_function(is_there, arg=trainer, timeout=120_000)
    page.locator(".st-key-train_pause button").click()
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / "training-light.png")
    page.locator('[data-do="stop"]').click()
    page.close()


def main() -> int:
    """All pictures."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        with running(ROOT / "app.py", Path(folder) / "log.txt") as address:
            for name, query in VIEWS.items():
                for theme in ("light", "dark"):
                    take(browser, address, name, query, theme)
            take_training(browser, address)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
