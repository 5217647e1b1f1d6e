"""The experiments in real Chromium with a real process: run when asked, stopped at once, the numbers hold on screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Browser, Page, expect
from watching import open_watched, settled

from cnnviz.experiments.xor import GUESSING, learn_xor
from cnnviz.figures.theme import format_number
from cnnviz.models.builder import Activation

PATIENCE = 120_000  # for a process to load PyTorch on a busy machine


@pytest.fixture(scope="module")
def page(browser: Browser, serve: Callable[[Path], str]) -> Iterator[Page]:
    """The page, reached from the foot of Train live, as a reader gets there."""
    troubles: list[str] = []
    page = open_watched(browser, troubles, serve(ROOT / "app.py"), width=1440, height=1400)
    turn_to(page, "Train live")
    page.get_by_role("button", name="Why ReLU at all?").click(timeout=30_000)
    expect(page.locator(".st-key-run_xor button")).to_be_visible(timeout=30_000)
    settled(page)
    yield page
    assert troubles == []
    page.context.close()


def test_xor_is_run_when_asked_and_its_numbers_hold_on_screen(page: Page):
    assert "lesson=xor" in page.url
    expect(page.locator(".st-key-stop_xor")).to_have_count(0)
    page.locator(".st-key-run_xor button").click()
    expect(page.locator(".st-key-xor_tanh .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-run_xor button")).to_be_visible(timeout=PATIENCE)  # it has ended
    text = page.get_by_test_id("stMain").inner_text()
    for name, function in (
        ("no activation", Activation.NONE),
        ("with ReLU", Activation.RELU),
        ("with tanh", Activation.TANH),
    ):
        run = learn_xor(function, 1)
        wanted = rf"{run.right} of 4 right" if run.is_answered.any() else "50 : 50 at all four points: no answer"
        assert re.search(rf"{name}\s+{wanted}", text)
    assert f"guessing: log 2 = {format_number(GUESSING)}" in page.locator(".st-key-xor_loss").inner_text()
    rows = page.locator("table tr").filter(has_text=re.compile(r"^[01], [01]"))
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    assert [name for name, _two, _one in cells] == ["0, 0", "0, 1", "1, 0", "1, 1"]
    scores = [float(two.replace("−", "-")) for _name, two, _one in cells]
    assert all(abs(float(one.replace("−", "-")) - two) < 2e-4 for two, (_n, _t, one) in zip(scores, cells, strict=True))
    assert abs(scores[0] + scores[3] - scores[1] - scores[2]) < 4e-4  # what no bend can change


def test_what_is_chosen_is_there_after_a_reload(page: Page):
    page.locator(".st-key-xor_units").get_by_text("8", exact=True).click()
    page.wait_for_url(re.compile(r"units=8"))
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("10000")
    seed.press("Enter")
    expect(page.get_by_text("Seed must be 0 to 9,999, got 10000")).to_be_visible()
    expect(page.locator(".st-key-run_xor button")).to_be_disabled()
    seed.fill("7")
    seed.press("Enter")
    page.wait_for_url(re.compile(r"seed=7"))
    expect(page.locator(".st-key-run_xor button")).to_be_enabled()
    page.reload()
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("7", timeout=30_000)
    expect(page.get_by_role("radio", name="8", exact=True)).to_have_attribute("aria-checked", "true")
    settled(page)


def test_stop_answers_and_another_lesson_can_be_read_meanwhile(page: Page):
    page.get_by_text("Overfitting on purpose").first.click()
    page.locator(".st-key-run_overfitting button").click()
    page.locator(".st-key-stop_overfitting button").click(timeout=30_000)
    expect(page.get_by_text("Stopped: the results so far stay.")).to_be_visible(timeout=10_000)
    assert "lesson=overfitting" in page.url
    page.get_by_text("Softmax before nll_loss").first.click()
    expect(page.locator(".st-key-softmax_pulls .js-plotly-plot")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Stopped: the results so far stay.")).to_have_count(0)


def test_a_lesson_leads_to_a_training_with_everything_set_up(page: Page):
    page.get_by_role("button", name="Train it live with the mistake").click()
    expect(page.locator(".st-key-train_start button")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name=re.compile("Network: 3×3, then 2×2"))).to_be_visible()
