"""Why convolutions, in a real browser: the map follows the hand, by mouse, keys and sliders, and comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from watching import APPS, box_at_rest, eventually

from cnnviz.conv_lab.images import find_image
from cnnviz.conv_lab.settings import LabSetup
from cnnviz.conv_lab.shifts import change_after_pooling, run_shifted
from cnnviz.core.kernels import find_preset
from cnnviz.figures.theme import format_percent

PIXELS = "(canvas) => canvas.toDataURL()"


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


def opened(new_page: Callable[..., Page], address: str, **options: object) -> Page:
    page = new_page(address + "/?part=why", **({"width": 1400} | options))
    expect(page.locator(".cnnviz-shifting[data-painted]")).to_be_visible(timeout=30_000)
    return page


def stands_at(page: Page, right: int, down: int) -> None:
    """What is asked for has been answered by Python."""
    expect(page.locator(".cnnviz-shifting")).to_have_attribute("data-shift", f"{right} {down}")


def canvas(page: Page, name: str) -> Locator:
    return page.locator(f'.shift-figure[data-figure="{name}"] canvas')


def middle(page: Page) -> tuple[float, float, float]:
    """The middle of the picture, and the side of one of its 28 cells."""
    box = canvas(page, "moving").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 28


def test_the_map_follows_the_hand_and_stays_within_reach(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    stands_at(page, 3, 2)
    expect(page.locator(".shift-verdict")).to_contain_text("That is equivariance")
    expect(page.locator(".shift-counts")).to_contain_text("9,847,040")
    x, y, cell = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 5 * cell, y + cell, steps=4)
    stands_at(page, -2, 3)
    expect(page.get_by_label("Shift to the right")).to_have_value("-2")
    page.mouse.move(x + 40 * cell, y + cell)
    page.mouse.up()
    stands_at(page, 8, 3)
    page.mouse.move(x, y)
    stands_at(page, 8, 3)


SLOW = """() => {
  const asked = window.fetch;
  let count = 0;
  window.fetch = async (...question) => {
    const answer = await asked(...question);
    count += 1;
    await new Promise((done) => setTimeout(done, count === 1 ? 300 : 4000));
    return answer;
  };
}"""


def test_an_answer_that_is_a_step_behind_the_hand_is_shown_until_the_next(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address, own_window=True)
    part = page.locator(".cnnviz-shifting")
    painted = int(part.get_attribute("data-painted") or 0)
    page.evaluate(SLOW)
    for _step in range(2):
        canvas(page, "moving").press("ArrowRight")
    expect(part).to_have_attribute("data-painted", str(painted + 1), timeout=3500)
    expect(part).to_have_attribute("data-shift", "4 2")
    expect(part).to_have_attribute("data-shift", "5 2")


def test_keys_and_sliders_move_it_too(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    canvas(page, "moving").focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    stands_at(page, 2, 0)
    page.keyboard.press("Home")
    stands_at(page, 0, 0)
    expect(page.get_by_role("button", name="Back to the middle")).to_be_disabled()
    still = canvas(page, "after").evaluate(PIXELS)
    page.get_by_label("Shift down").fill("-6")
    stands_at(page, 0, -6)
    assert canvas(page, "after").evaluate(PIXELS) != still
    page.get_by_role("button", name="Back to the middle").click()
    stands_at(page, 0, 0)
    assert canvas(page, "after").evaluate(PIXELS) == still


def test_what_is_said_is_pytorchs_and_comes_back_with_the_part(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator(".shift-controls select").first.select_option("bars")
    page.locator(".shift-controls select").last.select_option("sobel")
    kernel = find_preset("sobel").fitted(3, 3)[None, None]
    made = run_shifted(LabSetup(picture=find_image("bars"), kernel=kernel, is_same=True), 2, 3)
    expect(page.locator(".shift-verdict")).to_contain_text(f"{int(made.differs.sum())} of 1024 cells differ, 0 of them")
    shares = [format_percent(change_after_pooling(made, side)) for side in (1, 2, 4)]
    eventually(page, lambda: page.locator(".shift-pooled output").all_inner_texts(), lambda got: got == shares)
    page.get_by_label("Circular border: it wraps around").check()
    expect(page.locator(".shift-verdict")).to_contain_text("That is equivariance")
    eventually(page, lambda: page.url, lambda url: "why=bars.sobel.3.2.wraps" in url)
    friend = new_page(page.url, width=1400)
    expect(friend.locator(".shift-controls select").last).to_have_value("sobel", timeout=30_000)
    expect(friend.locator(".shift-controls select").first).to_have_value("bars")
    expect(friend.get_by_label("Circular border: it wraps around")).to_be_checked()
    page.get_by_text("Image, kernel, result", exact=True).click()
    expect(page.locator(".cnnviz-laboratory[data-painted]")).to_be_visible(timeout=30_000)
    page.get_by_text("Why convolutions?", exact=True).click()
    expect(page.get_by_label("Circular border: it wraps around")).to_be_checked(timeout=30_000)
    expect(page.locator(".shift-controls select").first).to_have_value("bars")


@pytest.mark.parametrize("dark", [False, True])
def test_picture_and_map_stand_side_by_side_on_a_phone(new_page: Callable[..., Page], address: str, dark: bool):
    page = opened(new_page, address, width=390, dark=dark, touch=True)
    picture, after = (box_at_rest(canvas(page, name)) for name in ("moving", "after"))
    assert picture["y"] == after["y"]
    assert after["x"] + after["width"] <= 390
