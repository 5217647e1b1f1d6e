"""axe-core finds no fault: on every page, in its states, light and dark. Titles, headings, language, the focus ring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from accessibility import expect_no_fault, faults
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import APPS, eventually, settled

from tests.ui.saved_networks import saved

PATIENCE = 60_000  # for a worker to load PyTorch on a busy machine
SCREENS = {"desk": {"width": 1440}, "phone": {"width": 390, "height": 844, "touch": True, "is_mobile": True}}


@dataclass(frozen=True)
class State:
    """A state of a page that a reader gets to: what they do, and what they then see."""

    name: str
    act: Callable[[Page], object]
    shows: str


def press(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("button", name=name).first.click()


def click(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.click()


def text(words: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_text(words).first.click()


def tab(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("tab", name=name).click()


def look(_page: Page) -> None:
    """Nothing is done: the page as it opens."""


def ask_for_a_picture(page: Page) -> None:
    page.get_by_role("button", name="Upload …").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_a_saved_network(page: Page) -> None:
    page.get_by_role("button", name="Open a network").click()
    file = {"name": "birds.safetensors", "mimeType": "application/octet-stream", "buffer": saved("birds_c1")}
    page.locator("input[type=file]").set_input_files(file)


def compare_two_images(page: Page) -> None:
    page.get_by_role("button", name="Compare with").click()
    page.get_by_role("button", name="Another image").click()


def train_for_a_moment(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    step = page.locator(".cnnviz-trainer[data-state=running]")
    expect(step).to_be_attached(timeout=PATIENCE)
    eventually(page, lambda: int(step.get_attribute("data-step") or 0), lambda steps: steps >= 10, PATIENCE / 1000)
    page.locator('.tr-controls [data-do="stop"]').click()
    expect(page.locator(".cnnviz-trainer[data-state=stopped]")).to_be_attached(timeout=PATIENCE)


CHAPTERS = tuple(
    State(f"chapter {at}", click(f'.chapter-row button[data-chapter="{at}"]'), f'.cnnviz-lesson[data-chapter="{at}"]')
    for at in range(2, 9)
)
NETWORK, BENCH, CHART = ".cnnviz-explorer[data-painted]", ".cnnviz-laboratory[data-painted]", ".js-plotly-plot"
JOURNEYS = {
    "two networks": (
        "?network=digits_residual&answers=all",
        (State("both answers", look, ".cnnviz-answers article"),),
    ),
    "draw": ("", (State("open", look, NETWORK), State("a picture of one's own", ask_for_a_picture, "[role=dialog]"))),
    "panels below": (
        "?layer=conv2&map=3",
        (
            State("what a unit looks for", text("What does a unit look for?"), ".cnnviz-gallery button"),
            State("fooled", text("Fool it"), ".cnnviz-why canvas"),
            State("reliability", text("Is the probability right?"), ".st-key-why_reliability_chart .js-plotly-plot"),
            State("pixels", text("Set pixels by hand"), ".cnnviz-pixels canvas"),
        ),
    ),
    "a map": (
        "?layer=conv2&map=3",
        (
            State("open", look, NETWORK),
            State("numbers", click(".numbers-button"), ".numbers td"),
            State("surgery", click(".surgery-button"), ".surgery .weights"),
        ),
    ),
    "a cell": (
        "?layer=conv2&map=3&cell=5.6",
        (
            State("walk", look, ".walk-chip"),
            State("its sum", click(".numbers-button"), ".numbers .ledger"),
            State("receptive field", press("Receptive field"), ".walk-sees canvas"),
        ),
    ),
    "ReLU": ("?layer=relu1&map=3&cell=5.6", (State("walk", look, ".walk canvas"),)),
    "pooling": ("?layer=pool1&map=3&cell=5.6", (State("walk", look, ".walk canvas"),)),
    "the lesson": ("x_or_o", (State("chapter 1", look, ".cnnviz-lesson[data-painted]"), *CHAPTERS)),
    "X or O": (
        "draw_xo",
        (
            State("open", look, NETWORK),
            State("the hardest", tab("The hardest"), "[role=tabpanel]:not([hidden])"),
            State("neither", tab("Neither"), "[role=tabpanel]:not([hidden])"),
            State("how it was made", tab("How it was"), "[data-testid=stCode]"),
        ),
    ),
    "teach": ("train_xo", (State("open", look, ".sketchpad .pad"),)),
    "laboratory": (
        "laboratory",
        (
            State("bench", look, BENCH),
            State("code", click(".st-key-laboratory_code label"), "[data-testid=stCode]"),
            State("upload", press("Use an image"), "[data-testid=stFileUploader]"),
        ),
    ),
    "learn a kernel": ("laboratory?part=learn", (State("open", look, "img[src^='data:image/png']"),)),
    "three ways": ("laboratory?part=ways", (State("open", look, "img[src^='data:image/png']"),)),
    "one and three axes": ("laboratory?part=nd", (State("open", look, ".cnnviz-conv-nd[data-painted]"),)),
    "normalisation": ("laboratory?part=norm", (State("open", look, ".cnnviz-normalisation[data-painted]"),)),
    "why": ("laboratory?part=why", (State("open", look, ".cnnviz-shifting canvas"),)),
    "train": (
        "train",
        (
            State("open", look, ".cnnviz-blueprint, .st-key-train_start"),
            State("a run", train_for_a_moment, ".cnnviz-trainer[data-state=stopped]"),
        ),
    ),
    "one step": ("one_step", (State("open", look, ".cnnviz-motion canvas"),)),
    "batch size": ("experiments", (State("open", look, ".st-key-run_batch"),)),
    "overfitting": ("experiments?lesson=overfitting", (State("open", look, ".st-key-run_overfitting"),)),
    "softmax": ("experiments?lesson=softmax", (State("open", look, "[data-testid=stCode]"),)),
    "XOR": ("experiments?lesson=xor", (State("open", look, ".st-key-run_xor"),)),
    "your network": (
        "your_network",
        (
            State("open", look, "h1"),
            State("a network", open_a_saved_network, NETWORK),
            State("a map of it", click(".cnnviz-explorer .label"), ".crumbs [aria-current]"),
            State("what is saved of it", click(".save-button"), ".saving button"),
            State("two images", compare_two_images, ".comparison .largest button"),
            State("a map of both", click(".comparison .label"), ".pair-maps canvas"),
        ),
    ),
    "small examples": ("small_examples", (State("open", look, ".st-key-small_results table"),)),
    "a small picture": (
        "small_examples?example=first-picture",
        (State("open", look, ".st-key-small_results .number-grid"),),
    ),
    "many columns": (
        "small_examples?example=printed",
        (State("open", look, ".st-key-small_results pre"),),
    ),
    "layer by layer": ("network", (State("open", look, CHART),)),
    "glossary": ("glossary", (State("open", look, "[data-testid=stTextInput]"),)),
    "about": ("about", (State("open", look, CHART),)),
}


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("journey", JOURNEYS)
def test_axe_finds_no_fault_in_any_state_of_a_page(
    journey: str, screen: str, new_page: Callable[..., Page], address: str
):
    place, states = JOURNEYS[journey]
    page = new_page(f"{address}/{place}", **SCREENS[screen])
    for state in states:
        state.act(page)
        expect(page.locator(state.shows).first, state.name).to_be_visible(timeout=PATIENCE)
        settled(page)
        expect_no_fault(page)


def test_axe_would_find_a_fault_in_a_shadow_root(page: Page):
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><div id=host></div></main></html>")
    assert faults(page) == []
    page.evaluate(
        """() => { document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML =
          '<img src="data:,"><p style="color:#999;background:#fff">faint</p>'; }"""
    )
    assert [fault.split(":")[0] for fault in faults(page)] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
def test_a_page_has_its_own_title_one_first_heading_and_all_others_in_order(
    name: str, new_page: Callable[..., Page], address: str
):
    page = new_page(f"{address}/{'' if name == 'draw' else name}", width=1440)
    own = page.locator("[data-testid=stMain] h1")
    expect(own).to_have_count(1)
    there = page.locator('[data-testid="stTopNavLink"][aria-current="page"]')
    assert page.title().endswith(" · cnnviz")
    if there.count():  # the others are in menus
        assert page.title() == f"{there.inner_text().splitlines()[-1]} · cnnviz"
    levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all("all => all.map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(later - sooner <= 1 for sooner, later in pairwise(levels)), levels


def test_no_two_pages_have_the_same_title(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    links = page.locator('[data-testid="stTopNavLink"]')
    titles = []
    for at in range(links.count()):
        links.nth(at).click()
        settled(page)
        eventually(page, page.title, lambda title: title not in titles)
        titles.append(page.title())
    assert len(titles) == links.count() > 3


@pytest.mark.parametrize("dark", [False, True])
def test_the_keyboard_shows_where_it_is_in_the_bar(dark: bool, new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}/glossary", width=1440, dark=dark)
    expect(page.locator('[data-testid="stTopNavLink"]').first).to_be_visible(timeout=30_000)
    focused = page.locator(":focus-visible")
    page.keyboard.press("Tab")
    expect(focused).to_have_text("Skip to main content")
    page.keyboard.press("Tab")
    expect(focused).to_have_attribute("data-testid", "stTopNavLink")
    ring = focused.evaluate("(one) => { const s = getComputedStyle(one); return [s.outlineStyle, s.outlineWidth]; }")
    assert ring == ["solid", "2px"]


@pytest.mark.parametrize(("query", "says", "language"), [("", "Glossary", "en"), ("?lang=de", "Wörter", "de")])
def test_the_document_says_in_which_language_it_is(
    query: str, says: str, language: str, new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    page = new_page(f"{serve(APPS / 'language_app.py')}/{query}", locale="en-GB")
    expect(page.get_by_text(says, exact=True)).to_be_visible(timeout=30_000)
    expect(page.locator("html")).to_have_attribute("lang", language)
