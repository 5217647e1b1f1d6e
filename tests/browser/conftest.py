"""A real Chromium and a real Streamlit server for the tests of what happens in the browser.

`serve(app)` gives the address of a running app, `new_page(...)` a page that is watched: a console error or
a request that leaves this machine fails the test that caused it. Wait with `settled(page)`, never by sleeping.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from driving import FLAGS, ROOT, running
from lending import Lending, Window
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright
from prepared_servers import CAN_COPY, PreparedServers
from watching import APPS, PATIENCE, open_watched, settled

from cnnviz import web
from cnnviz.web.assets import join_modules
from start import system_chromium

COMPONENTS = Path(web.__file__).parent
expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Start `streamlit run` for an app (once per app and session) and give its address."""
    with ExitStack() as stack:
        addresses: dict[Path, str] = {}
        prepared = stack.enter_context(closing(PreparedServers())) if CAN_COPY else None

        def start(app: Path) -> str:
            if app not in addresses:
                log = tmp_path_factory.mktemp("server") / "log.txt"
                addresses[app] = prepared.start(app, log) if prepared else stack.enter_context(running(app, log))
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


@pytest.fixture(scope="session")
def lending(browser: Browser) -> Iterator[Lending]:
    """The windows that tests hand on to each other."""
    lends = Lending(browser)
    yield lends
    lends.close()


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Page]:
    """One page for all tests of a module, which goes on from address to address; a console error fails the module."""
    troubles: list[str] = []
    page = open_watched(browser, troubles, width=1440)
    yield page
    page.context.close()
    assert troubles == []


@pytest.fixture
def new_page(browser: Browser, lending: Lending, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open watched pages: `new_page(url, width=390, dark=True, touch=True)`.

    In a window of their own with `own_window=True`, or without an address; else in one that a test before has left.
    """
    own: list[Page] = []
    lent: list[Window] = []
    troubles: list[str] = []
    failures = request.session.testsfailed

    def open_page(url: str | None = None, *, own_window: bool = False, **options: object) -> Page:
        if url is None or own_window:
            own.append(open_watched(browser, troubles, url, **options))
            return own[-1]
        lent.append(lending.lend(url, **options))
        return lent[-1].page

    yield open_page
    found = [*troubles, *(trouble for window in lent for trouble in window.troubles)]
    has_failed = request.session.testsfailed > failures
    for page in [*own, *(window.page for window in lent if has_failed)]:
        page.context.close()
    for window in lent if not has_failed else []:
        lending.take_back(window)
    assert found == []


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


@pytest.fixture(scope="module")
def run_module(browser: Browser) -> Iterator[Callable[..., object]]:
    """JavaScript in an empty page: `run_module("sketchpad/line.js", "m.distance([0, 0], [3, data])", 4)`.

    The expression has the module as `m` and what is given last as `data`.
    """
    blank = browser.new_page()

    def evaluate(module: str, expression: str, data: object = None) -> object:
        folder, name = module.split("/")
        source = json.dumps(join_modules(COMPONENTS / folder, name))
        load = f"import(URL.createObjectURL(new Blob([{source}], {{type: 'text/javascript'}})))"
        return blank.evaluate(f"async (data) => {{ const m = await {load}; return {expression}; }}", data)

    yield evaluate
    blank.close()


@pytest.fixture(scope="module")
def pad_troubles() -> list[str]:
    """What went wrong on the pages of `open_pad`."""
    return []


@pytest.fixture(scope="module")
def pad_pages(browser: Browser, serve: Callable[[Path], str], pad_troubles: list[str]) -> Iterator[Callable[..., Page]]:
    """Pages of the pad by address and options: opened once a module, for loading takes longer than a test."""
    pages: dict[tuple, Page] = {}
    address = serve(APPS / "sketchpad_app.py")

    def open_once(query: str, **options: object) -> Page:
        name = (query, *sorted(options.items()))
        if name not in pages:
            pages[name] = open_watched(browser, pad_troubles, address + query, **options)
        return pages[name]

    yield open_once
    for page in pages.values():
        page.context.close()


@pytest.fixture
def open_pad(pad_pages: Callable[..., Page], pad_troubles: list[str]) -> Iterator[Callable[..., Page]]:
    """`open_pad("?start=1", width=390)`: the test application with a fresh pad in view."""

    def open_it(query: str = "", **options: object) -> Page:
        page = pad_pages(query, **options)
        page.bring_to_front()
        runs = page.locator(".st-key-runs")
        number = int(runs.inner_text().split(":")[0].removeprefix("pad ")) + 1
        page.get_by_role("button", name="Fresh").click()
        expect(runs).to_have_text(f"pad {number}: 0 reruns")
        expect(page.locator(f'[data-key="pad {number}"]')).to_be_visible()
        return page

    yield open_it
    found = list(pad_troubles)
    pad_troubles.clear()
    assert found == []
