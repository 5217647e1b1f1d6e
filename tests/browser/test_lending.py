"""A window that a test leaves is for the next one as if nobody had been there, and what would stay in it is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import ROOT
from lending import PLAIN, Lending
from playwright.sync_api import Browser, Page
from watching import open_watched, settled

SEEN = """async () => ({
  session: Object.keys(sessionStorage).filter((key) => key.startsWith("test-")),
  local: Object.keys(localStorage).filter((key) => key.startsWith("test-")),
  cookie: document.cookie.includes("test-cookie"),
  databases: (await indexedDB.databases()).map((one) => one.name).includes("test-database"),
  global: window.testGlobal ?? null,
  history: history.length,
  hovered: document.querySelectorAll(":hover").length,
  prints: matchMedia("print").matches,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  screen: [innerWidth, innerHeight],
  link: location.search,
})"""
TRACES: dict[str, Callable[[Page], object]] = {
    "session": lambda page: page.evaluate("sessionStorage.setItem('test-key', 1)"),
    "local": lambda page: page.evaluate("localStorage.setItem('test-key', 1)"),
    "cookie": lambda page: page.evaluate("document.cookie = 'test-cookie=1; max-age=60'"),
    "databases": lambda page: page.evaluate(
        "new Promise((done) => { const made = indexedDB.open('test-database');"
        " made.onsuccess = () => { made.result.close(); done(); }; })"
    ),
    "history": lambda page: page.evaluate("history.pushState(null, '', '?test=1')"),
    "hovered": lambda page: page.mouse.move(300, 300),
    "prints": lambda page: page.emulate_media(media="print"),
    "dark": lambda page: page.emulate_media(color_scheme="dark"),
    "screen": lambda page: page.set_viewport_size({"width": 500, "height": 400}),
    "global": lambda page: page.evaluate("window.testGlobal = 1"),
}


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return f"{serve(ROOT / 'app.py')}/glossary"


@pytest.fixture
def lends(browser: Browser) -> Iterator[Lending]:
    made = Lending(browser)
    yield made
    made.close()


@pytest.fixture(scope="module")
def untouched(browser: Browser, address: str) -> Iterator[dict[str, object]]:
    """What a page sees of a window in which nobody has been."""
    page = open_watched(browser, [], address)
    yield page.evaluate(SEEN)
    page.context.close()


def test_nothing_of_a_test_is_in_the_window_of_the_next(lends: Lending, untouched: dict[str, object], address: str):
    first = lends.lend(address)
    for trace in TRACES.values():
        trace(first.page)
    seen = first.page.evaluate(SEEN)
    assert {name for name in untouched if seen[name] != untouched[name]} == {*TRACES, "link"}
    lends.take_back(first)
    second = lends.lend(address)
    assert second.page is first.page
    assert second.page.evaluate(SEEN) == untouched
    second.page.go_back()
    assert second.page.url.endswith(PLAIN)


def test_without_leaving_it_properly_the_traces_would_be_noticed(
    lends: Lending, untouched: dict[str, object], address: str
):
    page = lends.lend(address).page
    traces = ("session", "local", "cookie", "databases", "history")
    for trace in traces:
        TRACES[trace](page)
    page.goto("about:blank")
    page.goto(address)
    settled(page)
    seen = page.evaluate(SEEN)
    assert [trace for trace in traces if seen[trace] == untouched[trace]] == []
    page.context.close()


def test_two_pages_at_a_time_and_pages_of_another_kind_have_windows_of_their_own(lends: Lending, address: str):
    one, other, touched = lends.lend(address), lends.lend(address), lends.lend(address, touch=True)
    assert len({id(window.page.context) for window in (one, other, touched)}) == 3
    one.page.evaluate("localStorage.setItem('test-key', 1)")
    assert other.page.evaluate(SEEN)["local"] == []
    lends.take_back(one)
    assert lends.lend(address, touch=True).page is not one.page


def test_what_went_wrong_is_the_trouble_of_the_test_that_did_it(lends: Lending, address: str):
    window = lends.lend(address)
    with window.page.expect_console_message():
        window.page.evaluate("console.error('one')")
    assert window.troubles == ["console: one"]
    lends.take_back(window)
    assert lends.lend(address).troubles == []


def test_a_window_with_another_tab_is_not_handed_on(lends: Lending, address: str):
    window = lends.lend(address)
    window.page.context.new_page()
    lends.take_back(window)
    assert lends.idle == []


def test_only_so_many_windows_wait(browser: Browser, address: str):
    lends = Lending(browser, most_idle=1)
    windows = [lends.lend(address), lends.lend(address)]
    for window in windows:
        lends.take_back(window)
    assert lends.idle == windows[1:]
    assert [window.page.is_closed() for window in windows] == [True, False]
    lends.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.route("**/*", lambda route: route.continue_()),
        lambda page: page.add_init_script("1"),
        lambda page: page.on("dialog", lambda dialog: dialog.accept()),
        lambda page: page.context.grant_permissions(["clipboard-read"]),
        lambda page: page.context.new_cdp_session(page),
    ],
)
def test_what_would_stay_is_refused(change: Callable[[Page], object], new_page: Callable[..., Page], address: str):
    page = new_page(address)
    with pytest.raises(AssertionError, match="own_window=True"):
        change(page)
