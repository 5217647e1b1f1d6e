"""The core of the pages, for each browser beside Chromium: draw, hover, open, walk, edit, laboratory, lesson, train.

Numbers are held against PyTorch, as in Chromium. Playwright drives them through a relay that stands for the browser.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import ROOT
from on_pad import RECORDED
from one_cell import adds_up, one_off, sum_shown, walking
from playwright.sync_api import Browser, Page, Playwright, expect
from under_surgery import answer_of, edited_by_hand, expect_shown, open_panel, opener, type_weight, weight
from watching import eventually, note_console, settled

from cnnviz.ui.app.links import unpack_sketch
from cnnviz.ui.draw.show import prepare_sketch

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@contextmanager
def relayed(playwright: Playwright, folder: Path, relay: str) -> Iterator[Browser]:
    """A browser behind one of our relays (a module beside this one), which Playwright takes for a Firefox."""
    program = folder / "browser"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name(relay)}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=program)
    yield browser
    browser.close()


def ends_at(ink: str, place: list[float]) -> bool:
    """Whether a drawing in a link is whole: one stroke to `place`."""
    strokes = unpack_sketch(ink).strokes if ink else ()
    return len(strokes) == 1 and strokes[0].points[-1] == pytest.approx(place, abs=0.01)


class CoreOfPages:
    """What must work in every browser; who inherits brings the fixture `other_browser`."""

    @pytest.fixture(scope="class")
    @classmethod
    def window(cls, other_browser: Browser) -> Iterator[tuple[Page, list[str]]]:
        page = other_browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        troubles: list[str] = []
        page.on("console", lambda message: note_console(message, troubles))
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        yield page, troubles
        page.context.close()

    @pytest.fixture
    def visit(self, window: tuple[Page, list[str]]) -> Iterator[Callable[..., Page]]:
        """Open an address in this browser; an error in the page fails the test.

        Not what a page says while it is left: Streamlit's cannot send any more then, and tells so.
        """
        page, troubles = window

        def open_page(address: str, **_options: object) -> Page:
            troubles.clear()
            page.goto(address)
            settled(page)
            return page

        yield open_page
        found = list(troubles)
        page.goto("about:blank")
        assert found == [], found

    @pytest.fixture
    def draw(self, visit: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
        return opener(visit, serve)

    @pytest.mark.parametrize("name", PAGES)
    def test_every_page_opens_without_an_error(
        self, visit: Callable[..., Page], serve: Callable[[Path], str], name: str
    ):
        page = visit(f"{serve(ROOT / 'app.py')}/{'' if name == 'draw' else name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    def test_a_drawing_gets_pytorchs_answer(self, draw: Callable[..., Page]):
        page = draw()
        page.get_by_role("button", name=re.compile("clear", re.I)).click()
        headline = page.locator(".verdict strong")
        expect(headline).to_have_text("Nothing drawn yet")
        box = page.locator(".sketchpad .pad").bounding_box()
        assert box is not None
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in RECORDED]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
        expect(headline).to_contain_text("Prediction: 3")

        def ink() -> str:
            return "".join(re.findall(r"ink=([\w-]+)", page.evaluate("location.search")))

        eventually(page, ink, lambda text: ends_at(text, RECORDED[-1]))
        settled(page)
        image = prepare_sketch(unpack_sketch(ink())).image
        expect(headline).to_have_text(answer_of(edited_by_hand(lambda model: None, image)))

    def test_a_map_is_hovered_opened_and_left(self, draw: Callable[..., Page]):
        page = draw()
        overlay = page.locator(".cnnviz-explorer canvas.over").bounding_box()
        label = page.locator('.cnnviz-explorer .label[data-index="2"]').bounding_box()
        assert overlay is not None
        assert label is not None
        page.mouse.move(label["x"] + label["width"] / 2, overlay["y"] + overlay["height"] / 2)
        info = page.locator(".cnnviz-explorer .info")
        expect(info).to_have_text(re.compile(r"relu1, map \d+, row \d+, column \d+: .*receptive field: 5×5 pixels"))
        page.mouse.down()
        page.mouse.up()
        expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("relu1")
        link = eventually(page, lambda: page.evaluate("location.search"), lambda text: "map=" in text)
        expect_map = int(re.findall(r"map=(\d+)", link)[0])
        expect_shown(page, edited_by_hand(lambda model: None), 1, expect_map)
        page.keyboard.press("Escape")
        expect(page.locator(".cnnviz-explorer .crumbs")).not_to_contain_text("relu1")

    def test_a_walk_steps_and_its_sums_add_up(self, draw: Callable[..., Page]):
        page = walking(draw("layer=conv2&map=3&cell=5.6"))
        sums = []
        for _step in range(2):
            terms, total = sum_shown(page)
            assert adds_up(terms, total)
            assert not adds_up(terms, one_off(total))
            sums.append(total)
            place = page.evaluate("location.search")
            page.keyboard.press("ArrowRight")
            eventually(page, lambda: page.evaluate("location.search"), lambda link, before=place: link != before)
        assert "cell=5.8" in page.evaluate("location.search")
        assert sums[0] != sums[1]

    def test_an_edited_weight_changes_every_number_after_it(self, draw: Callable[..., Page]):
        page = draw("layer=conv1&map=3")
        open_panel(page)
        type_weight(page, "2.5")
        expect_shown(page, edited_by_hand(weight(2.5)))

    def test_a_kernel_of_the_laboratory_is_typed(self, visit: Callable[..., Page], serve: Callable[[Path], str]):
        page = visit(f"{serve(ROOT / 'app.py')}/laboratory?example=cross-correlation")
        cells = page.locator(".lab-result .lab-table td")
        expect(cells).to_have_text(["19", "25", "37", "43"])
        page.locator(".lab-kernel .weights").get_by_label("row 1, column 1", exact=True).fill("4")
        expect(cells).to_have_text(["23", "30", "44", "51"])  # each window's last pixel once more

    def test_the_lesson_goes_on(self, visit: Callable[..., Page], serve: Callable[[Path], str]):
        page = visit(f"{serve(ROOT / 'app.py')}/x_or_o")
        expect(page.locator(".cnnviz-lesson")).to_have_attribute("data-painted", re.compile(r"\d+"))
        title = page.locator(".cnnviz-lesson .lead").inner_text()
        page.locator(".cnnviz-lesson").get_by_role("button", name=re.compile("^Next")).first.click()
        expect(page.locator(".cnnviz-lesson .lead")).not_to_have_text(title)

    def test_a_network_trains_and_is_stopped(self, visit: Callable[..., Page], serve: Callable[[Path], str]):
        page = visit(f"{serve(ROOT / 'app.py')}/train")
        trainer = page.locator(".cnnviz-trainer")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(trainer).to_have_attribute("data-state", "running")
        eventually(page, lambda: int(trainer.get_attribute("data-step") or 0), lambda step: step >= 10)
        page.locator('.tr-controls [data-do="stop"]').click()
        expect(trainer).to_have_attribute("data-state", "stopped")
        page.locator('.tr-controls [data-do="reset"]').click()
        expect(page.get_by_text("Press Start")).to_be_visible()
