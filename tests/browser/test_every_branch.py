"""A residual network with squeeze and excitation and joined branches, walked by keyboard: each step holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import localcontext
from urllib.parse import quote

import numpy as np
import pytest
from one_cell import (
    NUMBER,
    adds_up,
    at_position,
    decimal,
    is_shown,
    multiplies,
    numbers,
    one_off,
    part,
    rounded,
    walking,
)
from playwright.sync_api import Page, expect
from watching import APPS, settled

from cnnviz.core.explain import (
    AddCell,
    Cell,
    ExtremeCell,
    MovedCell,
    NormCell,
    ProductCell,
    SoftmaxUnitCell,
    WeightedCell,
    explain,
)
from cnnviz.core.layer_facts import FOLLOWED
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from tests.browser.every_branch import traced

TRACE = traced()
WALKED = [layer.spec.path for layer in TRACE.layers if layer.spec.kind in FOLLOWED]
BY_IMAGE = [layer.spec.path for layer in TRACE.layers if layer.spec.is_by_image]
NAMES = ["input", *(layer.spec.path for layer in TRACE.layers)]


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "every_branch_app.py")


def named(path: str) -> LayerTrace:
    return TRACE.layers[TRACE.position(path)]


def walked(page: Page, address: str, path: str) -> Iterator[tuple[str, Cell]]:
    """The sentence of some steps of the first and the last map, walked with the keys, and Python's record."""
    layer = named(path)
    is_vector = layer.output.ndim == 1
    for channel in sorted({0, len(layer.output) - 1}):
        page.goto(f"{address}/?layer={quote(path)}&map={channel}&cell=0.0")
        settled(page)
        walking(page)
        size = len(layer.output) if is_vector else layer.output[0].size
        page.keyboard.press("Home")
        at_position(page, 0)
        for step in (0, 1, 2, size - 1):
            if step == size - 1:
                page.keyboard.press("End")
            elif step:
                page.keyboard.press("ArrowRight")
            if step >= size:
                continue
            at_position(page, step)
            row, col = (0, 0) if is_vector else divmod(step, layer.output.shape[2])
            unit = UnitRef(path, step if is_vector else channel, row, col)
            cell = explain(layer, unit)
            expect(part(page, "value")).to_have_text(re.compile(r"^= "))
            assert is_shown(numbers(part(page, "value").inner_text())[0], cell.total)
            yield part(page, "formula").inner_text(), cell


def rows(page: Page) -> list[list[str]]:
    """The lines of the table of terms: their name and columns."""
    found = page.locator(".walk-scene .walk-terms:visible tbody tr").all()
    return [[line.locator("th").inner_text(), *line.locator("td").all_inner_texts()] for line in found]


def place_of(layer: LayerTrace, number: int, at: tuple[int, ...]) -> str:
    """An input's cell in the words of the walk."""
    source = layer.sources[number]
    if source is None:
        return "constant"
    if len(at) == 1:
        return f"{NAMES[source]}, entry {at[0]}"
    return f"{NAMES[source]}, map {at[0]}, row {at[1]}, column {at[2]}"


def must_be_a_sum(
    page: Page, cell: Cell, said: str, values: np.ndarray, weights: np.ndarray, places: list[str]
) -> None:
    total = numbers(said)[-1]
    shown = rows(page)
    assert is_shown(total, cell.total)
    assert [line[0] for line in shown] == places
    terms = [line[-1] for line in shown]
    assert adds_up(terms, total), said
    assert not adds_up(terms, one_off(total))
    for line, value, weight in zip(shown, values, weights, strict=True):
        if line[1]:
            left, right = numbers(line[1].replace("(", "").replace(")", ""))
            assert multiplies(left, right, line[2]), line
            assert is_shown(left, value)
            assert is_shown(right, weight)
        else:
            assert weight == 1
            assert is_shown(line[2], value)


