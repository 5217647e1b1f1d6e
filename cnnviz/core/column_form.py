"""How the output of a layer is shown: as maps side by side, as single units, as one strip, or as bars.

Refuses to know: values, and what else there is to say of a column (`layer_facts`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

MOST_CELLS = 64  # a longer vector is shown as one strip


class Form(StrEnum):
    """How a column is shown: feature maps, one long vector, a unit each, or a bar for each probability."""

    MAPS = "maps"
    STRIP = "strip"
    CELLS = "cells"
    BARS = "bars"


def form_of(shape: tuple[int, ...], *, is_unrolled: bool = False) -> dict[str, Any]:
    """How an output of this shape is shown: its `form`, how many pictures (`count`), and `rows` × `cols` of each.

    Maps side by side, a few cells, or one strip of many cells:

    >>> from cnnviz.core.column_form import form_of
    >>> [form_of(shape)["form"].value for shape in ((16, 28, 28), (10,), (100,))]
    ['maps', 'cells', 'strip']
    """
    if len(shape) == 3:
        return {"form": Form.MAPS, "count": shape[0], "rows": shape[1], "cols": shape[2]}
    if is_unrolled or shape[0] > MOST_CELLS:
        return {"form": Form.STRIP, "count": 1, "rows": shape[0], "cols": 1}
    return {"form": Form.CELLS, "count": shape[0], "rows": 1, "cols": 1}
