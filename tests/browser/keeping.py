"""What the tests of keeping share: drawing two lines, and what the browser keeps of them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from watching import eventually, settled

from cnnviz.data.strokes import Sketch
from cnnviz.ui.app.links import unpack_sketch

STORED = """async () => {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === "cnnviz")) return [];  // to open it would make an empty one
  const request = indexedDB.open("cnnviz", 1);
  const database = await new Promise((done) => { request.onsuccess = () => done(request.result); });
  const all = database.transaction("kept").objectStore("kept").getAll();
  const found = await new Promise((done) => { all.onsuccess = () => done(all.result); });
  database.close();
  return found.sort((one, other) => one.at - other.at).map(({ name, text }) => [name, text]);
}"""
TWO_LINES = [(0.25, 0.25), (0.75, 0.75)], [(0.75, 0.3), (0.3, 0.75)]


def open_draw(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".cnnviz-explorer[data-painted]")).to_be_attached(timeout=30_000)
    settled(page)


def draw_two_lines(page: Page) -> str:
    """Draw two lines on an empty pad; what the address then says of them."""
    before = ink(page)
    page.locator(".sketchpad .pad").focus()
    page.keyboard.press("Delete")
    box = page.locator(".sketchpad .pad").bounding_box()
    assert box is not None
    for first, last in TWO_LINES:
        page.mouse.move(*(box[k] + part * box["width"] for k, part in zip("xy", first, strict=True)))
        page.mouse.down()
        page.mouse.move(*(box[k] + part * box["width"] for k, part in zip("xy", last, strict=True)), steps=6)
        page.mouse.up()
    eventually(page, lambda: kept(page, "table"), lambda text: text.count('"points"') == 2)
    return eventually(page, lambda: ink(page), lambda now: now != before and ends_at(now, TWO_LINES[-1][-1]))


def ends_at(ink: str, place: tuple[float, float]) -> bool:
    """Whether the last stroke of this drawing reaches its end: the link of a slow hand also says what is half drawn."""
    sketch = unpack_sketch(ink)
    return isinstance(sketch, Sketch) and sketch.strokes[-1].points[-1] == pytest.approx(place, abs=0.01)


def ink(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("ink", [""])[0]


def kept(page: Page, name: str) -> str:
    """The newest text that this browser keeps under `name`."""
    return next((text for known, text in reversed(page.evaluate(STORED)) if known == name), "")
