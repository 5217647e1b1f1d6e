"""From a file of torch.export and an image to the last digit of one sum, as a reader goes: by mouse and by keyboard.

Each network is one that people bring; its weights are random. The numbers on the page add up as shown, and are
PyTorch's own, from hooks on the modules of the very network that was exported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import torch
from driving import ROOT
from foreign_models import CifarResNet, TinyVGG
from one_cell import at_position, numbers, part, walking
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch import nn
from torchvision.models import mobilenet_v2, resnet18
from watching import eventually, settled

from tests.figures.adding_up import adds_up, is_shown
from tests.models.importers.exported import lively, pt2_bytes

LONG = 60_000  # ms for a file to be opened on a busy machine


@dataclass(frozen=True)
class Brought:
    """A network that somebody brings: its input side, blocks to open first, where to look in it, and by which hands."""

    make: Callable[[], nn.Module]
    side: int
    places: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    hands: tuple[str, ...] = ("mouse", "keyboard")


NETWORKS = {
    "tiny_vgg": Brought(TinyVGG, 64, ("conv_1_2", "pool", "output")),
    "cifar_resnet": Brought(
        CifarResNet, 32, ("conv1", "layer2.bn2", "layer2.add", "avgpool", "fc"), ("layer2",)
    ),
    "resnet18": Brought(
        resnet18, 64, ("conv1", "layer4.1.conv2", "layer4.1.add", "fc"), ("layer4.1",), ("mouse",)
    ),
    "mobilenet_v2": Brought(
        mobilenet_v2, 64, ("features.0.0", "features.5.conv.1.0", "features.5.conv.3", "classifier.1"),
        ("features.0", "features.5", "features.5.conv", "features.5.conv.1"), ("keyboard",),
    ),
}  # fmt: skip
WAYS = [(name, hand) for name, brought in NETWORKS.items() for hand in brought.hands]


@lru_cache(maxsize=4)
def exported(name: str) -> tuple[nn.Module, bytes]:
    brought = NETWORKS[name]
    torch.manual_seed(0)
    model = lively(brought.make()).eval()
    return model, pt2_bytes(model, torch.zeros(1, 3, brought.side, brought.side))


def picture(side: int) -> np.ndarray:
    """A soft image, (side, side, 3), as bytes."""
    rows, cols = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(9 * rows + at) * np.cos(7 * cols * (at + 1)) for at in range(3)]
    return np.rint(255 * (np.stack(waves, -1) / 2 + 0.5)).astype(np.uint8)


def outputs(model: nn.Module, image: np.ndarray) -> dict[str, np.ndarray]:
    """What each module gives, and each addition of a block: the oracle."""
    found: dict[str, np.ndarray] = {}
    came: dict[str, np.ndarray] = {}

    def note(name: str) -> Callable[..., None]:
        def keep(_module: nn.Module, read: tuple[torch.Tensor, ...], made: torch.Tensor) -> None:
            if name not in found:  # of a module that is used twice the first call has its name
                found[name], came[name] = made[0].numpy().copy(), read[0][0].numpy().copy()

        return keep

    hooks = [module.register_forward_hook(note(name)) for name, module in model.named_modules() if name]
    with torch.no_grad():
        model(torch.tensor(image.transpose(2, 0, 1)[None]).float() / 255)
    for hook in hooks:
        hook.remove()
    for block in [name.removesuffix(".bn2") for name in found if name.endswith(".bn2")]:
        ways = (found.get(f"{block}.{name}") for name in ("shortcut", "downsample"))
        shortcut = next((way for way in ways if way is not None), came[block])
        found[f"{block}.add"] = found[f"{block}.bn2"] + shortcut
    return found


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    """The page "Your network", as a visitor finds it."""
    page = new_page(width=1440)
    page.goto(f"{serve(ROOT / 'app.py')}/your_network")
    expect(page.get_by_role("button", name="Open a network")).to_be_visible(timeout=LONG)
    return page


def explorer(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer").last


class ByMouse:
    """Clicks."""

    def use(self, target: Locator) -> None:
        target.click()


class ByKeyboard:
    """Focus, then Enter: what Tab comes to."""

    def use(self, target: Locator) -> None:
        target.focus()
        target.press("Enter")


def bring(page: Page, hand: ByMouse | ByKeyboard, name: str, folder: Path) -> dict[str, np.ndarray]:
    """Upload the network and an image for it; PyTorch's own numbers."""
    side, (model, content) = NETWORKS[name].side, exported(name)
    (folder / f"{name}.pt2").write_bytes(content)
    image = picture(side)
    Image.fromarray(image).save(folder / "image.png")
    hand.use(page.get_by_role("button", name="Open a network"))
    page.locator("input[type=file]").first.set_input_files(folder / f"{name}.pt2")
    expect(page.get_by_text(f"{name}.pt2: 3×{side}×{side}")).to_be_visible(timeout=LONG)
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=LONG)
    settled(page)
    page.keyboard.press("Escape")
    hand.use(page.locator(".cnnviz-shelf").get_by_role("button", name="Upload"))
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(folder / "image.png")
    expect(page.get_by_text("As uploaded")).to_be_visible(timeout=LONG)
    settled(page)
    return outputs(model, image)


