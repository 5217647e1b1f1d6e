"""The sketch pad: where the reader draws, as strokes (the form that `cnnviz.data.rasterize` reads).

`mount_sketchpad` mounts the pad and returns what is on it now, while the reader draws too; `place` puts a
drawing on it (a sample, an empty pad) from a callback or before the pad is mounted.
Refuses to know what the strokes mean to a network, and does no checking that `cnnviz.data.rasterize` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "sketchpad"
_mount = st.components.v2.component("cnnviz_sketchpad", js=join_modules(_HERE), css=read_css(_HERE))


def mount_sketchpad(
    strokes: dict[str, Any] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
    pen_width: float = 0.08,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Mount the pad `key` and return what is on it.

    `strokes`: what Python wants on the pad; it replaces the drawing there once per new value. `None` leaves the pad
    as it is, and so does the value given last or the one returned last: it is safe to give back what came out.
    To put the same drawing there twice (a Clear button, a sample chosen again), call `place`.
    `texts`: replaces some of `default_texts()`. `pen_width`: the width at the start, as a fraction of the side.
    `on_change`: runs before the rerun that a stroke causes.

    Returns `{"strokes": [{"points": [[x, y], …], "width": 0.08, "erases": False}, …]}`, points in the unit
    square, x right, y down. Treat it as read-only.
    In a page: `drawn = sketchpad(key="pad")`.
    """
    memory = _memory(key)
    if strokes is not None and strokes not in (memory["given"], memory["shown"]):
        place(key, strokes)
    memory["given"] = strokes
    data = {"key": key, "token": memory["token"], "strokes": memory["placed"], "pen_width": pen_width}
    data |= {"version": memory["version"], "is_example": memory.get("is_example", False)}
    data["texts"] = default_texts() | dict(texts or {})
    result = _mount(key=key, data=data, on_drawing_change=on_change or keep_state, height="content")
    drawing = result.get("drawing")
    # A report from before the last `place` is overtaken: the pad has not seen that drawing yet.
    if isinstance(drawing, dict) and drawing.get("token") == memory["token"]:
        memory["shown"] = {"strokes": drawing["strokes"]}
        memory["version"] = drawing.get("version", 0)
    return memory["shown"]


def place(key: str, strokes: dict[str, Any], *, is_example: bool = False) -> None:
    """Put `strokes` on the pad `key`, whatever is there; the reader can undo it.

    is_example: nobody has chosen them: where the reader begins to draw they make room (undo brings them back).

    Call it in a callback, or before `mount_sketchpad` in the script.
    In a page: `st.button("Clear", on_click=place, args=("pad", {"strokes": []}))`.
    """
    _memory(key).update(token=token_hex(4), placed=strokes["strokes"], shown=strokes, is_example=is_example)


def drawn(key: str) -> dict[str, Any]:
    """What is on the pad `key`, read without mounting it: on another page than the pad's. Treat it as read-only."""
    shown: dict[str, Any] = _memory(key)["shown"]
    return shown


def stamp(key: str) -> dict[str, Any]:
    """Which drawing lies on the pad `key` and how far along it is, as the browser counts: `token`, `version`."""
    memory = _memory(key)
    return {"token": memory["token"], "version": memory["version"]}


def _memory(key: str) -> dict[str, Any]:
    """What this session knows of the pad `key` (plain values only: they outlive a hot reload)."""
    empty: dict[str, Any] = {"token": None, "placed": None, "given": None, "shown": {"strokes": []}, "version": 0}
    memory: dict[str, Any] = st.session_state.setdefault(f"cnnviz.sketchpad.{key}", empty)
    return memory


def default_texts() -> dict[str, str]:
    """Every text of the pad, in the reader's language; `{names}` are filled in the browser."""
    return {
        "label": _("Sketch pad: draw one digit"),
        "instructions": _(
            "Draw with the mouse, a finger or a pen. With the keyboard: the arrow keys move the cross-hair, with Shift "
            "in larger steps; Space puts the pen down or lifts it, Escape lifts it. E changes between pen and eraser, "
            "P takes the pen, the square brackets change the width, Delete clears, Control Z undoes, Control Y redoes."
        ),
        "prompt": _("Draw a digit here"),
        "key_hint": _("Arrow keys move, Space draws"),
        "tools": _("Drawing tools"),
        "pen": _("Pen (P)"),
        "eraser": _("Eraser (E)"),
        "undo": _("Undo (Ctrl+Z)"),
        "redo": _("Redo (Ctrl+Y)"),
        "clear": _("Clear (Delete)"),
        "width": _("Pen width ([ and ])"),
        "pen_down": _("Pen down"),
        "pen_up": _("Pen lifted"),
        "eraser_on": _("Eraser chosen"),
        "pen_on": _("Pen chosen"),
        "example_gone": _("The example makes room for your drawing; undo brings it back"),
        "undo_done": _("Undone"),
        "redo_done": _("Redone"),
        "clear_done": _("Pad cleared"),
        "width_is": _("Pen width {percent} percent"),
        "position": _("Column {column}, row {row}"),
    }
