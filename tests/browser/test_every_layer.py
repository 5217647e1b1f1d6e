"""Every kind of layer in unusual settings can be walked: values are torch's, and what is said of them holds."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from one_cell import (
    NUMBER,
    adds_up,
    at_position,
    decimal,
    go_to,
    is_shown,
    multiplies,
    numbers,
    one_off,
    part,
    products_shown,
    rounded,
    sum_shown,
    walk,
    walking,
)
from playwright.sync_api import Page, expect
from torch.nn import functional
from watching import APPS, settled

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from tests.browser.exotic import UNKNOWN, broken, every_layer, traced

MODEL = every_layer()
TRACE = traced(MODEL)
FUNCTIONS = {
    "leaky": lambda x: functional.leaky_relu(x, 0.2),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "bend": functional.relu,
    "hardswish": functional.hardswish,
    "mish": functional.mish,
    "elu": lambda x: functional.elu(x, 0.7),
    "celu": lambda x: functional.celu(x, 0.8),
    "selu": functional.selu,
    "softsign": functional.softsign,
    "logsigmoid": functional.logsigmoid,
    "hardtanh": lambda x: functional.hardtanh(x, -0.6, 0.5),
    "smooth": lambda x: functional.softplus(x, 2, 3),
    "hardsigmoid": functional.hardsigmoid,
    "relu6": functional.relu6,
}


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "every_layer_app.py")


@pytest.fixture
def open_walk(shared: Page, address: str) -> Callable[..., Page]:
    def open_page(layer: str, channel: int = 0, query: str = "") -> Page:
        shared.goto(f"{address}/?layer={layer}&map={channel}&cell=0.0{query}")
        settled(shared)
        return walking(shared)

    return open_page


def named(path: str, made: Trace = TRACE) -> LayerTrace:
    return made.layers[made.position(path)]


def paths(*kinds: Kind) -> list[str]:
    return [layer.spec.path for layer in TRACE.layers if layer.spec.kind in kinds]


def places(layer: LayerTrace) -> list[tuple[int, int]]:
    """The four corners, the middles of two sides, and the centre."""
    rows, cols = layer.output.shape[1:]
    corners = itertools.product({0, rows - 1}, {0, cols - 1})
    return sorted({*corners, (0, cols // 2), (rows // 2, cols - 1), (rows // 2, cols // 2), (1, 1)})


def channels(layer: LayerTrace) -> tuple[int, int]:
    return 0, len(layer.output) - 1


def visited(open_walk: Callable[..., Page], path: str) -> Iterator[tuple[Page, float, tuple[int, int, int]]]:
    """The page at each of some cells of the first and the last map, and torch's value there."""
    layer = named(path)
    for channel in channels(layer):
        page = open_walk(path, channel)
        for row, col in places(layer):
            go_to(page, row * layer.output.shape[2] + col)
            expect(part(page, "title")).to_have_text(f"{path}, map {channel}: row {row}, column {col}")
            yield page, float(layer.output[channel, row, col]), (channel, row, col)


@pytest.mark.parametrize("path", paths(Kind.CONVOLUTION))
def test_a_convolution_adds_up_to_torchs_value(open_walk, path: str):
    for page, value, _place in visited(open_walk, path):
        terms, total = sum_shown(page)
        assert adds_up(terms, total), (terms, total)
        assert is_shown(total, value)
        assert not adds_up(terms, one_off(total))


@pytest.mark.parametrize("path", paths(Kind.CONVOLUTION))
def test_each_product_holds_and_reads_the_cell_that_torch_reads(open_walk, path: str):
    """Which cell: by autograd, the derivative of the output cell after one input map is this map's kernel."""
    layer = named(path)
    channel = channels(layer)[1]
    row, col = layer.output.shape[1] - 1, 0
    page = open_walk(path, channel)
    go_to(page, row * layer.output.shape[2] + col)
    chip = page.locator(".walk-chip").last
    chip.click()
    source = int(chip.get_attribute("data-channel") or -1)
    terms, share = products_shown(page, *layer.spec.kernel)
    assert all(multiplies(*term) for term in terms)
    assert adds_up([term[2] for term in terms], share)
    image = torch.tensor(layer.input)[None].requires_grad_()
    MODEL.get_submodule(path)(image)[0, channel, row, col].backward()
    assert image.grad is not None
    expected = float((image.grad[0, source] * image.detach()[0, source]).sum())
    assert abs(float(decimal(share)) - expected) < 2e-3
    assert sum(float(decimal(term[2])) for term in terms) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("path", paths(Kind.MAX_POOLING))
