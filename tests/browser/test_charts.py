"""The words of every chart can be read: their size, and their contrast with the page, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from accessibility import THEMES, turn
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually

LEAST_SIZE, LEAST_CONTRAST = 11, 4.5
WORDS = """() => {
  const light = (byte) => { const v = byte / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const luminance = (css) => { const [r, g, b] = css.match(/[\\d.]+/g).map(Number);
    return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b); };
  const ground = luminance(getComputedStyle(document.querySelector(".stApp")).backgroundColor);
  return [...document.querySelectorAll(".js-plotly-plot text:not(.heatmap-label text)")]
    .filter((one) => one.textContent.trim() && one.getBoundingClientRect().width > 0)
    .map((one) => { const style = getComputedStyle(one), ink = luminance(style.fill);
      return { text: one.textContent, size: parseFloat(style.fontSize),
        contrast: (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) }; });
}"""


@pytest.mark.parametrize("place", ["network", "about", "laboratory?part=ways", "laboratory?part=learn",
                                   "experiments?lesson=softmax"])  # fmt: skip
def test_words_of_charts_are_large_and_dark_enough(
    place: str, new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    page = new_page(f"{serve(ROOT / 'app.py')}/{place}", width=1440)
    expect(page.locator(".js-plotly-plot .xtick text").first).to_be_visible(timeout=60_000)
    for theme in THEMES:
        turn(page, theme)
        eventually(page, lambda: hard_to_read(page), lambda words: words == [], patience=15)
        assert len(page.evaluate(WORDS)) > 5


def hard_to_read(page: Page) -> list[dict]:
    return [word for word in page.evaluate(WORDS) if word["size"] < LEAST_SIZE or word["contrast"] < LEAST_CONTRAST]
