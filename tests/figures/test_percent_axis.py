"""Marks of an axis in percent: as everywhere else, some of them, inside the range."""

import pytest

from cnnviz.figures.percent_axis import percent_marks


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 1, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (0.8, 1, ["80 %", "85 %", "90 %", "95 %", "100 %"]),
        (0.93, 1, ["94 %", "96 %", "98 %", "100 %"]),
    ],
)
def test_marks_are_round_and_read_as_everywhere_else(low: float, high: float, words: list[str]):
    marks = percent_marks(low, high)
    assert (marks["ticktext"], min(marks["tickvals"]) >= low, max(marks["tickvals"]) <= high) == (words, True, True)
