"""Edits that travel: by link, to another page, to other readers, through the page itself; accuracy, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from finding import turn_to
from playwright.sync_api import Page, expect
from under_surgery import (
    IMAGE,
    MODEL,
    button,
    edited_by_hand,
    edits_of,
    expect_shown,
    lines,
    open_panel,
    opener,
    type_weight,
    weight,
)
from watching import eventually, settled

from cnnviz.core.trace import Tracer
from cnnviz.data.datasets import has_mnist, mnist


@pytest.fixture
def draw(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    return opener(new_page, serve)


def test_a_link_gives_somebody_else_the_same_edited_network(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "1/3")
    text = eventually(page, lambda: edits_of(page), lambda found: found != "")
    other = draw(f"layer=conv1&map=3&edits={text}")
    expect_shown(other, edited_by_hand(weight(1 / 3)))
    expect(other.locator(".surgery")).to_be_hidden()
    other.locator(".surgery-badge").click()
    expect(other.locator(".surgery-list li")).to_have_count(1)
    assert lines(other) == ["conv1, map 3: kernel for input map 0 set by hand"]


def test_two_readers_at_once_do_not_see_each_others_edits(draw):
    one, other, third = (draw("layer=conv1&map=3") for _ in range(3))
    for page, value in ((one, "2"), (other, "-2")):
        open_panel(page)
        type_weight(page, value)
    expect_shown(one, edited_by_hand(weight(2.0)))
    expect_shown(other, edited_by_hand(weight(-2.0)))
    expect_shown(third, Tracer(MODEL)(IMAGE))
    expect(third.locator(".surgery-badge")).to_be_hidden()


def test_edits_outlive_a_visit_to_another_page_and_go_on_from_there(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "2")
    eventually(page, lambda: edits_of(page), lambda text: text != "")
    turn_to(page, "Glossary")
    turn_to(page, "Draw a digit")
    expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit", timeout=15_000)
    settled(page)
    button(page, "Undo").click()
    expect(page.locator(".surgery-badge")).to_be_hidden()
    expect_shown(page, Tracer(MODEL)(IMAGE))


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="MNIST is not in CNNVIZ_DATA")
def test_a_test_image_is_read_by_the_edited_network_too(draw):
    page = draw("layer=conv1&map=3", drawing="digit=17")
    image = mnist("test").images[17].astype(np.float32)[None] / np.float32(255)
    open_panel(page)
    type_weight(page, "2")
    expect_shown(page, edited_by_hand(weight(2.0), image))
    expect(page.locator(".verdict .words span")).to_contain_text("true class: 7")
    eventually(page, lambda: edits_of(page), lambda text: text != "")
    assert "digit=17" in page.evaluate("location.search")


def test_accuracy_says_on_what_it_was_measured(draw):
    page = draw("layer=conv1&map=3&edits=redraw.1.fc")
    page.locator(".surgery-badge").click()
    button(page, "Accuracy with these edits").click()
    result = page.locator(".surgery-result")
    expect(result).to_have_text(re.compile(r"^\d+\.\d % before, \d+\.\d % after, on 1,000 "), timeout=30_000)
    before, after = (float(share) for share in re.findall(r"(\d+\.\d) %", result.inner_text()))
    assert before > 85 > after
    button(page, "Undo").click()
    expect(result).to_have_text("")  # it was about another network


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_the_panel_without_scrolling_sideways(draw, dark: bool):
    page = draw("layer=conv2&map=3&edits=off.3.conv1", width=390, dark=dark, touch=True)
    open_panel(page)
    expect(page.locator(".surgery-maps canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_short_way_closed_the_page_itself_carries_the_edits_out(draw):
    page = draw("layer=conv1&map=3")
    page.evaluate(
        "() => { const go = fetch; window.fetch = (url, how) => "
        "String(url).endsWith('/look') ? Promise.resolve(new Response('', {status: 404})) : go(url, how); }"
    )
    open_panel(page)
    type_weight(page, "2")
    expect_shown(page, edited_by_hand(weight(2.0)))
    button(page, "Undo").click()
    expect_shown(page, Tracer(MODEL)(IMAGE))
