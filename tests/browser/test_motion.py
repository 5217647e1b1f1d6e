"""The walk through one training step in real Chromium: forwards and back, and every number read there is torch's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from finding import turn_to
from playwright.sync_api import Page, expect
from stepping import go, press, read_number, ready, walk
from torch.nn import functional
from watching import choose_option, eventually

from cnnviz.figures.theme import format_number
from cnnviz.models import checkpoints
from cnnviz.ui.step import one_step

ROOT = Path(__file__).resolve().parents[2]
STEPS = 12  # forward, loss, scores, eight layers back, update
CONV2, CONV1, UPDATE = 7, 10, 11


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


@pytest.fixture
def visit(new_page: Callable[..., Page], address: str) -> Callable[..., Page]:
    """Open the page of one training step by its own address."""

    def open_page(**options: object) -> Page:
        page = new_page(f"{address}/one_step", **({"width": 1440} | options))
        ready(page)
        return page

    return open_page


@pytest.fixture(scope="module")
def by_torch() -> dict[str, torch.Tensor]:
    """The page's first view, recomputed in one piece: loss, gradients, and weights after a step of torch's SGD."""
    model, _manifest = checkpoints.load("mnist")
    model.requires_grad_(True)
    stepper = torch.optim.SGD(model.parameters(), lr=0.003)
    image = torch.tensor(one_step._example())[None]
    logits = model(image)
    logits.retain_grad()
    loss = functional.cross_entropy(logits, torch.tensor([9]))
    loss.backward()
    found = {"loss": loss.detach(), "scores": logits.grad[0], "shares": logits.detach().softmax(1)[0]}
    for name, held in model.named_parameters():
        found |= {f"{name}.gradient": held.grad.clone(), f"{name}.before": held.detach().clone()}
    stepper.step()
    found["scores_before"] = logits.detach()[0]
    found |= {f"{name}.after": held.detach().clone() for name, held in model.named_parameters()}
    found["loss_after"] = functional.cross_entropy(model(image), torch.tensor([9])).detach()
    found["scores_after"] = model(image).detach()[0]
    found["shares_after"] = found["scores_after"].softmax(0)
    return found


def test_the_navigation_leads_to_a_walk_at_its_first_step(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    turn_to(page, "One training step")
    ready(page)
    expect(walk(page)).to_have_attribute("data-step", "0")


def test_the_walk_steps_forward_and_back_with_buttons_and_keys(visit: Callable[..., Page]):
    page = visit()
    expect(walk(page)).to_have_attribute("data-kind", "forward")
    press(page, "next")
    expect(walk(page)).to_have_attribute("data-kind", "loss")
    press(page, "back")
    expect(walk(page)).to_have_attribute("data-kind", "forward")
    page.locator(".cnnviz-motion .player").focus()
    for key, step in [
        ("End", 11),
        ("ArrowLeft", 10),
        ("ArrowLeft", 9),
        ("ArrowRight", 10),
        ("Home", 0),
        ("ArrowLeft", 0),
    ]:
        page.keyboard.press(key)
        expect(walk(page)).to_have_attribute("data-step", str(step))
    expect(page.locator('[data-act="back"]')).to_be_disabled()


def test_it_plays_by_itself_and_pauses(visit: Callable[..., Page]):
    page = visit()
    page.locator(".cnnviz-motion .player").focus()
    page.keyboard.press("Space")
    expect(page.locator('[data-act="play"]')).to_have_text("Pause")
    expect(walk(page)).to_have_attribute("data-step", "1")
    page.keyboard.press("Space")
    expect(page.locator('[data-act="play"]')).to_have_text("Play")


def test_gradients_come_back_column_by_column(visit: Callable[..., Page]):
    page = visit()
    for step, expected in [(0, 0), (2, 1), (3, 2), (6, 5), (10, 9), (4, 3)]:
        go(page, step)
        expect(page.locator('.cnnviz-motion .column[data-shows="gradient"]')).to_have_count(expected)


def test_the_loss_and_the_differences_are_torchs_and_add_up(visit: Callable[..., Page], by_torch):
    page = visit()
    go(page, 1)
    formula = page.locator(".cnnviz-motion .formula").inner_text()
    share, loss = formula.removeprefix("−ln ").split(" = ")
    assert read_number(loss) == pytest.approx(by_torch["loss"].item(), abs=6e-4)
    assert f"{-math.log(read_number(share)):.3f}" == loss
    go(page, 2)
    shown = [read_number(text) for text in page.locator(".cnnviz-motion .difference").all_inner_texts()]
    np.testing.assert_allclose(shown, by_torch["scores"].numpy(), atol=6e-4)
    assert sum(shown) == pytest.approx(0, abs=1e-12)
    assert np.abs(shown + by_torch["scores"].numpy()).max() > 0.5  # the negative twin: truth − share
    assert read_number(page.locator(".cnnviz-motion tr.sum td").last.inner_text()) == 0


def place_of(text: str) -> tuple[int, int]:
    row, col = re.search(r"row (\d+), column (\d+)", text).groups()
    return int(row), int(col)


@pytest.mark.parametrize(("step", "layer"), [(CONV1, "conv1"), (CONV2, "conv2"), (3, "fc")])
def test_a_weights_gradient_is_torchs_and_the_sum_of_the_products_shown(
    visit: Callable[..., Page], by_torch, step: int, layer: str
):
    page = visit()
    go(page, step)
    gradient = by_torch[f"{layer}.weight.gradient"].numpy()
    total = page.locator(".cnnviz-motion .total")
    page.locator(".cnnviz-motion canvas.grid").nth(1).focus()
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
        sentence = page.locator(".cnnviz-motion .about p").first.inner_text()
        row, col = place_of(sentence)
        source, out = map(
            int,
            re.search(r"from .*?(\d+|image) to (?:map|class) (\d+)", sentence.replace("the image", "0")).groups(),
        )
        place = (out, source * 49 + row * 7 + col) if layer == "fc" else (out, source, row, col)
        given = float(total.get_attribute("data-total"))
        assert given == pytest.approx(float(gradient[place]), rel=1e-5, abs=1e-8)
        if layer != "fc":
            added = float(page.locator(".cnnviz-motion .sum-row").get_attribute("data-sum"))
            assert added == pytest.approx(given, rel=1e-4, abs=1e-6)


def test_a_weight_under_the_pointer_tells_its_sum(visit: Callable[..., Page], by_torch):
    page = visit()
    go(page, CONV1)
    grid = page.locator(".cnnviz-motion canvas.grid").nth(1)
    grid.hover(position={"x": 5, "y": 5})
    sentence = page.locator(".cnnviz-motion .about p").first
    expect(sentence).to_contain_text("row 0, column 0 of the kernel from the image to map 0")
    given = float(page.locator(".cnnviz-motion .total").get_attribute("data-total"))
    assert given == pytest.approx(by_torch["conv1.weight.gradient"][0, 0, 0, 0].item(), rel=1e-5, abs=1e-8)
    assert format_number(by_torch["conv1.weight.before"][0, 0, 0, 0].item(), 4) in sentence.inner_text()


def test_any_column_can_be_looked_at_with_the_keyboard(visit: Callable[..., Page]):
    page = visit()
    page.locator('.cnnviz-motion button.column[data-index="3"]').focus()
    page.keyboard.press("Enter")
    caption = page.locator(".cnnviz-motion figcaption").first
    expect(caption).to_contain_text(re.compile(r"pool1, map \d+: values"))
    before = caption.inner_text()
    page.locator(".cnnviz-motion canvas.grid").first.focus()
    page.keyboard.press("PageDown")
    expect(caption).not_to_have_text(before)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cnnviz-motion .info")).to_contain_text(re.compile(r"pool1, map \d+, row 0, column 1: value"))
    expect(walk(page)).to_have_attribute("data-step", "0")  # arrow keys moved the cell, not the walk


def test_a_cell_of_a_map_under_the_pointer_tells_value_and_gradient(visit: Callable[..., Page], by_torch):
    page = visit()
    info = page.locator(".cnnviz-motion .info")
    go(page, 2)
    label = page.locator('.cnnviz-motion .column[data-index="8"]').bounding_box()
    canvas = page.locator(".cnnviz-motion canvas.network").bounding_box()
    told = set()
    for y in range(60, int(canvas["height"]), 9):  # down the column of scores
        page.mouse.move(label["x"] + label["width"] / 2, canvas["y"] + y)
        told.add(info.inner_text())
    scores = {found.groups() for text in told if (found := re.fullmatch(
        r"fc, class (\d): value (\S+), gradient (\S+)", text))}  # fmt: skip
    assert {int(name) for name, _value, _gradient in scores} == set(range(10))
    for name, _value, gradient in scores:
        assert read_number(gradient) == pytest.approx(by_torch["scores"][int(name)].item(), abs=6e-4)


def test_the_update_shows_the_weights_that_torch_gets_and_the_loss_after_it(visit: Callable[..., Page], by_torch):
    page = visit()
    go(page, UPDATE)
    losses = [read_number(text) for text in page.locator(".cnnviz-motion tr.loss td").all_inner_texts()]
    assert losses == pytest.approx([by_torch["loss"].item(), by_torch["loss_after"].item()], abs=6e-4)
    for layer in ("conv1", "conv2"):
        page.locator(".cnnviz-motion .choice button", has_text=layer).click()
        sentence = page.locator(".cnnviz-motion .about p").first.inner_text().replace("the image", "map 0")
        source, out = map(int, re.search(r"from map (\d+) to map (\d+)", sentence).groups())
        place = (out, source, *place_of(sentence))
        moves = page.locator(".cnnviz-motion .about .move").first.inner_text()
        before, step, after = map(read_number, re.fullmatch(r"(\S+) \+ (\S+) = (\S+)", moves).groups())
        assert before == pytest.approx(by_torch[f"{layer}.weight.before"][place].item(), abs=6e-4)
        assert after == pytest.approx(by_torch[f"{layer}.weight.after"][place].item(), abs=6e-4)
        assert step == pytest.approx(-0.003 * by_torch[f"{layer}.weight.gradient"][place].item(), rel=1e-3)
        assert before + step == pytest.approx(after, abs=6e-4)


def test_the_update_shows_the_shares_that_torch_gets_before_and_after_it(visit: Callable[..., Page], by_torch):
    page = visit()
    go(page, UPDATE)
    rows = page.locator(".cnnviz-motion .outcome tbody tr")
    expect(rows).to_have_count(10)
    for at, row in enumerate(rows.all()):
        expect(row.locator("th")).to_have_text(str(at))
        before, after = row.locator("td").all_inner_texts()
        assert before == formatted(by_torch["shares"][at].item())
        assert after == formatted(by_torch["shares_after"][at].item())
    assert (by_torch["shares"] - by_torch["shares_after"]).abs().max() > 1e-3  # else the one could stand for the other


def test_the_last_columns_are_those_after_the_update_and_only_then(visit: Callable[..., Page], by_torch):
    page = visit()
    columns = page.locator(".cnnviz-motion .column")
    for step, wanted in ((UPDATE, "after"), (0, "output")):
        go(page, step)
        for at in (-2, -1):
            expect(columns.nth(columns.count() + at)).to_have_attribute("data-shows", wanted)
    go(page, UPDATE)
    assert hovered(page, "softmax, class 9: ") == pytest.approx(
        [by_torch["shares"][9].item(), by_torch["shares_after"][9].item()], abs=6e-4
    )
    assert hovered(page, "fc, class 9: ") == pytest.approx(
        [by_torch["scores_before"][9].item(), by_torch["scores_after"][9].item()], abs=6e-3
    )


def formatted(share: float) -> str:
    """As the page writes a share, with two decimals."""
    return "< 0.01 %" if 0 < share < 0.00005 else f"{100 * share:.2f} %"


def hovered(page: Page, start: str) -> list[float]:
    """Before and after, as the sentence about a cell says that begins with `start`: found with the pointer."""
    canvas, info = page.locator(".cnnviz-motion .network"), page.locator(".cnnviz-motion .info")
    label = page.locator(".cnnviz-motion .column", has_text=start.split(",")[0]).bounding_box()
    box = canvas.bounding_box()
    assert label
    assert box
    for y in range(0, int(box["height"]), 6):
        page.mouse.move(label["x"] + label["width"] / 2, box["y"] + y)
        told = info.inner_text()
        if told.startswith(start):
            return [read_number(text) for text in re.findall(r"(\S+) before the step, (\S+) after it", told)[0]]
    raise AssertionError(f"nothing is said that begins with {start}")


def test_the_numbers_of_a_kernel_stand_in_a_table(visit: Callable[..., Page], by_torch):
    page = visit()
    go(page, CONV1)
    page.get_by_role("button", name="Numbers").click()
    cells = page.locator(".cnnviz-motion .table tbody tr").first.locator("td").all_inner_texts()
    sentence = page.locator(".cnnviz-motion .about p").first.inner_text()
    out = int(re.search(r"to map (\d+)", sentence).group(1))
    wanted = [by_torch[f"conv1.weight.{name}"][out, 0, 0, 0].item() for name in ("before", "gradient")]
    assert [read_number(text) for text in cells[:2]] == pytest.approx(wanted, abs=6e-4)
    expect(page.locator(".cnnviz-motion .table tbody tr")).to_have_count(25)


def test_another_class_changes_the_numbers_and_the_walk_stays_where_it_is(visit: Callable[..., Page]):
    page = visit()
    go(page, 1)
    before = page.locator(".cnnviz-motion .formula").inner_text()
    choose_option(page, page.get_by_role("combobox", name="It should be"), "4")
    eventually(page, page.locator(".cnnviz-motion .formula").inner_text, lambda text: text != before)
    expect(walk(page)).to_have_attribute("data-step", "1")
    assert "truth=4" in page.url


@pytest.mark.parametrize(("width", "dark"), [(390, False), (900, True), (1440, True)])
def test_every_step_fits_every_screen(visit: Callable[..., Page], width: int, dark: bool):
    page = visit(width=width, dark=dark)
    for step in range(STEPS):
        go(page, step)
        assert walk(page).evaluate("root => root.scrollWidth <= root.clientWidth + 1")
        assert page.locator(".cnnviz-motion .sentence").inner_text()


COUNTS = """(ghost) => {
  const animate = ghost.animate.bind(ghost);
  ghost.begun = 0;
  ghost.animate = (...given) => (ghost.begun += 1, animate(...given));
}"""


def test_who_wants_no_motion_gets_none(visit: Callable[..., Page]):
    for wish, expected in [("no-preference", 1), ("reduce", 0)]:
        page = visit(reduced_motion=wish)
        ghost = page.locator(".cnnviz-motion .ghost")
        ghost.evaluate(COUNTS)  # one that runs may have ended before it is looked for
        page.locator('[data-act="next"]').click()
        expect(walk(page)).to_have_attribute("data-step", "1")
        assert ghost.evaluate("(ghost) => ghost.begun") == expected


def test_what_is_pointed_at_is_said_at_the_next_step_too(visit: Callable[..., Page]):
    """Numbers that come while the pointer rests must not take its words away."""
    page = visit()
    said = page.locator(".cnnviz-motion .info")
    hint = said.inner_text()
    box = page.locator(".cnnviz-motion canvas.network").bounding_box()
    for across in range(5, 400, 10):  # the image stands in the middle of the left side
        page.mouse.move(box["x"] + across, box["y"] + box["height"] / 2)
        if said.inner_text() != hint:
            break
    page.mouse.move(box["x"] + across + 30, box["y"] + box["height"] / 2)
    expect(said).to_contain_text("input")
    page.locator(".cnnviz-motion .player").evaluate("(player) => player.focus({ preventScroll: true })")
    for step in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(walk(page)).to_have_attribute("data-step", str(step))
        assert said.inner_text().startswith("input")
