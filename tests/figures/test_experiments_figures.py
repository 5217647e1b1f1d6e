"""Charts of the experiments: what is drawn are the numbers that were given, where they belong."""

import numpy as np
import pytest

from cnnviz.figures.experiments import ChartLine, answers_map, gap_chart, lines_over_steps, pull_chart
from cnnviz.figures.theme import DARK, LIGHT


def test_a_line_is_drawn_as_given_and_dashed_where_it_says_so():
    figure = lines_over_steps(
        [ChartLine("a", [0, 5], [0.7, 0.2], "#111111"), ChartLine("b", [0], [1.0], "#111111", True)], "loss"
    )
    assert [(trace.name, list(trace.x), list(trace.y)) for trace in figure.data] == [
        ("a", [0, 5], [0.7, 0.2]), ("b", [0], [1.0]),
    ]  # fmt: skip
    assert [trace.line.dash for trace in figure.data] == ["solid", "dot"]


def test_nothing_above_zero_leaves_a_gap_on_a_logarithmic_scale_only():
    line = [ChartLine("a", [1, 2, 3], [0.1, 0.0, -1.0], "#111111")]
    assert lines_over_steps(line, "x", is_log=True).data[0].y == (0.1, None, None)
    assert lines_over_steps(line, "x").data[0].y == (0.1, 0.0, -1.0)


def test_a_level_that_matters_is_drawn_with_its_name():
    figure = lines_over_steps([], "loss", level=(0.693, "guessing"))
    assert (figure.layout.shapes[0].y0, figure.layout.annotations[0].text) == (0.693, "guessing")
    assert not lines_over_steps([], "loss").layout.shapes


def test_a_bar_reaches_from_what_was_never_seen_to_what_was_learned_from():
    figure = gap_chart(["plain", "more"], [1.0, 0.9], [0.6, 0.85])
    bars = [trace for trace in figure.data if trace.mode == "lines"]
    assert [(bar.x, bar.y[0]) for bar in bars] == [((0.6, 1.0), "plain"), ((0.85, 0.9), "more")]
    unseen, seen = (trace for trace in figure.data if trace.mode == "markers")
    assert (list(unseen.x), list(seen.x)) == ([0.6, 0.85], [1.0, 0.9])
    assert unseen.marker.symbol != seen.marker.symbol  # colour is never the only carrier
    assert figure.layout.xaxis.range[0] <= 0.6


def test_both_pulls_are_drawn_over_the_probability():
    p = np.linspace(0, 1, 5)
    right, wrong = pull_chart(p, 1 - p, p * (1 - p)).data
    assert (right.y, wrong.y) == ((1, 0.75, 0.5, 0.25, 0), (0, 0.1875, 0.25, 0.1875, 0))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_map_of_answers_has_the_first_number_along_and_its_points_marked(palette):
    answers = np.array([[0.1, 0.9, 0.2], [0.3, 0.4, 0.6], [0.7, 0.8, 0.95]])
    points, labels = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    heat, line, same, different = answers_map(answers, (-0.5, 1.5), points, labels, palette).data
    assert heat.z[1][0] == 0.9  # first number low, second in the middle: one up, not one along
    assert (heat.x[0], heat.x[-1], heat.zmin, heat.zmax) == (-0.5, 1.5, 0, 1)
    assert (line.contours.start, line.contours.end) == (0.5, 0.5)
    assert (set(zip(same.x, same.y, strict=True)), set(zip(different.x, different.y, strict=True))) == (
        {(0, 0), (1, 1)}, {(0, 1), (1, 0)},
    )  # fmt: skip
    assert same.marker.symbol != different.marker.symbol


def test_where_nothing_is_decided_there_is_no_line():
    flat = answers_map(np.full((3, 3), 0.4), (0, 1), np.zeros((1, 2)), np.zeros(1), LIGHT)
    assert [trace.type for trace in flat.data].count("contour") == 0
