"""What more a visitor does who is killed in the middle: they train, save files of a training, upload a zip.

Nothing of these is kept in the browser; whoever comes back can do it again, from a server that has nothing half done.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from watching import eventually

from cnnviz.data.image_sets import zip_files
from cnnviz.models.builder import build_module, preset
from cnnviz.training import SavedNetwork, Scaling, pack_network

Moves = Iterator[None]
LONG, PATIENCE = 120_000, 120.0  # ms, s on a busy machine
IN_A_CLASS = 100  # images


def train(page: Page, address: str) -> Moves:
    page.goto(f"{address}/train")
    page.get_by_role("button", name="Start", exact=True).click()
    yield
    for _moment in range(11):
        before = _state(page)
        eventually(page, lambda: _state(page), lambda now, before=before: now != before, PATIENCE)
        yield


def trains_again(page: Page) -> None:
    """Also where the one before left a run behind: its place is free in time, and the page starts by itself."""
    page.get_by_role("button", name="Start", exact=True).click()
    learns = lambda said: said[0] == "running" and int(said[1]) > 0  # noqa: E731
    eventually(page, lambda: _state(page), learns, PATIENCE)
    page.locator('.tr-controls [data-do="stop"]').click()
    eventually(page, lambda: _state(page), lambda said: said[0] == "stopped", PATIENCE)


def _state(page: Page) -> tuple[str, str]:
    data = page.locator(".cnnviz-trainer").evaluate("node => ({...node.dataset})")
    return data.get("state", ""), data.get("step") or "0"


def save_run(page: Page, address: str) -> Moves:
    """Its network, which the server sends, and its numbers."""
    page.goto(f"{address}/train")
    page.get_by_role("button", name="Start", exact=True).click()
    eventually(page, lambda: _state(page), lambda said: said[0] == "running" and int(said[1]) > 0, PATIENCE)
    for button in ('.tr-controls [data-do="save"]', '.cnnviz-trainer [data-act="csv"]'):
        page.locator(button).first.click()
        yield from parts(page)


def save_network(page: Page, address: str) -> Moves:
    """One that was brought along, sent by Streamlit's own way for files."""
    page.goto(f"{address}/train_xo")
    page.get_by_role("button", name="Load a network").click()
    file: FilePayload = {"name": "a.safetensors", "mimeType": "application/octet-stream", "buffer": network_file()}
    page.locator("input[type=file]").set_input_files(file)
    saving = page.get_by_role("button", name="Save the network")
    expect(saving).to_be_enabled(timeout=LONG)
    page.keyboard.press("Escape")
    yield
    saving.click()
    yield from parts(page)


def upload(page: Page, address: str) -> Moves:
    page.goto(f"{address}/train")
    _bring(page)
    yield from parts(page, 10)


def uploads_again(page: Page) -> None:
    _bring(page)
    expect(page.get_by_text("All are grey").first).to_be_visible(timeout=LONG)


def _bring(page: Page) -> None:
    page.get_by_role("button", name="Images:").click()
    page.get_by_label("Images", exact=True).click()
    page.get_by_role("option", name="Your own images").click()
    file: FilePayload = {"name": "pets.zip", "mimeType": "application/zip", "buffer": zip_file()}
    page.locator("[class*=data_file] input[type=file]").set_input_files(file)


def parts(page: Page, count: int = 5) -> Moves:
    """Of what goes on by itself: moments 20 ms apart."""
    for _part in range(count):
        yield
        page.wait_for_timeout(20)


@cache
def zip_file() -> bytes:
    """Two classes of images of 160 × 160 pixels: to unpack them takes a while."""
    files = []
    for shade in range(IN_A_CLASS):
        for name in ("cat", "dog"):
            file = io.BytesIO()
            Image.effect_noise((160, 160), 40 + shade % 50).save(file, "PNG", compress_level=1)
            files.append((f"{name}/{shade}.png", file.getvalue()))
    return zip_files(files)


@cache
def network_file() -> bytes:
    """A network for X and O, as "Teach it yourself" saves one."""
    spec = preset("xo_small")
    weights = {name: weight.numpy() for name, weight in build_module(spec).state_dict().items()}
    return pack_network(SavedNetwork(spec, Scaling((0.0,), (1.0,)), weights, {"title": "a", "step": 1}))
