"""The laboratory as a reader drives it: open it, take an example, change something, read what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Locator, Page, expect
from watching import eventually

from cnnviz.conv_lab.examples import chapter_title, find_example

MINUS = "\u2212"


def opened(new_page: Callable[..., Page], address: str, query: str = "", **options: object) -> Page:
    page = new_page(address + query, width=options.pop("width", 1400), **options)
    expect(page.locator(".cnnviz-laboratory[data-painted]")).to_be_attached(timeout=30_000)
    return page


def painted(page: Page) -> int:
    return int(page.locator(".cnnviz-laboratory").get_attribute("data-painted") or 0)


def after(page: Page, act: Callable[[], object]) -> None:
    """Do something, and wait until its answer is painted."""
    before = painted(page)
    act()
    eventually(page, lambda: painted(page), lambda count: count > before)


def numbers(table: Locator) -> np.ndarray:
    """What a table shows, as numbers."""
    rows = table.locator("tr").all()
    return np.array([[shown(text) for text in row.locator("td").all_inner_texts()] for row in rows])


def shown(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def shown_map(page: Page) -> np.ndarray:
    return numbers(page.locator(".lab-result .lab-table"))


def take(page: Page, key: str) -> None:
    """The example by its chapter and its button."""
    example = find_example(key)
    page.locator(".lab-chapters button", has_text=re.compile(f"^{chapter_title(example.chapter)}$")).click()
    page.locator(f'.lab-examples button[data-key="{key}"]').click()
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", key)


def weight(page: Page, row: int, col: int) -> Locator:
    return page.locator(".lab-kernel .weights").get_by_label(f"row {row}, column {col}", exact=True)


def pixel(canvas: Locator, row: int, col: int, margin: int = 0) -> list[int]:
    """Red, green and blue in the middle of a cell of a map of 96×96."""
    return canvas.evaluate(
        """(canvas, [row, col, cells]) => {
          const at = (place) => Math.floor(((place + 0.5) * canvas.width) / cells);
          return [...canvas.getContext("2d").getImageData(at(col), at(row), 1, 1).data].slice(0, 3);
        }""",
        [row + margin, col + margin, 96 + 2 * margin],
    )
