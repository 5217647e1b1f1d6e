"""A reading: a digit, no digit, or a blank canvas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.models.decision import DecisionRule, PredictionStatus, predict, softmax

logits = st.lists(st.floats(-50, 50), min_size=10, max_size=10)


def naive_softmax(row):
    powers = [math.exp(score) for score in row]
    return [power / sum(powers) for power in powers]


@given(logits)
def test_probabilities_are_those_of_the_formula_and_add_up_to_1(row):
    probabilities = predict(row, has_ink=True).probabilities
    assert probabilities == pytest.approx(naive_softmax(row), abs=1e-12)
    assert probabilities.sum() == pytest.approx(1)


def test_the_formula_oracle_can_fail():
    assert softmax([0.0, 1.0]) != pytest.approx(naive_softmax([1.0, 0.0]))


@given(logits)
def test_top_and_second_are_the_two_largest(row):
    reading = predict(row, has_ink=True)
    assert reading.top != reading.second
    assert row[reading.top] == max(row)
    assert row[reading.second] == sorted(row)[-2]
    assert reading.confidence == reading.probabilities[reading.top]


def test_no_ink_is_blank_however_sure_the_network_is():
    assert predict([0, 100, 0], has_ink=False).status is PredictionStatus.BLANK


def test_the_threshold_decides_between_digit_and_no_digit():
    row = [math.log(0.6), math.log(0.4)]  # probabilities 0.6 and 0.4
    assert predict(row, has_ink=True, rule=DecisionRule(0.59)).status is PredictionStatus.ANSWER
    assert predict(row, has_ink=True, rule=DecisionRule(0.61)).status is PredictionStatus.FOREIGN


def test_large_logits_do_not_overflow():
    assert predict([1000.0, 999.0], has_ink=True).confidence == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize("bad", [[], [1.0], [[1.0, 2.0]], [1.0, float("nan")], [1.0, float("inf")]])
def test_what_is_not_one_row_of_numbers_is_refused(bad):
    with pytest.raises(ValueError, match="logits must be one row"):
        predict(bad, has_ink=True)


def test_a_threshold_is_a_probability():
    with pytest.raises(ValueError, match="threshold must be"):
        DecisionRule(1.5)


def test_probabilities_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        predict(np.zeros(10), has_ink=True).probabilities[0] = 1
