"""The value of a unit while its image is maximised, as a chart.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.theme import REFERENCE, Palette, value_text
from cnnviz.i18n import _

HEIGHT = 260


def climb_chart(values: np.ndarray, here: int, reference: float | None, palette: Palette) -> go.Figure:
    """The values (steps + 1,) step by step, a dot at step `here`, and a line for the best real image, where known.

    >>> import numpy as np
    >>> from cnnviz.figures.climbs import climb_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> figure = climb_chart(np.array([0.0, 2.0, 3.0]), 1, 2.5, LIGHT)
    >>> list(figure.data[1].y), figure.layout.shapes[0].y0
    ([2.0], 2.5)
    """
    strong, _other = palette.line_pair
    steps = np.arange(len(values))
    words = _("step {step}: {value}", step="%{x}", value="%{customdata}") + "<extra></extra>"
    figure = go.Figure()
    figure.add_scatter(x=steps, y=values, mode="lines", line={"color": strong, "width": 2}, hovertemplate=words,
                       customdata=[value_text(float(one)) for one in values])  # fmt: skip
    figure.add_scatter(x=[here], y=[values[here]], mode="markers", marker={"color": strong, "size": 9},
                       hovertemplate=words, customdata=[value_text(float(values[here]))])  # fmt: skip
    if reference is not None:
        figure.add_hline(y=reference, line={"width": 1, "dash": "dot", "color": REFERENCE},
                         annotation={"text": _("the best real image"), "font": {"size": 12}},
                         annotation_position="top left")  # fmt: skip
    figure.update_xaxes(title=_("step"))
    figure.update_yaxes(title=_("value of the unit"))
    return figure.update_layout(height=HEIGHT, margin={"l": 56, "r": 12, "t": 16, "b": 44}, showlegend=False)
