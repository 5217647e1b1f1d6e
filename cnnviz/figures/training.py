"""Charts of a training: what batches cost and bring.

Refuses to know: how any of it was measured; whose colours the classes have (the theme's, by their order).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.figures.log_axis import set_log_axis
from cnnviz.figures.percent_axis import percent_marks
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _

# Told apart by people who see few colours, on light and dark ground: P. Tol's "muted" and "vibrant" schemes, mixed.
CLASS_COLOURS = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999999", "#ee7733", "#44aa99", "#882255",
)  # fmt: skip
HEIGHT = 380  # pixels


def class_colour(label: int) -> str:
    """The colour of a class, by its place; after ten they come again."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]


def epoch_times(batches: Sequence[int], seconds: Sequence[float]) -> go.Figure:
    """How long an epoch takes with each batch size; both scales logarithmic, every point with its number."""
    figure = go.Figure(
        go.Scatter(
            x=list(batches), y=list(seconds), mode="lines+markers+text", text=[_seconds(value) for value in seconds],
            textposition="top center", line={"color": class_colour(0)}, cliponaxis=False,
            hovertemplate=_("batch size {batch}: {time} per epoch", batch="%{x}", time="%{text}") + "<extra></extra>",
        )
    )  # fmt: skip
    ticks = list(batches)
    figure.update_xaxes(title=_("batch size"), type="log", tickvals=ticks, ticktext=[f"{n}" for n in ticks])
    set_log_axis(figure, "y", title=_("seconds per epoch"))
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
            text=[format_percent(accuracy) for _updates, accuracy in points],
            hovertemplate=_("{updates} updates: {share}", updates="%{x}", share="%{text}")
            + "<extra>" + _("batch {n}", n=batch) + "</extra>",
        )  # fmt: skip
    set_log_axis(figure, "x", title=_("updates"))
    figure.update_yaxes(title=_("validation accuracy"), range=[0, 1.02], **percent_marks())
    return figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 10, "t": 10, "b": 40})
