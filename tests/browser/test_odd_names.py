"""A network whose modules have names that mean something in links and in Markdown, in a real browser."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from driving import ROOT
from playwright.sync_api import Page, expect
from torch import nn
from torch.nn import functional
from watching import eventually, settled

from cnnviz.core.edits import Edit, EditKind, Edits

NAME = "3×3 #1? a&b=c/d 50% *m* [x](y) `c` <b> a~b"
SECOND = "relu#2"  # a second call, as the explorer names it


class Odd(nn.Module):
    """A block of one convolution with an odd name, and a function that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(OrderedDict([(NAME, nn.Conv2d(3, 2, 3))]))
        self.fc = nn.Linear(2 * 30 * 30, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(torch.flatten(functional.relu(0.5 - functional.relu(self.block(x))), 1))


@pytest.fixture
def opened(new_page: Callable[..., Page], serve: Callable[[Path], str], tmp_path: Path) -> Page:
    torch.manual_seed(0)
    torch.export.save(torch.export.export(Odd().eval(), (torch.zeros(1, 3, 32, 32),)), tmp_path / "odd.pt2")
    page = new_page(f"{serve(ROOT / 'app.py')}/your_network", width=1440)
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "odd.pt2")
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    page.keyboard.press("Escape")
    settled(page)
    return page


def painted(page: Page) -> None:
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    settled(page)


def edits_in_force(page: Page, edits: Edits) -> None:
    wanted = f"edits={edits.text.replace('%', '%25').replace('~', '%7E')}"
    eventually(page, lambda: page.url.replace("~", "%7E"), lambda url: wanted in url, 15)


def apply(page: Page, words: str | re.Pattern[str]) -> None:
    menu = page.get_by_label("Whole maps and layers")
    menu.select_option(label=menu.locator("option", has_text=words).inner_text())
    page.locator(".cnnviz-explorer").get_by_role("button", name="Apply", exact=True).click()


def test_a_layer_of_any_name_is_opened_edited_and_linked(opened: Page):
    page, path = opened, f"block.{NAME}"
    page.locator(".cnnviz-explorer .label[data-index='1']").click()
    expect(page.locator(".crumbs")).to_contain_text(f"{path}, map 0")
    page.get_by_role("button", name="Edit this kernel").click()
    expect(page.locator(".surgery")).to_be_visible()
    apply(page, f"Switch map 0 of {path} off")
    off = Edits((Edit(EditKind.OFF, path, 0),))
    edits_in_force(page, off)
    expect(page.locator(".surgery-list li")).to_contain_text(path)
    page.goto(page.url)
    painted(page)
    expect(page.locator(".crumbs")).to_contain_text(f"{path}, map 0")
    page.locator(".cnnviz-explorer .numbers-button").click()
    expect(page.locator(".cnnviz-explorer .numbers td").first).to_have_text("0")
    assert page.locator(".cnnviz-explorer .label b", has_text=NAME).count() == 1, "letter by letter"


def test_a_second_call_is_opened_and_taken_out(opened: Page):
    page = opened
    page.locator(".cnnviz-explorer .label", has=page.locator("b", has_text=re.compile(f"^{SECOND}$"))).click()
    page.get_by_role("button", name="Edit the network").click()
    apply(page, re.compile(f"^Take .* out of {SECOND}$"))
    edits_in_force(page, Edits((Edit(EditKind.LINEAR, SECOND),)))
