"""What a run of the page sends, met by an explorer: news of what it shows, of what it does not, and with none there."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnviz.data.rasterize import PreparedImage
from cnnviz.ui.draw.show import compute_shown
from cnnviz.web.edits.state import EditsState
from cnnviz.web.explorer.on_screen import OnScreen
from cnnviz.web.selection import Selection

IMAGE = PreparedImage(np.random.default_rng(0).random((1, 28, 28)).astype(np.float32), (), True, False)
MEET = """(() => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  document.body.replaceChildren();
  const home = document.body.appendChild(document.createElement("div"));
  const told = [];
  const setStateValue = (_name, said) => told.push(said);
  const meet = (packet) => m.default({ data: bytes(packet), parentElement: home, setStateValue });
  const shown = () => {
    return home.querySelector(".cnnviz-explorer")?.dataset.painted ?? null;
  };
  const seen = data.map((packet) => (meet(packet), shown()));
  return { seen, told };
})()"""


def packet(selection: Selection, on_screen: OnScreen | None = None) -> str:
    rest: dict[str, Any] = {"surgery": EditsState(), "on_screen": on_screen, "token": 1}
    return base64.b64encode(compute_shown(IMAGE, selection, **rest).explorer).decode()


def on_screen(mark: str, selection: Selection) -> OnScreen:
    """A browser's word that it shows this."""
    made = compute_shown(IMAGE, selection, surgery=EditsState()).explorer
    header = json.loads(made[4 : 4 + int.from_bytes(made[:4], "little")])
    return OnScreen(mark, header["key"], selection)


def test_news_without_an_explorer_ask_for_all(run_module: Callable[..., Any]):
    opened = Selection("conv2", 3)
    made = run_module("explorer/index.js", MEET, [packet(opened, on_screen("gone:1", opened))])
    assert made["seen"] == [None]
    (said,) = made["told"]
    assert (said["on_screen"], said["layer"], said["channel"]) == (None, "conv2", 3)


def test_what_is_shown_already_is_taken_by_what_it_is_and_other_news_are_asked_for_again(
    run_module: Callable[..., Any],
):
    opened = Selection("conv2", 3)
    gone = on_screen("gone:1", opened)
    same, other = packet(opened, gone), packet(Selection("conv1", 2), gone)
    made = run_module("explorer/index.js", MEET, [packet(opened), same, other])
    assert made["seen"] == ["1", "2", "2"]  # painted: whole, again, and not
    (said,) = made["told"]
    assert said["layer"] == "conv2"
    assert said["on_screen"]["selection"]["layer"] == "conv2"
    assert said["on_screen"]["mark"].endswith(":1")
