"""Receptive fields as pictures: how they grow from layer to layer, and which pixels one unit sees.

Refuses to know: how a field is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.theme import LIGHT, Palette
from cnnviz.i18n import _

HEIGHT, SIDE = 300, 300  # pixels
TICKS = [digit * 10**power for power in range(5) for digit in (1, 2, 5)]


@dataclass(frozen=True)
class Growth:
    """One layer in the picture of growth; `size` and `jump` are None where there is no formula."""

    layer: str
    size: int | None
    jump: int | None
    sees_everything: bool = False


@dataclass(frozen=True)
class Outline:
    """A rectangle: the first and the last pixel on rows and columns; it may lie outside the image."""

    top: int
    bottom: int
    left: int
    right: int


def growth_chart(layers: Sequence[Growth], side: int, palette: Palette = LIGHT) -> go.Figure:
    """Size and jump of every layer against the side of the image, on a logarithmic axis.

    Layers that see the whole image are marked on its line.

    >>> from cnnviz.figures.receptive_fields import Growth, growth_chart
    >>> growth_chart([Growth("conv1", 5, 1)], side=28).data[0].y
    (5,)
    """
    places = list(range(1, len(layers) + 1))
    names = [layer.layer for layer in layers]
    ink, accent = palette.weights[0], palette.scores[-1]
    figure = go.Figure()
    figure.add_trace(_line(places, [layer.size for layer in layers], names, _("size"), accent))
    figure.add_trace(_line(places, [layer.jump for layer in layers], names, _("jump"), ink, dash="dot"))
    whole = [(at, layer.layer) for at, layer in zip(places, layers, strict=True) if layer.sees_everything]
    if whole:
        figure.add_trace(_marks([at for at, _name in whole], side, [name for _at, name in whole], accent))
    figure.add_trace(_line([places[0], places[-1]], [side, side], [""] * 2, _("side of the image"), ink, dash="dash"))
    figure.update_xaxes(title=_("layer, in the order in which they run"), rangemode="tozero")
    figure.update_yaxes(title=_("pixels"), type="log", tickvals=TICKS, ticktext=[str(tick) for tick in TICKS])
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}  # above, however many rows it takes
    return figure.update_layout(height=HEIGHT, margin={"l": 50, "r": 10, "t": 30, "b": 40}, legend=legend)


def _line(
    places: list[int], values: list[int | None], names: list[str], what: str, colour: str, dash: str = "solid"
) -> go.Scatter:
    line = {"color": colour, "width": 2, "dash": dash, "shape": "hv"}
    hover = "%{text}<br>" + f"{what}: " + "%{y}<extra></extra>"
    return go.Scatter(x=places, y=values, text=names, name=what, line=line, mode="lines", hovertemplate=hover)


def _marks(places: list[int], side: int, names: list[str], colour: str) -> go.Scatter:
    hover = "%{text}<br>" + _("whole image") + "<extra></extra>"
    marker = {"color": colour, "symbol": "diamond", "size": 7}
    name = _("whole image")
    return go.Scatter(x=places, y=[side] * len(places), text=names, name=name, mode="markers", marker=marker,
                      hovertemplate=hover)  # fmt: skip


def field_picture(exact: np.ndarray, reach: Outline | None, palette: Palette = LIGHT) -> go.Figure:
    """The pixels that one unit sees, filled, (rows, cols), and what the formula gives, outlined, cut off or not.

    >>> import numpy as np
    >>> from cnnviz.figures.receptive_fields import field_picture
    >>> field_picture(np.ones((2, 2), bool), None).data[0].z
    array([[1, 1],
           [1, 1]], dtype=uint8)
    """
    rows, cols = exact.shape
    figure = go.Figure(
        go.Heatmap(
            z=exact.astype(np.uint8),
            zmin=0,
            zmax=1,
            colorscale=[[0, palette.scores[0]], [1, palette.scores[1]]],
            showscale=False,
            hovertemplate=_("row {row}, column {col}", row="%{y}", col="%{x}") + "<extra></extra>",
        )
    )
    corners = [(-0.5, cols - 0.5, -0.5, rows - 0.5)]
    figure.add_shape(
        type="rect", x0=-0.5, x1=cols - 0.5, y0=-0.5, y1=rows - 0.5, line={"color": palette.weights[0], "width": 1}
    )
    if reach is not None:
        box = (reach.left - 0.5, reach.right + 0.5, reach.top - 0.5, reach.bottom + 0.5)
        line = {"color": palette.scores[-1], "width": 2, "dash": "dash"}
        figure.add_shape(type="rect", x0=box[0], x1=box[1], y0=box[2], y1=box[3], line=line)
        corners.append(box)
    margin = max(rows, cols) * 0.04
    left, right = min(c[0] for c in corners) - margin, max(c[1] for c in corners) + margin
    top, bottom = min(c[2] for c in corners) - margin, max(c[3] for c in corners) + margin
    figure.update_xaxes(range=[left, right], constrain="domain", showgrid=False, zeroline=False, side="top")
    figure.update_yaxes(range=[bottom, top], scaleanchor="x", constrain="domain", showgrid=False, zeroline=False)
    return figure.update_layout(width=SIDE, height=SIDE, margin={"l": 35, "r": 5, "t": 30, "b": 5})
