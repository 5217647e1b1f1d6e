"""Names in charts are letters: Plotly makes links of some texts, and fills in others."""

import numpy as np
import pytest

from cnnviz.figures.confusion import confusion_matrix
from cnnviz.figures.plain_names import chart_text
from cnnviz.figures.pushes import pushed_chart, shifts_chart
from cnnviz.figures.theme import LIGHT

NAME = '<a href="http://pictures.example">cat</a> %{customdata} <extra>x</extra>'
PUSHED = np.array([[0.9, 0.1], [0.2, 0.8]])
CHARTS = {
    "confusion": lambda name: confusion_matrix([[9, 1], [0, 10]], (name, "O")),
    "pushed": lambda name: pushed_chart(np.array([0, 1]), PUSHED, (name, "O"), 1, "pixels", LIGHT),
    "shifts": lambda name: shifts_chart(np.eye(3), name, LIGHT),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_the_name_of_a_class_is_letters(chart: str):
    written = CHARTS[chart](NAME).to_json()
    assert "pictures.example" in written
    for active in ("<a", "\\u003ca", "<extra>x", "\\u003cextra\\u003ex", "cat&lt;/a&gt; %{"):
        assert active not in written


def test_plain_names_stay():
    assert [chart_text(name) for name in ("cat", "café", "50 %", "{x}")] == ["cat", "café", "50 %", "{x}"]
