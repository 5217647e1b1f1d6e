"""What is chosen in the panels below a table is in the address: a reload and a link show the very same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import choose_option, eventually, settled

from cnnviz.ui.why.panel_choices import PANEL_LINK_NAMES

LONG = 120_000


@pytest.fixture
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def words(page: Page) -> dict[str, str]:
    """What the address says of the panels."""
    found = parse_qs(urlsplit(page.url).query)
    return {name: found[name][0] for name in PANEL_LINK_NAMES if name in found}


def says(page: Page, **wanted: str) -> None:
    eventually(page, lambda: words(page), lambda got: got == wanted)


def typed(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")
    settled(page)


def test_method_window_and_classes_of_why_survive_a_reload_and_open_by_link(address: str, new_page):
    page = new_page(address, width=1440)
    settled(page)
    page.get_by_text("Why this answer?").click()
    expect(page.get_by_text("Score of 3:")).to_be_visible(timeout=LONG)
    says(page, panels="why")
    choose_option(page, page.get_by_label("Why", exact=True), "5")
    choose_option(page, page.get_by_label("rather than", exact=True), "8")
    page.get_by_role("radio", name="occlusion").click()
    typed(page, "Window (pixels)", "6")
    eventually(page, lambda: words(page).get("why_window"), lambda got: got == "6")
    settled(page)  # the stride of this window is a field of its own
    typed(page, "Stride", "2")
    chosen = {"panels": "why", "why_class": "5", "why_against": "8", "why_method": "occlusion", "why_window": "6",
              "why_stride": "2"}  # fmt: skip
    says(page, **chosen)
    settled(page)  # the address comes before the answer
    said = page.get_by_text("Score of 5 minus 8:").inner_text()
    page.reload()
    for other in (page, new_page(page.url, width=1440)):
        expect(other.get_by_text("Score of 5 minus 8:")).to_have_text(said, timeout=LONG)
        expect(other.get_by_label("Window (pixels)", exact=True)).to_have_value("6")
        expect(other.get_by_label("Stride", exact=True)).to_have_value("2")
        settled(other)
        says(other, **chosen)
    page.get_by_role("radio", name="integrated gradients").click()  # nothing of a window any more
    says(page, panels="why", why_class="5", why_against="8")
    page.get_by_text("Why this answer?").click()
    says(page)


def test_the_layer_of_grad_cam_is_in_the_link(address: str, new_page):
    page = new_page(f"{address}/?panels=why&why_method=grad_cam&why_layer=conv1&why_parts=pool1", width=1440)
    expect(page.get_by_role("radio", name="Grad-CAM")).to_have_attribute("aria-checked", "true", timeout=LONG)
    expect(page.get_by_text("More than a weighted sum follows this layer")).to_be_visible()  # conv2 comes after pool1
    settled(page)
    says(page, panels="why", why_method="grad_cam", why_layer="conv1", why_parts="pool1")


def test_a_push_its_amount_and_the_temperature_are_in_the_link(address: str, new_page):
    page = new_page(address, width=1440)
    settled(page)
    page.get_by_text("How far can one push?").click()
    choose_option(page, page.get_by_label("Push the image"), "turn")
    page.get_by_role("slider", name="Amount (degrees)").press("End")
    page.get_by_role("slider", name="Temperature").press("Home")
    says(page, panels="push", push_by="turn", push_amount="90", push_temperature="0.5")
    settled(page)
    said = page.get_by_text("At 90.00 degrees:").inner_text()
    other = new_page(page.url, width=1440)
    expect(other.get_by_text("At 90.00 degrees:")).to_have_text(said, timeout=LONG)
    choose_option(other, other.get_by_label("Push the image"), "blur")  # another push begins where it does nothing
    says(other, panels="push", push_by="blur", push_temperature="0.5")


def test_a_unit_its_ink_and_seed_are_in_the_link(address: str, new_page):
    query = "?layer=conv2&map=3&panels=unit.fool&unit_layer=fc&unit_map=6&unit_ink=0.13&unit_seed=4&fool_class=8"
    page = new_page(f"{address}/{query}", width=1440)
    expect(page.get_by_text("Strongest for the class 6")).to_be_visible(timeout=LONG)
    expect(page.get_by_label("Seed", exact=True)).to_have_value("4")
    expect(page.get_by_text("Now it is 8")).to_be_visible(timeout=LONG)
    settled(page)
    says(page, panels="unit.fool", unit_layer="fc", unit_map="6", unit_ink="0.13", unit_seed="4", fool_class="8")
    assert "13 %" in page.locator("[data-testid=stSlider]").filter(has_text="Ink at most").inner_text()


def test_what_cannot_be_is_as_usual(address: str, new_page):
    page = new_page(
        f"{address}/?panels=why.push.junk&why_method=junk&why_class=77&why_layer=%3Cb%3E&push_by=5&push_amount=1e9",
        width=1440,
    )
    expect(page.get_by_text("Score of 3:")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("At 0.00 pixels:")).to_be_visible()
    expect(page.get_by_role("radio", name="integrated gradients")).to_have_attribute("aria-checked", "true")
    settled(page)
    says(page, panels="why.push")


def test_choices_come_back_from_another_page_and_after_the_panel_was_closed(address: str, new_page):
    page = new_page(f"{address}/?panels=push&push_by=turn&push_amount=45", width=1440)
    expect(page.get_by_text("At 45.00 degrees:")).to_be_visible(timeout=LONG)
    page.get_by_text("How far can one push?").click()
    expect(page.get_by_text("At 45.00 degrees:")).to_be_hidden()
    says(page)
    page.get_by_text("How far can one push?").click()
    expect(page.get_by_text("At 45.00 degrees:")).to_be_visible()
    page.get_by_role("link", name="First lesson").first.click()
    expect(page).to_have_url(re.compile("x_or_o"))
    expect(page.locator(".cnnviz-lesson")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Draw a digit").first.click()
    expect(page.get_by_text("At 45.00 degrees:")).to_be_visible(timeout=LONG)
    says(page, panels="push", push_by="turn", push_amount="45")
