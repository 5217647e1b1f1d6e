"""Is the probability right? The panel under the table of the digits, against counting with the network itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import settled

from cnnviz.data.held_out_images import held_out_digits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.evaluation.metrics import calibration_error, logits_of
from cnnviz.figures.theme import format_percent
from cnnviz.models.checkpoints import load
from cnnviz.models.decision import softmax
from cnnviz.ui.draw.show import prepare_sketch

LONG = 120_000


def error_at(temperature: float) -> str:
    shown = held_out_digits(10_000).shown
    probabilities = softmax(logits_of(load("mnist")[0], shown.images) / temperature)
    right = probabilities.argmax(axis=1) == shown.labels
    return format_percent(calibration_error(probabilities.max(axis=1), right), 2)


def test_the_calibration_error_is_the_network_s_and_moves_with_the_temperature(
    serve: Callable[[Path], str], new_page: Callable[..., Page]
):
    page = new_page(serve(ROOT / "app.py"), width=1440)
    settled(page)
    page.get_by_text("Is the probability right?").click()
    expect(page.get_by_text(f"Expected calibration error: {error_at(1.0)}.")).to_be_visible(timeout=LONG)
    image = prepare_sketch(find_sample("three").sketch).image
    with torch.no_grad():
        scores = load("mnist")[0](torch.tensor(image)[None])[0].double().numpy()
    said = page.get_by_text("Of what lies on the table it says")
    expect(said).to_have_text(
        f"Of what lies on the table it says 3 with {format_percent(softmax(scores[None])[0, 3])}."
    )
    page.get_by_role("slider", name="Temperature").press("End")
    assert error_at(5.0) != error_at(1.0)
    expect(page.get_by_text(f"Expected calibration error: {error_at(5.0)}.")).to_be_visible()
    cooler = format_percent(softmax(scores[None] / 5)[0, 3])
    expect(said).to_have_text(f"Of what lies on the table it says 3 with {cooler}.")
    assert float(np.argmax(scores)) == 3
