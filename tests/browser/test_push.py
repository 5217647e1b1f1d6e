"""How far can one push? The panel under the table of the digits, against the network's own answers."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from driving import ROOT
from PIL import Image
from playwright.sync_api import Page, expect
from watching import choose_option, settled

from cnnviz.attribution.pushes import Push, push_image
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_percent
from cnnviz.models.checkpoints import load
from cnnviz.ui.draw.show import prepare_sketch


def test_a_pushed_digit_gets_the_networks_own_answer(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = new_page(serve(ROOT / "app.py"), width=1440)
    settled(page)
    page.get_by_text("How far can one push?").click()
    expect(page.get_by_text("At 0.00 pixels:")).to_be_visible(timeout=60_000)
    choose_option(page, page.get_by_label("Push the image"), "turn")
    expect(page.get_by_text("At 0.00 degrees:")).to_be_visible()
    page.get_by_role("slider", name="Amount (degrees)").press("End")
    image = push_image(prepare_sketch(find_sample("three").sketch).image, Push.TURN, 90)
    with torch.no_grad():
        probabilities = load("mnist")[0](torch.tensor(image)[None]).softmax(dim=1)[0]
    best = int(probabilities.argmax())
    wanted = f"At 90.00 degrees: {best} ({format_percent(float(probabilities[best]))})."
    expect(page.get_by_text(wanted)).to_be_visible()
    assert best != 3
    shown = page.get_by_alt_text("what the network gets")
    assert shown.get_attribute("src").startswith("data:image/png;base64,")  # as a file of its own it could be gone
    data = base64.b64decode(shown.get_attribute("src").split(",")[1])
    levels = np.array(Image.open(io.BytesIO(data))).astype(float)[::8, ::8] / 255
    assert np.abs(levels - image[0].clip(0, 1)).max() < 0.5 / 255 + 1e-6
    expect(page.get_by_text("The probability of 3 for each shift of the image")).to_be_visible()


def test_every_push_is_shown(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = new_page(serve(ROOT / "app.py"), width=1440)
    settled(page)
    page.get_by_text("How far can one push?").click()
    for name, unit in (("scale", "times"), ("thicken", "pixels"), ("blur", "standard deviation in pixels"),
                       ("add noise", "standard deviation"), ("hide a corner", "pixels")):  # fmt: skip
        choose_option(page, page.get_by_label("Push the image"), name)
        expect(page.get_by_role("slider", name=f"Amount ({unit})")).to_be_visible()


def test_the_answer_is_to_the_amount_that_the_slider_says(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    """An amount between two of the forty-one of the curve."""
    page = new_page(f"{serve(ROOT / 'app.py')}/?panels=push&push_by=turn&push_amount=61.3", width=1440)
    image = push_image(prepare_sketch(find_sample("three").sketch).image, Push.TURN, 61.3)
    with torch.no_grad():
        probabilities = load("mnist")[0](torch.tensor(image)[None]).softmax(dim=1)[0]
    best = int(probabilities.argmax())
    wanted = f"At 61.30 degrees: {best} ({format_percent(float(probabilities[best]))})."
    expect(page.get_by_text(wanted)).to_be_visible(timeout=60_000)
