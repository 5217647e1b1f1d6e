"""Worked examples that no other test compares digit by digit: on their pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from laboratory_bench import opened, shown, take
from playwright.sync_api import Page, expect
from reading_lesson import cell, chapter, visitor
from torch import nn
from torch.nn import functional
from watching import APPS, settled

from cnnviz.attribution.maximise import Climb, Start, maximise, start_image
from cnnviz.core.graph import build_graph
from cnnviz.core.units import UnitRef
from cnnviz.figures.theme import format_number, format_percent, value_text
from cnnviz.models.checkpoints import load

PATIENCE = 120_000  # for a process to load PyTorch on a busy machine


@pytest.fixture(scope="module")
def laboratory(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


def test_a1_a2_the_x_of_nine_by_nine_and_its_three_features(new_page, serve: Callable[[Path], str]):
    page = visitor(new_page, serve)()
    wanted = [["1" if 0 < row < 8 and row in (col, 8 - col) else "−1" for col in range(9)] for row in range(9)]
    assert [[cell(page, row, col).inner_text() for col in range(9)] for row in range(9)] == wanted
    chapter(page, 2)
    printed = ("1 −1 −1 −1 1 −1 −1 −1 1", "1 −1 1 −1 1 −1 1 −1 1", "−1 −1 1 −1 1 −1 1 −1 −1")
    for at, feature in enumerate(printed):
        cells = page.locator(f'.feature[data-feature="{at}"] [role="gridcell"]')
        assert cells.all_inner_texts() == feature.split()


def test_b5_the_pull_of_softmax_before_nll_loss_is_p_times_the_right_one(new_page, serve: Callable[[Path], str]):
    page = new_page(f"{serve(ROOT / 'app.py')}/experiments?lesson=softmax", width=1440)
    table = page.locator("[data-testid=stMarkdown] table").filter(has_text="right: 1 − p")
    expect(table).to_be_visible(timeout=30_000)
    rows = {
        row.locator("td").first.inner_text(): row.locator("td").all_inner_texts()[1:]
        for row in table.locator("tbody tr").all()
    }
    right, mistake = [], []
    for p in (0.01, 0.1, 0.5, 0.9):
        for found, name in ((right, "log_softmax"), (mistake, "softmax")):
            scores = torch.tensor([[p, 1 - p]], dtype=torch.float64).log().requires_grad_()
            loss = functional.nll_loss(getattr(functional, name)(scores, dim=1), torch.tensor([0]))
            (gradient,) = torch.autograd.grad(loss, scores)
            found.append(format_number(-gradient[0, 0].item()))
    assert rows["right: 1 − p"] == right == ["0.9900", "0.9000", "0.5000", "0.1000"]
    assert rows["mistake: p · (1 − p)"] == mistake == ["0.0099", "0.0900", "0.2500", "0.0900"]


def test_b7_batch_sizes_are_measured_on_this_machine(new_page, serve: Callable[[Path], str]):
    page = new_page(f"{serve(ROOT / 'app.py')}/experiments?lesson=batch&pictures=digits&seconds=10", width=1440)
    expect(page.get_by_text("166 s with batches of 1, and 17 s with batches of 10")).to_be_visible(timeout=30_000)
    page.locator(".st-key-run_batch button").click()
    said = page.get_by_text("Measured here:").locator("xpath=ancestor-or-self::p")
    expect(said).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-stop_batch")).to_have_count(0, timeout=PATIENCE)
    settled(page)
    pattern = r"([\d.]+) s per epoch with batches of 1, ([\d.]+) s with batches of 10: ([\d.]+) times"
    one, ten, times = map(float, re.search(pattern, said.inner_text()).groups())
    assert (one - 0.05) / (ten + 0.05) - 0.05 <= times <= (one + 0.05) / max(ten - 0.05, 0.01) + 0.05


@pytest.mark.data
def test_b8_a_six_with_no_more_ink_than_a_digit_has(new_page, serve: Callable[[Path], str]):
    page = new_page(f"{serve(ROOT / 'app.py')}/?layer=fc&map=6", width=1440)
    settled(page)
    page.get_by_text("What does a unit look for?").click()
    expect(page.get_by_text("Strongest for the class 6")).to_be_visible(timeout=PATIENCE)
    ink = page.get_by_role("slider", name="Ink at most")
    for _step in range(5):  # no limit, 50, 30, 20, 16, 13 %
        ink.press("ArrowLeft")
    settled(page)
    page.get_by_role("button", name="Maximise").click()
    said = page.get_by_text("Its value here:")
    expect(said).to_be_visible(timeout=PATIENCE)
    network = load("mnist")[0]
    graph = build_graph(network, (1, 28, 28))
    *_before, last = maximise(graph, UnitRef("fc", 6), start_image(Start.NOISE, (1, 28, 28), 0), Climb(ink=0.13))
    assert last.image.mean() <= 0.13 + 1e-6
    with torch.no_grad():
        probability = float(network.double()(torch.tensor(last.image).double()[None])[0].softmax(dim=0)[6])
    expect(said).to_contain_text(f"Its value here: {value_text(last.value)};")
    expect(said).to_contain_text(f"Probability of 6: {format_percent(probability)}.")


def weights(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator(".lab-kernel .weights input").all()]


def test_d4_weights_are_pytorchs_random_ones_of_a_seed_and_can_be_set_by_hand(new_page, laboratory: str):
    page = opened(new_page, laboratory)
    take(page, "random-start")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        wanted = nn.Conv2d(1, 1, 3).weight.detach().ravel().tolist()
    before = weights(page)
    np.testing.assert_allclose([shown(text) for text in before], wanted, atol=5e-4)
    page.locator(".lab-kernel .weights input").first.fill("2")
    assert weights(page) == ["2", *before[1:]]


def test_e7_a_1x1_convolution_is_a_fully_connected_layer_at_each_pixel(new_page, laboratory: str):
    page = opened(new_page, laboratory)
    take(page, "one-by-one")
    expect(page.locator(".lab-shape")).to_have_text("3×32×32 → 2×32×32")
    said = page.locator(".lab-words").inner_text()
    found = re.search(r"fully connected layer at each pixel: they differ by at most (0|\de-\d+)", said)
    assert found, said
    assert float(found.group(1)) < 1e-6
