"""The browser finds the same digits as Python, for hundreds of cells, and writes every number the same."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from cnnviz.figures.display_precision import decimals_of_function
from cnnviz.figures.rounding import decimals_of_factors, decimals_that_hold, format_rounded, sum_holds
from cnnviz.figures.theme import value_text
from tests.figures.decimal_cases import CASES, random_cases


@pytest.fixture
def run(run_module: Callable[..., object]) -> Callable[..., object]:
    """`run("m.digitsThatHold([1], 1)")`: an expression with `shared/sums.js` as `m` and `data` as given."""
    return partial(run_module, "shared/sums.js")


def cells(count: int) -> list[dict]:
    """Sums of 1 to 80 products of float32 numbers on many scales; in every fifth the total is another."""
    rng = np.random.default_rng(4)
    made = []
    for at in range(count):
        size = int(rng.integers(1, 80))
        left = rng.random(size, dtype=np.float32).astype(float) * 10.0 ** int(rng.integers(-3, 4))
        left[rng.random(size) < 0.3] = rng.choice([0.0, 0.5, 1.0, 0.125])
        right = rng.normal(0, 0.3, size).astype(np.float32).astype(float)
        total = float(np.float32((left * right).sum())) + (0.01 if at % 5 == 4 else 0.0)
        digits = int(rng.integers(0, 6))
        made.append({"left": left.tolist(), "right": right.tolist(), "terms": (left * right).tolist(),
                     "total": total, "digits": digits})  # fmt: skip
    return made


def as_lists(found: list[tuple[int, int] | None]) -> list[list[int] | None]:
    return [None if pair is None else list(pair) for pair in found]


def test_the_browser_finds_the_digits_of_python_for_hundreds_of_sums(run):
    made = cells(600)
    expected = as_lists([decimals_that_hold(cell["terms"], cell["total"], cell["digits"]) for cell in made])
    assert run("data.map((c) => m.digitsThatHold(c.terms, c.total, c.digits))", made) == expected
    assert len({pair and tuple(pair) for pair in expected}) > 8


def test_the_browser_finds_the_digits_of_python_for_hundreds_of_products(run):
    made = [{**cell, **{name: cell[name][:6] for name in ("left", "right", "terms")}} for cell in cells(400)]
    expected = as_lists([decimals_of_factors(c["left"], c["right"], c["terms"], c["digits"]) for c in made])
    assert run("data.map((c) => m.digitsOfFactors(c.left, c.right, c.terms, c.digits))", made) == expected
    assert len({pair and tuple(pair) for pair in expected}) > 8


def test_a_sum_of_typed_numbers_is_read_too(run):
    assert run("m.digitsThatHold(new Float32Array([0.125, 0.125]), 0.25, 2)") == [3, 2]


def test_every_number_is_shown_the_same_ties_and_large_ones_included(run):
    rng = np.random.default_rng(5)
    values = [
        *(rng.integers(-4000, 4000, 500) / 64),
        *rng.normal(0, 100, 500),
        0.5,
        2.5,
        1.005,
        -0.125,
        1e21,
        -3e25,
        1e-9,
    ]
    pairs = [[float(value), int(digits)] for value, digits in zip(values, rng.integers(0, 8, len(values)), strict=True)]
    expected = [str(int(format_rounded(value, digits).scaleb(digits))) for value, digits in pairs]
    assert run("data.map(([value, digits]) => String(m.shownUnits(value, digits)))", pairs) == expected
    assert [f"{value:.{digits}f}".replace(".", "") for value, digits in pairs] != expected  # ties: Python's own format


def test_naive_numbers_instead_of_whole_ones_do_not_agree(run):
    """The negative twin: adding the shown numbers as floats and rounding with Math.round is another rule."""
    naive = """((terms, total, t, d) => Math.round(terms.reduce((s, x) => s + Number(x.toFixed(t)), 0) * 10 ** d)
        === Math.round(Number(total.toFixed(d)) * 10 ** d))"""
    terms = [[0.5, 0.005], [-0.5, -0.005], [1, 0.005], [2.5, 0.015], [1.2, -0.195]]
    made = [{"terms": pair, "total": sum(pair)} for pair in terms]
    assert run(f"data.map((c) => {naive}(c.terms, c.total, 3, 2))", made) != run(
        "data.map((c) => m.sumHolds(c.terms, c.total, 3, 2))", made
    )
    assert run("data.map((c) => m.sumHolds(c.terms, c.total, 3, 2))", made) == [
        sum_holds(cell["terms"], cell["total"], 3, 2) for cell in made
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("m.digitsThatHold([NaN], 1)", "value must be finite, got NaN"),
        ("m.digitsThatHold([1], 1, 10)", "digits must be from 0 to 9, got 10"),
        ("m.digitsOfFactors([1, 2], [1], [1], 2)", "factors and products must be as many, got 2, 1 and 1"),
        ("m.digitsOfFactors([1], [1], [1], 2, -1)", "digits must be from 0 to 9, got -1"),
    ],
)
def test_what_python_refuses_the_browser_refuses(run, call: str, message: str):
    assert message in run(f"(() => {{ try {{ {call}; }} catch (error) {{ return error.message; }} }})()")


@pytest.mark.parametrize("module", ["shared/sums.js", "shared/holding.js"])
def test_the_shared_cases_have_the_same_answers_in_the_browser(run_module, module):
    cases = [case for case in CASES if case.module == module]
    assert cases
    asked = [[case.function, list(case.arguments)] for case in cases]
    assert run_module(module, "data.map(([name, given]) => m[name](...given))", asked) == [
        case.answer for case in cases
    ]


@pytest.mark.parametrize("module", ["shared/sums.js", "shared/holding.js"])
def test_the_browser_agrees_with_python_on_means_and_normalisations(run_module, module):
    cases = [case for case in random_cases(200, seed=3) if case.module == module]
    asked = [[case.function, list(case.arguments)] for case in cases]
    expected = [case.in_python() for case in cases]
    assert run_module(module, "data.map(([name, given]) => m[name](...given))", asked) == expected
    assert len({str(answer) for answer in expected}) > 3


def test_shares_that_hold_without_their_products_are_not_enough(run_module):
    """The negative twin: what the walk did before, shares and total first and the products after, is another rule."""
    cases = [case for case in random_cases(200, seed=3) if case.function == "digitsOfShares"]
    found = [case.in_python() for case in cases]
    asked = [[[*case.arguments[1], case.arguments[2]], *case.arguments[3:]] for case in cases]
    before = run_module(
        "shared/sums.js", "data.map(([terms, total, digits]) => m.digitsThatHold(terms, total, digits))", asked
    )
    assert [one and one[1:] for one in found] != before


def test_a_function_gets_the_same_decimals_on_both_sides(run_module):
    values = np.float32(np.random.default_rng(8).normal(0, 2, 300)).astype(float).tolist()
    given = [(value, float(np.float32(np.tanh(value)))) for value in values]
    expected = [decimals_of_function(value, math.tanh, result, 3) for value, result in given]
    script = "data.map(([x, y]) => m.digitsOfFunction(x, Math.tanh, y, 3))"
    assert run_module("shared/holding.js", script, given) == as_lists(expected)


def test_a_value_that_stands_alone_is_written_the_same(run_module):
    values = [
        19.0,
        -0.12345,
        0.0,
        0.5,
        0.00001,
        -1311.111,
        1e7,
        *np.float32(np.random.default_rng(9).normal(size=200)).tolist(),
    ]
    assert run_module("shared/format.js", "data.map(m.valueText)", values) == [value_text(value) for value in values]
