"""Pages opened by changed links, and from what a browser is said to have kept: no exception, no error of ours."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnviz.conv_lab.to_json import setup_to_json
from cnnviz.data.sample_drawings import find_sample
from cnnviz.lesson import Lesson, lesson_to_json
from cnnviz.training.own_xo import XoDrawing
from cnnviz.ui.app import browser_store
from cnnviz.ui.app.links import COMPARISON_NAMES
from tests.fuzz.file_cases import real_file
from tests.fuzz.hostile import mutate, to_bytes
from tests.fuzz.record_cases import LINKS, SETUP, changed_query

ROOT = Path(__file__).resolve().parents[2]
SKETCH = find_sample("four").sketch
SIDE_B = {f"{name}_b": text for name, text in (LINKS["view"][1] | LINKS["own network"][1]).items()}
COMPARED = {name: SIDE_B.get(name, "drawing") for name in COMPARISON_NAMES}
QUERIES: dict[str, dict[str, str]] = {  # of a page, and behind a colon which part or state of it
    "draw": LINKS["view"][1] | LINKS["panels"][1], "draw:compared": LINKS["view"][1] | COMPARED,
    "draw_xo": LINKS["view"][1],
    "x_or_o": LINKS["lesson"][1] | {"chapter": "5", "pooling": "mean", "feature": "1", "map": "relu3"},
    "laboratory": LINKS["laboratory"][1] | {"part": "bench"}, "laboratory:example": {"example": "sobel"},
    "laboratory:norm": LINKS["normalisation"][1] | {"part": "norm"},
    "laboratory:nd": LINKS["one and three axes"][1] | {"part": "nd"},
    "laboratory:why": LINKS["shift"][1] | {"part": "why"},
    "laboratory:learn": LINKS["learning"][1] | {"part": "learn"},
    "train": LINKS["training"][1], "your_network": LINKS["own network"][1] | LINKS["view"][1],
    "your_network:handed over": {"hand_off": "token"},
    "one_step": LINKS["one step"][1] | LINKS["own network"][1] | {"digit": "7", "network": "xo"},
    "network": {"net": "mnist", "at": "conv1"},
    "experiments": {"lesson": "xor", "seed": "3", "units": "8"},
    "experiments:batch": {"lesson": "batch", "seconds": "60", "pictures": "digits"},
    "experiments:overfitting": {"lesson": "overfitting", "few": "300"}, "glossary": {"lang": "de"},
    "about": {"lang": "de"},
    "small_examples": {"example": "conv3d", "volume": "0 1 2/3 4 5/6 7 8", "padding": "1", "place": "0 0 1"},
    "train_xo": {"lang": "de"},
}  # fmt: skip
STROKES = SKETCH.to_record()["strokes"]
DRAWING = json.dumps(XoDrawing("X", SKETCH).to_record())
KEPT: dict[str, tuple[str, Any]] = {  # what a browser keeps, by its name: its page, and a real one
    "table": ("draw", {
        "strokes": STROKES, "digit": 3, "upload": None, "off": ["fitted"], "fit": "centre",
        "linked": {"layer": "conv1"},
        "surgery": {"done": "negate.3.1.conv2", "undone": "", "view": "after", "version": 1, "open": True},
    }),
    "table_digits_residual": ("draw", {
        "linked": {"layer": "block1.conv1"},
        "surgery": {"done": "negate.3.1.block1.conv2", "undone": "", "view": "after", "version": 1, "open": True},
    }),
    "comparison": ("draw", {"with": "network", "key": "mnist", "title": "a", "source": None, "data": None}),
    "lesson": ("x_or_o", {
        "lesson": lesson_to_json(Lesson()), "chapter": "3", "view": {"pooling": "mean"}, "answers": {"a": {"b": "c"}},
    }),
    "laboratory": ("laboratory", {"setup": setup_to_json(SETUP), "upload": None, "view": {"part": "bench"}}),
    "own_xo": ("train_xo", {
        "drawings": [DRAWING, DRAWING], "pad": STROKES, "seed": 1, "strength": 1.0, "drawn": 2, "run": None,
        "former": None, "network": None, "before": None, "taught": None, "curves": None, "name": "",
    }),
    "your_network": ("your_network", {
        "data": base64.b64encode(real_file("saved network")).decode(), "title": "a", "choice": None, "source": None,
    }),
}  # fmt: skip

OPENED_BY = {"table_digits_residual": {"network": "digits_residual"}}  # what a link must say to come by it


def fault_of_page(page: str, seed: int) -> str | None:
    """What is wrong with a page that is opened by a changed link; None where it shows what it can."""
    dice = random.Random(f"page {page} {seed}")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    return fault_of_app(opened_by(app, page, changed_query(QUERIES[page], dice)))


def opened_by(app: AppTest, page: str, query: Mapping[str, str]) -> AppTest:
    """A page of `QUERIES` as a link opens it: the very first run is the page's own."""
    name = page.partition(":")[0]
    if name != "draw":  # a page turned to would have lost the query
        app.switch_page(f"pages/{name}.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def fault_of_kept(name: str, seed: int) -> str | None:
    """The same for a page whose browser says that it has kept something odd."""
    dice = random.Random(f"kept {name} {seed}")
    return opened_with(name, to_bytes(mutate(KEPT[name][1], dice), dice).decode("utf-8", "surrogateescape"))[0]


def opened_with(name: str, text: str) -> tuple[str | None, bool]:
    """A page whose browser has kept `text` under `name`: what is wrong with it; whether it took the text over."""
    page, _real = KEPT[name]
    told, log, taken = browser_store.stored_text, browser_store._LOG, Taken(text)
    try:
        browser_store.stored_text = lambda key: _kept(key, name, text)
        browser_store._LOG, browser_store.json = taken, taken  # type: ignore[assignment]
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for asked, value in OPENED_BY.get(name, {}).items():
            app.query_params[asked] = value
        app.run()
        app = app if page == "draw" else app.switch_page(f"pages/{page}.py").run()
        return fault_of_app(app) or fault_of_app(app.run()), taken.is_read and not taken.is_refused
    finally:
        browser_store.stored_text, browser_store._LOG, browser_store.json = told, log, json


class Taken:
    """Stands for the log and for `json` of `browser_store`, and notes what becomes of a text."""

    def __init__(self, text: str) -> None:
        self.text, self.is_read, self.is_refused = text, False, False
        self.dumps = json.dumps

    def loads(self, text: str) -> Any:
        """As `json.loads`."""
        self.is_read = self.is_read or text == self.text
        return json.loads(text)

    def info(self, *_what: object) -> None:
        """It could not be used."""
        self.is_refused = True


def real_faults() -> list[str]:
    """What browsers really keep and pages do not take over: nothing could be learned from changing it."""
    found = []
    for name, (_page, real) in KEPT.items():
        fault, is_taken = opened_with(name, json.dumps(real))
        if fault is not None or not is_taken:
            found.append(f"{name}: {fault or 'not taken over'}")
    return found


def _kept(key: str, name: str, text: str) -> dict[str, Any] | None:
    """As `stored_text`: what the browser has answered to this session."""
    memory = st.session_state.get(f"cnnviz.keeping.{name}")
    is_asked = key == f"keeper_{name}" and memory is not None and memory["first"]  # not before it was asked
    return {"session": memory["session"], "text": text, "is_reload": True} if is_asked else None


def fault_of_app(app: AppTest) -> str | None:
    """An exception on a page, or a sentence that says that the fault is ours; None without any."""
    if app.exception:
        return str(app.exception[0].value)[:300]
    broken = [one.value for one in app.error if one.value.startswith("Something went wrong")]
    return broken[0] if broken else None
