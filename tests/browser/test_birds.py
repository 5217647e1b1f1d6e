"""The trained network for birds and airplanes, in the browser: it opens, and reads a photo of one's own as PyTorch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from keeping import kept
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

from cnnviz.figures.theme import format_number, format_percent
from cnnviz.models import checkpoints

MODEL, MANIFEST = checkpoints.load("birds")
NAMES = ("airplane", "bird")
OPEN = "Birds and airplanes (trained)"


@pytest.fixture
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def explorer(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer")


def painted(page: Page) -> None:
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=60_000)
    settled(page)


def test_it_opens_and_shows_pytorchs_numbers_for_a_photo_of_ones_own(
    new_page: Callable[..., Page], address: str, tmp_path: Path
):
    page = new_page(f"{address}/your_network", width=1440)
    page.get_by_role("button", name=OPEN).click(timeout=60_000)
    painted(page)
    expect(page.get_by_text("3×32×32 → airplane, bird, 38,482 parameters")).to_be_visible()
    accuracy = format_percent(MANIFEST.figures["validation"]["accuracy"])
    expect(page.get_by_text(f"{accuracy} of 2,000 others are classified correctly")).to_be_visible()

    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    page.locator(".cnnviz-shelf").get_by_role("button", name="Upload").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(tmp_path / "photo.png")
    expect(page.get_by_text("As uploaded")).to_be_visible(timeout=60_000)
    values = torch.tensor(photo.transpose(2, 0, 1)[None]).float() / 255
    with torch.no_grad():
        probabilities = torch.softmax(MODEL(values).double(), dim=1)[0]
        conv1 = MODEL.conv1(MODEL.standardise(values))[0, 0].numpy()
    top = int(probabilities.argmax())
    said = f"Prediction: {NAMES[top]} ({format_percent(float(probabilities[top]))})"
    expect(page.locator(".verdict")).to_contain_text(said, timeout=60_000)
    explorer(page).get_by_role("button", name="conv1").click()
    page.locator(".cnnviz-explorer .numbers-button").click()
    cells = page.locator(".cnnviz-explorer .numbers td")
    expect(cells).to_have_count(32 * 32)
    assert cells.all_inner_texts() == [format_number(value, 3) for value in conv1.ravel()]


def test_its_link_opens_it_on_any_server_with_the_picture_that_was_drawn_by_code(
    new_page: Callable[..., Page], address: str
):
    page = new_page(f"{address}/your_network?network=birds&digit=1", width=1440)
    painted(page)
    expect(page.get_by_text("Picture 2. Drawn by code for this page, no photo")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("true class: airplane")
    page.reload()
    painted(page)
    expect(page.get_by_text("Picture 2. Drawn by code for this page, no photo")).to_be_visible()


def test_train_live_leads_to_it(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}/train?network=birds_c1", width=1440)
    page.get_by_role("button", name="Network: Birds and airplanes").click(timeout=60_000)
    page.get_by_role("button", name=f"Look inside a trained one: {OPEN}").click(timeout=60_000)
    painted(page)
    expect(page.get_by_text("3×32×32 → airplane, bird, 38,482 parameters")).to_be_visible()


def test_it_can_be_opened_while_another_network_lies_open_and_comes_back_with_the_session(
    new_page: Callable[..., Page], address: str
):
    page = new_page(f"{address}/your_network", width=1440)
    page.get_by_role("button", name="LeNet-5").click(timeout=60_000)
    painted(page)
    page.get_by_role("button", name="Open a network").click()
    page.get_by_role("button", name=OPEN).click(timeout=60_000)
    expect(page.get_by_text("3×32×32 → airplane, bird, 38,482 parameters")).to_be_visible(timeout=60_000)
    painted(page)
    eventually(page, lambda: kept(page, "your_network"), lambda text: "birds" in text)
    page.goto(f"{address}/your_network")  # nothing in the address: the browser has kept it
    expect(page.get_by_text("3×32×32 → airplane, bird, 38,482 parameters")).to_be_visible(timeout=60_000)
