"""A press counts where it began, though the page moves, or makes anew, what is under the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from watching import APPS, box_at_rest, eventually, settled

PUSH = """([name, px]) => {
  const above = document.querySelector(`.st-key-${name}`);
  above.style.marginTop = `${px}px`;
}"""


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    page = new_page(serve(APPS / "moving_app.py"), own_window=True, touch=True)
    expect(page.locator("html[data-presses-kept]")).to_be_attached()
    return page


@pytest.fixture(params=["mouse", "finger"])
def press(request: pytest.FixtureRequest, page: Page) -> Callable[..., object]:
    """A press at a place, in whose middle something happens."""
    return mouse(page) if request.param == "mouse" else finger(page)


def mouse(page: Page) -> Callable[..., object]:
    @contextmanager
    def pressing(x: float, y: float, moved: float = 0) -> Iterator[None]:
        page.mouse.move(x, y)
        page.mouse.down()
        yield
        if moved:
            page.mouse.move(x, y + moved)
        page.mouse.up()

    return pressing


def finger(page: Page) -> Callable[..., object]:
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    @contextmanager
    def pressing(x: float, y: float, moved: float = 0) -> Iterator[None]:
        send("touchStart", {"x": x, "y": y})
        yield
        if moved:
            send("touchMove", {"x": x, "y": y + moved})
        send("touchEnd")

    return pressing


def middle(button: Locator) -> tuple[float, float]:
    box = box_at_rest(button)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def presses(page: Page, name: str, count: int) -> None:
    expect(page.get_by_text(f"{name}: {count}", exact=True)).to_be_visible()


def move_down(page: Page, key: str, pixels: float) -> None:
    page.evaluate(PUSH, [key, pixels])


def test_a_button_that_slips_away_is_pressed_once(page: Page, press: Callable[..., object]):
    for number in range(1, 4):
        at = middle(page.get_by_role("button", name="Below"))
        with press(*at):
            move_down(page, "above", 50 * number)
        presses(page, "Below", number)
    settled(page)
    presses(page, "Below", 3)
    presses(page, "Above", 0)


def test_what_slips_under_the_hand_is_not_pressed(page: Page, press: Callable[..., object]):
    above, below = (middle(page.get_by_role("button", name=name)) for name in ("Above", "Below"))
    with press(*below):
        move_down(page, "above", below[1] - above[1])
    presses(page, "Below", 1)
    settled(page)
    presses(page, "Above", 0)


def test_a_press_that_is_taken_back_is_none(page: Page, press: Callable[..., object]):
    x, y = middle(page.get_by_role("button", name="Below"))
    with press(x, y, moved=90):
        move_down(page, "above", 30)
    page.get_by_role("button", name="Above").click()
    presses(page, "Above", 1)
    presses(page, "Below", 0)


def test_a_press_that_nothing_disturbs_counts_once(page: Page, press: Callable[..., object]):
    for number in range(1, 4):
        with press(*middle(page.get_by_role("button", name="Below"))):
            pass
        presses(page, "Below", number)
    settled(page)
    presses(page, "Below", 3)


def test_a_button_that_is_made_anew_meanwhile_is_pressed(page: Page, press: Callable[..., object]):
    page.get_by_text("Make it anew").click()
    button = page.get_by_role("button", name="Moves")
    button.wait_for()
    old = button.element_handle()
    box = old.bounding_box()
    with press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2):
        eventually(page, lambda: old.evaluate("(button) => button.isConnected"), lambda is_there: not is_there)
    presses(page, "Moves", 1)
