"""A watched page and how a test waits for it: what the browser's fixtures and the tests share.

`open_watched` notes console errors and requests that leave this machine; `settled` and `eventually` wait, no sleeping.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, TimeoutError, expect

T = TypeVar("T")
APPS = Path(__file__).parent / "apps"
PATIENCE = 30.0  # seconds for a state to come on a machine that does much else; no test says by it how fast we are
STILL = 8  # times that a place is read, some 30 ms apart, before it is believed
HERE = {"localhost", "127.0.0.1", "::1"}


def open_watched(
    browser: Browser,
    troubles: list[str],
    url: str | None = None,
    *,
    width: int = 1100,
    height: int = 900,
    dark: bool = False,
    touch: bool = False,
    script: str | None = None,
    **options,
) -> Page:
    """A page in a browser context of its own; what goes wrong in it is noted in `troubles`.

    `script` runs before those of every page that is opened in it.
    """
    options |= {"viewport": {"width": width, "height": height}, "has_touch": touch}
    page = browser.new_context(color_scheme="dark" if dark else "light", **options).new_page()
    if script is not None:
        page.add_init_script(script)
    page.on("console", lambda message: note_console(message, troubles))
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    page.on("request", lambda request: note_request(request, troubles))
    if url is not None:
        page.goto(url)
        settled(page)
    return page


def note_console(message: ConsoleMessage, troubles: list[str]) -> None:
    if message.type == "error" and not looks_for_the_server(message.location["url"]):
        troubles.append(f"console: {message.text}")


def looks_for_the_server(url: str) -> bool:
    """On a page opened by its own address Streamlit asks below that address first, then at the root.

    Which answer comes first, and so whether the browser complains of the other, depends on how busy the machine is.
    """
    return re.fullmatch(r"/\w+/_stcore/(health|host-config)", urlsplit(url).path) is not None


def note_request(request: Request, troubles: list[str]) -> None:
    address = urlsplit(request.url)
    if address.scheme not in {"data", "blob"} and address.hostname not in HERE:
        troubles.append(f"request leaves this machine: {request.url}")


def settled(page: Page) -> None:
    """Wait until no script runs and everything it made is on the page."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE * 1000)


def choose_option(page: Page, box: Locator, name: str) -> None:
    """Choose from a list of Streamlit's. A run that ends in between closes the list: it is opened again."""
    option = page.get_by_role("option", name=name, exact=True)
    for _attempt in range(3):
        box.click()
        try:
            option.click(timeout=PATIENCE * 1000 / 3)
        except TimeoutError:
            continue
        return settled(page)
    raise AssertionError(f"the list does not offer {name!r}")


def eventually(page: Page, read: Callable[[], T], accepts: Callable[[T], bool], patience: float = PATIENCE) -> T:
    """Read until the answer is accepted, and return it; fails with the last answer (as `expect` does for locators)."""
    deadline = time.monotonic() + patience
    while not accepts(answer := read()):
        assert time.monotonic() < deadline, f"not accepted within {patience} s: {answer}"
        page.wait_for_timeout(20)
    return answer


def box_at_rest(target: Locator) -> dict[str, float]:
    """Where it stands once it moves no more: an expander opens slowly, and what comes above pushes it down."""
    seen = []

    def look() -> list[object]:
        seen.append(target.bounding_box())
        return seen[-STILL:]

    boxes = eventually(
        target.page, look, lambda last: len(last) == STILL and last[0] and all(b == last[0] for b in last)
    )
    return dict(boxes[0])  # type: ignore[call-overload]
