"""Curves of the laboratory: a loss going down, weights on their way, times of three ways to compute the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.figures.log_axis import set_log_axis
from cnnviz.figures.theme import Palette, legible
from cnnviz.i18n import _

HEIGHT = 260
LEAST_STEPS = 10  # that an axis shows
SIDES = (1, 3, 5, 7, 11, 15, 21, 31, 41)  # of kernels, that are marked
_MARGIN = {"l": 60, "r": 16, "t": 8, "b": 44}


def loss_curve(losses: Sequence[float], step: int, palette: Palette) -> go.Figure:
    """The loss after each step up to `step`, on a logarithmic axis."""
    shown = list(losses[: step + 1])
    figure = go.Figure(
        go.Scatter(x=list(range(len(shown))), y=shown, mode="lines+markers",
                   line={"color": legible(palette.activations), "width": 2}, marker={"size": 5},
                   hovertemplate=_("after step %{x}: %{y:.4g}") + "<extra></extra>")
    )  # fmt: skip
    figure.update_xaxes(range=[-0.3, max(LEAST_STEPS, step) + 0.3])
    return _dressed(figure, _("step"), _("loss (sum of squares)"), is_log=True)


def weight_paths(paths: Sequence[Sequence[float]], goals: Sequence[float], step: int, palette: Palette) -> go.Figure:
    """Each weight on its way, `paths[i]` being all weights after i steps; dotted: the weights that were hidden."""
    figure = go.Figure()
    steps = list(range(step + 1))
    for at, goal in enumerate(goals):
        colour = _mixed(palette.weights, goal, max((abs(value) for value in goals), default=1) or 1)
        words = _("weight {at}, after step", at=at) + " %{x}: %{y:.4f}<extra></extra>"
        path = [weights[at] for weights in paths[: step + 1]]
        figure.add_scatter(x=steps, y=path, mode="lines+markers", marker={"size": 4},
                           line={"color": colour, "width": 2}, showlegend=False,
                           hovertemplate=words)  # fmt: skip
    for goal in sorted(set(goals)):
        figure.add_hline(y=goal, line={"dash": "dot", "width": 1, "color": "gray"})
    figure.update_xaxes(range=[-0.3, max(LEAST_STEPS, step) + 0.3])
    return _dressed(figure, _("step"), _("weights; dotted: hidden"))


def time_plot(times: Mapping[str, Sequence[tuple[int, float]]], palette: Palette) -> go.Figure:
    """Milliseconds against the side of the kernel, one line a way, both axes logarithmic."""
    figure = go.Figure()
    colours = (*palette.line_pair, legible(palette.weights))
    dashes = ("solid", "dash", "dot")
    for (name, points), colour, dash in zip(times.items(), colours, dashes, strict=True):
        sides, values = zip(*points, strict=True)
        figure.add_scatter(x=list(sides), y=list(values), name=name, mode="lines+markers",
                           line={"color": colour, "dash": dash, "width": 2},
                           hovertemplate=f"{name}, %{{x}}×%{{x}}: %{{y:.2f}} ms<extra></extra>")  # fmt: skip
    figure.update_xaxes(type="log", tickvals=SIDES, ticktext=[str(side) for side in SIDES])
    figure.update_layout(legend={"orientation": "h", "y": 1.12})
    return _dressed(figure, _("side of the kernel"), _("milliseconds"), is_log=True, height=360)


def _mixed(stops: Sequence[str], value: float, reach: float) -> str:
    """The colour of a weight; what lies near 0 is drawn in grey, for the neutral middle cannot be seen."""
    share = (value / reach + 1) / 2
    return "gray" if abs(share - 0.5) < 0.05 else stops[round(share * (len(stops) - 1))]


def _dressed(figure: go.Figure, across: str, up: str, *, is_log: bool = False, height: int = HEIGHT) -> go.Figure:
    figure.update_layout(height=height, margin=_MARGIN, xaxis_title=across, yaxis_title=up)
    if is_log:
        set_log_axis(figure, "y")
    return figure
