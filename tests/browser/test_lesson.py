"""The first lesson in a real browser: the printed digits, every edit PyTorch's, predictions judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from reading_lesson import (
    MINUS,
    answered,
    becomes,
    cell,
    chapter,
    decimals,
    lesson,
    rounded,
    scores,
    sentence,
    shown_map,
    step,
    visitor,
)
from watching import eventually, settled

from cnnviz.lesson import FEATURES, IDEAL_X, VOTES, Lesson, LessonRun, find_lesson_image, lesson_to_link, run_lesson
from cnnviz.lesson.pictures import cell_agreement
from tests.lesson.lesson_oracle import PRINTED, PRINTED_POOLED, cut


@pytest.fixture
def visit(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    return visitor(new_page, serve)


def test_comparing_cell_by_cell_takes_a_small_moved_x_for_an_o(visit: Callable[..., Page]):
    page = visit()
    expect(page.locator(".comparing .verdict")).to_contain_text("nearer to: X")
    expect(page.locator(".agreements:visible")).to_have_count(0)  # the table would tell
    answered(page, "X")
    expect(page.locator(".comparing .told")).to_contain_text("Not quite, you said X: it is O. 59 of its 81 cells")
    expect(page.locator(".comparing .verdict")).to_contain_text("nearer to: X")  # a question takes no drawing away
    page.get_by_role("button", name="See it").click()
    expect(page.locator(".comparing .verdict")).to_contain_text("nearer to: O")
    found = cell_agreement(find_lesson_image("x-moved").values, IDEAL_X)
    expect(page.locator('.overlay[data-letter="x"] .agreement')).to_contain_text(f"{found.same} of 81 cells agree")
    expect(page.locator('.overlay[data-letter="x"] [data-differs="true"]')).to_have_count(81 - found.same)
    row = page.locator('.agreements [data-key="x-moved"] td')
    assert row.all_inner_texts()[2:] == ["O wrong", "X right"]


def test_the_worked_example_is_walked_down_to_the_printed_digits(visit: Callable[..., Page]):
    page = visit()
    for _ in range(2):
        page.locator(".next").click()
    expect(lesson(page)).to_have_attribute("data-chapter", "3")
    answered(page, "6×6")
    expect(page.locator(".question .told:visible")).to_contain_text("Not quite, you said 6×6: it is 7×7")
    step(page, "step_on")
    got = shown_map(page)
    assert got[0][:2] == PRINTED[0][0][:2]
    assert np.isnan(got[0][2:]).all()  # covered until the window has been there
    expect(page.locator(".step-sentence:visible")).to_contain_text(f"{MINUS}1 ÷ 9 = {MINUS}0.11")
    step(page, "last")
    assert shown_map(page) == PRINTED[0]
    assert shown_map(page) != PRINTED[2]
    page.locator('.tabs:visible [data-at="2"]').click()
    step(page, "last")
    assert shown_map(page) == PRINTED[2]
    chapter(page, 4)
    expect(page.locator(".ask:visible")).to_contain_text(f"What becomes of {MINUS}0.11?")
    answered(page, "0.00")
    expect(page.locator(".question .told:visible")).to_contain_text("Right: 0.00.")
    expect(page.locator(".step-sentence:visible")).to_have_text(f"{MINUS}0.11 is negative: it becomes 0.00")
    assert shown_map(page) == cut(PRINTED[2])
    chapter(page, 5)
    answered(page, "4×4")
    expect(page.locator(".question .told:visible")).to_contain_text("Right: 4×4")
    for feature, pooled in enumerate(PRINTED_POOLED):
        page.locator(f'.tabs:visible [data-at="{feature}"]').click()
        step(page, "last")
        assert shown_map(page) == pooled
    expect(page.locator(".step-sentence:visible")).to_contain_text("only 1 of its 4 cells")


def test_f12_average_pooling_of_the_lesson_s_map_in_numbers_that_hold(visit: Callable[..., Page]):
    page, made = visit("/?chapter=5"), run_lesson(Lesson())
    expect(page.locator(".poolings:visible")).to_have_count(0)  # the question first
    answered(page, "4×4")
    step(page, "last")
    page.get_by_role("button", name="the mean", exact=True).click()
    expect(page.locator(".step-target:visible h3")).to_have_text("average pooling, \\")
    expect(page.locator(".step-sentence:visible")).to_contain_text("only 1 of its 4 cells")  # the window stays
    assert shown_map(page) == rounded(made.layer("mean").output[0])
    for at in range(16):
        page.locator(f'.step-target:visible [data-at="{at}"]').click()
        terms, total, count, mean = re.match(
            r"(.+) add up to ([\d.]+); their mean is [\d.]+ ÷ (\d) = (\d\.\d+)", sentence(page)
        ).groups()
        assert sum(decimals(terms.split(" + "))).quantize(Decimal(total), ROUND_HALF_UP) == Decimal(total)
        assert (Decimal(total) / int(count)).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(mean)
        assert float(mean) == rounded(made.layer("mean").output[0])[at // 4][at % 4]
    page.get_by_role("button", name="the largest", exact=True).click()
    assert shown_map(page) == PRINTED_POOLED[0]


def test_the_link_and_the_browser_keep_which_pooling_is_shown(visit: Callable[..., Page]):
    page = visit("/?chapter=5")
    answered(page, "4×4")
    assert "pooling" not in page.url
    page.get_by_role("button", name="the mean", exact=True).click()
    link = eventually(page, lambda: page.url, lambda url: "pooling=mean" in url)
    settled(page)
    again = visit(page.evaluate("location.pathname + location.search"))
    assert link.endswith(again.url.partition("?")[2])
    answered(again, "4×4")
    step(again, "last")
    expect(again.locator(".step-target:visible h3")).to_have_text("average pooling, \\")
    assert shown_map(again) == rounded(run_lesson(Lesson()).layer("mean").output[0])
    again.get_by_role("button", name="the largest", exact=True).click()
    eventually(again, lambda: again.url, lambda url: "pooling" not in url)
    junk = visit("/?chapter=5&pooling=conv1")
    answered(junk, "4×4")
    step(junk, "last")
    assert shown_map(junk) == PRINTED_POOLED[0]


def test_the_link_keeps_the_feature_and_the_map_that_are_open(visit: Callable[..., Page]):
    page = visit("/?chapter=6")
    answered(page, "2×2")
    page.locator('.stack button[data-path="relu3"][data-channel="1"]').click()
    eventually(page, lambda: page.url, lambda url: "map=relu3" in url and "feature=1" in url)
    settled(page)
    again = visit(page.evaluate("location.pathname + location.search"))
    answered(again, "2×2")
    expect(again.locator('.stack button[aria-pressed="true"]')).to_have_attribute("data-path", "relu3")
    expect(again.locator('.stack button[aria-pressed="true"]')).to_have_attribute("data-channel", "1")
    assert shown_map(again) == rounded(run_lesson(Lesson()).layer("relu3").output[1])


def test_every_map_of_the_stack_is_pytorchs_and_its_sum_holds_as_shown(visit: Callable[..., Page]):
    page, made = visit("/?chapter=6"), run_lesson(Lesson())
    answered(page, "2×2")
    expect(page.locator(".question .told:visible")).to_contain_text("Right: 2×2.")
    for path in ("conv1", "relu1", "conv2", "relu2", "pool1", "conv3", "relu3", "pool2"):
        for channel in (0, 1):
            page.locator(f'.stack button[data-path="{path}"][data-channel="{channel}"]').click()
            assert shown_map(page) == rounded(made.layer(path).output[channel])
    page.locator('.stack button[data-path="conv3"][data-channel="1"]').click()
    page.locator('.step-target:visible [data-at="5"]').click()
    patches = page.locator(".step-patch:visible")
    products = [text for at in (2, 5, 8) for text in patches.nth(at).locator('[role="gridcell"]').all_inner_texts()]
    terms = [Decimal(text) for text in products if text]
    total, count, mean = mean_shown(page)
    assert len(terms) == int(count) == 11
    assert sum(terms).quantize(Decimal(total)) == Decimal(total)
    assert float(mean) == rounded(made.layer("conv3").output)[1][1][1]
    page.locator('.stack button[data-path="conv2"][data-channel="1"]').click()
    for at in (0, 9, 17, 24, 38, 48):
        page.locator(f'.step-target:visible [data-at="{at}"]').click()
        total, count, mean = mean_shown(page)
        assert (Decimal(total) / int(count)).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(mean)
        assert float(mean) == rounded(made.layer("conv2").output[1].reshape(-1))[at]


def mean_shown(page: Page) -> tuple[str, ...]:
    """Sum, count and mean of a sentence that says that they hold; ≈ would not be found."""
    return re.search(r"mean is ([\d.]+) ÷ (\d+) = (\d\.\d+)", sentence(page)).groups()


def test_the_votes_end_at_092_and_052_hold_as_shown_and_follow_what_is_typed(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    assert scores(page) == [0.92, 0.52]
    expect(page.locator(".voting .verdict")).to_have_text("The answer: X")
    assert page.locator(".share").all_inner_texts() == ["X 0.90", "O 0.10"]
    expect(page.locator(".ask:visible")).to_contain_text("is 0.765, and its vote for X is 0.80")
    answered(page, "1.57")
    expect(page.locator(".question .told:visible")).to_contain_text("it is 0.61. / bottom left: 0.765 × 0.80 = 0.61")
    for letter, total in (("X", "0.92"), ("O", "0.52")):
        said = page.locator(f'.sum-line[data-letter="{letter}"]').inner_text()
        terms = re.findall(rf"({MINUS} |\+ |)(\d\.\d+)", said.split(" = ")[0])
        added = sum(Decimal(digits) * (-1 if sign.strip() == MINUS else 1) for sign, digits in terms)
        assert len(terms) == 12
        assert said.endswith(f"= {total}")
        assert added.quantize(Decimal("0.01")) == Decimal(total)
    widths = [line.evaluate("line => parseFloat(line.style.strokeWidth)") for line in page.locator(".vote-line").all()]
    np.testing.assert_allclose(widths, 9 * np.abs(VOTES.T.ravel()), atol=1e-3)
    chapter(page, 8)
    answered(page, "1")
    expect(page.locator(".question .told:visible")).to_contain_text("Right: 1.")
    expect(page.locator(".covering .verdict")).to_have_text("As a column: 0.9230. As a convolution: 0.9230.")
    grids = [grid.locator('[role="gridcell"]').all_inner_texts() for grid in page.locator(".covering .numbers").all()]
    for maps, kernel, products in (grids[0:3], grids[3:6], grids[6:9]):
        for left, right, product in zip(*map(decimals, (maps, kernel, products)), strict=True):
            assert (left * right).quantize(product, ROUND_HALF_UP) == product
    assert page.locator(".large td").all_inner_texts() == [
        "1×45", "4096×45", "1×4096", "5×3×3", "4096×5×3×3", "4096×1×1",
    ]  # fmt: skip

    for link in page.locator(".lesson-words a").all():
        assert (ROOT / "pages" / f"{link.get_attribute('href')}.py").exists()
    chapter(page, 7)
    field = page.get_by_label("\\ top left, vote for O")
    field.fill("1")
    votes = VOTES.copy()
    votes[1, 0] = 1
    wanted = run_lesson(Lesson(votes=votes))
    becomes(page, lambda: scores(page), rounded(wanted.scores))
    expect(page.locator(".voting .verdict")).to_have_text("The answer: O")
    field.press("Enter")
    field.press("PageDown")
    votes[1, 0] = np.float32(0.9)
    becomes(page, lambda: scores(page), rounded(run_lesson(Lesson(votes=votes)).scores))
    page.get_by_label("Scores times").fill("1")
    shares = [f"{share:.2f}" for share in run_lesson(Lesson(votes=votes, sharpness=1.0)).shares]
    becomes(page, lambda: page.locator(".share").all_inner_texts(), [f"X {shares[0]}", f"O {shares[1]}"])
    page.get_by_role("button", name="Back to the votes of the lesson").click()
    becomes(page, lambda: scores(page), [0.92, 0.52])


def test_cells_and_features_flipped_by_click_drag_and_keyboard_change_everything_after_them(visit: Callable[..., Page]):
    page, picture = visit("/?chapter=4"), IDEAL_X.copy()
    answered(page)

    def follows() -> None:
        wanted = run_lesson(Lesson(picture=picture))
        becomes(page, lambda: shown_map(page), rounded(wanted.layer("relu").output[0]))
        said = page.locator('.chapter-row [data-chapter="7"] output').inner_text()
        assert said == f"{wanted.answer} {max(wanted.scores):.2f}"

    follows()
    before = shown_map(page)
    cell(page, 4, 4).click()
    picture[4, 4] = -1
    follows()
    assert shown_map(page) != before
    start, end = cell(page, 0, 2).bounding_box(), cell(page, 0, 6).bounding_box()
    page.mouse.move(start["x"] + 9, start["y"] + 9)
    page.mouse.down()
    page.mouse.move(end["x"] + 9, end["y"] + 9, steps=12)
    page.mouse.up()
    picture[0, 2:7] = 1
    follows()
    cell(page, 0, 6).focus()
    for key in ("ArrowDown", "ArrowRight", "Space"):
        page.keyboard.press(key)
    picture[1, 7] = -1
    follows()
    page.get_by_role("button", name="Start over").click()
    picture = IDEAL_X.copy()
    follows()
    chapter(page, 2)
    feature = page.locator('.feature[data-feature="0"]')
    assert page.locator('.picture-panel [data-lit="true"]').count() == 0  # would tell
    answered(page, "2")
    expect(page.locator(".question .told:visible")).to_contain_text("Not quite, you said 2: it is 4.")
    assert page.locator('.picture-panel [data-lit="true"]').count() == len(under_the_fits(run_lesson(Lesson())))
    expect(feature.locator("h3")).to_have_text("feature \\")
    expect(feature.locator(".fits")).to_contain_text("at 4 places")
    feature.locator('[data-at="1"]').click()
    expect(feature.locator(".fits")).to_contain_text("Feature A fits perfectly nowhere")
    expect(feature.locator("h3")).to_have_text("feature A, your own")
    expect(page.locator(".question:visible")).to_have_count(0)  # what was told is no longer so
    features = FEATURES.copy()
    features[0, 0, 1] = 1
    chapter(page, 4)
    assert shown_map(page) == rounded(run_lesson(Lesson(features=features)).layer("relu").output[0])
    assert page.locator(".tabs:visible button").all_inner_texts() == ["feature A", "feature ×", "feature /"]


def under_the_fits(made: LessonRun) -> set[tuple[int, int]]:
    """The cells of the picture under the perfect matches of the first feature."""
    places = np.argwhere(made.layer("conv1").output[0] > 0.999).tolist()
    return {(row + r, col + c) for row, col in places for r in range(3) for c in range(3)}


def test_a_guess_is_judged_and_only_then_the_cell_is_shown(visit: Callable[..., Page]):
    page = visit("/?chapter=3")
    answered(page)
    page.get_by_label("Let me guess first").check()
    field, told = page.locator(".guess-field:visible"), page.locator(".cell-guess .told:visible")
    assert np.isnan(shown_map(page)).all()
    assert "÷" not in sentence(page)
    for text, says in (
        ("perhaps", "Type a number"),
        ("7/9", "Right: 0.78."),
    ):
        field.fill(text)
        field.press("Enter")
        expect(told).to_contain_text(says)
    assert shown_map(page)[0][0] == 0.78
    page.keyboard.press("Enter")  # the next step has the focus, then the field
    page.keyboard.type("0.33")
    page.keyboard.press("Enter")
    expect(told).to_contain_text(f"Not quite: it is {MINUS}0.11, you said 0.33.")
    expect(told).to_have_attribute("data-right", "false")
    expect(page.locator(".guess-score:visible")).to_have_text("1 of 2 right")


def test_the_address_holds_what_was_made_and_brings_it_back(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    page.locator('.ready [data-key="o-small"]').click()
    page.get_by_label("× top left, vote for X").fill("0.55")
    votes = VOTES.copy()
    votes[0, 4] = np.float32(0.55)
    made = Lesson(picture=find_lesson_image("o-small").values, votes=votes)
    eventually(page, lambda: page.url, lambda url: "picture=o-small" in url and lesson_to_link(made)["votes"] in url)
    settled(page)
    again = visit(page.evaluate("location.pathname + location.search"))
    expect(lesson(again)).to_have_attribute("data-chapter", "7")
    assert scores(again) == rounded(run_lesson(made).scores) != [0.92, 0.52]
    junk = visit("/?chapter=99&picture=zzz&votes=1.2&features=..&sharpness=nan")
    expect(lesson(junk)).to_have_attribute("data-chapter", "1")
    expect(junk.locator(".comparing .verdict")).to_contain_text("nearer to: X")
