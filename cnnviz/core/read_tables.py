"""Numbers of cells as three short tables, one for each axis, whose entries add up to them.

Refuses to know: layers, and what the numbers stand for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.core.layer_trace import Shape

Run = tuple[int | None, int, int]
AXES = ("channels", "rows", "cols")
NOTHING = -1  # where no cell of this source is read


def sum_tables(found: np.ndarray, source: Shape) -> dict[str, Any] | None:
    """An entry for each channel, row and column, whose sum is the number at each place; None where there are none.

    The rest of a number is handed to the tables so that, where an axis of the output is one of the source, its table
    says which place on it: channels count in maps, rows in rows, columns in cells.
    found: (channels, rows, cols), the number of the cell that is read at each place, `NOTHING` for none. source: the
    shape of the maps whose cells are counted. A table is a list of runs (first, step, count).

    >>> import numpy as np
    >>> from cnnviz.core.read_tables import sum_tables
    >>> sum_tables(np.array([[[1, 0], [3, 2]]]), (1, 2, 2))  # each row turned round
    {'channels': [(0, 0, 1)], 'rows': [(0, 2, 2)], 'cols': [(1, -1, 2)]}
    """
    is_read = found != NOTHING
    used = [is_read.any(axis=others) for others in ((1, 2), (0, 2), (0, 1))]
    if not is_read.any():
        return dict(zip(AXES, ([(None, 0, size)] for size in found.shape), strict=True))
    if not np.array_equal(is_read, used[0][:, None, None] & used[1][:, None] & used[2]):
        return None
    c, r, q = (int(one.argmax()) for one in used)
    start = int(found[c, r, q])
    cols = source[-1] if len(source) == 3 else 1
    size = source[-2] * cols if len(source) == 3 else 1
    parts = start // size * size, start % size // cols * cols, start % cols
    lines = [
        line - start + part for line, part in zip((found[:, r, q], found[c, :, q], found[c, r]), parts, strict=True)
    ]
    made = lines[0][:, None, None] + lines[1][:, None] + lines[2]
    if not np.array_equal(np.where(is_read, made, NOTHING), found):
        return None
    return {
        name: _runs([int(value) if is_used else None for value, is_used in zip(line, kept, strict=True)])
        for name, line, kept in zip(AXES, lines, used, strict=True)
    }


def _runs(line: list[int | None]) -> list[Run]:
    """Numbers with the same step between neighbours together: (first, step, count) each."""
    runs: list[Run] = []
    for value in line:
        first, step, count = runs[-1] if runs else (0, 0, 0)
        if count and value is None and first is None:
            runs[-1] = (None, 0, count + 1)
        elif count == 1 and value is not None and first is not None:
            runs[-1] = (first, value - first, 2)
        elif count and value is not None and first is not None and value == first + step * count:
            runs[-1] = (first, step, count + 1)
        else:
            runs.append((value, 0, 1))
    return runs
