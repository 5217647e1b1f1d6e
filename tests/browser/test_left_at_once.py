"""Something is changed, and in the same moment the reader goes to another page: it is there when they come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Page, expect
from watching import eventually, settled

TYPE = "(field, value) => { field.value = value; field.dispatchEvent(new InputEvent('input', {bubbles: true})); }"
PRESS = "(node, key) => node.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, composed: true}))"
LEAVE = 'document.querySelector(\'[data-testid="stTopNavLink"][href*="your_network"]\').click();'
LONG = 30_000


class Part(NamedTuple):
    """A page's address and title, what shows that it stands there; what is changed, how, and where it can be read.

    `tab` is the part of the page that is chosen again.
    """

    address: str
    title: str
    stands: str
    at: str
    change: str
    value: str
    reads: str = "node => node.value"
    becomes: str = ""
    tab: str = ""


PARTS = {
    "1-D and 3-D": Part(
        "laboratory?part=nd", "Laboratory", ".cnnviz-conv-nd[data-painted]",
        '[data-grid="input"] input >> nth=0', TYPE, "8", tab="1-D and 3-D",
    ),
    "normalisation": Part(
        "laboratory?part=norm", "Laboratory", ".cnnviz-normalisation[data-painted]",
        '[data-number="gamma"] input', TYPE, "2.5", tab="Normalisation",
    ),
    "shift": Part(
        "laboratory?part=why", "Laboratory", ".cnnviz-shifting[data-painted]", ".cnnviz-shifting canvas >> nth=0",
        PRESS, "ArrowRight", "node => node.closest('.cnnviz-shifting').dataset.shift", "4 2", "Why convolutions?",
    ),
    "bench": Part(
        "laboratory", "Laboratory", ".cnnviz-laboratory[data-painted]",
        ".lab-kernel .weights input >> nth=0", TYPE, "3",
    ),
    "lesson": Part(
        "x_or_o?chapter=7", "First lesson", ".cnnviz-lesson[data-painted]", "input[type=range][min='0.5']", TYPE, "7.5",
    ),
    "network": Part(
        "train?layers=conv_8_k3-relu-max_k2-flatten-fc", "Train live", ".cnnviz-blueprint[data-text]",
        ".bp-row input[data-field=kernel] >> nth=0", TYPE, "5",
    ),
    "kernel": Part(
        "?layer=conv1&map=0&open=edit", "Draw a digit", ".cnnviz-explorer .surgery",
        ".surgery .weights input >> nth=0", TYPE, "1.25",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_it_is_there_when_one_comes_back(name: str, new_page: Callable[..., Page], serve: Callable[[Path], str]):
    part = PARTS[name]
    page = new_page(f"{serve(ROOT / 'app.py')}/{part.address}", width=1440)
    expect(page.locator(part.stands)).to_be_visible(timeout=LONG)
    settled(page)
    place = page.locator(part.at)
    expect(place).to_be_attached()
    place.evaluate(f"(node, value) => {{ ({part.change})(node, value); {LEAVE} }}", part.value)
    page.wait_for_url("**/your_network*")
    expect(page.locator(part.stands)).to_have_count(0, timeout=LONG)
    settled(page)
    turn_to(page, part.title)
    if part.tab:
        page.get_by_role("radio", name=part.tab).click()
    expect(page.locator(part.stands)).to_be_visible(timeout=LONG)
    place = page.locator(part.at)
    eventually(page, lambda: place.evaluate(part.reads), lambda got: got == (part.becomes or part.value))
