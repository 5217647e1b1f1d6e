"""Surgery on the Draw page in real Chromium: every number is that of a network that was edited by hand in PyTorch."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import eventually, settled
from playwright.sync_api import Locator, Page, expect

from cnnviz import checkpoints
from cnnviz.datasets import has_mnist, mnist
from cnnviz.drawing import prepare
from cnnviz.figures.theme import number, percent
from cnnviz.samples import find_sample
from cnnviz.surgery.presets import preset_kernel
from cnnviz.trace import Trace, Tracer
from cnnviz.ui.links import pack_sketch, snapped

ROOT = Path(__file__).resolve().parents[2]
SKETCH = snapped(find_sample("three").sketch)
INK = f"ink={pack_sketch(SKETCH)}"
IMAGE = prepare(SKETCH).image
MODEL, MANIFEST = checkpoints.load("mnist")


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


@pytest.fixture
def draw(new_page: Callable[..., Page], address: str) -> Callable[..., Page]:
    """The Draw page with a known drawing: `draw("layer=conv1&map=3", width=390)`."""

    def open_page(query: str = "", drawing: str = INK, **options: object) -> Page:
        page = new_page(f"{address}/?{drawing}&{query}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
        settled(page)
        return page

    return open_page


def edited_by_hand(change: Callable[[torch.nn.Sequential], None], image: np.ndarray = IMAGE) -> Trace:
    """The oracle: a copy of the network, changed in place."""
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        change(twin)
    return Tracer(twin)(image)


def weight(value: float, layer: str = "conv1", out: int = 3, into: int = 0, at: tuple[int, int] = (0, 0)):
    def change(model: torch.nn.Sequential) -> None:
        model.get_submodule(layer).weight[out, into, *at] = value

    return change


def button(page: Page, name: str) -> Locator:
    return page.locator(".cnnviz-explorer").get_by_role("button", name=name, exact=True)


def open_panel(page: Page) -> None:
    button(page, "Edit this kernel").click()
    expect(page.locator(".surgery")).to_be_visible()


def type_weight(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="row 0, column 0").first
    field.fill(text)
    field.press("Enter")


def lines(page: Page) -> list[str]:
    return page.locator(".surgery-list li").all_inner_texts()


def edits_of(page: Page) -> str:
    found = re.search(r"edits=([^&]*)", str(page.evaluate("location.search")))
    return found.group(1) if found else ""


def answer_of(trace: Trace) -> str:
    """The headline that the page must show."""
    top, share = int(trace.probabilities.argmax()), float(trace.probabilities.max())
    return f"It reads {top}, {percent(share)} sure" if share >= MANIFEST.threshold else "I see no digit here"


def expect_shown(page: Page, trace: Trace, layer: int = 0, channel: int = 3) -> None:
    """The verdict, and every value of the open map in the table of numbers."""
    expect(page.locator(".verdict strong")).to_have_text(answer_of(trace))
    table = page.locator(".cnnviz-explorer .numbers")
    if not table.is_visible():
        button(page, "Numbers").click()
    wanted = [number(value, 3) for value in trace.layers[layer].output[channel].ravel()]
    eventually(page, lambda: table.locator("td").all_inner_texts(), lambda shown: shown == wanted)


def test_nothing_is_in_the_way_of_somebody_who_only_draws(draw):
    page = draw()
    for part in (".surgery", ".surgery-bar"):
        expect(page.locator(part)).to_be_hidden()
    assert edits_of(page) == ""


def test_a_typed_weight_changes_every_number_after_it(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "2.5")
    expect_shown(page, edited_by_hand(weight(2.5)))
    assert lines(page) == ["conv1, map 3: kernel for input map 0 set by hand"]
    expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit")
    assert answer_of(edited_by_hand(weight(2.5))) != answer_of(Tracer(MODEL)(IMAGE))  # and others are told apart


def test_while_a_weight_is_dragged_the_answer_follows_and_it_is_one_edit(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    field = page.locator('.weights input[data-at="12"]')
    box = field.bounding_box()
    painted = page.locator(".cnnviz-explorer")
    before = int(painted.get_attribute("data-painted"))
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    for step in range(1, 25):
        page.mouse.move(box["x"] + 20, box["y"] + 12 - 4 * step)
        page.wait_for_timeout(25)
    eventually(page, lambda: int(painted.get_attribute("data-painted")), lambda count: count > before + 5)
    assert edits_of(page) == ""  # Python's page has heard of nothing yet
    page.mouse.up()
    shown = float(page.locator('.weights input[data-at="12"]').get_attribute("title").replace("−", "-"))
    assert shown != pytest.approx(float(MODEL.conv1.weight[3, 0, 2, 2]), abs=0.05)
    expect_shown(page, edited_by_hand(weight(shown, at=(2, 2))))
    assert len(lines(page)) == 1


def test_undo_redo_and_reset(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    button(page, "negate").click()
    page.get_by_label("Whole maps and layers").select_option(label="Take ReLU out of relu1")
    button(page, "Do it").click()
    expect(page.locator(".surgery-list li")).to_have_count(2)

    def negated(model: torch.nn.Sequential) -> None:
        model.conv1.weight[3, 0] *= -1

    def both(model: torch.nn.Sequential) -> None:
        negated(model)
        model.relu1 = torch.nn.Identity()

    expect_shown(page, edited_by_hand(both))
    button(page, "Undo").click()
    expect_shown(page, edited_by_hand(negated))
    button(page, "Redo").click()
    expect_shown(page, edited_by_hand(both))
    button(page, "Reset").click()
    expect_shown(page, Tracer(MODEL)(IMAGE))
    expect(page.locator(".surgery-badge")).to_be_hidden()
    eventually(page, lambda: edits_of(page), lambda text: text == "")
    for _ in range(2):
        button(page, "Redo").click()
    expect_shown(page, edited_by_hand(both))


def test_quick_clicks_are_all_counted(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    for _ in range(7):
        page.locator('.kernel-actions button[data-key="negate"]').dispatch_event("click")
    expect(page.locator(".surgery-list li")).to_have_count(7)
    eventually(page, lambda: edits_of(page).count("negate"), lambda count: count == 7)


def test_a_sobel_kernel_in_a_channel_of_conv2(draw):
    page = draw("layer=conv2&map=5")
    open_panel(page)
    page.get_by_label(re.compile("for map")).first.select_option("9")
    button(page, "Sobel").click()

    def sobel(model: torch.nn.Sequential) -> None:
        model.conv2.weight[5, 9] = torch.tensor(preset_kernel("sobel", 5, 5))

    expect_shown(page, edited_by_hand(sobel), layer=3, channel=5)
    assert lines(page) == ["conv2, map 5: kernel for input map 9 is now “Sobel”"]


def test_before_after_and_difference(draw):
    page = draw("layer=conv1&map=3&edits=negate.3.0.conv1")
    after, before = edited_by_hand(lambda model: model.conv1.weight[3, 0].mul_(-1)), Tracer(MODEL)(IMAGE)
    expect_shown(page, after)
    button(page, "before").click()
    expect_shown(page, before)
    expect(page.locator(".surgery-badge")).to_be_visible()
    button(page, "difference").click()
    expect(page.locator(".numbers caption")).to_contain_text("after − before")
    change = [number(v, 3) for v in (after.layers[0].output[3] - before.layers[0].output[3]).ravel()]
    eventually(page, lambda: page.locator(".numbers td").all_inner_texts(), lambda shown: shown == change)
    expect(page.locator(".verdict strong")).to_have_text(answer_of(after))


def test_a_cell_of_an_edited_network_is_walked_with_its_own_numbers(draw):
    page = draw("layer=conv1&map=3&cell=10.12&edits=negate.3.0.conv1")
    expect(page.locator(".walk")).to_be_visible()
    trace = edited_by_hand(lambda model: model.conv1.weight[3, 0].mul_(-1))
    button(page, "Numbers").click()
    total = page.locator(".numbers tfoot tr").last.locator("td").last
    shown = eventually(page, lambda: total.inner_text(), lambda text: text != "")
    assert float(shown.replace("−", "-")) == pytest.approx(float(trace.layers[0].output[3, 10, 12]), abs=1e-3)
    expect(button(page, "difference")).to_be_disabled()
    button(page, "before").click()
    wanted = float(Tracer(MODEL)(IMAGE).layers[0].output[3, 10, 12])
    eventually(
        page, lambda: float(total.inner_text().replace("−", "-")), lambda v: v == pytest.approx(wanted, abs=1e-3)
    )


def test_a_link_gives_somebody_else_the_same_edited_network(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "1/3")
    text = eventually(page, lambda: edits_of(page), lambda found: found != "")
    other = draw(f"layer=conv1&map=3&edits={text}")
    expect_shown(other, edited_by_hand(weight(1 / 3)))
    expect(other.locator(".surgery")).to_be_hidden()
    other.locator(".surgery-badge").click()
    expect(other.locator(".surgery-list li")).to_have_count(1)
    assert lines(other) == ["conv1, map 3: kernel for input map 0 set by hand"]


def test_two_readers_at_once_do_not_see_each_others_edits(draw):
    one, other, third = (draw("layer=conv1&map=3") for _ in range(3))
    for page, value in ((one, "2"), (other, "-2")):
        open_panel(page)
        type_weight(page, value)
    expect_shown(one, edited_by_hand(weight(2.0)))
    expect_shown(other, edited_by_hand(weight(-2.0)))
    expect_shown(third, Tracer(MODEL)(IMAGE))
    expect(third.locator(".surgery-badge")).to_be_hidden()


def test_edits_outlive_a_visit_to_another_page_and_go_on_from_there(draw):
    page = draw("layer=conv1&map=3")
    open_panel(page)
    type_weight(page, "2")
    eventually(page, lambda: edits_of(page), lambda text: text != "")
    page.get_by_role("link", name="Glossary").click()
    page.get_by_role("link", name="Draw a digit").click()
    expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit", timeout=15_000)
    settled(page)
    button(page, "Undo").click()
    expect(page.locator(".surgery-badge")).to_be_hidden()
    expect_shown(page, Tracer(MODEL)(IMAGE))


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="MNIST is not in CNNVIZ_DATA")
def test_a_test_image_is_read_by_the_edited_network_too(draw):
    page = draw("layer=conv1&map=3", drawing="digit=17")
    image = mnist("test").images[17].astype(np.float32)[None] / np.float32(255)
    open_panel(page)
    type_weight(page, "2")
    expect_shown(page, edited_by_hand(weight(2.0), image))
    expect(page.locator(".verdict .words span")).to_contain_text("written as 7")
    eventually(page, lambda: edits_of(page), lambda text: text != "")
    assert "digit=17" in page.evaluate("location.search")


def test_accuracy_says_on_what_it_was_measured(draw):
    page = draw("layer=conv1&map=3&edits=redraw.1.fc")
    page.locator(".surgery-badge").click()
    button(page, "How well does it still read?").click()
    result = page.locator(".surgery-result")
    expect(result).to_have_text(re.compile(r"^\d+\.\d % before, \d+\.\d % after, on 1,000 "), timeout=30_000)
    before, after = (float(share) for share in re.findall(r"(\d+\.\d) %", result.inner_text()))
    assert before > 85 > after
    button(page, "Undo").click()
    expect(result).to_have_text("")  # it was about another network


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_the_panel_without_scrolling_sideways(draw, dark: bool):
    page = draw("layer=conv2&map=3&edits=off.3.conv1", width=390, dark=dark, touch=True)
    open_panel(page)
    expect(page.locator(".surgery-maps canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_short_way_closed_the_page_itself_carries_the_edits_out(draw):
    page = draw("layer=conv1&map=3")
    page.evaluate(
        "() => { const go = fetch; window.fetch = (url, how) => "
        "String(url).endsWith('/look') ? Promise.resolve(new Response('', {status: 404})) : go(url, how); }"
    )
    open_panel(page)
    type_weight(page, "2")
    expect_shown(page, edited_by_hand(weight(2.0)))
    button(page, "Undo").click()
    expect_shown(page, Tracer(MODEL)(IMAGE))
