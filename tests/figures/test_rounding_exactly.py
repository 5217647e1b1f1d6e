"""The rule computes with whole numbers of last places; with decimals it comes to the same, to the last letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import by_decimals
import numpy as np
import pytest
from adding_up import on_a_three
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.core.explain import explain
from cnnviz.core.units import UnitRef
from cnnviz.figures import rounding
from cnnviz.figures.cell_table import cell_table
from cnnviz.figures.theme import format_number

anything = st.floats() | st.floats(width=32) | st.floats(-4, 4, width=32)
short = st.builds(lambda steps, digits: steps / 10**digits, st.integers(-50_000, 50_000), st.integers(0, 5))
tie = st.builds(lambda steps, places: steps / 2**places, st.integers(-5_000, 5_000), st.integers(1, 12))
number = st.floats(-8, 8, width=32) | short | tie | anything
few, digits = st.lists(number, max_size=12), st.integers(0, 9)


def outcome(work: Callable[..., Any], *arguments: Any) -> Any:
    """What comes out, or the sentence of the refusal."""
    try:
        return work(*arguments)
    except ValueError as error:
        return str(error)


def alike(name: str, *arguments: Any) -> bool:
    return bool(outcome(getattr(rounding, name), *arguments) == outcome(getattr(by_decimals, name), *arguments))


@settings(max_examples=1_000, deadline=None)
@given(number | st.sampled_from([5e-324, -5e-324, 1.7e308, -1e300, 0.0, -0.0, 2.0**53, 1e21, 0.5]), digits)
def test_a_value_has_the_same_steps_and_letters(value: float, places: int):
    exact = outcome(by_decimals.format_rounded, value, places)
    assert outcome(rounding.shown_steps, value, places) == (
        exact if isinstance(exact, str) else int(exact.scaleb(places, by_decimals.EXACT))
    )
    if np.isfinite(value):
        assert rounding.rounded_text(value, places) == f"{exact:f}"
        assert format_number(value, places) == by_decimals.format_number(value, places)


@settings(max_examples=500, deadline=None)
@given(few, st.integers(0, 4))
def test_decimals_of_values(values: list[float], most: int):
    assert alike("decimals_of", values, most)


@settings(max_examples=1_000, deadline=None)
@given(few, number, digits, digits, st.sampled_from(["as it is", "float32", "another"]))
def test_a_sum_holds_in_both(terms: list[float], other: float, fine: int, coarse: int, how: str):
    with np.errstate(all="ignore"):
        assume(not np.isinf(sum(terms)) or np.isinf(terms).any())
        total = {"as it is": sum(terms), "float32": float(np.float32(sum(terms))), "another": other}[how]
    assert alike("sum_holds", terms, total, max(fine, coarse), coarse)
    assert alike("decimals_that_hold", terms, total, coarse)


@settings(max_examples=1_000, deadline=None)
@given(number, number, st.none() | number, st.tuples(digits, digits, digits))
def test_a_product_holds_in_both(left: float, right: float, other: float | None, places: tuple[int, int, int]):
    assume(not np.isinf(left * right))  # decimals alone refuse what is larger than any float
    assert alike("product_holds", left, right, left * right if other is None else other, places)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(number, number), max_size=9), st.integers(0, 5), st.tuples(st.integers(0, 3), digits))
def test_the_decimals_of_factors_are_the_same(pairs: list[tuple[float, float]], places: int, least: tuple[int, int]):
    lefts, rights = [left for left, _right in pairs], [right for _left, right in pairs]
    products = [left * right for left, right in pairs]
    assume(not np.isinf(products).any())
    assert alike("decimals_of_factors", lefts, rights, products, places, least)


def test_numbers_of_numpy_count_as_the_values_that_they_are():
    for value in (np.float32(0.1), np.float64(-0.125), np.float32(2.5)):
        assert alike("sum_holds", [value, value], float(value) * 2, 3, 2)
        assert format_number(value, 3) == by_decimals.format_number(float(value), 3)


def tables() -> Iterator[Any]:
    trace = on_a_three()
    for place in range(6):
        yield cell_table(explain(trace.layers[trace.position("conv2")], UnitRef("conv2", 2 * place, 5, 6)))
    yield cell_table(explain(trace.layers[trace.position("fc")], UnitRef("fc", 3)))


def test_whole_tables_have_the_same_letters(monkeypatch: pytest.MonkeyPatch):
    made = list(tables())
    for module in ("cell_table", "long_sums", "display_precision"):
        for name in ("decimals_of", "decimals_that_hold", "decimals_of_factors", "sum_holds"):
            if hasattr(__import__(f"cnnviz.figures.{module}", fromlist=["x"]), name):
                monkeypatch.setattr(f"cnnviz.figures.{module}.{name}", getattr(by_decimals, name))
        monkeypatch.setattr(f"cnnviz.figures.{module}.format_number", by_decimals.format_number, raising=False)
    assert made == list(tables())
    assert made != [replace(table, sums=table.sums[:1]) for table in made]  # the negative twin of the comparison


@pytest.mark.parametrize("wrong", [lambda above, below: above // below, lambda above, below: -(-above // below)])
def test_another_rounding_would_be_found(monkeypatch: pytest.MonkeyPatch, wrong: Callable[[int, int], int]):
    rounding.shown_steps.cache_clear()
    monkeypatch.setattr(rounding, "_nearest", wrong)
    with pytest.raises(AssertionError):
        test_a_value_has_the_same_steps_and_letters()
    rounding.shown_steps.cache_clear()
