"""What the checks of a map found, as charts: curves of deletion and insertion, and the parts of the score.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from cnnviz.attribution import Contributions, Curves
from cnnviz.figures.theme import Palette
from cnnviz.i18n import _

HEIGHT = 260
LEGEND = 84  # pixels: four lines on a phone
MOST_PARTS = 16  # maps with a bar of their own


def curves_chart(curves: Curves, palette: Palette) -> go.Figure:
    """The score while pixels are taken out and put in, by the map and by chance (the mean of all random orders).

    >>> import numpy as np
    >>> from cnnviz.attribution import Curves
    >>> from cnnviz.figures.attribution import curves_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> down = np.array([4.0, 1.0, 0.0])
    >>> figure = curves_chart(Curves(np.array([0, 0.5, 1]), down, down[::-1], down[None], down[None, ::-1]), LIGHT)
    >>> [trace.name for trace in figure.data][:2]
    ['taken out by the map', 'taken out by chance']
    """
    strong, other = palette.line_pair
    figure = go.Figure()
    for name, scores, colour, dash in (
        (_("taken out by the map"), curves.deletion, strong, "solid"),
        (_("taken out by chance"), curves.random_deletion.mean(axis=0), strong, "dot"),
        (_("put in by the map"), curves.insertion, other, "solid"),
        (_("put in by chance"), curves.random_insertion.mean(axis=0), other, "dot"),
    ):
        figure.add_scatter(
            x=100 * curves.fractions, y=scores, name=name, mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate=_("{name}: score {score} at {share} % of the pixels", name=name, score="%{y:.3f}",
                            share="%{x:.0f}") + "<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_("pixels taken out or put in (%)"), range=[0, 100])
    figure.update_yaxes(title=_("score"))
    legend = {"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0}
    return figure.update_layout(height=HEIGHT + LEGEND, margin={"l": 56, "r": 12, "t": LEGEND, "b": 44}, legend=legend)


def parts_chart(made: Contributions, palette: Palette) -> go.Figure:
    """The strongest parts of the score, one bar for each map, those that are left together, and what no map gave.

    >>> import numpy as np
    >>> from cnnviz.attribution import Contributions, Question
    >>> from cnnviz.figures.attribution import parts_chart
    >>> from cnnviz.figures.theme import LIGHT
    >>> made = Contributions("pool2", Question(0), np.array([[[1.0, 2.0]], [[-0.5, 0.0]]]), 0.25, 2.75, True)
    >>> list(parts_chart(made, LIGHT).data[0].y)
    [3.0, -0.5, 0.25]
    """
    by_map = made.by_map
    order = np.argsort(-np.abs(by_map))
    shown, left = order[:MOST_PARTS], order[MOST_PARTS:]
    names = [_("map {number}", number=int(at)) for at in shown]
    parts = [float(by_map[at]) for at in shown]
    if len(left):
        names.append(_("{count} other maps", count=len(left)))
        parts.append(float(by_map[left].sum()))
    names.append(_("without any map"))
    parts.append(made.rest)
    strong, other = palette.line_pair
    colours = [strong if part >= 0 else other for part in parts]
    figure = go.Figure(go.Bar(x=names, y=parts, marker_color=colours, hovertemplate="%{x}: %{y:+.4f}<extra></extra>"))
    figure.update_yaxes(title=_("part of the score"))
    return figure.update_layout(height=HEIGHT, margin={"l": 56, "r": 12, "t": 8, "b": 60})
