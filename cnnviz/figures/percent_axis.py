"""An axis of fractions that reads in percent, written as everywhere else: "80 %"."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.figures.theme import format_percent

STEPS = (0.2, 0.1, 0.05, 0.02, 0.01)  # between two marks
FEWEST = 3  # steps


def percent_marks(low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """The marks of a Plotly axis from `low` to `high`, fractions of 1.

    >>> from cnnviz.figures.percent_axis import percent_marks
    >>> percent_marks(0.8, 1)["ticktext"]
    ['80 %', '85 %', '90 %', '95 %', '100 %']
    """
    step = next((step for step in STEPS if (high - low) / step >= FEWEST - 1e-9), STEPS[-1])
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    marks = [round(number * step, 4) for number in range(first, last + 1)]
    return {"tickvals": marks, "ticktext": [format_percent(mark, 0) for mark in marks]}
