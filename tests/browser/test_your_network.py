"""A network that one has just taught, trained or brought, in the explorer: PyTorch's numbers, its own link, kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from driving import ROOT
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch import nn
from watching import eventually, settled

from cnnviz.figures.theme import format_number, format_percent
from cnnviz.models.builder import build_module, preset
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.models.zoo import OWN_PREFIX
from cnnviz.training import Scaling, unpack_network
from tests.ui.saved_networks import saved

SCALED = Scaling((0.4, 0.5, 0.6), (0.2, 0.3, 0.25))


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    """The page, by its own address."""
    page = new_page(f"{serve(ROOT / 'app.py')}/your_network", width=1440)
    expect(page.get_by_text("Open a network")).to_be_visible(timeout=30_000)
    return page


def explorer(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer")


def open_file(page: Page, file: Path) -> None:
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    settled(page)


@pytest.mark.parametrize("scaling", [None, SCALED])
def test_a_saved_network_is_opened_with_pytorchs_numbers_on_a_picture_of_ones_own(
    page: Page, tmp_path: Path, scaling: Scaling | None
):
    data = saved("birds_c1", scaling)
    (tmp_path / "birds.safetensors").write_bytes(data)
    open_file(page, tmp_path / "birds.safetensors")
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "picture.png")
    page.locator(".cnnviz-shelf").get_by_role("button", name="Upload").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(tmp_path / "picture.png")
    expect(page.get_by_text("As uploaded")).to_be_visible()
    network = unpack_network(data)
    values = torch.tensor(picture.transpose(2, 0, 1)[None]).float() / 255
    with torch.no_grad():
        conv1 = network.build()[0](network.scaling(values))[0, 0].numpy()
    explorer(page).get_by_role("button", name="conv1").click()
    page.locator(".cnnviz-explorer .numbers-button").click()
    cells = page.locator(".cnnviz-explorer .numbers td")
    expect(cells).to_have_count(32 * 32)
    assert cells.all_inner_texts() == [format_number(value, 3) for value in conv1.ravel()]


def test_a_taught_network_is_looked_into_with_the_drawing_at_hand_and_its_link_leads_back(page: Page):
    page.get_by_role("link", name="Teach one").click()
    page.get_by_role("button", name="for me").click()
    expect(page.get_by_text("10 X and 10 O")).to_be_visible(timeout=30_000)
    page.locator(".st-key-own_train button").click()
    look = page.locator(".st-key-own_look button")
    expect(look).to_be_enabled(timeout=90_000)
    box = page.locator(".sketchpad .pad").bounding_box()
    assert box is not None
    for start, end in ((0.25, 0.75), (0.75, 0.25)):
        page.mouse.move(box["x"] + start * box["width"], box["y"] + 0.25 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], box["y"] + 0.75 * box["height"], steps=5)
        page.mouse.up()
    expect(page.get_by_text("Your network's prediction: X")).to_be_visible()
    look.click()
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    link = eventually(page, lambda: page.url, lambda url: "network=own-" in url and "ink=" in url, 15)
    verdict = page.locator(".verdict").inner_text()
    other = page.context.browser.new_page()
    other.goto(link)
    expect(other.locator(".verdict strong")).to_be_visible(timeout=30_000)
    eventually(other, lambda: other.locator(".verdict").inner_text(), lambda said: said == verdict)
    other.close()


def test_an_untrained_network_is_one_click_away_and_edits_of_it_are_its_own(page: Page):
    page.get_by_role("button", name="LeNet-5").click()
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    expect(page.get_by_text("untrained").first).to_be_visible()
    for name in ("conv1", "conv2", "fc1", "fc3"):
        expect(explorer(page).locator(".label b", has_text=re.compile(f"^{name}$"))).to_be_visible()
    explorer(page).get_by_role("button", name="Edit the network").click()
    expect(page.get_by_text("unpack")).to_have_count(1)


def test_its_title_is_there_after_every_reload(page: Page):
    page.get_by_role("button", name="LeNet-5").click()
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"))
    eventually(page, lambda: page.url, lambda url: "network=own-" in url)
    for _turn in range(4):  # the browser says what it kept in one moment with other parts of the page, or not
        settled(page)
        page.reload()
        expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"))
        expect(page.get_by_text("LeNet-5, as in textbooks, untrained: 1×28×28")).to_be_visible()


def test_a_link_to_a_network_that_is_not_here_says_so(page: Page, serve: Callable[[Path], str]):
    page.evaluate("history.replaceState(null, '', '?network=own-' + 'f'.repeat(32))")
    page.get_by_test_id("stTopNavLink").filter(has_text="Your network").click()
    page.reload()
    expect(page.get_by_text("not open here any more")).to_be_visible(timeout=30_000)


def test_a_file_that_is_none_of_ours_is_one_sentence_and_changes_nothing(page: Page, tmp_path: Path):
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "junk.safetensors")
    expect(page.get_by_text("not a network saved by this app")).to_be_visible()


class Small(nn.Module):
    """Convolutions and poolings on 32×32 colour images, as its author wrote it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 3)
        self.fc = nn.Linear(6 * 14 * 14, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        return self.fc(torch.flatten(nn.functional.max_pool2d(x, 2), 1))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Module, Path]:
    """A network and its file of torch.export."""
    torch.manual_seed(0)
    model, file = Small().eval(), tmp_path_factory.mktemp("exported") / "small.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, 32, 32),)), file)
    return model, file


