"""The explorer is drawn from a trace, not from a list of layers: another network, opened layer by layer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from watching import APPS, settled

LAYERS = ["input", *map(str, range(11)), "softmax"]


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "other_network_app.py")


@pytest.mark.parametrize("width", [1300, 390])
def test_every_layer_of_another_network_can_be_opened(new_page: Callable[..., Page], address: str, width: int):
    page = new_page(address, width=width)
    crumbs = page.locator(".cnnviz-explorer .crumbs")
    for index, name in enumerate(LAYERS):
        page.locator(f'.cnnviz-explorer .label[data-index="{index}"]').click()
        expect(crumbs).to_contain_text(re.compile(rf"›{name}\b"))
        settled(page)
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")
        page.locator(".cnnviz-explorer canvas.over").focus()
        page.keyboard.press("Escape")
        expect(crumbs).to_have_text("Whole network")
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")


def test_names_come_from_the_network(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1300)
    labels = page.locator(".cnnviz-explorer .label")
    expect(labels).to_have_count(len(LAYERS))
    expect(labels.nth(4)).to_contain_text("20×15×15")
    expect(labels.nth(4)).to_have_attribute("title", re.compile(r"20 · \(3·5·3 \+ 1\) = 920 parameters"))
