"""How a small network learned, as one chart: the loss on what it learns from, and on what is held out.

Refuses to know: runs, sessions.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.figures.log_axis import set_log_axis
from cnnviz.figures.theme import Palette
from cnnviz.i18n import _

HEIGHT = 220
FLOOR = 1e-6  # of the logarithmic axis: a loss of exactly 0 has no place there


def learning_curves(
    learned: Sequence[tuple[int, float]], held_out: Sequence[tuple[int, float]], length: int, palette: Palette
) -> go.Figure:
    """Pairs (step, loss) of both kinds, over a run of `length` steps, on a logarithmic axis.

    >>> from cnnviz.figures.loss_curves import learning_curves
    >>> from cnnviz.figures.theme import LIGHT
    >>> figure = learning_curves([(1, 0.7), (2, 0.6)], [(0, 0.69)], 200, LIGHT)
    >>> [trace.y for trace in figure.data]
    [(0.7, 0.6), (0.69,)]
    """
    figure = go.Figure()
    strong, other = palette.line_pair
    for name, points, colour, mode in (
        (_("training loss"), learned, strong, "lines"),
        (_("held-out loss"), held_out, other, "lines"),
    ):
        steps, losses = [step for step, _loss in points], [max(loss, FLOOR) for _step, loss in points]
        figure.add_scatter(
            x=steps, y=losses, name=name, mode=mode, line={"color": colour, "width": 2},
            hovertemplate=_("{name}, step {step}: loss {loss}", name=name, step="%{x}", loss="%{y:.3g}")
            + "<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_("step"), range=[0, length])
    set_log_axis(figure, "y", title=_("loss"))
    legend = {"orientation": "h", "y": 1.2, "x": 0}
    return figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 16, "t": 8, "b": 44}, legend=legend)
