"""Names in somebody's files are letters on the page: no picture, no link, no request, whatever they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import settled

from cnnviz.data.image_sets import DataChoice, SetKey
from cnnviz.models.builder import preset
from cnnviz.training import Job, SavedNetwork, TrainConfig, pack_network, unpack_network
from cnnviz.ui.app.plain_text import JOINER
from tests.data.image_sets.zips import honest, zip_of
from tests.ui.saved_networks import saved

ENTRY = "![e](http://pictures.example/e.png)"
CLASS = "![c](c.png) :smile: **b** $x$ <b>"
TITLE = "![t](http://pictures.example/t.png) www.t.example :material/home:"


def shows(page: Page, text: str) -> None:
    """The letters stand on the page as they are, and nothing was made of them."""
    page.wait_for_function(
        "([text, joiner]) => document.body.innerText.replaceAll(joiner, '').includes(text)", arg=[text, JOINER]
    )
    assert page.locator("img[alt=e], img[alt=c], img[alt=t], a[href*=example]").count() == 0


def turned_to(page: Page, name: str) -> Page:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    page.wait_for_url(re.compile("train|your_network"))
    settled(page)
    return page


def choose_own(page: Page) -> None:
    page.get_by_role("button", name="Images:").click()
    settled(page)
    page.get_by_label("Images", exact=True).click()
    page.get_by_role("option", name="Your own images").click()
    settled(page)


def bring(page: Page, data: bytes) -> None:
    file = {"name": "pets.zip", "mimeType": "application/zip", "buffer": data}
    page.locator("[class*=data_file] input[type=file]").set_input_files(file)


@pytest.fixture
def train(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Page:
    return turned_to(new_page(serve(ROOT / "app.py"), width=1440), "Train live")


def test_names_in_a_zip_are_letters(train: Page):
    choose_own(train)
    files = honest(("cat", CLASS)) | {f"cat/{ENTRY}": b"no picture"}
    bring(train, zip_of(files))
    shows(train, ENTRY)
    settled(train)
    assert train.locator("img[alt=e]").count() == 0


def test_the_name_of_a_class_in_a_refusal_is_letters(train: Page):
    choose_own(train)
    bring(train, zip_of(honest(("cat", "dog")) | honest((CLASS,), each=1)))
    shows(train, CLASS)


def hostile_network() -> bytes:
    """A saved network whose title, classes and run's title try to be pictures."""
    blueprint = replace(preset("digits_small"), title=TITLE, classes=(CLASS, *"123456789"))
    network = unpack_network(saved("digits_small"))
    job = Job(blueprint, DataChoice(SetKey.DIGITS), TrainConfig(steps=1)).to_record()
    return pack_network(
        SavedNetwork(blueprint, network.scaling, network.weights, {"job": job, "title": TITLE, "step": 1})
    )


def test_the_texts_of_a_saved_network_are_letters(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = turned_to(new_page(serve(ROOT / "app.py"), width=1440), "Your network")
    page.get_by_role("button", name="Open a network").click()
    file = {"name": f"{ENTRY}.safetensors", "mimeType": "application/octet-stream", "buffer": hostile_network()}
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.locator(".cnnviz-explorer")).to_be_visible(timeout=30_000)
    shows(page, CLASS[:20])


def test_the_titles_of_a_run_from_a_file_are_letters(train: Page):
    train.get_by_role("button", name="Load a saved network").click()
    file = {"name": "a.safetensors", "mimeType": "application/octet-stream", "buffer": hostile_network()}
    train.locator(".st-key-train_upload input[type=file]").set_input_files(file)
    shows(train, TITLE)
    settled(train)
    train.get_by_role("button", name="Use that run's settings").click()
    settled(train)
    shows(train, f"Network: {TITLE}")
