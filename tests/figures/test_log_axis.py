"""Marks of a logarithmic axis: whole numbers in order, around everything that is drawn."""

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.figures.conv_lab import loss_curve
from cnnviz.figures.experiments import PLAIN, ChartLine, lines_over_steps
from cnnviz.figures.log_axis import MOST_MARKS, log_marks, mark_text, set_log_axis
from cnnviz.figures.loss_curves import learning_curves
from cnnviz.figures.theme import LIGHT
from cnnviz.figures.training import accuracy_by_updates, epoch_times

positive = st.floats(1e-12, 1e12)


@pytest.mark.parametrize(
    ("values", "marks"),
    [([3, 70], [2, 5, 10, 20, 50, 100]), ([0.01, 0.02], [0.01, 0.02]), ([7], [5, 10]), ([1], [1]), ([], [1]),
     ([1e-3, 1e3], [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000]), ([0, -1, float("nan"), 5], [5])],
)  # fmt: skip
def test_marks_are_1_2_5_or_powers_of_ten(values: list[float], marks: list[float]):
    assert log_marks(values) == pytest.approx(marks)


@given(st.lists(positive, min_size=1, max_size=5))
def test_marks_rise_reach_around_all_values_or_every_power_and_are_few(values: list[float]):
    marks = log_marks(values)
    assert marks == sorted(set(marks))
    assert len(marks) <= MOST_MARKS + 1
    assert marks[0] <= min(values) * (1 + 1e-6)
    assert len(marks) == 1 or marks[-1] * 10 ** (len(marks) > 1 and 25 / MOST_MARKS) >= max(values)


@pytest.mark.parametrize(
    ("mark", "text"),
    [(100.0, "100"), (0.002, "0.002"), (20_000.0, "20,000"), (1e-6, "10⁻⁶"), (2e-6, "2·10⁻⁶"), (1e7, "10⁷")],
)
def test_a_mark_is_written_as_the_whole_number(mark: float, text: str):
    assert mark_text(mark) == text


def log_axes(figure: go.Figure) -> list:
    return [axis for axis in (figure.layout.xaxis, figure.layout.yaxis) if axis.type == "log"]


FIGURES = {
    "epochs": epoch_times([1, 10, 100], [90.0, 12.0, 3.0]),
    "updates": accuracy_by_updates({10: [(3, 0.2), (800, 0.9)]}),
    "lines": lines_over_steps([ChartLine("a", [0, 1], [0.7, 3.0], PLAIN)], "loss", is_log=True),
    "laboratory": loss_curve([5.0, 0.3], 1, LIGHT),
    "learning": learning_curves([(0, 2.0), (1, 0.5)], [(1, 0.8)], 10, LIGHT),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_log_axis_has_marks_of_its_own(name: str):
    axes = log_axes(FIGURES[name])
    assert axes
    for axis in axes:
        assert axis.tickvals is not None
        assert len(axis.tickvals) == len(axis.ticktext)
        assert all(
            float(text.replace(",", "")) == mark for mark, text in zip(axis.tickvals, axis.ticktext, strict=True)
        )


def test_an_axis_without_marks_would_be_found():
    assert log_axes(go.Figure().update_yaxes(type="log"))[0].tickvals is None
    assert log_axes(set_log_axis(go.Figure(go.Scatter(x=[1], y=[4])), "y"))[0].tickvals == (2, 5)
