"""The walk through one training step on networks that it was not made for, broken ones included."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from stepping import go, ready
from watching import APPS


@pytest.fixture(scope="module")
def odd_address(serve: Callable[[Path], str]) -> str:
    return serve(APPS / "motion_app.py")


def test_another_network_walks_too_and_its_sums_hold(new_page: Callable[..., Page], odd_address: str):
    page = new_page(odd_address, width=1300)
    ready(page)
    count = int(page.locator(".cnnviz-motion .player input").get_attribute("max"))
    seen = 0
    for step in range(count + 1):
        go(page, step)
        row = page.locator(".cnnviz-motion .sum-row")
        if row.count():
            given = float(page.locator(".cnnviz-motion .total").get_attribute("data-total"))
            assert float(row.get_attribute("data-sum")) == pytest.approx(given, rel=1e-4, abs=1e-6)
            seen += 1
    assert seen == 2
    expect(page.locator(".cnnviz-motion .about")).to_contain_text("bias correction")


def test_a_dead_end_is_said_and_the_layers_after_it_still_show_their_gradients(
    new_page: Callable[..., Page], odd_address: str
):
    page = new_page(f"{odd_address}/?which=dead", width=1300)
    ready(page)
    last = int(page.locator(".cnnviz-motion .player input").get_attribute("max"))
    go(page, last - 1)
    expect(page.locator(".cnnviz-motion .sentence")).to_contain_text("No gradient comes this far")
    assert page.locator('.cnnviz-motion .column[data-shows="gradient"]').count() == 8


def test_infinite_values_leave_the_walk_in_order(new_page: Callable[..., Page], odd_address: str):
    page = new_page(f"{odd_address}/?which=broken", width=1300)
    ready(page)
    for step in range(int(page.locator(".cnnviz-motion .player input").get_attribute("max")) + 1):
        go(page, step)
        assert page.locator(".cnnviz-motion .sentence").inner_text()


def test_a_network_with_branches_walks_too(new_page: Callable[..., Page], odd_address: str):
    """A shortcut, a join, a layer that is called twice, one that stands on maps, and a softmax at the end."""
    page = new_page(f"{odd_address}/?which=graph", width=1440)
    ready(page)
    count = int(page.locator(".cnnviz-motion .player input").get_attribute("max"))
    told, labels = {}, {}
    for step in range(count + 1):
        go(page, step)
        title = page.locator(".cnnviz-motion .words strong").inner_text()
        told[title] = page.locator(".cnnviz-motion .sentence").inner_text()
        labels[title] = page.locator(".cnnviz-motion .figures figcaption").all_inner_texts()
        row = page.locator(".cnnviz-motion .sum-row")
        if row.count():
            given = float(page.locator(".cnnviz-motion .total").get_attribute("data-total"))
            assert float(row.get_attribute("data-sum")) == pytest.approx(given, rel=1e-4, abs=1e-7), title
    assert "the probability" not in told["Back through softmax#2"]
    assert "begins at the scores before" in told["Back through softmax#2"]
    assert "a shortcut takes nothing away" in told["Back through add"]
    assert [text.split(":")[1].split("±")[0].strip() for text in labels["Back through add"]] == [
        "values", "values", "gradient", "gradient", "what goes back here",
    ]  # fmt: skip
    assert "goes to 2 layers: conv, add" in told["Back through relu"]
    assert "2 layers use the same weights" in told["Back through conv"]
    assert "Every row of the maps" in told["Back through embed"]
    assert "divided where the inputs were joined" in told["Back through cat"]


@pytest.mark.parametrize("width", [1440, 1280, 1000])
@pytest.mark.parametrize("which", ["", "graph"])
def test_names_of_columns_never_lie_over_one_another(
    new_page: Callable[..., Page], odd_address: str, which: str, width: int
):
    page = new_page(f"{odd_address}/?which={which}", width=width, height=720)
    ready(page)
    last = int(page.locator(".cnnviz-motion .player input").get_attribute("max"))
    for step in (0, last // 2, last):
        go(page, step)
        boxes = page.locator(".cnnviz-motion .column b").evaluate_all(
            """(nodes) => nodes.map((node) => {
              const { left, right, top, bottom } = node.getBoundingClientRect();
              return { left, right, top, bottom, name: node.innerText };
            })"""
        )
        assert boxes
        for a, b in itertools.combinations(boxes, 2):
            apart = a["right"] <= b["left"] or b["right"] <= a["left"]
            assert apart or a["bottom"] <= b["top"] + 2 or b["bottom"] <= a["top"] + 2, (a, b)


def test_names_stand_in_as_few_lines_as_they_need(run_module: Callable[..., object]):
    def lines(*widths: int) -> object:
        names = [{"middle": 50 * at, "width": width} for at, width in enumerate(widths)]
        return run_module("training_step/columnnames.js", "m.linesOfNames(data)", names)

    assert lines(40, 40, 40) == 1
    assert lines(40, 80, 40) == 2
    assert lines(90, 90, 90, 120, 90) == 3
    assert lines(300, 300, 300, 300) == 4
