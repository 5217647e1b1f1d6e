"""A confusion matrix as one heat map: rows are what was written, columns what was read."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.figures.theme import LIGHT, Palette
from cnnviz.messages import _

SIDE = 460  # pixels


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], palette: Palette = LIGHT) -> go.Figure:
    """`counts[written][read]` as a heat map; mistakes are coloured, right answers only counted.

    Raises: ValueError where the counts are not one row and one column a class.
    Example: `confusion_matrix([[9, 1], [0, 10]], ("X", "O"))` colours the 1.
    """
    if len(counts) != len(classes) or any(len(row) != len(classes) for row in counts):
        raise ValueError(_("counts must be {n}×{n}: give one row and one column for each class", n=len(classes)))
    mistakes = [[0 if i == j else n for j, n in enumerate(row)] for i, row in enumerate(counts)]
    figure = go.Figure(
        go.Heatmap(
            z=mistakes,
            x=list(classes),
            y=list(classes),
            text=[[str(n) if n else "" for n in row] for row in counts],
            texttemplate="%{text}",
            customdata=[list(row) for row in counts],
            hovertemplate=_("written {a}, read as {b}: {n}", a="%{y}", b="%{x}", n="%{customdata}") + "<extra></extra>",
            colorscale=[[i / (len(palette.scores) - 1), colour] for i, colour in enumerate(palette.scores)],
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(title=_("read as"), type="category", side="top", constrain="domain")
    figure.update_yaxes(title=_("written"), type="category", autorange="reversed", scaleanchor="x", constrain="domain")
    return figure.update_layout(width=SIDE, height=SIDE, margin={"l": 50, "r": 10, "t": 50, "b": 10})