def bring_image(page: Page, folder: Path) -> torch.Tensor:
    """Upload an image of the network's size; as the network gets it."""
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(picture).save(folder / "picture.png")
    page.locator(".cnnviz-shelf").get_by_role("button", name="Upload").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(folder / "picture.png")
    expect(page.get_by_text("As uploaded")).to_be_visible()
    return torch.tensor(picture.transpose(2, 0, 1)[None]).float() / 255


def test_an_exported_network_gives_pytorchs_numbers_and_the_names_of_its_classes(
    page: Page, tmp_path: Path, exported: tuple[nn.Module, Path]
):
    model, file = exported
    open_file(page, file)
    expect(page.get_by_text("torch.export, written by PyTorch")).to_be_visible()
    names = ["cat", "dog", "bird", "fish"]
    (tmp_path / "names.txt").write_text("\n".join(names))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Classes and scaling").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "names.txt")
    expect(page.get_by_text("cat, dog, bird, fish")).to_be_visible()
    page.keyboard.press("Escape")
    image = bring_image(page, tmp_path)
    with torch.no_grad():
        scores, conv1 = model(image)[0], model.conv1(image)[0, 0].numpy()
    best = int(scores.argmax())
    share = format_percent(float(scores.softmax(0)[best]))
    expect(page.locator(".verdict strong")).to_have_text(f"Prediction: {names[best]} ({share})")
    settled(page)
    explorer(page).get_by_role("button", name="conv1").click()
    page.locator(".cnnviz-explorer .numbers-button").click()
    cells = page.locator(".cnnviz-explorer .numbers td")
    expect(cells).to_have_count(30 * 30)
    assert cells.all_inner_texts() == [format_number(value, 3) for value in conv1.ravel()]


def test_scaling_is_a_layer_and_the_image_stays(page: Page, tmp_path: Path, exported: tuple[nn.Module, Path]):
    model, file = exported
    open_file(page, file)
    page.keyboard.press("Escape")
    image = bring_image(page, tmp_path)
    page.get_by_role("button", name="Classes and scaling").click()
    page.get_by_text("torchvision’s numbers").click()
    expect(explorer(page).locator(".label b", has_text="standardise")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("As uploaded")).to_be_visible()
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    with torch.no_grad():
        scores = model((image - mean) / std)[0]
    best = int(scores.argmax())
    expect(page.locator(".verdict strong")).to_have_text(
        f"Prediction: {best} ({format_percent(float(scores.softmax(0)[best]))})"
    )


