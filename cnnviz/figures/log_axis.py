"""Logarithmic axes whose marks are whole numbers: Plotly's own read "100, 5, 2, 10" on less than two powers of ten.

Refuses to know: what is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

import plotly.graph_objects as go

MOST_MARKS = 8
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def set_log_axis(figure: go.Figure, axis: Literal["x", "y"], **rest: Any) -> go.Figure:
    """Make an axis of `figure`, with all that is drawn on it, logarithmic; `rest` goes to the axis as it is."""
    drawn = [getattr(trace, axis, None) for trace in figure.data]
    values = [float(value) for column in drawn if column is not None for value in column if value]
    marks = log_marks(values)
    update = figure.update_xaxes if axis == "x" else figure.update_yaxes
    update(type="log", tickvals=marks, ticktext=[mark_text(mark) for mark in marks], **rest)
    return figure


def log_marks(values: Iterable[float]) -> list[float]:
    """The marks for what lies between the least and the largest of `values`: 1, 2, 5, 10 …, or powers of ten.

    >>> from cnnviz.figures.log_axis import log_marks
    >>> log_marks([3, 70])
    [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    """
    good = [value for value in values if value > 0 and math.isfinite(value)]
    if not good:
        return [1.0]
    low, high = min(good), max(good)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    fine = [_mark(factor, power) for power in range(first, last + 1) for factor in (1, 2, 5)]
    start = max(at for at, mark in enumerate(fine) if mark <= low * (1 + 1e-9))
    end = min(at for at, mark in enumerate(fine) if mark >= high * (1 - 1e-9))
    if end - start < MOST_MARKS:
        return fine[start : end + 1]
    gap = math.ceil((last - first + 1) / MOST_MARKS)
    return [_mark(1, power) for power in range(first, last + 1, gap)]


def _mark(factor: int, power: int) -> float:
    return float(f"{factor}e{power}")


def mark_text(mark: float) -> str:
    """The whole number: 0.002, 50, 20,000; far from 1 as a power of ten.

    >>> from cnnviz.figures.log_axis import mark_text
    >>> mark_text(2e-06)
    '2·10⁻⁶'
    """
    if 1e-4 <= mark < 1e6:
        return f"{mark:,.10f}".rstrip("0").rstrip(".")
    factor, power = f"{mark:.0e}".split("e")
    ten = "10" + str(int(power)).translate(_SUPERSCRIPTS)
    return ten if factor == "1" else f"{factor}·{ten}"
