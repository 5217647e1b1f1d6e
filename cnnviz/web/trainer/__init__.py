"""Training, watched: curves, kernels, maps, answers and mistakes of one run or two."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from cnnviz.figures.theme import PALETTES
from cnnviz.web.trainer.texts import trainer_texts
from cnnviz.web.wire import PacketWriter

SERIES = {  # three curves a run in each chart: none of the scales that stand for values
    "light": {
        "run": {"training": "#9aa5b1", "validation": "#0b6bcb", "test": "#2b8a3e"},
        "kept": {"training": "#d9cdbd", "validation": "#a35a12", "test": "#7a8a3e"},
    },
    "dark": {
        "run": {"training": "#76828f", "validation": "#5fb0ff", "test": "#69db7c"},
        "kept": {"training": "#5d5140", "validation": "#e0a260", "test": "#b9c36f"},
    },
}


def trainer_packet(drawing: np.ndarray | None, **rest: Any) -> bytes:
    """What the page tells the browser: words, colours, the drawing (channels, rows, cols), and `rest` as it is."""
    cargo = PacketWriter()
    return cargo.sealed(
        {
            "texts": trainer_texts(),
            "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
            "series": SERIES,
            "drawing": None if drawing is None else cargo.put(drawing),
            **rest,
        }
    )
