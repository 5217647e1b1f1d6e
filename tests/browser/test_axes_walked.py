"""Convolutions and poolings of lines and volumes, and fully connected layers along maps, walked: each step holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import localcontext
from urllib.parse import quote

import numpy as np
import pytest
from one_cell import adds_up, at_position, decimal, is_shown, numbers, one_off, part, rounded, walking
from playwright.sync_api import Page, expect
from watching import APPS, settled

from cnnviz.core.explain import Cell, ConvNdCell, DenseCell, NormCell, PoolNdCell, explain
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from tests.browser.branched import BRANCHED

WALKED = [
    ("lines", "conv1"), ("lines", "norm"), ("lines", "conv2"), ("lines", "pool"),
    ("volumes", "conv1"), ("volumes", "norm"), ("volumes", "conv2"), ("volumes", "pool"),
    ("spread lines", "up1"), ("spread lines", "up2"), ("spread volumes", "up1"), ("spread volumes", "up2"),
    ("channels last", "wide"), ("channels last", "narrow"),
]  # fmt: skip


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "axes_app.py")


def traced(name: str) -> Trace:
    build, shape = BRANCHED[name]
    return trace(build(), np.random.default_rng(0).normal(size=shape).astype(np.float32))


def walked(page: Page, address: str, name: str, path: str) -> Iterator[Cell]:
    """Some steps of the last map, walked with the keys, and Python's record of each."""
    made = traced(name)
    layer = made.layers[made.position(path)]
    channel, size = len(layer.output) - 1, layer.output[0].size
    page.goto(f"{address}/?net={quote(name)}&layer={quote(path)}&map={channel}&cell=0.0")
    settled(page)
    walking(page)
    page.keyboard.press("Home")
    for step in (0, 1, size - 1):
        if step:
            page.keyboard.press("End" if step == size - 1 else "ArrowRight")
        at_position(page, step)
        cell = explain(layer, UnitRef(path, channel, *divmod(step, layer.output.shape[2])))
        expect(part(page, "value")).to_have_text(re.compile(r"^= "))
        assert is_shown(numbers(part(page, "value").inner_text())[0], cell.total)
        yield cell


@pytest.mark.parametrize(("name", "path"), WALKED)
def test_every_step_holds_as_written_and_is_pythons(shared: Page, address: str, name: str, path: str):
    for cell in walked(shared, address, name, path):
        if isinstance(cell, ConvNdCell | DenseCell):
            must_be_terms(shared, cell)
        elif isinstance(cell, PoolNdCell):
            *_terms, total, again, divisor, mean = numbers(part(shared, "formula").inner_text())
            assert total == again
            assert int(divisor) == cell.divisor
            with localcontext(prec=60):
                assert rounded(decimal(total) / decimal(divisor), mean) == decimal(mean)
        else:
            assert isinstance(cell, NormCell)
            said = numbers(part(shared, "formula").inner_text())
            assert any(is_shown(text, cell.mean) for text in said)
            assert is_shown(said[-1], cell.total)


def must_be_terms(page: Page, cell: ConvNdCell | DenseCell) -> None:
    """The strongest products one by one, the others and the bias together: the sum, as shown."""
    count, _bias, total = numbers(part(page, "total").inner_text())[-3:]
    assert int(count) == cell.products.size
    assert is_shown(total, cell.total)
    terms = page.locator(".walk-scene .walk-terms:visible tbody tr td:nth-last-child(2)").all_inner_texts()
    assert adds_up(terms, total)
    assert not adds_up(terms, one_off(total))
    strongest = float(cell.products.ravel()[np.abs(cell.products).argmax()])
    assert is_shown(terms[0], strongest)
