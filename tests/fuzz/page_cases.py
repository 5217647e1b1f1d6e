"""Pages opened by changed links, and from what a browser is said to have kept: no exception, no error of ours."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnviz.data.sample_drawings import find_sample
from cnnviz.lesson import Lesson, lesson_to_json
from cnnviz.training.own_xo import XoDrawing
from cnnviz.ui.app import browser_store
from tests.fuzz.hostile import mutate, to_bytes
from tests.fuzz.record_cases import LINKS, changed_query

ROOT = Path(__file__).resolve().parents[2]
SKETCH = find_sample("four").sketch
QUERIES: dict[str, dict[str, str]] = {
    "draw": LINKS["view"][1] | LINKS["panels"][1], "draw_xo": LINKS["view"][1], "x_or_o": LINKS["lesson"][1],
    "laboratory": LINKS["laboratory"][1] | LINKS["normalisation"][1] | LINKS["shift"][1] | LINKS["learning"][1] | {
        "part": "normalisation", "example": "sobel"},
    "train": LINKS["training"][1], "your_network": LINKS["own network"][1] | LINKS["view"][1],
    "one_step": LINKS["one step"][1] | {"digit": "7"}, "network": {"net": "mnist", "layer": "conv1"},
    "experiments": {"lesson": "xor", "seed": "3", "steps": "100"}, "glossary": {"word": "padding"},
    "about": {"lang": "de"},
    "small_examples": {"example": "conv3d", "volume": "0 1 2/3 4 5/6 7 8", "padding": "1", "place": "0 0 1"},
    "train_xo": {"seed": "3"},
}  # fmt: skip
STROKES = SKETCH.to_record()["strokes"]
DRAWING = json.dumps(XoDrawing("X", SKETCH).to_record())
KEPT: dict[str, tuple[str, Any]] = {  # what a browser keeps, by its name: its page, and a real one
    "table": ("draw", {
        "strokes": STROKES, "digit": 3, "upload": None, "off": ["fitted"], "fit": "centre",
        "linked": {"layer": "conv1"},
        "surgery": {"done": "negate.3.1.conv2", "undone": "", "view": "after", "version": 1, "open": True},
    }),
    "comparison": ("draw", {"with": "network", "key": "mnist", "title": "a", "source": None, "data": None}),
    "lesson": ("x_or_o", {"lesson": lesson_to_json(Lesson()), "chapter": "3", "answers": {"a": {"b": "c"}}}),
    "laboratory": ("laboratory", {"setup": {}, "upload": None, "view": {"part": "bench"}}),
    "own_xo": ("train_xo", {
        "drawings": [DRAWING, DRAWING], "pad": STROKES, "seed": 1, "strength": 1.0, "drawn": 2, "run": None,
        "former": None, "network": None, "before": None, "taught": None, "curves": None, "name": "",
    }),
    "your_network": ("your_network", {"data": "", "title": "a", "choice": None, "source": None}),
}  # fmt: skip


def fault_of_page(page: str, seed: int) -> str | None:
    """What is wrong with a page that is opened by a changed link; None where it shows what it can."""
    dice = random.Random(f"page {page} {seed}")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in changed_query(QUERIES[page], dice).items():
        app.query_params[name] = value
    app.run()
    return _fault(app if page == "draw" else app.switch_page(f"pages/{page}.py").run())


def fault_of_kept(name: str, seed: int) -> str | None:
    """The same for a page whose browser says that it has kept something odd."""
    page, real = KEPT[name]
    dice = random.Random(f"kept {name} {seed}")
    text = to_bytes(mutate(real, dice), dice).decode("utf-8", "surrogateescape")
    told = browser_store.stored_text
    try:
        browser_store.stored_text = lambda key: _kept(key, name, text)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        app = app if page == "draw" else app.switch_page(f"pages/{page}.py").run()
        return _fault(app) or _fault(app.run())
    finally:
        browser_store.stored_text = told


def _kept(key: str, name: str, text: str) -> dict[str, Any] | None:
    """As `stored_text`: what the browser has answered to this session."""
    memory = st.session_state.get(f"cnnviz.keeping.{name}")
    is_asked = key == f"keeper_{name}" and memory is not None and memory["first"]  # not before it was asked
    return {"session": memory["session"], "text": text, "is_reload": True} if is_asked else None


def _fault(app: AppTest) -> str | None:
    if app.exception:
        return str(app.exception[0].value)[:300]
    broken = [one.value for one in app.error if one.value.startswith("Something went wrong")]
    return broken[0] if broken else None
