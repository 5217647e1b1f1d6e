"""What a visitor made is there again: after a reload, in a new tab, with a new server; until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT, free_port, started
from keeping import STORED, draw_two_lines, ink, kept, open_draw
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from watching import eventually, open_watched, settled

from cnnviz import web
from cnnviz.web.assets import join_modules

SHARED = Path(web.__file__).parent / "shared"


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def test_a_drawing_is_there_after_a_reload_of_another_page_and_in_a_new_tab(address: str, page: Page):
    open_draw(page, address)
    drawn = draw_two_lines(page)
    page.goto(f"{address}/about")
    settled(page)
    open_draw(page, address)
    eventually(page, lambda: ink(page), lambda now: now == drawn)
    tab = page.context.new_page()
    open_draw(tab, address)
    eventually(tab, lambda: ink(tab), lambda now: now == drawn)


def test_a_duplicated_tab_begins_with_the_drawing_and_leaves_the_other_its_own(
    address: str, new_page: Callable[..., Page]
):
    page = new_page(address, own_window=True)
    open_draw(page, address)
    drawn = draw_two_lines(page)
    with page.expect_popup() as opened:
        page.evaluate("address => { window.open(address); }", address)  # with a copy of this tab's storage
    twin = opened.value
    open_draw(twin, address)
    eventually(twin, lambda: ink(twin), lambda now: now == drawn)
    place = twin.locator(".sketchpad .pad")
    box = place.bounding_box()
    assert box is not None
    twin.mouse.click(box["x"] + 20, box["y"] + 20)
    both = eventually(twin, lambda: ink(twin), lambda now: now not in ("", "0", drawn))
    eventually(twin, lambda: kept(twin, "table"), lambda text: text.count('"points"') == 3)
    for tab, own in ((page, drawn), (twin, both), (page, drawn)):
        open_draw(tab, address)
        eventually(tab, lambda tab=tab: ink(tab), lambda now, own=own: now == own)
    twin.close()


def test_another_visitor_sees_nothing_of_it(address: str, new_page: Callable[..., Page]):
    mine, theirs = new_page(), new_page()
    open_draw(mine, address)
    drawn = draw_two_lines(mine)
    open_draw(theirs, address)
    expect(theirs.locator(".cnnviz-footer")).to_be_visible()
    assert eventually(theirs, lambda: ink(theirs), bool) != drawn
    assert kept(theirs, "table") == ""


def test_what_a_link_says_comes_before_what_was_kept(address: str, page: Page):
    open_draw(page, address)
    draw_two_lines(page)
    open_draw(page, f"{address}/?ink=0")
    expect(page.locator(".verdict strong")).to_have_text("Nothing drawn yet")
    page.get_by_role("button", name="Copy link").first.wait_for()
    assert ink(page) == "0"


def test_an_uploaded_picture_and_an_edit_are_there_after_a_reload(address: str, page: Page, tmp_path: Path):
    seven = Image.new("L", (900, 900), 240)
    ImageDraw.Draw(seven).line([(250, 200), (650, 200), (420, 720)], fill=20, width=60)
    seven.save(tmp_path / "seven.png")
    open_draw(page, address)
    page.locator(".cnnviz-shelf").get_by_role("button", name="Upload").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "seven.png")
    expect(page.get_by_text("As uploaded")).to_be_visible()
    expect(page.locator(".verdict strong")).to_contain_text("7")
    said = page.locator(".verdict").inner_text()
    eventually(page, lambda: kept(page, "table"), lambda text: '"upload":"' in text)
    page.reload()
    expect(page.get_by_text("As uploaded")).to_be_visible(timeout=30_000)
    eventually(page, lambda: page.locator(".verdict").inner_text(), lambda now: now == said)


def test_a_drawing_outlives_the_server(browser: Browser, tmp_path: Path):
    port, troubles = free_port(), []
    with started(ROOT / "app.py", tmp_path / "one.txt", port) as (_process, address):
        page = open_watched(browser, [], address)
        open_draw(page, address)
        drawn = draw_two_lines(page)
        page.goto("about:blank")
    page.context.pages[0].on("pageerror", lambda error: troubles.append(str(error)))
    with started(ROOT / "app.py", tmp_path / "two.txt", port) as (_process, address):
        open_draw(page, address)
        eventually(page, lambda: ink(page), lambda now: now == drawn)
        page.context.close()
    assert troubles == []


def test_drawings_outlive_a_killed_server_after_one_reload(browser: Browser, tmp_path: Path):
    port, troubles = free_port(), []
    with started(ROOT / "app.py", tmp_path / "one.txt", port) as (process, address):
        page = open_watched(browser, [], address)
        open_draw(page, address)
        drawn = draw_two_lines(page)
        teach = page.context.new_page()
        teach.goto(f"{address}/train_xo")
        teach.get_by_role("button", name="for me").click()
        expect(teach.get_by_text("10 X and 10 O")).to_be_visible(timeout=30_000)
        eventually(teach, lambda: kept(teach, "own_xo"), lambda text: text.count("points") >= 20, 20)
        process.kill()
        process.wait()
    with started(ROOT / "app.py", tmp_path / "two.txt", port):
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.reload()
        eventually(page, lambda: ink(page), lambda now: now == drawn)
        teach.reload()
        expect(teach.get_by_text("10 X and 10 O")).to_be_visible(timeout=30_000)
        page.context.close()
    assert troubles == []


def test_drawings_to_teach_with_and_a_network_are_there_after_a_reload(address: str, page: Page):
    page.goto(f"{address}/train_xo")
    page.get_by_role("button", name="for me").click()
    expect(page.get_by_text("10 X and 10 O")).to_be_visible(timeout=30_000)
    page.locator(".st-key-own_train button").click()
    expect(page.get_by_role("button", name="Save the network")).to_be_enabled(timeout=90_000)
    eventually(page, lambda: kept(page, "own_xo"), lambda text: '"network":"' in text, 20)
    page.reload()
    expect(page.get_by_text("10 X and 10 O")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Save the network")).to_be_enabled()


def test_the_laboratory_is_as_it_was_left(address: str, page: Page, tmp_path: Path):
    Image.new("RGB", (40, 30), (200, 30, 30)).save(tmp_path / "red.png")
    page.goto(f"{address}/laboratory")
    settled(page)
    page.get_by_role("button", name="Use an image of your own").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "red.png")
    eventually(page, lambda: kept(page, "laboratory"), lambda text: '"upload":"' in text, 20)
    page.goto(f"{address}/laboratory")
    settled(page)
    expect(page.get_by_text("3×30×40").first).to_be_visible(timeout=30_000)


def test_forgetting_is_asked_for_twice_and_leaves_nothing(address: str, page: Page):
    open_draw(page, address)
    drawn = draw_two_lines(page)
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="No, keep it").click()
    assert kept(page, "table") != ""
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="Yes, forget").click()
    eventually(page, lambda: ink(page), lambda now: now != drawn)
    expect(page.locator(".cnnviz-explorer[data-painted]")).to_be_attached(timeout=30_000)
    settled(page)
    assert [text for _name, text in page.evaluate(STORED) if text] == []


KEEP = """async ([source, tabs]) => {
  const store = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const answers = [];
  const be = (tab) => {
    globalThis[Symbol.for("cnnviz.tab")] = undefined;
    sessionStorage.setItem("cnnviz-tab", tab);
    sessionStorage.removeItem("cnnviz-tab-open");
  };
  for (const [tab, now, text] of tabs) {
    be(tab);
    Date.now = () => now;
    answers.push(await store.writeKept("clock", text));
  }
  be("a new one");
  const newest = await store.readKept("clock");
  be(tabs[tabs.length - 1][0]);
  return [answers, newest, await store.readKept("clock")];
}"""


@pytest.mark.parametrize("count", [2, 6])
def test_a_clock_that_was_set_back_makes_nothing_older(address: str, new_page: Callable[..., Page], count: int):
    """Each tab writes when the visitor's clock says an earlier time: the last one is kept, and the newest."""
    page = new_page(f"{address}/about", own_window=True)
    tabs = [[f"tab {number}", 10_000 - 1_000 * number, f"drawing {number}"] for number in range(count)]
    last = f"drawing {count - 1}"
    assert page.evaluate(KEEP, [join_modules(SHARED, "store.js"), tabs]) == [[True] * count, last, last]
    assert len([name for name, _text in page.evaluate(STORED) if name == "clock"]) <= 4