def test_whoever_gets_a_link_is_told_what_is_missing_and_sees_its_view_with_the_file(page: Page, tmp_path: Path):
    torch.manual_seed(1)
    file = tmp_path / "linked.pt2"
    torch.export.save(torch.export.export(Small().eval(), (torch.zeros(1, 3, 32, 32),)), file)
    key = OWN_PREFIX + NetworkSource("linked.pt2", file.read_bytes()).digest()[:32]
    page.goto(f"{page.url.split('?')[0]}?network={key}&layer=conv2&map=1")
    expect(page.get_by_text("not open here any more")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    expect(page.locator(".cnnviz-explorer .numbers-button")).to_be_enabled()
    eventually(page, lambda: page.url, lambda url: f"network={key}" in url and "layer=conv2&map=1" in url)


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_weights_ask_for_their_architecture_and_are_opened_with_it(page: Page, tmp_path: Path, ending: str):
    torch.manual_seed(5)
    weights = build_module(preset("lenet5")).state_dict()
    file = tmp_path / f"weights{ending}"
    file.write_bytes(safetensors.torch.save(weights)) if ending == ".safetensors" else torch.save(weights, file)
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stAlert")).to_contain_text("choose the architecture that they belong to")
    chooser = page.get_by_role("combobox", name="The architecture that the weights belong to")
    chooser.fill("LeNet-5")
    chooser.press("Enter")
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    expect(page.get_by_text(f"weights{ending}: 1×28×28")).to_be_visible()
    expect(page.get_by_text(f"Weights of weights{ending} in LeNet-5")).to_be_visible()
    expect(page.locator(".sketchpad .pad")).to_be_visible()  # it reads drawings


def test_it_is_there_again_after_a_reload_and_an_example_always_changes(page: Page, exported: tuple[nn.Module, Path]):
    open_file(page, exported[1])
    for _turn in range(4):
        before = page.get_by_text(re.compile(r"^Example \d\.")).inner_text()
        page.locator(".cnnviz-shelf").get_by_role("button", name="Example").click()
        expect(page.get_by_text(before)).to_have_count(0)
    eventually(page, lambda: page.url, lambda url: "network=own-" in url)
    settled(page)
    page.goto(page.url.split("?")[0])
    expect(page.get_by_text("small.pt2: 3×32×32")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("torch.export, written by PyTorch")).to_be_visible()


def test_an_image_can_be_pasted(page: Page, exported: tuple[nn.Module, Path]):
    open_file(page, exported[1])
    page.locator(".cnnviz-shelf").get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Or paste an image")).to_be_visible()
    page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(32, 32);
            canvas.getContext("2d").fillRect(0, 0, 32, 32);
            const carrier = new DataTransfer();
            carrier.items.add(new File([await canvas.convertToBlob()], "pasted.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carrier, bubbles: true }));
        }"""
    )
    expect(page.get_by_text("As uploaded")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_broken_file_is_one_sentence_that_stays_and_the_page_is_as_it_was(page: Page, tmp_path: Path):
    (tmp_path / "broken.pt2").write_bytes(b"PK\x03\x04 and nothing else")
    page.get_by_role("button", name="Open a network").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.pt2")
    sentence = page.get_by_test_id("stAlert")
    expect(sentence).to_contain_text(".")
    page.get_by_role("button", name="Open a network").click()
    page.get_by_role("button", name="Open a network").click()
    expect(sentence).to_have_count(1)
    expect(page.get_by_text("No network of yours is open yet")).to_be_visible()


def test_a_network_that_refuses_this_size_half_way_is_shown_as_far_as_it_runs(page: Page):
    page.get_by_role("button", name="Random weights").click()
    chooser = page.get_by_role("combobox", name="Architecture")
    chooser.fill("alexnet")
    chooser.press("Enter")
    side = page.get_by_role(
        "spinbutton", name="Input size of alexnet: rows and columns"
    )  # that of the network before goes
    side.fill("32")
    side.press("Enter")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("alexnet, random weights: 3×32×32, stops half-way")).to_be_visible(timeout=60_000)
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=60_000)
    expect(page.locator(".stopped")).to_contain_text("Shown as far as it ran: layer features.")
    expect(page.locator(".verdict strong")).to_have_text("No prediction")
    expect(page.locator(".surgery-button")).to_be_hidden()
    page.locator('.cnnviz-explorer .label[data-index="1"]').click()
    expect(page.locator(".cnnviz-explorer .step-button")).to_be_enabled()


def test_an_architecture_with_random_weights_is_opened_at_a_chosen_size(page: Page):
    page.get_by_role("button", name="Random weights").click()
    page.get_by_test_id("stNumberInputField").fill("32")
    page.get_by_test_id("stNumberInputField").press("Enter")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("resnet18, random weights: 3×32×32")).to_be_visible(timeout=60_000)
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=60_000)
    expect(page.locator(".verdict strong")).to_contain_text("Prediction:")


def test_a_link_brings_back_how_a_file_is_read_or_says_what_is_missing(
    page: Page, tmp_path: Path, new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    torch.manual_seed(1)  # a file of this test alone: no other has opened it on this server
    file = tmp_path / "own.pt2"
    torch.export.save(torch.export.export(Small().eval(), (torch.zeros(1, 3, 32, 32),)), file)
    open_file(page, file)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Classes and scaling").click()
    page.get_by_text("torchvision’s numbers").click()
    expect(explorer(page).locator(".label b", has_text="standardise")).to_be_visible()
    page.keyboard.press("Escape")
    explorer(page).get_by_role("button", name="conv1").click()
    link = eventually(page, lambda: page.url, lambda url: "mean=0.485" in url and "layer=conv1" in url, 15)
    said = re.sub(r"network=own-[0-9a-f]{32}", f"network={OWN_PREFIX}{'e' * 32}", link)  # not open on that server
    other = new_page(said, width=1440)
    expect(other.get_by_text("open the file")).to_be_visible()
    expect(other.get_by_text("0.485,0.456,0.406")).to_be_visible()
    open_file(other, file)
    expect(explorer(other).locator(".crumbs")).to_contain_text("conv1, map 0")
    expect(other.get_by_text("open the file")).to_have_count(0)
    assert re.findall(r"network=own-\w+", eventually(other, lambda: other.url, lambda url: "e" * 32 not in url)) == (
        re.findall(r"network=own-\w+", link)
    ), "the same network: the same file, read in the same way"


def test_edits_of_one_network_are_not_shown_of_the_next_one_that_is_opened(
    new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    """Its explorer takes the place of the one before, in which more was edited than in this."""
    page = new_page(f"{serve(ROOT / 'app.py')}/your_network?network=birds&layer=conv1&map=3", width=1440)
    badge = page.locator(".surgery-badge")
    page.locator(".cnnviz-explorer").get_by_role("button", name="Edit this kernel", exact=True).click(timeout=60_000)
    for value in ("2", "-2"):
        page.get_by_role("textbox", name="row 0, column 0").first.fill(value)
        page.get_by_role("textbox", name="row 0, column 0").first.press("Enter")
    expect(badge).to_contain_text("Edited network")
    settled(page)
    page.get_by_role("button", name="Random weights").click()
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("3×224×224")).to_be_visible(timeout=60_000)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_have_text("Whole network", timeout=60_000)
    expect(badge).to_be_hidden()


def large_file(folder: Path) -> Path:
    """A network whose numbers are too many to be sent at once."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.ReLU(), nn.Conv2d(48, 48, 3, padding=1), nn.ReLU(),
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 3)).eval()  # fmt: skip
    file = folder / "large.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, 96, 96),)), file)
    return file