@pytest.mark.parametrize("path", WALKED)
def test_every_step_of_every_kind_holds_as_written_and_is_pythons(shared: Page, address: str, path: str):
    layer, steps = named(path), 0
    for said, cell in walked(shared, address, path):
        steps += 1
        total = numbers(re.sub(r" \([^()]*\)$", "", said))[-1]
        assert is_shown(total, cell.total), said
        if isinstance(cell, AddCell):
            places = [place_of(layer, at, one or ()) for at, one in enumerate(cell.cells)]
            must_be_a_sum(shared, cell, said, cell.values, cell.scales, places)
        elif isinstance(cell, ProductCell):
            left, right, made = numbers(said.replace("(", "").replace(")", ""))
            assert is_shown(left, cell.values[0])
            assert is_shown(right, cell.values[1])
            assert divides(left, right, made) if cell.is_quotient else multiplies(left, right, made)
            places = [place_of(layer, at, one or ()) for at, one in enumerate(cell.cells)]
            assert [line[0] for line in rows(shared)] == places
        elif isinstance(cell, MovedCell):
            where = "No cell stood here: padding puts 0"
            if cell.cell is not None:
                where = f"{place_of(layer, cell.input or 0, cell.cell)}, unchanged: "
            assert said.startswith(where)
        elif isinstance(cell, ExtremeCell):
            place = place_of(layer, 0, tuple(map(int, cell.cells[cell.winner])))
            assert said.endswith(f"({place})")
            assert said.startswith(f"largest of {len(cell.values)}: ")
        elif isinstance(cell, WeightedCell):
            must_be_weighted(shared, layer, cell, said)
        else:
            assert isinstance(cell, SoftmaxUnitCell)
            must_be_softmax(cell, said)
    assert steps >= 3


def divides(left: str, right: str, made: str) -> bool:
    with localcontext(prec=60):
        return rounded(decimal(left) / decimal(right), made) == decimal(made)


def must_be_weighted(page: Page, layer: LayerTrace, cell: WeightedCell, said: str) -> None:
    if layer.spec.kind is Kind.UPSAMPLING:
        places = [place_of(layer, 0, tuple(map(int, at))) for at in cell.cells]
        if len(places) == 1 and cell.weights[0] == 1:
            assert said.startswith(f"{places[0]}, unchanged: ")
        else:
            must_be_a_sum(page, cell, said, cell.values, cell.weights, places)
    elif layer.spec.type_name == "sum":
        *terms, total = re.findall(NUMBER, said.replace("− ", "−"))
        assert adds_up(terms, total)
    else:
        found = re.fullmatch(rf"(.*) = ({NUMBER}); ({NUMBER}) / (\d+) = ({NUMBER})", said)
        assert found is not None, said
        assert found[2] == found[3]
        assert int(found[4]) == len(cell.values)
        assert divides(found[3], found[4], found[5])
        assert is_shown(found[2], float(cell.values.sum()))


def must_be_softmax(cell: SoftmaxUnitCell, said: str) -> None:
    if cell.is_log:
        shifted, logsum, total = re.findall(NUMBER, said.replace(" − ", " ").replace("(", "").replace(")", ""))[-3:]
        assert rounded(decimal(shifted) - decimal(logsum), total) == decimal(total), said
        assert is_shown(shifted, cell.shifted[cell.own])
    else:
        power, total, made = re.findall(NUMBER, said)[-3:]
        assert divides(power, total, made), said
        assert is_shown(power, cell.exponentials[cell.own])
        assert is_shown(total, cell.sum)


@pytest.mark.parametrize("path", BY_IMAGE)
def test_a_normalisation_by_the_image_has_pythons_mean_and_variance(shared: Page, address: str, path: str):
    for said, cell in walked(shared, address, path):
        assert isinstance(cell, NormCell)
        formula, note = said.split(" · mean and ")
        brackets = formula.replace("(−", "−").replace("((", "(")
        x, mean, variance, epsilon, gamma, beta, y = re.findall(NUMBER, brackets.replace(" − ", " "))
        with localcontext(prec=60):
            root = (decimal(variance) + decimal(epsilon)).sqrt()
            made = (decimal(x) - decimal(mean)) / root * decimal(gamma) + decimal(beta)
        assert rounded(made, y) == decimal(y), said
        shown = ((x, cell.value), (mean, cell.mean), (variance, cell.variance), (gamma, cell.gamma), (beta, cell.beta))
        assert all(is_shown(text, value) for text, value in shown), (said, cell)
        assert is_shown(y, cell.total)
        assert numbers(note) == [str(cell.count)]


def test_a_cell_of_a_sum_says_what_it_reads_of_each_of_its_inputs(shared: Page, address: str):
    shared.goto(address)
    settled(shared)
    shared.locator(".cnnviz-explorer canvas.over").focus()
    shared.keyboard.press("Home")
    for _step in range(1 + TRACE.position("add")):
        shared.keyboard.press("ArrowRight")
    info = shared.locator(".cnnviz-explorer .info")
    expect(info).to_contain_text(re.compile(r"^add, map"))
    _add, row, col = re.match(r"add, map (\d+), row (\d+), column (\d+)", info.inner_text()).groups()  # type: ignore[union-attr]
    for name in ("bn2", "relu1"):
        expect(info).to_contain_text(f"reads row {row}, column {col} of {name}, map {_add}")
