"""From "Train live" into the explorer: batch normalisation, dropout and a shortcut, untrained and at a moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually

from cnnviz.core.trace import trace
from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.figures.theme import value_text
from cnnviz.models.builder import build_module, layers_from_text
from cnnviz.training import SavedNetwork, Scaling, unpack_network
from cnnviz.ui.train.setup import default_setup, fit_setup

LAYERS = "conv_4_k3_p1-norm-relu-max_k2-mapdrop_d0.4-skip_k3_frelu_n-flatten-fc"
WITH_NUMBERS = ("norm1", "dropout1", "block1.add")
PATIENCE = 90  # seconds for a worker to load PyTorch on a busy machine


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    """Train live with layers of one's own."""
    made = new_page(f"{serve(ROOT / 'app.py')}/train?network=own&layers={LAYERS}", width=1440, accept_downloads=True)
    expect(made.get_by_role("button", name="Look inside, untrained")).to_be_visible(timeout=30_000)
    return made


def state_of(page: Page) -> dict[str, str]:
    return page.locator(".cnnviz-trainer").evaluate("node => ({...node.dataset})")


def shows_pytorchs_numbers(page: Page, network: SavedNetwork, new_page: Callable[..., Page]) -> None:
    """The first map of each kind of layer, cell by cell, on the first picture that it never learned from."""
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    link = eventually(page, lambda: page.url, lambda url: "network=own-" in url, 15)
    picture = torch.tensor(load_images(DataChoice("digits")).validation.images[:1]).float() / 255
    traced = trace(network.build(), network.scaling(picture)[0].numpy())
    for path in WITH_NUMBERS:
        expected = next(layer.output for layer in traced.layers if layer.spec.path == path)[0]
        opened = new_page(f"{link}&layer={path}&map=0", width=1440)
        opened.locator(".cnnviz-explorer .numbers-button").click(timeout=30_000)
        cells = opened.locator(".cnnviz-explorer .numbers td")
        expect(cells).to_have_count(expected.size)
        assert cells.all_inner_texts() == [value_text(value) for value in expected.ravel().tolist()]
        assert np.ptp(expected) > 0  # no map of equal numbers: then any other map would do


def test_the_network_of_the_editor_opens_untrained(page: Page, new_page: Callable[..., Page]):
    page.get_by_role("button", name="Look inside, untrained").click()
    expect(page.get_by_text("My own, untrained")).to_be_visible(timeout=30_000)
    setup = default_setup("digits_small")
    sets = load_images(setup.data)
    job = fit_setup(replace(setup, blueprint=replace(setup.blueprint, parts=layers_from_text(LAYERS))),
                    sets.shape, sets.classes)  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(job.config.seed)
        weights = {name: weight.numpy() for name, weight in build_module(job.blueprint).state_dict().items()}
    shows_pytorchs_numbers(page, SavedNetwork(job.blueprint, Scaling((0.0,), (1.0,)), weights), new_page)


def test_a_run_of_it_opens_at_the_moment_that_is_shown(page: Page, new_page: Callable[..., Page]):
    page.get_by_role("button", name="Start", exact=True).click()
    eventually(page, lambda: state_of(page), lambda state: int(state.get("step") or 0) >= 10, PATIENCE)
    page.get_by_role("button", name="Pause", exact=True).click()
    eventually(page, lambda: state_of(page), lambda state: state["state"] == "paused", PATIENCE)
    with page.expect_download() as download:
        page.locator('.tr-controls [data-do="save"]').click()
    network = unpack_network(Path(download.value.path()).read_bytes())
    page.locator('.tr-controls [data-do="inside"]').click()
    expect(page.get_by_text(f"Step {network.facts['step']} of ")).to_be_visible(timeout=30_000)
    shows_pytorchs_numbers(page, network, new_page)
