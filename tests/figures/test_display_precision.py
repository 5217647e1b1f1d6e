"""Decimals of longer arithmetic: the cases that Python and the browser share (`test_sums` runs them in Chromium)."""

from __future__ import annotations

import math

import pytest
from decimal_cases import CASES, Case, random_cases

from cnnviz.figures.display_precision import decimals_of_function
from cnnviz.figures.theme import value_text


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.function} {case.arguments}"[:60])
def test_a_case_has_the_answer_worked_out_by_hand(case: Case):
    assert case.in_python() == case.answer


def test_random_cases_hold_often_and_not_always():
    found = [case.in_python() for case in random_cases(100)]
    assert 0 < found.count(None) < len(found) / 2


def test_a_function_of_the_value_as_shown_is_the_result_as_shown():
    assert decimals_of_function(-1.23456, lambda x: max(0.0, x), 0.0, 3) == (3, 3)
    fine, coarse = decimals_of_function(1.23456, math.tanh, math.tanh(1.23456), 3) or (0, 0)
    assert coarse == 3
    assert f"{math.tanh(round(1.23456, fine)):.3f}" == f"{math.tanh(1.23456):.3f}"
    assert decimals_of_function(0.1234, lambda x: 10 * x, 1.234, 2) == (3, 2)
    assert decimals_of_function(0.5, lambda x: x, 0.75, 2) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(19.0, "19"), (-0.12345, "−0.123"), (0.0, "0"), (0.5, "0.5"), (0.00001, "0.000"), (-1311.111, "−1311.111")],
)
def test_a_value_has_three_decimals_at_most_and_a_whole_number_none(value: float, text: str):
    assert value_text(value) == text
