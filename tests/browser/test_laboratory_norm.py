"""Batch normalisation and dropout in a real browser: the printed digits, cell by cell, in both modes."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch import nn
from watching import APPS, eventually

from cnnviz.conv_lab.normalisation import NormExample, batch_images
from cnnviz.figures.theme import format_number


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


def opened(new_page: Callable[..., Page], address: str, query: str = "", **options: object) -> Page:
    page = new_page(f"{address}/?part=norm{query}", **({"width": 1440} | options))
    expect(page.locator(".cnnviz-normalisation[data-painted]")).to_be_visible(timeout=30_000)
    return page


def cells(page: Page, stage: str, map_: int = 0) -> list[str]:
    """The texts of one map of a stage, row by row."""
    return page.locator(f'.norm-stage[data-stage="{stage}"] table').nth(map_).locator("td").all_inner_texts()


def becomes(page: Page, stage: str, map_: int, expected: list[str]) -> None:
    eventually(page, lambda: cells(page, stage, map_), lambda got: got == expected)


def texts(values: torch.Tensor) -> list[str]:
    return [format_number(value, 4) for value in values.flatten().tolist()]


def line(page: Page, name: str) -> Locator:
    return page.locator(".norm-lines tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_d2_channel_by_channel_with_both_variances(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    assert cells(page, "image")[:5] == ["1", "10", "1", "1", "1"]
    assert cells(page, "output")[:5] == ["−0.5883", "0.1272", "−0.5883", "−0.5883", "−0.5883"]
    assert cells(page, "output")[21] == "3.3070"
    for channel in (1, 2):
        assert cells(page, "output", channel)[::5] == ["−1.4142", "−0.7071", "0.0000", "0.7071", "1.4142"]
    images = torch.from_numpy(batch_images(NormExample.CHANNELS, 1)).double()
    variance, mean = torch.var_mean(images, dim=(0, 2, 3), keepdim=True, correction=1)
    unbiased = ((images - mean) / (variance + 1e-5).sqrt())[0]
    for channel in range(3):
        assert cells(page, "unbiased", channel) == texts(unbiased[channel])
    expect(line(page, "Σ x / n").locator("td").first).to_have_text("210 / 25 = 8.4")
    expect(line(page, "Σ (x − μ)² / n, or / (n − 1)").locator("td")).to_have_text(
        ["3956 / 25 = 158.24", "3956 / 24 = 164.8333"]
    )
    expect(line(page, "γ · normalised + β").locator("td")).to_have_text(["0.1272", "0.1246"])


def test_a_cell_is_chosen_by_hand_and_by_keys_and_its_arithmetic_follows(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator('.norm-stage[data-stage="output"] td[data-place="0 0 4 1"]').click()
    expect(line(page, "γ · normalised + β").locator("td").first).to_have_text("3.3070")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".norm-numbers h2").first).to_have_text("Image 0, channel 0, row 4, column 0")
    expect(line(page, "x").locator("td").first).to_have_text("5")
    page.get_by_label("γ", exact=True).fill("2")
    page.get_by_label("β", exact=True).fill("1")
    layer = nn.BatchNorm2d(3)
    nn.init.constant_(layer.weight, 2)
    nn.init.constant_(layer.bias, 1)
    with torch.no_grad():
        expected = layer(torch.from_numpy(batch_images(NormExample.CHANNELS, 1)))[0]
    becomes(page, "output", 0, texts(expected[0]))
    expect(line(page, "γ · normalised + β").locator("td").first).to_have_text(format_number(float(expected[0, 4, 0])))


def test_running_estimates_move_and_evaluation_uses_them(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    layer = nn.BatchNorm2d(3)
    with torch.no_grad():
        for batch in (1, 2, 3):
            layer(torch.from_numpy(batch_images(NormExample.CHANNELS, batch)))
        values = layer.eval()(torch.from_numpy(batch_images(NormExample.CHANNELS, 3)))[0]
    expect(page.locator(".norm-running tbody tr")).to_have_count(2)
    assert page.locator('.norm-running tr[data-batch="1"] td').all_inner_texts() == [
        "8.4", "164.8333", "0.84", "17.3833",
    ]  # fmt: skip
    page.get_by_label("Batches so far").fill("3")
    expect(page.locator(".norm-running tbody tr")).to_have_count(4)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    shown = page.locator('.norm-running tr[data-batch="3"] td').all_inner_texts()[2:]
    assert [float(text) for text in shown] == pytest.approx(
        [float(layer.running_mean[0]), float(layer.running_var[0])], abs=6e-5
    )
    page.get_by_role("button", name="evaluation").click()
    becomes(page, "output", 0, texts(values[0]))
    expect(page.locator('.norm-stage[data-stage="unbiased"]')).to_have_count(0)
    expect(page.locator(".norm-lines thead th")).to_have_text(["running estimates: PyTorch"])


def test_d3_two_images_through_convolution_normalisation_and_relu(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator(".norm-controls select").first.select_option("two-images")
    conv = ["1.4235", "1.4235", "1.2118", "1.6353", "1.6353", "1.3176", "1.8471", "1.8471", "1.4235"]
    becomes(page, "arrives", 0, conv)
    assert cells(page, "arrives", 1) == ["1.1059"] * 9
    norm = ["0.4082", "0.4082", "−0.4082", "1.2247", "1.2247", "0.0000", "2.0411", "2.0411", "0.4082"]
    assert cells(page, "output", 0) == norm
    assert cells(page, "output", 1) == ["−0.8164"] * 9
    assert cells(page, "relu", 0) == [text if "−" not in text else "0.0000" for text in norm]
    assert set(cells(page, "relu", 1)) == {"0.0000"}
    assert cells(page, "image", 0)[:5] == ["1", "10", "1", "1", "1"]


def test_f2_dropout_drops_channels_in_training_and_nothing_in_evaluation(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator(".norm-controls select").last.select_option("dropout")
    expect(page.get_by_label("p", exact=True)).to_have_value("0.4")
    becomes(page, "output", 0, ["0.0000"] * 25)  # dropped in this draw
    assert cells(page, "output", 1)[:5] == [format_number(1 / 0.6, 4)] * 5
    page.locator('.norm-stage[data-stage="output"] td[data-place="0 1 2 0"]').click()
    expect(line(page, "its channel survives: x / (1 − p)").locator("td")).to_have_text("3 / 0.6 = 5")
    page.get_by_role("button", name="evaluation").click()
    becomes(page, "output", 0, cells(page, "image", 0))


def test_the_link_leads_back_to_batch_mode_and_cell(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator(".norm-controls select").first.select_option("two-images")
    page.locator('.norm-stage[data-stage="output"] td[data-place="1 0 2 2"]').click()
    link = eventually(page, lambda: page.url, lambda url: "two-images" in url and unquote(url).endswith("~1~0~2~2"))
    other = new_page(link, width=1440)
    expect(other.locator(".norm-numbers h2").first).to_have_text("Image 1, channel 0, row 2, column 2", timeout=30_000)
    assert cells(other, "output", 1) == ["−0.8164"] * 9


def test_the_colours_follow_the_theme(new_page: Callable[..., Page], address: str):
    """The page turns dark while it is open: what is 0 is the dark theme's neutral middle then."""
    colour = "(cell) => getComputedStyle(cell).backgroundColor"
    zero = '.norm-stage[data-stage="output"] td[data-place="0 1 2 0"]'
    in_dark = opened(new_page, address, dark=True).locator(zero).evaluate(colour)
    page = opened(new_page, address)
    assert page.locator(zero).evaluate(colour) != in_dark
    page.emulate_media(color_scheme="dark")
    eventually(page, lambda: page.locator(zero).evaluate(colour), lambda got: got == in_dark)
