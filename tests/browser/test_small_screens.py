"""Fingers and small screens: what is opened comes in sight, pad and answer are seen together, words for a finger."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually, settled

PHONE = {"width": 390, "height": 844, "touch": True, "is_mobile": True}
HEADER = 60  # pixels of Streamlit's bar
NO_FINGER = re.compile(r"\b(hover|click|esc|arrow|right-click|point at)\b", re.IGNORECASE)


@pytest.fixture
def draw(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open the Draw page: `draw("?layer=conv1", **PHONE)`."""
    address = serve(ROOT / "app.py")

    def open_page(query: str = "", **options: object) -> Page:
        page = new_page(f"{address}/{query}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer .crumbs")).not_to_be_empty(timeout=30_000)
        settled(page)
        return page

    return open_page


def top_of(page: Page, part: str) -> float:
    box = page.locator(f".cnnviz-explorer {part}").first.bounding_box()
    assert box is not None
    return float(box["y"])


def in_sight(page: Page, part: str) -> None:
    """Waits until a part stands below the header and above the answer."""
    foot = page.locator(".verdict").bounding_box()
    assert foot is not None
    eventually(page, lambda: top_of(page, part), lambda top: HEADER - 1 <= top <= foot["y"] - 20)


def label(page: Page, name: str):
    return page.locator(".cnnviz-explorer .label", has=page.locator("b", has_text=re.compile(f"^{name}$")))


def tap_last_map(page: Page) -> None:
    """Taps a map far down the page, as a thumb does."""
    label(page, "pool2").scroll_into_view_if_needed()
    box = label(page, "pool2").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 30, box["y"] + 60)


def test_a_tapped_map_brings_breadcrumb_and_picture_in_sight(draw):
    page = draw(**PHONE)
    tap_last_map(page)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("pool2, map")
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")
    settled(page)
    in_sight(page, ".crumbs")
    page.get_by_role("button", name="Step through").tap()
    settled(page)
    in_sight(page, ".crumbs")
    in_sight(page, ".walk-title")


def test_back_brings_the_layer_in_sight_that_one_was_in(draw):
    page = draw(**PHONE)
    tap_last_map(page)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("pool2, map")
    page.evaluate("history.back()")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_have_text("Whole network")
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")
    settled(page)
    in_sight(page, '.label[data-index="6"]')


def test_a_finger_is_told_what_a_finger_can_do(draw):
    page = draw(**PHONE)
    info = page.locator(".cnnviz-explorer .info")
    expect(info).to_contain_text("Tap a map")
    assert not NO_FINGER.search(page.locator(".cnnviz-explorer").inner_text())
    label(page, "conv2").tap()
    expect(info).to_contain_text("Tap a cell of the large map")
    page.get_by_role("button", name="Step through").tap()
    expect(info).to_contain_text("Tap a map to jump")
    expect(page.locator(".walk-scene")).to_contain_text("Tap one to read it")
    assert not NO_FINGER.search(page.locator(".cnnviz-explorer").inner_text())


def test_a_mouse_is_told_what_a_mouse_can_do(draw):
    page = draw()
    info = page.locator(".cnnviz-explorer .info")
    expect(info).to_contain_text("Hover a map")
    label(page, "conv2").click()
    expect(info).to_contain_text("Click a cell of the large map")
    page.get_by_role("button", name="Step through").click()
    expect(info).to_contain_text("Point at a map to jump")


@pytest.mark.parametrize(
    ("width", "touch", "order", "does"),
    [(1180, True, "From left to right", "Tap a map"), (390, False, "From top to bottom", "Hover a map")],
)
def test_how_the_layers_lie_is_said_by_the_layout_and_not_by_the_hand(draw, width, touch, order, does):
    info = draw(width=width, touch=touch).locator(".cnnviz-explorer .info")
    expect(info).to_contain_text(order)
    expect(info).to_contain_text(does)


def test_a_tapped_number_stays_read_when_the_finger_is_lifted(draw):
    page = draw("?layer=conv2&map=3&cell=5.6", **PHONE)
    grid = page.locator(".walk-grid.kernel canvas, .walk-grid canvas").first
    said = page.locator(".walk-scene > .walk-readout").first
    before = said.inner_text()
    grid.scroll_into_view_if_needed()
    grid.tap(position={"x": 20, "y": 20})
    expect(said).not_to_have_text(before)
    expect(said).to_contain_text("× weight")