def head(page: Page, path: str) -> Locator:
    """The head of a column: the path of a layer stands in its hint where its name does not say it."""
    named = explorer(page).locator(".label").filter(has=page.locator("b", has_text=re.compile(f"^{re.escape(path)}$")))
    return explorer(page).locator(f'.label[title^="{path} ·"]').or_(named).first


def walk_to(page: Page, hand: ByMouse | ByKeyboard, path: str) -> None:
    hand.use(head(page, path))
    steps = page.get_by_role("button", name="Step through")
    expect(steps).to_be_enabled(timeout=LONG)
    hand.use(steps)
    walked(page, path)
    walking(page)
    page.keyboard.press("Home")
    at_position(page, 0)


def walked(page: Page, path: str, cell: str = r"\d+\.\d+") -> dict[str, str]:
    """What the link says once the walk over this layer is at such a cell; before, another one may be shown."""
    link = lambda: dict(parse_qsl(urlsplit(page.url).query))  # noqa: E731 - one line, read often
    return eventually(
        page, link, lambda query: query.get("layer") == path and re.fullmatch(cell, query.get("cell", ""))
    )


def table(page: Page) -> tuple[list[list[str]], list[list[str]]]:
    """The lines of the table of the cell and its sums, read at once: it follows the walk."""
    read = """(table) => ["tbody", "tfoot"].map((part) =>
      [...table.querySelectorAll(`${part} tr`)].map((row) => [...row.children].map((cell) => cell.textContent)))"""
    found = page.locator(".numbers table.ledger")
    expect(found).to_be_visible(timeout=LONG)
    rows, sums = found.evaluate(read)
    return rows, sums


def first_value(made: np.ndarray, page: Page, path: str) -> float:
    """PyTorch's value of the cell on which the walk stands, as the link names it."""
    query = walked(page, path, r"0\.0")
    return float(made.reshape(len(made), -1)[int(query.get("map", "0")), 0])


def must_hold(page: Page, path: str, made: np.ndarray) -> None:
    """The value of the walk and the last sum of the table are PyTorch's, and the table's terms make it."""
    value = first_value(made, page, path)
    expect(part(page, "value")).to_have_text(re.compile("^[=≈] "))
    shown = numbers(part(page, "value").inner_text())[0]
    assert is_shown(shown, value), (shown, value)
    page.locator(".numbers-button").click()
    rows, sums = eventually(page, lambda: table(page), lambda found: is_shown(found[1][-1][-1], value), 30)
    products = [row[-1] for row in rows if len(row) > 3 and row[2]]
    shares = [row[-1] for row in rows if len(row) > 3 and not row[2]]
    if shares:  # a convolution, or a fully connected layer of maps: map by map, and the bias
        bias = [one[-1] for one in sums[:-1] if len(sums) > 1]
        assert adds_up([*shares, *bias], sums[-1][-1])
        assert not adds_up([*shares, *bias, "1"], sums[-1][-1])
        assert products
    page.locator(".numbers-button").click()


def open_blocks(page: Page, hand: ByMouse | ByKeyboard, name: str) -> None:
    for block in NETWORKS[name].blocks:
        folded = explorer(page).locator(f'.label[data-block="{block}"]')
        bracket = explorer(page).locator(f'.bracket[data-block="{block}"]')
        expect(folded.or_(bracket)).to_be_visible(timeout=LONG)
        if folded.count():
            hand.use(folded)
        expect(bracket).to_be_visible(timeout=LONG)


HANDS = {"mouse": ByMouse(), "keyboard": ByKeyboard()}


@pytest.mark.parametrize(("name", "by"), WAYS)
def test_from_the_file_to_the_last_digit_of_a_sum(page: Page, tmp_path: Path, name: str, by: str):
    hand = HANDS[by]
    made = bring(page, hand, name, tmp_path)
    open_blocks(page, hand, name)
    for path in NETWORKS[name].places:
        walk_to(page, hand, path)
        must_hold(page, path, made[path])
        for _level in range(2):
            page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Step through")).to_be_disabled()
