"""A real Chromium and a real Streamlit server for the tests of what happens in the browser.

`serve(app)` gives the address of a running app, `new_page(...)` a page that is watched: a console error or
a request that leaves this machine fails the test that caused it. Wait with `settled(page)`, never by sleeping.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from driving import FLAGS, ROOT, running, system_chromium
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, Request, expect, sync_playwright

T = TypeVar("T")
APPS = Path(__file__).parent / "apps"
HERE = {"localhost", "127.0.0.1", "::1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Start `streamlit run` for an app (once per app and session) and give its address."""
    with ExitStack() as stack:
        addresses: dict[Path, str] = {}

        def start(app: Path) -> str:
            if app not in addresses:
                addresses[app] = stack.enter_context(running(app, tmp_path_factory.mktemp("server") / "log.txt"))
            return addresses[app]

        yield start


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium: `CNNVIZ_CHROMIUM`, else the system's, else Playwright's own. Fails when there is none."""
    try:
        started = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
    except Error as error:
        pytest.fail(
            "no Chromium to test in: run `python -m playwright install --with-deps chromium`, or install your system's "
            f"(`apt-get install chromium`), or set CNNVIZ_CHROMIUM to its path. {error.message.splitlines()[0]}"
        )
    yield started
    started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open watched pages: `new_page(url, width=390, dark=True, touch=True)`."""
    pages: list[Page] = []
    troubles: list[str] = []

    def open_page(url: str | None = None, **options: object) -> Page:
        pages.append(open_watched(browser, troubles, url, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()
    assert troubles == []


def open_watched(
    browser: Browser,
    troubles: list[str],
    url: str | None = None,
    *,
    width: int = 1100,
    height: int = 900,
    dark: bool = False,
    touch: bool = False,
    **options,
) -> Page:
    """A page in a browser context of its own; what goes wrong in it is noted in `troubles`."""
    options |= {"viewport": {"width": width, "height": height}, "has_touch": touch}
    page = browser.new_context(color_scheme="dark" if dark else "light", **options).new_page()
    page.on("console", lambda message: note_console(message, troubles))
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    page.on("request", lambda request: note_request(request, troubles))
    if url is not None:
        page.goto(url)
        settled(page)
    return page


def note_console(message: ConsoleMessage, troubles: list[str]) -> None:
    if message.type == "error":
        troubles.append(f"console: {message.text}")


def note_request(request: Request, troubles: list[str]) -> None:
    address = urlsplit(request.url)
    if address.scheme not in {"data", "blob"} and address.hostname not in HERE:
        troubles.append(f"request leaves this machine: {request.url}")


@pytest.fixture
def open_walk(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open the walk of the Draw page at a cell: `open_walk("conv2", 3, "5.6", width=390)`."""
    address = serve(ROOT / "app.py")

    def open_page(layer: str, channel: int = 0, cell: str = "0.0", **options: object) -> Page:
        query = f"?layer={layer}&map={channel}&cell={cell}"
        page = new_page(f"{address}/{query}", **({"width": 1440} | options))
        walk = page.locator(".cnnviz-explorer .walk")
        expect(walk).to_be_visible(timeout=30_000)
        walk.focus()
        settled(page)
        return page

    return open_page


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


def settled(page: Page) -> None:
    """Wait until no script runs and everything it made is on the page."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)


def eventually(page: Page, read: Callable[[], T], accepts: Callable[[T], bool], patience: float = 5) -> T:
    """Read until the answer is accepted, and return it; fails with the last answer (as `expect` does for locators)."""
    deadline = time.monotonic() + patience
    while not accepts(answer := read()):
        assert time.monotonic() < deadline, f"not accepted within {patience} s: {answer}"
        page.wait_for_timeout(20)
    return answer
