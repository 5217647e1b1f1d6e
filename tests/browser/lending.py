"""Windows of the browser that go from test to test: a page opened in one that is there costs half of a first one.

Nothing of a test stays in a window: what the page kept, where its pointer and its history were, what it was told of
the screen. What no reset takes away (a route, a script for every page, a permission) is refused: that needs a window of
its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Error, Page
from watching import open_watched, settled

MOST_IDLE = 8  # windows that wait for a test: each is a process
PLAIN = "_stcore/health"  # a page of every server that holds nothing but a word: an idle window shows it
STORED = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"
# What no reset takes away again: of a page, and of the context it is in.
STAYS = ("add_init_script", "expose_binding", "expose_function", "route", "route_web_socket", "set_extra_http_headers")
STAYS_ON_PAGE = (*STAYS, "add_locator_handler", "on")
STAYS_IN_CONTEXT = (*STAYS, "grant_permissions", "new_cdp_session", "set_geolocation", "set_offline")


@dataclass
class Window:
    """A page that is lent, with what went wrong in it since."""

    kind: tuple
    page: Page
    devtools: CDPSession
    troubles: list[str]


@dataclass
class Lending:
    """Lends windows of a browser, one test at a time."""

    browser: Browser
    most_idle: int = MOST_IDLE
    idle: list[Window] = field(default_factory=list)

    def lend(self, url: str, *, width: int = 1100, height: int = 900, dark: bool = False, **options: object) -> Window:
        """A watched page at an address, as `open_watched` opens it: in a window that was there, or in a new one."""
        kind = (origin_of(url), *sorted(options.items()))
        window = next((one for one in self.idle if one.kind == kind), None)
        if window is None:
            window = self._opened(kind, **options)
        else:
            self.idle.remove(window)
        window.troubles.clear()
        window.page.set_viewport_size({"width": width, "height": height})
        window.page.emulate_media(color_scheme="dark" if dark else "light", media="null")
        window.page.goto(url)
        settled(window.page)
        return window

    def _opened(self, kind: tuple, **options: object) -> Window:
        troubles: list[str] = []
        page = open_watched(self.browser, troubles, **options)
        window = Window(kind, page, page.context.new_cdp_session(page), troubles)
        for owner, words in ((page, STAYS_ON_PAGE), (page.context, STAYS_IN_CONTEXT)):
            for word in words:
                setattr(owner, word, refusal(word))
        return window

    def take_back(self, window: Window) -> None:
        """Empty a window for the next test; one that is not as it was lent, or whose server has ended, is closed."""
        try:
            if window.page.context.pages != [window.page]:
                raise Error("the test has closed the page or opened others")
            leave(window.page, window.devtools, str(window.kind[0]))
        except Error:
            window.page.context.close()
            return
        self.idle.append(window)
        while len(self.idle) > self.most_idle:
            self.idle.pop(0).page.context.close()

    def close(self) -> None:
        """Close all that is idle."""
        for window in self.idle:
            window.page.context.close()
        self.idle.clear()


def leave(page: Page, devtools: CDPSession, origin: str) -> None:
    """Leave a page and forget what it kept: `sessionStorage` can only be emptied by a page of the same origin."""
    page.mouse.up()
    page.goto(f"{origin}/{PLAIN}")
    page.evaluate("sessionStorage.clear()")
    devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    devtools.send("Page.resetNavigationHistory")


def origin_of(url: str) -> str:
    """The address of the server that a page comes from."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def refusal(word: str) -> Callable[..., NoReturn]:
    """What stands for a method of a page that is handed on, where it would change the page for good."""

    def refuse(*_given: object, **_named: object) -> NoReturn:
        raise AssertionError(f"{word} stays in a window for the next test: ask for new_page(…, own_window=True)")

    return refuse
