"""Keys that Streamlit takes for itself: on our pages a stray R runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Page, expect
from watching import eventually, settled

COUNTS = """() => {
    window.runs = 0;
    const app = document.querySelector('[data-testid="stApp"]');
    const asked = () => { window.runs += app.dataset.testScriptState !== "notRunning"; };
    new MutationObserver(asked).observe(app, {attributes: true, attributeFilter: ["data-test-script-state"]});
    window.heard = 0;
    document.addEventListener("keydown", () => { window.heard += 1; });
}"""


@pytest.fixture
def visit(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a page of the app by its title, with runs and keys counted from then on."""
    address = serve(ROOT / "app.py")

    def open_page(title: str, part: str, query: str = "") -> Page:
        page = new_page(f"{address}/{query}", width=1440)
        if title:
            turn_to(page, title)
        expect(page.locator(part).first).to_be_visible(timeout=30_000)
        settled(page)
        page.evaluate(COUNTS)
        return page

    return open_page


def heard(page: Page) -> int:
    """How many keys have reached the document, where Streamlit listens."""
    return int(page.evaluate("window.heard"))


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("", ".sketchpad .pad"),
        ("", ".cnnviz-explorer canvas.over"),
        ("First lesson", ".chapter-row button"),
        ("Laboratory", ".lab-examples button"),
        ("One training step", ".cnnviz-motion button:not([disabled])"),
    ],
)
def test_a_stray_r_in_a_component_does_not_reach_streamlit(visit, title: str, part: str):
    page = visit(title, part)
    page.locator(part).first.focus()
    page.keyboard.press("r")
    page.keyboard.press("c")
    assert heard(page) == 0
    page.keyboard.press("q")
    eventually(page, lambda: heard(page), lambda count: count == 1)  # other keys do: it is there that Streamlit listens


def test_a_stray_r_while_one_walks_does_not_run_the_page(visit):
    page = visit("", ".cnnviz-explorer .walk", "?layer=conv1&map=2&cell=5.5")
    for act in (
        lambda: page.locator(".cnnviz-explorer .walk").focus(),
        lambda: page.evaluate("document.activeElement.blur()"),
    ):
        act()
        page.keyboard.press("r")
        assert heard(page) == 0


def test_r_can_be_typed_into_a_field(visit):
    page = visit("Laboratory", ".lab-kernel .weights input")
    field = page.locator(".lab-kernel .weights input").first
    field.fill("")
    field.press("r")
    expect(field).to_have_value("r")


def test_on_a_page_without_our_components_the_key_still_means_what_streamlit_says(visit):
    """The negative twin: what is counted above does happen where nothing keeps the key."""
    page = visit("About", "h1, h2, h3, h4, h5")
    page.keyboard.press("r")
    eventually(page, lambda: page.evaluate("window.runs"), lambda runs: runs > 0)
    assert heard(page) == 1