def test_the_largest_is_named_where_torch_finds_it(open_walk, path: str):
    layer = named(path)
    _values, indices = functional.max_pool2d(
        torch.tensor(layer.input), 3, 2, padding=1, dilation=2, ceil_mode=True, return_indices=True
    )
    for page, value, place in visited(open_walk, path):
        _count, result, *_equal, row, col = numbers(part(page, "formula").inner_text())
        assert is_shown(result, value)
        assert int(row) * layer.input.shape[2] + int(col) == int(indices[place])


@pytest.mark.parametrize("path", paths(Kind.AVERAGE_POOLING))
def test_a_mean_is_its_sum_divided_as_torch_divides(open_walk, path: str):
    for page, value, _place in visited(open_walk, path):
        said = part(page, "formula").inner_text()
        found = re.fullmatch(rf"(.*) = ({NUMBER}); ({NUMBER}) / (-?\d+) = ({NUMBER})", said)
        assert found is not None, said
        terms, total, again, divisor, mean = found.groups()
        assert total == again
        if not terms.startswith("sum of"):
            assert adds_up(re.findall(NUMBER, terms.replace("− ", "−")), total), said
        assert mean_holds(total, divisor, mean)
        assert is_shown(mean, value)
        assert not mean_holds(total, str(int(divisor) + 1), mean) or decimal(total) == 0


def mean_holds(total: str, divisor: str, mean: str) -> bool:
    with localcontext(prec=60):
        return rounded(decimal(total) / decimal(divisor), mean) == decimal(mean)


@pytest.mark.parametrize("path", [path for path in FUNCTIONS if named(path).output.ndim == 3])
def test_an_activation_of_the_shown_value_is_the_shown_result(open_walk, path: str):
    layer = named(path)
    for page, value, place in visited(open_walk, path):
        said = part(page, "formula").inner_text().removesuffix(": above 0: stays")
        written = numbers(said)
        y = written[-1]
        x = value_in(written, float(layer.input[place]))
        exact = float(FUNCTIONS[path](torch.tensor(float(decimal(x)), dtype=torch.float64)))
        assert is_shown(y, value), said
        assert is_shown(y, exact), said
        assert not is_shown(one_off(y), exact)


def value_in(written: list[str], value: float) -> str:
    """The value that went in, as it is written; in some formulas only its opposite is."""
    shown = [text for text in written if "." in text and text != "0.2"]
    as_it_is = next((text for text in shown if is_shown(text, value)), None)
    return as_it_is or str(-decimal(next(text for text in shown if is_shown(text, -value))))


def test_an_activation_of_single_units_is_walked_unit_by_unit(open_walk):
    before, after = named("bend").input, named("bend").output
    page = open_walk("bend")
    for unit in range(7):
        go_to(page, unit)
        expect(part(page, "title")).to_have_text(f"bend: unit {unit}")
        _zero, x, y = numbers(part(page, "formula").inner_text())[:3]
        assert is_shown(x, before[unit])
        assert is_shown(y, after[unit])


def test_a_normalisation_holds_as_it_is_written(open_walk):
    layer = named("norm")
    for page, value, place in visited(open_walk, "norm"):
        said = part(page, "formula").inner_text()
        brackets = said.replace("(−", "−").replace("((", "(")
        x, mean, variance, epsilon, gamma, beta, y = re.findall(NUMBER, brackets.replace(" − ", " "))
        with localcontext(prec=60):
            root = (decimal(variance) + decimal(epsilon)).sqrt()
            made = (decimal(x) - decimal(mean)) / root * decimal(gamma) + decimal(beta)
        assert rounded(made, y) == decimal(y), said
        assert is_shown(y, value)
        assert is_shown(x, layer.input[place])
        assert rounded(made + Decimal("0.001"), y) != decimal(y)


def test_dropout_hands_on(open_walk):
    for page, value, _place in visited(open_walk, "dropout"):
        before, after = numbers(part(page, "formula").inner_text())[:2]
        assert before == after
        assert is_shown(after, value)


def test_a_column_of_an_unknown_layers_maps_is_walked(open_walk):
    layer = named("flatten")
    page = open_walk("flatten")
    for entry in (0, 13, 71):
        go_to(page, entry)
        assert is_shown(numbers(part(page, "formula").inner_text())[-1], layer.output[entry])


