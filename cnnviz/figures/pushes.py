"""The answers to an image that is pushed, as charts: probabilities over the amount, and one over shifts.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.percent_axis import percent_marks
from cnnviz.figures.plain_names import chart_text
from cnnviz.figures.theme import REFERENCE, Palette, format_percent
from cnnviz.i18n import _

HEIGHT = 300
MAP_WIDTH = 340
MOST_CLASSES = 4  # with a line of their own: those that are likeliest anywhere
DASHES = ("solid", "dash", "dot", "dashdot")


def pushed_chart(
    amounts: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], here: float, unit: str, palette: Palette
) -> go.Figure:
    """Probabilities (k, classes) over `amounts` (k,) in `unit`, and a line at the amount `here`.

    >>> import numpy as np
    >>> from cnnviz.figures.pushes import pushed_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> figure = pushed_chart(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), "ab", 1, "pixels", LIGHT)
    >>> [trace.name for trace in figure.data]
    ['a', 'b']
    """
    colours = [palette.activations[at * (len(palette.activations) - 1) // 8] for at in (7, 1)]
    figure = go.Figure()
    for at, entry in enumerate(np.argsort(-probabilities.max(axis=0), kind="stable")[:MOST_CLASSES]):
        name = chart_text(classes[entry])
        figure.add_scatter(
            x=amounts, y=probabilities[:, entry], name=name, mode="lines",
            line={"color": colours[at % 2], "dash": DASHES[at], "width": 2},
            customdata=[format_percent(float(one)) for one in probabilities[:, entry]],
            hovertemplate=_("{name}: {probability} at {amount}", name=name, probability="%{customdata}",
                            amount="%{x:.2f}") + "<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=here, line={"width": 1, "dash": "dot", "color": REFERENCE})
    figure.update_xaxes(title=unit)
    figure.update_yaxes(title=_("probability"), range=[0, 1.02], **percent_marks())
    legend = {"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0}
    return figure.update_layout(height=HEIGHT, margin={"l": 56, "r": 12, "t": 40, "b": 44}, legend=legend)


def shifts_chart(probabilities: np.ndarray, name: str, palette: Palette) -> go.Figure:
    """The probability of one class for each shift, down (rows) and right (columns), as a map of (2r + 1, 2r + 1).

    >>> import numpy as np
    >>> from cnnviz.figures.pushes import shifts_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> shifts_chart(np.eye(3), "a", LIGHT).data[0].x
    (-1, 0, 1)
    """
    reach = len(probabilities) // 2
    steps = tuple(range(-reach, reach + 1))
    stops = [[at / (len(palette.scores) - 1), colour] for at, colour in enumerate(palette.scores)]
    figure = go.Figure(
        go.Heatmap(
            x=steps, y=steps, z=100 * probabilities, zmin=0, zmax=100, colorscale=stops, colorbar={"title": "%"},
            hovertemplate=_("{down} down, {right} right: {name} {probability} %", down="%{y}", right="%{x}",
                            name=chart_text(name), probability="%{z:.1f}") + "<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title=_("pixels to the right"), constrain="domain")
    figure.update_yaxes(title=_("pixels down"), autorange="reversed", scaleanchor="x")
    return figure.update_layout(height=HEIGHT, width=MAP_WIDTH, margin={"l": 56, "r": 12, "t": 12, "b": 44})
