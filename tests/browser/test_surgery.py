"""Surgery on the Draw page in real Chromium: every number is that of a network that was edited by hand in PyTorch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from under_surgery import (
    IMAGE,
    MODEL,
    answer_of,
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
from watching import eventually

from cnnviz.core.edits.presets import preset_kernel
from cnnviz.core.trace import Tracer
from cnnviz.figures.theme import value_text


@pytest.fixture
def draw(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    return opener(new_page, serve)


def test_nothing_is_in_the_way_of_somebody_who_only_draws(draw):
    page = draw()
    for part in (".surgery", ".surgery-bar"):
        expect(page.locator(part)).to_be_hidden()
    assert edits_of(page) == ""


def test_a_typed_weight_changes_every_number_after_it(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "2.5")
    expect_shown(page, edited_by_hand(weight(2.5)))
    assert lines(page) == ["conv1, map 3: kernel for input map 0 set by hand"]
    expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit")
    assert answer_of(edited_by_hand(weight(2.5))) != answer_of(Tracer(MODEL)(IMAGE))  # and others are told apart


def test_while_a_weight_is_dragged_the_answer_follows_and_it_is_one_edit(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    field = page.locator('.weights input[data-at="12"]')
    box = field.bounding_box()

    def painted() -> int:
        return int(page.locator(".cnnviz-explorer").get_attribute("data-painted"))

    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    for step in range(4, 25, 4):
        before = painted()
        page.mouse.move(box["x"] + 20, box["y"] + 12 - 4 * step, steps=4)
        eventually(page, painted, lambda count, before=before: count > before)
    assert edits_of(page) == ""  # Python's page has heard of nothing yet
    page.mouse.up()
    shown = float(page.locator('.weights input[data-at="12"]').get_attribute("title").replace("−", "-"))
    assert shown != pytest.approx(float(MODEL.conv1.weight[3, 0, 2, 2]), abs=0.05)
    expect_shown(page, edited_by_hand(weight(shown, at=(2, 2))))
    assert len(lines(page)) == 1


def test_undo_redo_and_reset(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    button(page, "negate").click()
    page.get_by_label("Whole maps and layers").select_option(label="Take ReLU out of relu1")
    button(page, "Apply").click()
    expect(page.locator(".surgery-list li")).to_have_count(2)

    def negated(model: torch.nn.Sequential) -> None:
        model.conv1.weight[3, 0] *= -1

    def both(model: torch.nn.Sequential) -> None:
        negated(model)
        model.relu1 = torch.nn.Identity()

    expect_shown(page, edited_by_hand(both))
    button(page, "Undo").click()
    expect_shown(page, edited_by_hand(negated))
    button(page, "Redo").click()
    expect_shown(page, edited_by_hand(both))
    button(page, "Reset").click()
    expect_shown(page, Tracer(MODEL)(IMAGE))
    expect(page.locator(".surgery-badge")).to_be_hidden()
    eventually(page, lambda: edits_of(page), lambda text: text == "")
    for _ in range(2):
        button(page, "Redo").click()
    expect_shown(page, edited_by_hand(both))


def test_quick_clicks_are_all_counted(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    for _ in range(7):
        page.locator('.kernel-actions button[data-key="negate"]').dispatch_event("click")
    expect(page.locator(".surgery-list li")).to_have_count(7)
    eventually(page, lambda: edits_of(page).count("negate"), lambda count: count == 7)


def test_a_sobel_kernel_in_a_channel_of_conv2(draw):
    page = draw("layer=conv2&map=5")
    open_panel(page)
    page.get_by_label(re.compile("for map")).first.select_option("9")
    button(page, "Sobel").click()

    def sobel(model: torch.nn.Sequential) -> None:
        model.conv2.weight[5, 9] = torch.tensor(preset_kernel("sobel", 5, 5))

    expect_shown(page, edited_by_hand(sobel), layer=3, channel=5)
    assert lines(page) == ["conv2, map 5: kernel for input map 9 is now “Sobel”"]
    expect(button(page, "Sobel")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".surgery-kernel .kernel-hint").last).to_contain_text("kernels are 5×5")
    expect(button(page, "Scharr")).to_have_attribute("title", "3×3 in the middle of 5×5, zeros around it")
    page.locator('.surgery-steps [data-step="undo"]').click()
    expect(button(page, "Sobel")).to_have_attribute("aria-pressed", "false")


def test_before_after_and_difference(draw):
    page = draw("layer=conv1&map=3&edits=negate.3.0.conv1")
    after, before = edited_by_hand(lambda model: model.conv1.weight[3, 0].mul_(-1)), Tracer(MODEL)(IMAGE)
    expect_shown(page, after)
    button(page, "before").click()
    expect_shown(page, before)
    expect(page.locator(".surgery-badge")).to_be_visible()
    button(page, "difference").click()
    expect(page.locator(".numbers caption")).to_contain_text("after − before")
    change = [value_text(v) for v in (after.layers[0].output[3] - before.layers[0].output[3]).ravel()]
    eventually(page, lambda: page.locator(".numbers td").all_inner_texts(), lambda shown: shown == change)
    expect(page.locator(".verdict strong")).to_have_text(answer_of(after))


def test_a_cell_of_an_edited_network_is_walked_with_its_own_numbers(draw):
    page = draw("layer=conv1&map=3&cell=10.12&edits=negate.3.0.conv1")
    expect(page.locator(".walk")).to_be_visible()
    trace = edited_by_hand(lambda model: model.conv1.weight[3, 0].mul_(-1))
    button(page, "Numbers").click()
    total = page.locator(".numbers tfoot tr").last.locator("td").last
    shown = eventually(page, lambda: total.inner_text(), lambda text: text != "")
    assert float(shown.replace("−", "-")) == pytest.approx(float(trace.layers[0].output[3, 10, 12]), abs=1e-3)
    expect(button(page, "difference")).to_be_disabled()
    button(page, "before").click()
    wanted = float(Tracer(MODEL)(IMAGE).layers[0].output[3, 10, 12])
    eventually(
        page, lambda: float(total.inner_text().replace("−", "-")), lambda v: v == pytest.approx(wanted, abs=1e-3)
    )


def test_keys_move_a_weight_in_one_edit_and_escape_goes_back_level_by_level(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    crumbs = page.locator(".crumbs")
    step = page.locator('.weights input[data-at="0"]')
    step.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    shown = eventually(
        page, lambda: step.get_attribute("title"), lambda text: text != exact(MODEL.conv1.weight[3, 0, 0, 0])
    )
    expect_shown(page, edited_by_hand(weight(float(shown.replace("−", "-")))))
    expect(page.locator(".surgery-list li")).to_have_count(1)
    step.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("0.5")
    page.keyboard.press("Escape")
    expect(crumbs).to_contain_text("conv1, map 3")  # the first one ends the typing
    expect(page.locator(".surgery-list li")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(crumbs).not_to_contain_text("conv1, map 3")
    expect(page.locator(".surgery")).to_be_visible()


def exact(value: torch.Tensor) -> str:
    return f"{float(value):.8g}".replace("-", "−")


def test_words_and_legend_follow_what_is_done(draw):
    page = draw()
    button(page, "Edit the network").click()
    expect(page.locator(".surgery")).to_be_visible()
    expect(page.locator(".surgery .kernel-editor")).to_be_hidden()  # no map is open
    label = page.locator('.label[data-index="2"]')
    expect(label).to_contain_text("keeps positive")
    page.get_by_label("Whole maps and layers").select_option(label="Take ReLU out of relu1")
    button(page, "Apply").click()
    expect(label).to_contain_text("identity")
    button(page, "Undo").click()
    expect(label).to_contain_text("keeps positive")
    button(page, "Redo").click()
    page.locator('.label[data-index="1"]').click()
    expect(page.locator(".surgery-scale em")).to_have_count(3)
    numbers = page.locator(".surgery-scale em").all_inner_texts()
    assert numbers[1] == "0"
    assert numbers[0] == f"−{numbers[2]}"
    reach = float(np.abs(Tracer(MODEL)(IMAGE).layers[0].output).max())  # conv1 itself stays as it was
    assert float(numbers[2]) == pytest.approx(reach, abs=0.005)
