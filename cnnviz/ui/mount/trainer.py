"""Training, watched: curves, kernels, maps, answers and mistakes of one run or two (the thin Python face).

The browser asks the short way how the runs are (`ui.training_answers`); the page only says which runs there are.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.figures.theme import PALETTES
from cnnviz.web.assets import COMPONENTS, join_modules, read_css
from cnnviz.web.trainer.texts import trainer_texts
from cnnviz.web.wire import PacketWriter

_HERE = COMPONENTS / "trainer"
SERIES = {  # two curves a run in each chart: none of the scales that stand for values
    "light": {
        "run": {"training": "#9aa5b1", "validation": "#0b6bcb"},
        "kept": {"training": "#d9cdbd", "validation": "#a35a12"},
    },
    "dark": {
        "run": {"training": "#76828f", "validation": "#5fb0ff"},
        "kept": {"training": "#5d5140", "validation": "#e0a260"},
    },
}
_mount = st.components.v2.component("cnnviz_trainer", js=join_modules(_HERE), css=read_css(_HERE))


def mount_trainer(packet: bytes, *, key: str) -> None:
    """Show a packet (`trainer_packet`). Which runs the browser holds is read with `held(key)`."""
    _mount(key=key, data=packet, on_held_change=_nothing, on_inside_change=_nothing, height="content")


def held(key: str) -> Any:
    """The runs as the browser reported them last, {"kept", "run", "aside", "stamp", "turns"}; None at first."""
    return (st.session_state.get(key) or {}).get("held")


def wished_inside(key: str) -> Any:
    """What "Look inside" was pressed for in this very run of the page, {"token", "at", "index"}, unchecked; or None."""
    return (st.session_state.get(key) or {}).get("inside")


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


def _nothing() -> None:
    """A component's state exists in Python only where a callback is registered for it."""