def press(page: Page, layer: str) -> None:
    explorer(page).locator(".label").filter(has=page.locator("b", has_text=re.compile(f"^{layer}$"))).click()


def test_a_press_on_a_layer_sends_no_number_twice_and_every_way_back_shows_all(
    new_page: Callable[..., Page], serve: Callable[[Path], str], tmp_path: Path
):
    page = new_page(f"{serve(ROOT / 'app.py')}/your_network", width=1440, own_window=True)
    open_file(page, large_file(tmp_path))
    received: list[int] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.webSocketFrameReceived", lambda said: received.append(len(said["response"]["payloadData"])))
    press(page, "2")
    eventually(page, lambda: page.url, lambda url: "layer=2" in url)
    settled(page)
    assert sum(received) * 3 / 4 < 700_000  # the component's code, and words: its maps alone are 1,769,472 bytes
    verdict, link = page.locator(".verdict").inner_text(), page.url
    page.get_by_test_id("stTopNavLink").filter(has_text="Laboratory").click()
    expect(page).to_have_url(re.compile("/laboratory"))
    settled(page)
    page.go_back()
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"))
    eventually(page, lambda: page.locator(".verdict").inner_text(), lambda said: said == verdict)
    expect(explorer(page).locator(".crumbs")).to_contain_text("2")
    page.reload()
    expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"))
    eventually(page, lambda: page.locator(".verdict").inner_text(), lambda said: said == verdict)
    eventually(page, lambda: page.url, lambda url: url == link)