@pytest.mark.parametrize("path", paths(Kind.LINEAR))
def test_every_unit_of_two_linear_layers_adds_up(open_walk, path: str):
    page = open_walk(path)
    for unit, value in enumerate(named(path).output):
        go_to(page, unit)
        terms = page.locator(".walk-terms tbody tr td:nth-last-child(2)").all_inner_texts()
        total = re.search(rf"= ({NUMBER})$", part(page, "total").inner_text())
        assert total is not None
        assert adds_up(terms, total[1])
        assert is_shown(total[1], value)


def test_the_softmax_of_the_last_layer(open_walk):
    page = open_walk("softmax", 1)
    shares = page.locator(".walk-softmax tbody td:nth-child(4)").all_inner_texts()
    assert all(is_shown(text, p) for text, p in zip(shares, TRACE.probabilities, strict=True))
    expect(part(page, "title")).to_contain_text("class b")


def test_a_layer_that_is_not_known_says_so_and_the_rest_goes_on(open_walk, shared, address):
    shared.goto(f"{address}/?layer={UNKNOWN}&map=2&cell=0.0")
    settled(shared)
    expect(walk(shared)).to_be_hidden()
    card = shared.locator(".cnnviz-explorer .not-walked")
    expect(card).to_be_visible()
    expect(card).to_contain_text(f"{UNKNOWN} is a Threshold")
    shared.locator(".cnnviz-explorer canvas.over").focus()
    shared.keyboard.press("Escape")
    page = open_walk("flatten")
    expect(shared.locator(".cnnviz-explorer .not-walked")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    at_position(page, 1)


def test_a_cell_of_a_layer_that_is_not_known_says_that_it_is_not_known_what_it_reads(shared, address):
    shared.goto(address)
    settled(shared)
    shared.locator(".cnnviz-explorer canvas.over").focus()
    shared.keyboard.press("Home")
    for _step in range(1 + [layer.spec.path for layer in TRACE.layers].index(UNKNOWN)):
        shared.keyboard.press("ArrowRight")
    info = shared.locator(".cnnviz-explorer .info")
    expect(info).to_contain_text(f"{UNKNOWN}, map")
    expect(info).to_contain_text("which cells of dropout it reads is not known")
    expect(info).not_to_contain_text("receptive field")
    shared.keyboard.press("ArrowRight")  # the column reads one of its cells; what is behind that, nobody knows
    expect(info).to_contain_text(f"of {UNKNOWN}, map")
    expect(info).not_to_contain_text("receptive field")


def test_an_activation_of_a_single_unit_reads_that_unit_and_not_all_of_them(shared, address):
    shared.goto(address)
    settled(shared)
    shared.locator(".cnnviz-explorer canvas.over").focus()
    shared.keyboard.press("End")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        shared.keyboard.press(key)
    info = shared.locator(".cnnviz-explorer .info")
    expect(info).to_contain_text(re.compile(r"^bend, unit \d"))
    unit = re.match(r"bend, unit (\d)", info.inner_text())[1]
    expect(info).to_contain_text(f"reads entry {unit} of hidden")
    shared.keyboard.press("ArrowLeft")
    expect(info).to_contain_text(re.compile(r"^hidden, unit \d"))


def test_a_weight_that_is_no_number_is_said_in_the_walk_and_the_rest_works(open_walk):
    made = traced(broken())
    page = open_walk("depthwise", 5, "&weights=broken")
    expect(part(page, "notice")).to_be_visible()
    expect(part(page, "notice")).to_contain_text("NaN")
    page.keyboard.press("ArrowRight")
    at_position(page, 1)
    whole = open_walk("depthwise", 4, "&weights=broken")
    expect(part(whole, "notice")).to_be_hidden()
    terms, total = sum_shown(whole)
    assert adds_up(terms, total)
    assert is_shown(total, named("depthwise", made).output[4, 0, 0])


@pytest.mark.parametrize(
    "path", [layer.spec.path for layer in TRACE.layers if layer.spec.path != UNKNOWN] + ["softmax"]
)
def test_no_kind_of_layer_breaks_on_numbers_that_are_none(open_walk, path: str):
    page = open_walk(path, 0, "&weights=broken")
    page.keyboard.press("ArrowRight")
    at_position(page, 1)
    layer = None if path == "softmax" else named(path, traced(broken()))
    if layer is None or not math.isfinite(np.ravel(layer.output)[1]):
        expect(part(page, "notice")).to_be_visible()
