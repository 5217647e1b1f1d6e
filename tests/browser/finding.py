"""Going from page to page as a reader does: by the bar above, its menus, or the side bar of a phone."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from watching import settled

WAY = 30_000  # ms for the app to show its bar on a busy machine
PHONE = 768  # narrower than this the pages stand in a side bar
MENUS = {
    "X and O": ("Draw an X or an O", "Teach it yourself"),
    "How it learns": ("One training step", "Experiments"),
    "Look up": ("Small examples", "Layer by layer", "Glossary", "About"),
}


def turn_to(page: Page, title: str) -> None:
    """Click the link to the page called `title`, after its menu where it stands in one, and wait for the page."""
    size = page.viewport_size
    link = _link_on_a_phone(page, title) if size and size["width"] < PHONE else _link_in_the_bar(page, title)
    there = link.get_attribute("href")
    link.click()
    page.wait_for_url(lambda url: url.split("?")[0] == there)
    settled(page)


def _link_in_the_bar(page: Page, title: str) -> Locator:
    bar = page.get_by_test_id("stTopNav")
    expect(bar.get_by_test_id("stTopNavLink").first).to_be_visible(timeout=WAY)
    for name, titles in MENUS.items():
        if title in titles:
            _open_menu(bar, name)
    return link_to(page, title)


def link_to(page: Page, title: str) -> Locator:
    """The link of the navigation to the page called `title`, in the bar or in the menu that is open."""
    links = page.get_by_test_id("stTopNavLink").or_(page.get_by_test_id("stTopNavDropdownLink"))
    return links.filter(has=page.get_by_text(title, exact=True))


def _open_menu(bar: Locator, name: str) -> None:
    menus = bar.get_by_test_id("stTopNavSection")
    named = menus.and_(bar.locator(":not([inert], [inert] *)")).filter(has_text=name)
    (named if named.count() else menus.last).click()  # a narrow bar keeps the later menus behind "more"


def _link_on_a_phone(page: Page, title: str) -> Locator:
    opens, closes = (page.get_by_test_id(name) for name in ("stExpandSidebarButton", "stSidebarCollapseButton"))
    expect(opens.or_(closes).first).to_be_attached(timeout=WAY)
    if opens.is_visible():
        opens.click()
    return page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
