"""Charts of a training: where pictures lie, gradients by layer, what batches cost and bring.

Refuses to know: how any of it was measured; whose colours the classes have (the theme's, by their order).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from cnnviz.figures.log_axis import set_log_axis
from cnnviz.figures.percent_axis import percent_marks
from cnnviz.figures.theme import number, percent
from cnnviz.messages import _

# Told apart by people who see few colours, on light and dark ground: P. Tol's "muted" and "vibrant" schemes, mixed.
CLASS_COLOURS = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999999", "#ee7733", "#44aa99", "#882255",
)  # fmt: skip
SYMBOLS = ("circle", "diamond")  # for the first ten classes, and the next
HEIGHT = 380  # pixels


def class_colour(label: int) -> str:
    """The colour of a class, by its place; after ten they come again, with another symbol."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]


def scatter_of(points: NDArray, labels: NDArray, classes: Sequence[str], read: NDArray | None = None) -> go.Figure:
    """Points (n, 2), one trace a class; a point's `customdata` is its row, so that a click leads to its picture.

    read: what each was taken for, (n,): those taken for another class get an outline, and say so.
    Example: `scatter_of(embedding.points, labels, ("X", "O"))`.
    """
    figure = go.Figure()
    for label, name in enumerate(classes):
        rows = np.flatnonzero(labels == label)
        if not len(rows):
            continue
        wrong = np.zeros(len(rows), bool) if read is None else read[rows] != label
        figure.add_scatter(
            x=points[rows, 0].tolist(), y=points[rows, 1].tolist(), mode="markers", name=escape(name),
            customdata=rows.tolist(), text=[_said(classes, label, read, row) for row in rows.tolist()],
            hovertemplate="%{text}<extra></extra>",
            marker={
                "color": class_colour(label), "symbol": SYMBOLS[label // len(CLASS_COLOURS) % 2],
                "size": np.where(wrong, 10, 7).tolist(),
                "line": {"width": np.where(wrong, 2, 0).tolist(), "color": "#d62728"},
            },
        )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 0, "t": 10, "b": 0}, legend={"itemsizing": "constant"}
    )


def _said(classes: Sequence[str], label: int, read: NDArray | None, row: int) -> str:
    name = escape(classes[label])
    if read is None or read[row] == label:
        return name
    return _("{truth}, read as {guess}", truth=name, guess=escape(classes[int(read[row])]))


def gradient_norms(steps: Sequence[int], norms: Mapping[str, Sequence[float]]) -> go.Figure:
    """How long each layer's gradient is, step by step: one line a layer, on a logarithmic scale.

    A gradient of exactly 0 has no place on it, and leaves a gap. Example: `gradient_norms([1, 2], {"fc": [0.5, 0.1]})`.
    """
    figure = go.Figure()
    for place, (layer, values) in enumerate(norms.items()):
        figure.add_scatter(
            x=list(steps), y=[value if value > 0 else None for value in values], mode="lines", name=escape(layer),
            line={"color": class_colour(place)}, text=[number(value, 6) for value in values],
            hovertemplate=_("step {step}: {value}", step="%{x}", value="%{text}") + f"<extra>{escape(layer)}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_("step"))
    set_log_axis(figure, "y", title=_("length of the gradient"))
    return figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 10, "t": 10, "b": 40})


def epoch_times(batches: Sequence[int], seconds: Sequence[float]) -> go.Figure:
    """How long an epoch takes with each batch size; both scales logarithmic, every point with its number."""
    figure = go.Figure(
        go.Scatter(
            x=list(batches), y=list(seconds), mode="lines+markers+text", text=[_seconds(value) for value in seconds],
            textposition="top center", line={"color": class_colour(0)}, cliponaxis=False,
            hovertemplate=_("batch {batch}: an epoch in {time}", batch="%{x}", time="%{text}") + "<extra></extra>",
        )
    )  # fmt: skip
    ticks = list(batches)
    figure.update_xaxes(title=_("pictures in a batch"), type="log", tickvals=ticks, ticktext=[f"{n}" for n in ticks])
    set_log_axis(figure, "y", title=_("seconds an epoch"))
    return figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 20, "t": 30, "b": 40}, showlegend=False)


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def accuracy_by_updates(lines: Mapping[int, Sequence[tuple[int, float]]]) -> go.Figure:
    """Validation accuracy against the number of updates: a line a batch size, of (updates, accuracy)."""
    figure = go.Figure()
    for place, (batch, points) in enumerate(lines.items()):
        figure.add_scatter(
            x=[updates for updates, _accuracy in points], y=[accuracy for _updates, accuracy in points],
            mode="lines+markers", name=_("batch {n}", n=batch), line={"color": class_colour(place)},
            text=[percent(accuracy) for _updates, accuracy in points],
            hovertemplate=_("{updates} updates: {share}", updates="%{x}", share="%{text}")
            + "<extra>" + _("batch {n}", n=batch) + "</extra>",
        )  # fmt: skip
    set_log_axis(figure, "x", title=_("updates"))
    figure.update_yaxes(title=_("read right of the validation pictures"), range=[0, 1.02], **percent_marks())
    return figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 10, "t": 10, "b": 40})