@pytest.mark.parametrize(
    ("place", "part"), [("laboratory", ".cnnviz-laboratory"), ("laboratory?part=why", ".cnnviz-shifting")]
)
def test_the_laboratory_has_words_for_a_finger(serve, new_page, place: str, part: str):
    address = serve(ROOT / "app.py")
    page = new_page(f"{address}/{place}", **PHONE)
    expect(page.locator(f"{part} :is(canvas, input)").locator("visible=true").first).to_be_visible(timeout=30_000)
    settled(page)
    assert not NO_FINGER.search(page.locator(part).inner_text())


@pytest.mark.parametrize(
    ("texts", "by_finger", "gets"),
    [
        ({"a": "hover", "a_touch": "tap", "b": "both"}, True, {"a": "tap", "a_touch": "tap", "b": "both"}),
        ({"a": "hover", "a_touch": "tap"}, False, {"a": "hover", "a_touch": "tap"}),
        ({"walk": {"a": "hover", "a_touch": "tap"}}, True, {"walk": {"a": "tap", "a_touch": "tap"}}),
        ({"chapters": [{"a": "x", "a_touch": "y"}, "z", None, 3]}, True,
         {"chapters": [{"a": "y", "a_touch": "y"}, "z", None, 3]}),
    ],
)  # fmt: skip
def test_texts_are_chosen_by_the_pointer(run_module, texts: object, by_finger: bool, gets: object):
    assert (
        run_module("shared/pointing.js", "m.textsForHand(data.texts, data.is)", {"texts": texts, "is": by_finger})
        == gets
    )


@pytest.mark.parametrize(("width", "height"), [(390, 844), (375, 600), (844, 390), (900, 640), (1000, 560)])
def test_pad_and_answer_are_seen_together(draw, width: int, height: int):
    page = draw(width=width, height=height)
    pad, foot = (page.locator(part).bounding_box() for part in (".sketchpad .pad", ".verdict"))
    assert pad is not None
    assert foot is not None
    assert pad["y"] >= HEADER - 8
    assert pad["y"] + pad["height"] <= foot["y"] + 1
    assert pad["height"] >= 120
    assert foot["y"] + foot["height"] <= height + 1


def test_at_three_times_the_size_most_of_the_pad_is_seen(draw):
    page = draw(width=427, height=240)  # 1280×720 at 300 %
    page.locator(".sketchpad .pad").scroll_into_view_if_needed()
    page.locator(".stMain").evaluate("main => main.scrollBy(0, 100)")
    pad, foot = (page.locator(part).bounding_box() for part in (".sketchpad .pad", ".verdict"))
    assert pad is not None
    assert foot is not None
    seen = min(pad["y"] + pad["height"], foot["y"]) - max(pad["y"], 0)
    assert seen >= 0.85 * pad["height"]
    assert page.get_by_test_id("stHeader").evaluate("bar => getComputedStyle(bar).pointerEvents") == "none"


OVER_PAD = """button => {
  const paints = (element) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const context = canvas.getContext("2d");
    context.fillStyle = element;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  return [getComputedStyle(button).backgroundColor, getComputedStyle(button.firstElementChild).color].map(paints);
}"""


def luminance(colour: list[int]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_at_three_times_the_size_the_button_of_the_menu_can_be_seen_over_the_pad(draw, dark: bool):
    page = draw(width=480, height=300, device_scale_factor=3, dark=dark)  # 1440×900 at 300 %
    ground, sign = page.get_by_test_id("stExpandSidebarButton").evaluate(OVER_PAD)
    assert ground[3] == 255  # the pad does not shine through
    light, deep = sorted([luminance(ground), luminance(sign)], reverse=True)
    assert (light + 0.05) / (deep + 0.05) >= 3


@pytest.mark.parametrize("width", [1280, 1440, 1600])
def test_the_tools_of_the_pad_stand_in_one_line_beside_the_network(draw, width: int):
    page = draw(width=width, height=900)
    parts = [page.locator(".sketchpad .tools > *").nth(place).bounding_box() for place in (0, -1)]
    assert all(part is not None for part in parts)
    first, last = (part["y"] + part["height"] / 2 for part in parts if part)
    assert abs(first - last) < 8
    slider = page.locator(".sketchpad .width input").bounding_box()
    assert slider is not None
    assert slider["width"] >= 50
