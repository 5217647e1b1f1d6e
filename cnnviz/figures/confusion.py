"""A confusion matrix as one heat map: rows are what was written (or shown), columns what was read.

Refuses to know: the pictures behind a cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.figures.plain_names import chart_text
from cnnviz.figures.theme import LIGHT, Palette
from cnnviz.i18n import _

SIDE = 460  # pixels, for up to ten classes
MORE = 26  # pixels for each class beyond
LETTER = 7  # pixels, about


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], palette: Palette = LIGHT) -> go.Figure:
    """`counts[written][read]` as a heat map; mistakes are coloured, right answers only counted.

    Raises: ValueError where the counts are not one row and one column a class.

    >>> from cnnviz.figures.confusion import confusion_matrix
    >>> confusion_matrix([[9, 1], [0, 10]], ("X", "O")).data[0].text
    (['9', '1'], ['', '10'])
    """
    if len(counts) != len(classes) or any(len(row) != len(classes) for row in counts):
        raise ValueError(_("counts must be {n}×{n}: give one row and one column for each class", n=len(classes)))
    names = [chart_text(name) for name in classes]
    mistakes = [[0 if i == j else n for j, n in enumerate(row)] for i, row in enumerate(counts)]
    figure = go.Figure(
        go.Heatmap(
            z=mistakes,
            x=names,
            y=names,
            text=[[str(n) if n else "" for n in row] for row in counts],
            texttemplate="%{text}",
            customdata=[list(row) for row in counts],
            hovertemplate=_("true class {a}, predicted {b}: {n}", a="%{y}", b="%{x}", n="%{customdata}")
            + "<extra></extra>",
            colorscale=[[i / (len(palette.scores) - 1), colour] for i, colour in enumerate(palette.scores)],
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(title=_("predicted class"), type="category", side="top", constrain="domain", showgrid=False)
    figure.update_yaxes(
        title=_("true class"),
        type="category",
        autorange="reversed",
        scaleanchor="x",
        constrain="domain",
        showgrid=False,
    )
    side = SIDE + MORE * max(0, len(classes) - 10)
    room = max(50, 30 + LETTER * max(len(name) for name in classes))  # for the names at the left and above
    return figure.update_layout(
        width=side + room - 50, height=side, margin={"l": room, "r": 10, "t": 50, "b": 10}, showlegend=False
    )
