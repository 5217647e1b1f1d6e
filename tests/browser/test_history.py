"""The browser's Back and Forward go through levels, chapters, examples and pages; what was drawn in between stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from keeping import ends_at
from laboratory_bench import after, take, weight
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

CELL = re.compile(r"row \d+, column \d+")


@pytest.fixture
def visit(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """Open the app and turn to one of its pages: `visit("Glossary")`."""
    address = serve(ROOT / "app.py")

    def open_page(title: str = "", query: str = "", **options: object) -> Page:
        page = new_page(f"{address}/{query}", **({"width": 1440} | options))
        page.evaluate("window.isTheFirstDocument = true")
        if title:
            turn_to(page, title)
        return page

    return open_page


@pytest.fixture
def draw(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Open the Draw page."""

    def open_page(query: str = "", **options: object) -> Page:
        page = visit("", query, **options)
        expect(crumbs(page)).not_to_be_empty(timeout=30_000)
        settled(page)
        return page

    return open_page


def crumbs(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer .crumbs")


def canvas(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer canvas.over")


def label(page: Page, name: str) -> Locator:
    return page.locator(".cnnviz-explorer .label", has=page.locator("b", has_text=re.compile(f"^{name}$")))


def back(page: Page) -> None:
    page.evaluate("history.back()")


def forward(page: Page) -> None:
    page.evaluate("history.forward()")


def link_says(page: Page, *parts: str) -> None:
    eventually(page, lambda: page.evaluate("location.search"), lambda link: all(part in link for part in parts))


def link_is_silent(page: Page, part: str) -> None:
    eventually(page, lambda: page.evaluate("location.search"), lambda link: part not in link)


def expect_the_first_document(page: Page) -> None:
    """Nothing has loaded the page again."""
    assert page.evaluate("window.isTheFirstDocument === true")


def count_runs(page: Page) -> None:
    """Counts, from now on, how often Streamlit starts a run for a page (`window.runs`)."""
    page.evaluate(
        """() => {
            window.runs = 0;
            const app = document.querySelector('[data-testid="stApp"]');
            new MutationObserver(() => { window.runs += app.dataset.testScriptState === "rerunRequested"; })
                .observe(app, {attributes: true, attributeFilter: ["data-test-script-state"]});
        }"""
    )


def stroke(page: Page) -> None:
    """Draw a line on the pad."""
    box = page.locator(".sketchpad .pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.9 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.9 * box["height"], steps=6)
    page.mouse.up()


def ink(page: Page) -> str:
    """What the link says of the drawing."""
    found = re.search(r"ink=([^&]*)", page.evaluate("location.search"))
    return found[1] if found else ""


def new_ink(page: Page) -> str:
    """The drawing in the link after another stroke."""
    stroke(page)
    return eventually(page, lambda: ink(page), lambda now: ends_at(now, (0.8, 0.9)))


def test_back_goes_one_level_up_and_forward_down_again(draw):
    page = draw()
    label(page, "conv1").click()
    page.get_by_role("button", name="Step through").click()
    expect(crumbs(page)).to_contain_text(CELL)
    link_says(page, "layer=conv1", "cell=")
    settled(page)
    count_runs(page)
    back(page)
    expect(crumbs(page)).to_contain_text("conv1, map 0")
    expect(crumbs(page)).not_to_contain_text(CELL)
    link_is_silent(page, "cell=")
    back(page)
    expect(crumbs(page)).to_have_text("Whole network")
    link_is_silent(page, "layer=")
    forward(page)
    expect(crumbs(page)).to_contain_text("conv1, map 0")
    forward(page)
    expect(crumbs(page)).to_contain_text(CELL)
    link_says(page, "layer=conv1", "cell=")
    settled(page)
    expect_the_first_document(page)


def test_back_within_the_page_starts_no_run_of_another_page(draw):
    page = draw()
    label(page, "conv2").click()
    link_says(page, "layer=conv2")
    heard = page.evaluate(
        """() => new Promise((resolve) => {
            window.addEventListener("popstate", () => resolve("a listener like Streamlit's heard of it"));
            history.back();
            const network = () => !location.search.includes("layer=");
            const wait = () => network() ? resolve("nobody") : requestAnimationFrame(wait);
            wait();
        })"""
    )
    assert heard == "nobody"
    expect(crumbs(page)).to_have_text("Whole network")


def test_what_was_drawn_in_between_stays(draw):
    page = draw()
    label(page, "conv1").click()
    link_says(page, "layer=conv1")
    drawn = new_ink(page)
    back(page)
    expect(crumbs(page)).to_have_text("Whole network")
    link_is_silent(page, "layer=")
    eventually(page, lambda: ink(page), lambda now: now == drawn)
    forward(page)
    expect(crumbs(page)).to_contain_text("conv1, map 0")
    link_says(page, "layer=conv1")
    eventually(page, lambda: ink(page), lambda now: now == drawn)


def test_another_map_of_the_same_level_takes_the_place_of_the_first(draw):
    page = draw()
    label(page, "conv1").click()
    expect(crumbs(page)).to_contain_text("conv1, map 0")
    canvas(page).press("PageDown")
    expect(crumbs(page)).to_contain_text("conv1, map 1")
    back(page)
    expect(crumbs(page)).to_have_text("Whole network")


def test_who_went_up_by_escape_leaves_the_page_by_back(visit):
    page = visit("Glossary")
    turn_to(page, "Draw a digit")
    label(page, "conv1").click(timeout=30_000)
    page.get_by_role("button", name="Step through").click()
    expect(crumbs(page)).to_contain_text(CELL)
    page.keyboard.press("Escape")
    expect(crumbs(page)).not_to_contain_text(CELL)
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_text("Whole network")
    link_is_silent(page, "layer=")
    back(page)
    page.wait_for_url("**/glossary*")
    expect(page.get_by_text("one word, one meaning")).to_be_visible()


def test_the_crumb_of_the_network_goes_up_two_levels_at_once(visit):
    page = visit("Glossary")
    turn_to(page, "Draw a digit")
    label(page, "conv1").click(timeout=30_000)
    page.get_by_role("button", name="Step through").click()
    expect(crumbs(page)).to_contain_text(CELL)
    link_says(page, "layer=conv1", "cell=")  # or the link says nothing yet, and its silence nothing
    crumbs(page).get_by_role("button", name="Whole network").click()
    expect(crumbs(page)).to_have_text("Whole network")
    link_is_silent(page, "layer=")
    forward(page)
    expect(crumbs(page)).to_contain_text("conv1, map 0")
    back(page)
    expect(crumbs(page)).to_have_text("Whole network")
    back(page)
    page.wait_for_url("**/glossary*")


def test_a_link_into_a_cell_goes_up_without_a_history(draw):
    page = draw("?layer=conv1&map=3&cell=5.6")
    before = page.evaluate("history.length")
    for says in (re.compile("map 3$"), "Whole network"):
        page.keyboard.press("Escape")
        expect(crumbs(page)).to_have_text(says)
    link_is_silent(page, "layer=")
    assert page.evaluate("history.length") == before


def test_back_across_pages_comes_to_the_map_and_the_drawing_that_were_left(draw):
    page = draw()
    label(page, "conv2").click()
    link_says(page, "layer=conv2")
    drawn = new_ink(page)
    turn_to(page, "Glossary")
    expect(page.get_by_text("one word, one meaning")).to_be_visible()
    back(page)
    expect(crumbs(page)).to_contain_text("conv2, map 0", timeout=15_000)
    link_says(page, "layer=conv2")
    eventually(page, lambda: ink(page), lambda now: now == drawn)
    back(page)
    expect(crumbs(page)).to_have_text("Whole network")
    forward(page)
    expect(crumbs(page)).to_contain_text("conv2, map 0")
    forward(page)
    page.wait_for_url("**/glossary*")
    expect(page.get_by_text("one word, one meaning")).to_be_visible()
    expect_the_first_document(page)


def test_back_from_another_visit_of_the_page_shows_what_was_seen_then(draw):
    page = draw()
    label(page, "conv2").click()
    link_says(page, "layer=conv2")
    turn_to(page, "Glossary")
    turn_to(page, "Draw a digit")
    expect(crumbs(page)).to_contain_text("conv2, map 0", timeout=15_000)
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_text("Whole network")
    back(page)
    expect(page.get_by_text("one word, one meaning")).to_be_visible()
    back(page)
    expect(crumbs(page)).to_contain_text("conv2, map 0", timeout=15_000)
    link_says(page, "layer=conv2")
    settled(page)
    expect(crumbs(page)).to_contain_text("conv2, map 0")


def test_each_chapter_of_the_lesson_is_an_entry_and_a_flipped_cell_stays(visit):
    page = visit("First lesson")
    lesson = page.locator(".cnnviz-lesson")
    expect(lesson).to_have_attribute("data-chapter", "1", timeout=30_000)
    page.locator(".next").click()
    page.locator(".next").click()
    cell = page.locator('.picture-panel [data-at="40"]')
    was = cell.get_attribute("aria-pressed")
    cell.click()
    expect(cell).not_to_have_attribute("aria-pressed", was or "")
    page.locator('.chapter-row [data-chapter="7"]').click()
    expect(lesson).to_have_attribute("data-chapter", "7")
    link_says(page, "chapter=7", "picture=")
    for chapter in ("3", "2", "1"):
        back(page)
        expect(lesson).to_have_attribute("data-chapter", chapter)
    link_is_silent(page, "chapter=")
    forward(page)
    expect(lesson).to_have_attribute("data-chapter", "2")
    expect(cell).not_to_have_attribute("aria-pressed", was or "")
    link_says(page, "chapter=2", "picture=")
    expect_the_first_document(page)


def test_back_from_another_page_comes_to_the_chapter_of_then(visit):
    page = visit("First lesson")
    lesson = page.locator(".cnnviz-lesson")
    expect(lesson).to_have_attribute("data-chapter", "1", timeout=30_000)
    page.locator('.chapter-row [data-chapter="4"]').click()
    link_says(page, "chapter=4")
    page.locator(".next").click()
    link_says(page, "chapter=5")
    turn_to(page, "Glossary")
    back(page)
    expect(lesson).to_have_attribute("data-chapter", "5", timeout=15_000)
    back(page)
    expect(lesson).to_have_attribute("data-chapter", "4")


def test_back_brings_the_bench_as_it_was_before_an_example_was_taken(visit):
    page = visit("Laboratory")
    expect(page.locator(".cnnviz-laboratory[data-painted]")).to_be_attached(timeout=30_000)
    field = weight(page, 0, 0)
    after(page, lambda: (field.fill("0.37"), field.press("Enter")))
    link_says(page, "setup=")
    take(page, "size-half")
    link_says(page, "example=size-half")
    back(page)
    expect(field).to_have_value("0.37")
    link_says(page, "setup=")
    forward(page)
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", "size-half")
    expect_the_first_document(page)


def test_back_and_forward_turn_the_parts_of_the_laboratory(visit):
    page = visit("Laboratory")
    bench = page.locator(".cnnviz-laboratory[data-painted]")
    expect(bench).to_be_attached(timeout=30_000)
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_role("radio", name="Why convolutions?").click()
    link_says(page, "part=why")
    expect(bench).to_have_count(0)
    settled(page)
    back(page)
    expect(bench).to_be_attached(timeout=15_000)
    link_is_silent(page, "part=")
    settled(page)
    forward(page)
    expect(bench).to_have_count(0, timeout=15_000)
    link_says(page, "part=why")


def focused(page: Page) -> str:
    """The innermost element that has the focus, by its class and its text."""
    return str(
        page.evaluate(
            """() => {
                let found = document.activeElement;
                while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
                return `${found.className} ${found.textContent}`;
            }"""
        )
    )


def expect_focus(page: Page, part: str) -> None:
    eventually(page, lambda: focused(page), lambda text: part in text)


def test_escape_gives_the_focus_back_to_the_name_that_was_pressed(draw):
    page = draw()
    label(page, "conv2").focus()
    page.keyboard.press("Enter")
    expect(crumbs(page)).to_contain_text("conv2, map 0")
    expect_focus(page, "over")  # the arrow keys go on from here
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_text("Whole network")
    expect_focus(page, "label conv2")


def test_escape_gives_the_focus_back_to_the_button_that_began_the_walk(draw):
    page = draw("?layer=conv2&map=3")
    page.get_by_role("button", name="Step through").focus()
    page.keyboard.press("Enter")
    expect_focus(page, "walk")
    page.keyboard.press("Escape")
    expect_focus(page, "step-button")


def test_escape_gives_the_focus_back_to_the_cell_and_then_to_the_map(draw):
    page = draw()
    canvas(page).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(crumbs(page)).to_contain_text("conv1, map 2")
    for key in ("Home", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(crumbs(page)).to_contain_text("row 1, column 1")
    expect_focus(page, "walk")
    said = page.locator(".cnnviz-explorer .info")
    page.keyboard.press("Escape")
    settled(page)  # a key in the frame in which a run hides the network is lost
    expect_focus(page, "over")
    expect(said).to_contain_text("conv1, map 2, row 1, column 1")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("conv1, map 2, row 1, column 2")
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_text("Whole network")
    settled(page)  # a key in the frame in which a run hides the network is lost
    expect_focus(page, "over")
    expect(said).to_contain_text("conv1, map 2, row 14, column 14")  # the middle of the map that one was in
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("conv1, map 3, row")


def test_the_focus_is_there_again_after_a_run_has_hidden_the_network(draw):
    page = draw()
    canvas(page).focus()
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    said = page.locator(".cnnviz-explorer .info")
    expect(said).to_contain_text("conv1, map 1")
    hide = """(canvas, way) => new Promise((resolve) => {
        const place = canvas.getRootNode().host.parentElement;
        place.style.setProperty("display", way, "important");
        requestAnimationFrame(() => requestAnimationFrame(resolve));
    })"""
    canvas(page).evaluate(hide, "none")
    expect_focus(page, "You need to enable")  # the body: Chromium takes the focus from what is hidden
    canvas(page).evaluate(hide, "block")
    expect_focus(page, "over")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("conv1, map 2")
