"""Driving the walk through one training step: what its browser tests share."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from watching import settled


def ready(page: Page) -> None:
    expect(walk(page)).to_have_attribute("data-step", re.compile(r"\d+"), timeout=30_000)
    settled(page)


def walk(page: Page) -> Locator:
    return page.locator(".cnnviz-motion")


def go(page: Page, step: int) -> None:
    page.locator(".cnnviz-motion .player input").fill(str(step))
    expect(walk(page)).to_have_attribute("data-step", str(step))


def press(page: Page, name: str) -> None:
    page.locator(f'.cnnviz-motion [data-act="{name}"]').click()


def read_number(text: str) -> float:
    return float(text.replace("−", "-"))
