"""What the tests of the walk share: opening it at a cell, reading its numbers as they stand, adding them up by hand."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

from playwright.sync_api import Locator, Page, expect
from watching import eventually

NUMBER = r"[−-]?\d+(?:\.\d+)?"
PIXELS = """(canvas, places) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return places.map(([x, y]) => {
    const at = 4 * (Math.floor(y * canvas.height) * canvas.width + Math.floor(x * canvas.width));
    return [...data.subarray(at, at + 4)].join(",");
  });
}"""

POINT_AT_ALL = """(canvas, [rows, cols]) => {
  const box = canvas.getBoundingClientRect();
  const said = canvas.closest(".walk-scene").querySelector(":scope > .walk-readout");
  const texts = [];
  for (let at = 0; at < rows * cols; at += 1) {
    const clientX = box.x + ((at % cols) + 0.5) * box.width / cols;
    const clientY = box.y + (Math.floor(at / cols) + 0.5) * box.height / rows;
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
    texts.push(said.textContent);
  }
  canvas.dispatchEvent(new PointerEvent("pointerleave"));
  return texts;
}"""


def walk(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer .walk")


def part(page: Page, name: str) -> Locator:
    """A part of the walk's scene that is shown: `part(page, "total")`."""
    return page.locator(f".cnnviz-explorer .walk-{name}")


def walking(page: Page) -> Page:
    """The page, once the walk is shown and has the keys."""
    expect(walk(page)).to_be_visible(timeout=30_000)
    walk(page).focus()
    return page


def position(page: Page) -> int:
    return int(walk(page).get_attribute("data-position") or -1)


def at_position(page: Page, step: int) -> None:
    expect(walk(page)).to_have_attribute("data-position", str(step))


def go_to(page: Page, step: int) -> None:
    """Moves the slider, as a hand does."""
    slider = page.locator(".walk-slider")
    slider.evaluate(
        "(s, step) => { s.value = String(step); s.dispatchEvent(new Event('input', { bubbles: true })); }", step
    )
    at_position(page, step)


def decimal(text: str) -> Decimal:
    return Decimal(text.strip().replace("\N{MINUS SIGN}", "-"))


def numbers(text: str) -> list[str]:
    """All numbers of a sentence, as they are written."""
    return re.findall(NUMBER, text)


def rounded(value: Decimal, like: str) -> Decimal:
    """`value` with the decimals of the text `like`, ties away from 0."""
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        return value.quantize(Decimal(1).scaleb(decimal(like).as_tuple().exponent))


def adds_up(terms: list[str], total: str) -> bool:
    """Whether the terms as shown, added up by hand, make the total as shown."""
    return rounded(sum(map(decimal, terms), Decimal(0)), total) == decimal(total)


def multiplies(left: str, right: str, product: str) -> bool:
    return rounded(decimal(left) * decimal(right), product) == decimal(product)


def is_shown(text: str, value: float) -> bool:
    """Whether the text is the value, rounded to the decimals of the text."""
    return rounded(Decimal(float(value)), text) == decimal(text)


def one_off(text: str) -> str:
    """The text with its last digit one higher: what every check must notice."""
    return str(decimal(text) + Decimal(1).scaleb(decimal(text).as_tuple().exponent))


def sum_shown(page: Page) -> tuple[list[str], str]:
    """The shares, with the bias, and the total of a convolution's cell as shown."""
    words = part(page, "total").inner_text()
    found = re.search(rf"(?:bias ({NUMBER}) )?= ({NUMBER})$", words)
    assert found is not None, words
    return [*page.locator(".walk-chip span").all_inner_texts(), *([found[1]] if found[1] else [])], found[2]


def terms_shown(page: Page, rows: int, cols: int, grid: str = "products") -> list[str]:
    """The sentence of every cell of a grid of numbers, while the pointer is on it."""
    return list(page.locator(f".walk-grid.{grid} canvas").evaluate(POINT_AT_ALL, [rows, cols]))


def products_shown(page: Page, rows: int, cols: int) -> tuple[list[tuple[str, str, str]], str]:
    """(value, weight, product) of every cell of the chosen map as shown, and the sum of the products as shown."""
    caption = page.locator(".walk-grid.products figcaption").inner_text()
    found = re.search(rf"= ({NUMBER})$", caption)
    assert found is not None, caption
    return [term_of(said) for said in terms_shown(page, rows, cols)], found[1]


def term_of(said: str) -> tuple[str, str, str]:
    term = re.search(rf"({NUMBER}) × weight ({NUMBER}) = ({NUMBER})$", said)
    assert term is not None, said
    return term[1], term[2], term[3]


def centres(rows: int, cols: int) -> list[list[float]]:
    """The middle of every cell of a map that fills its canvas, as shares of width and height."""
    return [[(col + 0.5) / cols, (row + 0.5) / rows] for row in range(rows) for col in range(cols)]


def pixels(canvas: Locator, places: list[list[float]]) -> list[str]:
    """The colours of a canvas at these places."""
    return list(canvas.evaluate(PIXELS, places))


def link_with(page: Page, text: str) -> str:
    """The page's link, once `text` is in it."""
    return eventually(page, lambda: str(page.evaluate("location.search")), lambda link: text in link)


def crumbs(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer .crumbs")


def result_canvas(page: Page) -> Locator:
    """The map that the walk fills."""
    return page.locator(".walk-scene .walk-map canvas").last


def source_canvas(page: Page) -> Locator:
    return page.locator(".walk-scene .walk-map canvas").first


def point_at(page: Page, canvas: Locator, x: float, y: float) -> None:
    """The mouse to a place of a canvas, in shares of its width and height."""
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
