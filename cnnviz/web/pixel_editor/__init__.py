"""The network's input under the hand: each of its pixels can be set, by pointer and keyboard."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import _
from cnnviz.web.wire import PacketWriter


def pixels_packet(drawn: np.ndarray, edits: PixelEdits, token: str) -> bytes:
    """What the editor shows: `drawn` (rows, cols) in 0..1 as it was prepared, and the pixels that are set.

    token: changes when something else is laid on the table, so that what was said of the one before is not taken over.

    >>> import numpy as np
    >>> from cnnviz.data.pixel_edits import PixelEdits
    >>> from cnnviz.web.pixel_editor import pixels_packet
    >>> b'"cells":[[3,255]]' in pixels_packet(np.zeros((28, 28), np.float32), PixelEdits(((3, 255),)), "a")
    True
    """
    cargo = PacketWriter()
    return cargo.sealed(
        {
            "drawn": cargo.put(drawn.astype(np.float32)),
            "cells": [list(cell) for cell in edits.cells],
            "token": token,
            "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
            "texts": {
                "label": _("The input, pixel by pixel"),
                "help": _(
                    "Arrow keys move the cursor, Space sets the pixel, plus and minus change it, Delete gives back "
                    "what was drawn, Control Z undoes."
                ),
                "level": _("Set to {value}"),
                "undo": _("Undo"),
                "redo": _("Redo"),
                "all": _("Take back all"),
                "nothing": _("Click or drag to set pixels; arrow keys and Space do the same."),
                "as_drawn": _("row {row}, column {col}: {value}"),
                "edited": _("row {row}, column {col}: {value}, drawn {drawn}"),
                "count": _("set by hand: {count}"),
            },
        }
    )
