"""Charts of the experiments: lines over steps, the gap of overfitting, the pull of two losses, answers to XOR.

Refuses to know: how any of it was measured, sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from cnnviz.figures.log_axis import set_log_axis
from cnnviz.figures.percent_axis import percent_marks
from cnnviz.figures.theme import Palette, format_number, format_percent
from cnnviz.figures.training import class_colour
from cnnviz.i18n import _

HEIGHT = 300  # pixels
RIGHT, WRONG, PLAIN = class_colour(0), class_colour(1), class_colour(6)
_MARGIN = {"l": 60, "r": 16, "t": 10, "b": 44}
_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


@dataclass(frozen=True)
class ChartLine:
    """A line of a chart: its name, places, values and colour; a dashed one belongs to the solid one of its colour."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str
    is_dashed: bool = False


def lines_over_steps(
    lines: Sequence[ChartLine], title: str, *, is_log: bool = False, is_share: bool = False,
    level: tuple[float, str] | None = None,
) -> go.Figure:  # fmt: skip
    """Lines over the steps of a training. level: a value that matters, and what it is.

    A value that is not above 0 has no place on a logarithmic scale, and leaves a gap.

    >>> from cnnviz.figures.experiments import ChartLine, PLAIN, lines_over_steps
    >>> line = ChartLine("without", [0, 1], [0.7, 0.69], PLAIN)
    >>> lines_over_steps([line], "loss", level=(0.693, "guessing")).data[0].y
    (0.7, 0.69)
    """
    figure = go.Figure()
    for line in lines:
        figure.add_scatter(
            x=list(line.x), y=[None if is_log and value <= 0 else value for value in line.y], name=line.name,
            mode="lines", line={"color": line.colour, "width": 2, "dash": "dot" if line.is_dashed else "solid"},
            text=[format_percent(value) if is_share else format_number(value) for value in line.y],
            hovertemplate=_("step {step}: {value}", step="%{x}", value="%{text}") + f"<extra>{line.name}</extra>",
        )  # fmt: skip
    if level is not None:
        figure.add_hline(level[0], line={"color": PLAIN, "dash": "dash", "width": 1}, annotation_text=level[1],
                         annotation_position="top right")  # fmt: skip
    figure.update_xaxes(title=_("step"), rangemode="tozero")
    axis = {"range": [0, 1.03], **percent_marks()} if is_share else {"rangemode": "normal" if is_log else "tozero"}
    figure.update_yaxes(title=title, **axis)
    if is_log:
        set_log_axis(figure, "y")
    return figure.update_layout(height=HEIGHT, margin=_MARGIN | {"t": 50}, legend=_LEGEND, showlegend=True)


def gap_chart(names: Sequence[str], training: Sequence[float], validation: Sequence[float]) -> go.Figure:
    """For each way its accuracy on what it learned from and on what it never saw, joined by a bar: the gap.

    >>> from cnnviz.figures.experiments import gap_chart
    >>> gap_chart(["nothing against it"], [1.0], [0.8]).data[0].x
    (0.8, 1.0)
    """
    figure = go.Figure()
    for name, seen, unseen in zip(names, training, validation, strict=True):
        figure.add_scatter(x=[unseen, seen], y=[name, name], mode="lines", line={"color": PLAIN, "width": 5},
                           showlegend=False, hoverinfo="skip", opacity=0.5)  # fmt: skip
    for label, values, colour, symbol in (
        (_("validation accuracy"), validation, WRONG, "diamond"),
        (_("training accuracy"), training, RIGHT, "circle"),
    ):
        figure.add_scatter(
            x=list(values), y=list(names), mode="markers", name=label, text=[format_percent(value) for value in values],
            marker={"size": 12, "color": colour, "symbol": symbol},
            hovertemplate="%{y}: %{text}" + f"<extra>{label}</extra>",
        )  # fmt: skip
    low = min([*training, *validation], default=0.0)
    low = min(0.8, max(0.0, low - 0.05))
    figure.update_xaxes(title=_("accuracy"), range=[low, 1.01], **percent_marks(low))
    figure.update_yaxes(autorange="reversed", automargin=True)
    height = 120 + 32 * len(names)
    return figure.update_layout(height=height, margin=_MARGIN | {"l": 10, "t": 40}, legend=_LEGEND)


def pull_chart(probability: NDArray, right: NDArray, wrong: NDArray) -> go.Figure:
    """How strongly either loss pulls at the true class's score, by the probability that it has now."""
    figure = go.Figure()
    for name, values, colour in (
        (_("log-softmax, then nll_loss"), right, RIGHT),
        (_("softmax, then nll_loss"), wrong, WRONG),
    ):
        figure.add_scatter(
            x=probability.tolist(), y=values.tolist(), name=name, mode="lines", line={"color": colour, "width": 3},
            text=[format_number(value) for value in values],
            hovertemplate=_("p = {p}: pull {pull}", p="%{x:.2f}", pull="%{text}") + f"<extra>{name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_("probability p of the true class"), range=[0, 1])
    figure.update_yaxes(title=_("pull (size of the gradient)"), range=[0, 1.03])
    return figure.update_layout(height=HEIGHT, margin=_MARGIN | {"t": 50}, legend=_LEGEND)


def answers_map(
    answers: NDArray, reach: tuple[float, float], points: NDArray, labels: NDArray, palette: Palette
) -> go.Figure:
    """A map (n, n), rows the first input, of the probability of "different"; the four points lie on it.

    reach: what both axes cover. points (4, 2), labels (4,): 1 for different, a diamond. The line is where it is 50 %.
    """
    ticks = np.linspace(*reach, len(answers)).tolist()
    stops = palette.scores
    figure = go.Figure(
        go.Heatmap(
            x=ticks, y=ticks, z=answers.T.tolist(), text=[[format_percent(one) for one in row] for row in answers.T],
            zmin=0, zmax=1, showscale=False,
            colorscale=[[at / (len(stops) - 1), stop] for at, stop in enumerate(stops)],
            hovertemplate=_("{a}, {b}: probability of “different” {share}", a="%{x:.2f}", b="%{y:.2f}", share="%{text}")
            + "<extra></extra>",
        )
    )  # fmt: skip
    if answers.min() < 0.5 < answers.max():
        half = {"start": 0.5, "end": 0.5, "size": 1, "coloring": "lines"}
        figure.add_contour(x=ticks, y=ticks, z=answers.T.tolist(), contours=half, showscale=False, hoverinfo="skip",
                           colorscale=[[0, WRONG], [1, WRONG]], line={"width": 3})  # fmt: skip
    _mark(figure, points, labels)
    figure.update_xaxes(title=_("first number"), tickvals=[0, 1], range=list(reach), constrain="domain")
    figure.update_yaxes(title=_("second number"), tickvals=[0, 1], range=list(reach), scaleanchor="x")
    return figure.update_layout(height=260, margin={"l": 44, "r": 6, "t": 6, "b": 44}, showlegend=False)


def _mark(figure: go.Figure, points: NDArray, labels: NDArray) -> None:
    for label, symbol in ((0, "circle"), (1, "diamond")):
        own = points[labels == label]
        figure.add_scatter(
            x=own[:, 0].tolist(), y=own[:, 1].tolist(), mode="markers", hoverinfo="skip",
            marker={"size": 16, "symbol": symbol, "color": ("#ffffff", "#111418")[label],
                    "line": {"width": 2, "color": ("#111418", "#ffffff")[label]}},
        )  # fmt: skip
