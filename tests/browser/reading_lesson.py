"""Reading the first lesson's page: its grids as numbers, its chapters and steps as acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect
from watching import APPS, eventually

MINUS = "\u2212"
SIDE = 9


def visitor(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """Opens the lesson with what follows its address, and waits until it is painted."""
    address = serve(APPS / "lesson_app.py")

    def open_page(query: str = "", **options: object) -> Page:
        page = new_page(address + query, **({"width": 1440} | options))
        expect(lesson(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
        return page

    return open_page


def lesson(page: Page) -> Locator:
    return page.locator(".cnnviz-lesson")


def number(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def shown(grid: Locator) -> list[list[float]]:
    """The numbers of a grid, row by row; a covered cell has none."""
    rows = grid.locator('[role="row"]').all()
    return [[number(text or "nan") for text in row.locator('[role="gridcell"]').all_inner_texts()] for row in rows]


def shown_map(page: Page) -> list[list[float]]:
    return shown(page.locator(".step-target:visible .numbers"))


def rounded(values: np.ndarray) -> list:
    return (np.round(values.astype(np.float64), 2) + 0.0).tolist()


def becomes(page: Page, read: Callable[[], object], wanted: object) -> None:
    eventually(page, read, lambda got: got == wanted)


def chapter(page: Page, at: int) -> None:
    page.locator(f'.chapter-row button[data-chapter="{at}"]').click()
    expect(lesson(page)).to_have_attribute("data-chapter", str(at))


def step(page: Page, act: str) -> None:
    page.locator(f'[data-act="{act}"]:visible').click()


def decimals(texts: list[str]) -> list[Decimal]:
    return [Decimal(text.replace(MINUS, "-")) for text in texts]


def cell(page: Page, row: int, col: int) -> Locator:
    return page.locator(f'.picture-panel [data-at="{SIDE * row + col}"]')


def scores(page: Page) -> list[float]:
    return [number(text) for text in page.locator(".score-node output").all_inner_texts()]


def sentence(page: Page) -> str:
    return page.locator(".step-sentence:visible").inner_text()


def answered(page: Page, choice: str = "") -> None:
    """The chapter's question is answered; without a choice: just shown."""
    page.locator(f'.question:visible [data-choice="{choice}"]').click()
