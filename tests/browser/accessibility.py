"""What axe-core finds wrong with a page, open shadow roots included: one sentence for each fault."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page
from watching import eventually, settled

# (rule, what its element's HTML has): why it stays
EXCEPTIONS = {
    ("presentation-role-conflict", 'data-testid="stFileUploaderDropzone"'): "Streamlit's own; the button inside works",
    ("list", 'data-testid="stSidebarNavItems"'): "Streamlit's own menu on a phone: headings between list and items",
    ("listitem", '<li class="st-emotion-cache-'): "the same: its items are lists' items, below one more element",
}
THEME = "() => getComputedStyle(document.querySelector('.stApp')).colorScheme"
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime))
  .map((one) => one.finished))"""
THEMES = ("light", "dark")


def faults(page: Page) -> list[str]:
    """Every rule of axe-core that the page breaks as it stands, with the place; "best practices" included.

    A page reads axe-core once: that takes as long as half of what axe-core then does.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    return list(_sentences(page.evaluate("axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)")))


def _sentences(violations: list[dict]) -> Iterator[str]:
    for rule in violations:
        for node in rule["nodes"]:
            if any(rule["id"] == one and mark in node["html"] for one, mark in EXCEPTIONS):
                continue
            why = "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
            yield f"{rule['id']}: {node['html'][:160]} ({why})"


def expect_no_fault(page: Page) -> None:
    """Wait until a page of the app has no fault: in the theme that it has, and then in the other, where it is left.

    Colours that change with the theme take a moment.
    """
    shown = page.evaluate(THEME)
    for theme in sorted(THEMES, key=lambda one: one != shown):
        turn(page, theme)
        eventually(page, lambda: faults(page), lambda found: not found, patience=15)


def turn(page: Page, theme: str) -> None:
    """Let the page follow a reader who turns their screen light or dark, and wait until nothing moves."""
    page.emulate_media(color_scheme=theme)
    eventually(page, lambda: page.evaluate(THEME), lambda now: now == theme, patience=15)
    settled(page)
    page.evaluate(STILL)
