"""How often a network is right where it is so sure: a reliability diagram, with one drawing in it.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

import plotly.graph_objects as go

from cnnviz.evaluation.metrics import Reliability
from cnnviz.figures.percent_axis import percent_marks
from cnnviz.figures.theme import REFERENCE, Palette, format_percent
from cnnviz.i18n import _

HEIGHT = 340


def reliability_chart(found: Reliability, here: float | None, palette: Palette) -> go.Figure:
    """A bar for each bin, as high as its accuracy; the diagonal; a line at the probability `here` of a drawing.

    >>> import numpy as np
    >>> from cnnviz.evaluation.metrics import reliability
    >>> from cnnviz.figures.reliability import reliability_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> found = reliability(np.log([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
    >>> list(reliability_chart(found, 0.9, LIGHT).data[0].y)
    [0.5]
    """
    strong, _other = palette.line_pair
    bins = [at for at in range(len(found.counts)) if found.counts[at]]
    edges = found.edges
    figure = go.Figure()
    figure.add_bar(
        x=[(edges[at] + edges[at + 1]) / 2 for at in bins], y=[float(found.accuracy[at]) for at in bins],
        width=0.9 / len(found.counts), marker={"color": palette.scores[1], "line": {"width": 0}}, name=_("accuracy"),
        customdata=[[format_percent(float(found.accuracy[at])), format_percent(float(found.confidence[at])),
                     f"{found.counts[at]:,}"] for at in bins],
        hovertemplate=_("{count} images, {confidence} sure on average: {accuracy} right", count="%{customdata[2]}",
                        confidence="%{customdata[1]}", accuracy="%{customdata[0]}") + "<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name=_("as often as it is sure"), hoverinfo="skip",
                       line={"color": REFERENCE, "dash": "dash", "width": 1.5})  # fmt: skip
    if here is not None:
        figure.add_scatter(x=[here, here], y=[0, 1], mode="lines", name=_("your drawing"), hoverinfo="skip",
                           line={"color": strong, "width": 2.5})  # fmt: skip
    figure.update_xaxes(title=_("probability of the answer"), range=[0, 1.01], **percent_marks())
    figure.update_yaxes(title=_("classified correctly"), range=[0, 1.02], **percent_marks())
    legend = {"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0}
    return figure.update_layout(height=HEIGHT, margin={"l": 56, "r": 12, "t": 60, "b": 44}, legend=legend)
