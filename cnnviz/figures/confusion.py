"""A confusion matrix as one heat map: rows are what was written (or shown), columns what was read.

Refuses to know: the pictures behind a cell; a click on one says which cell it was (`cell_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from cnnviz.figures.theme import LIGHT, Palette
from cnnviz.messages import _

SIDE = 460  # pixels, for up to ten classes
MORE = 26  # pixels for each class beyond
LETTER = 7  # pixels, about


def confusion_matrix(
    counts: Sequence[Sequence[int]], classes: Sequence[str], palette: Palette = LIGHT, *, answers: bool = False
) -> go.Figure:
    """`counts[written][read]` as a heat map; mistakes are coloured, right answers only counted.

    answers: whether its cells can be clicked; `cell_of` reads what Streamlit then reports.
    Raises: ValueError where the counts are not one row and one column a class.

    >>> from cnnviz.figures.confusion import confusion_matrix
    >>> confusion_matrix([[9, 1], [0, 10]], ("X", "O")).data[0].text
    (['9', '1'], ['', '10'])
    """
    if len(counts) != len(classes) or any(len(row) != len(classes) for row in counts):
        raise ValueError(_("counts must be {n}×{n}: give one row and one column for each class", n=len(classes)))
    names = [escape(name) for name in classes]
    mistakes = [[0 if i == j else n for j, n in enumerate(row)] for i, row in enumerate(counts)]
    figure = go.Figure(
        go.Heatmap(
            z=mistakes,
            x=names,
            y=names,
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
    figure.update_xaxes(title=_("read as"), type="category", side="top", constrain="domain", showgrid=False)
    figure.update_yaxes(
        title=_("written"), type="category", autorange="reversed", scaleanchor="x", constrain="domain", showgrid=False
    )
    if answers:
        figure.data[0].update(hoverinfo="skip", hovertemplate=None)
        figure.add_trace(_clickable(names, counts))
    side = SIDE + MORE * max(0, len(classes) - 10)
    room = max(50, 30 + LETTER * max(len(name) for name in classes))  # for the names at the left and above
    return figure.update_layout(
        width=side + room - 50, height=side, margin={"l": room, "r": 10, "t": 50, "b": 10}, showlegend=False
    )


def _clickable(names: Sequence[str], counts: Sequence[Sequence[int]]) -> go.Scatter:
    """Unseen points over the cells, for Streamlit hears no click on a heat map; under the pointer they speak for it."""
    places = [(row, col) for row in range(len(names)) for col in range(len(names))]
    return go.Scatter(
        x=[names[col] for _row, col in places],
        y=[names[row] for row, _col in places],
        mode="markers",
        customdata=[[row, col, counts[row][col]] for row, col in places],
        hovertemplate=_("{a}, read as {b}: {n}", a="%{y}", b="%{x}", n="%{customdata[2]}") + "<extra></extra>",
        opacity=0,
        marker={"symbol": "square", "size": 36},
    )


def cell_of(event: Mapping[str, Any]) -> tuple[int, int] | None:
    """(written, read) of the cell that was clicked last, from what `st.plotly_chart(on_select=...)` gives back."""
    points = event.get("selection", {}).get("points", [])
    clicked = [point["customdata"] for point in points if isinstance(point.get("customdata"), list | tuple)]
    return (int(clicked[-1][0]), int(clicked[-1][1])) if clicked and len(clicked[-1]) == 3 else None
