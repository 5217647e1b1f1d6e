"""Keys with Alt, Control or Command are the browser's: Alt and an arrow lead back, Control and plus enlarge all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnviz import web

FOLDER = Path(web.__file__).parent
# Each makes one part that answers keys, gives what is pressed, and says which key.
PARTS = {
    "shared/gridpicture.js": """(() => {
        const picture = new m.GridPicture({ onPoint() {} });
        picture.shape = { count: 1, rows: 3, cols: 3, cell: 1, across: 1 };
        return [picture.canvas, "ArrowLeft"];
    })()""",
    "explorer/steering.js": """(() => {
        const over = document.createElement("div");
        const layer = { count: 4, rows: 1, cols: 1, path: "conv1" };
        const scene = { open: null, packet: { layers: [layer, layer], plan: null } };
        const explorer = { scene, cursor: null, selection: {}, light() {} };
        over.addEventListener("keydown", (event) => m.steer(explorer, event));
        return [over, "ArrowRight"];
    })()""",
    "walk/view.js": """(() => {
        const walk = new m.Walk({ onStep() {}, onPlace() {}, onTurn() {} });
        return [walk.root, "ArrowLeft"];
    })()""",
    "lesson/numbers.js": """(() => {
        const grid = new m.Numbers({ onPick() {} });
        grid.show({ rows: 1, cols: 2, values: [0, 1], table: new Uint32Array(256) });
        return [grid.cells[0], "ArrowRight"];
    })()""",
    "lesson/chapterbar.js": """(() => {
        const bar = new m.ChapterBar(() => {});
        bar.chapter = 1;
        bar.buttons = [1, 2].map(() => document.createElement("button"));
        return [bar.row, "ArrowRight"];
    })()""",
    "trainer/timeline.js": """(() => {
        const timeline = new m.Timeline({ onAt() {} });
        timeline.show({ moments: [0, 1, 2], last: 2, head: 0, isRunning: false, name: () => "", texts: {} });
        return [timeline.slider, "ArrowRight"];
    })()""",
    "network_editor/row.js": """(() => {
        const texts = { kinds: { flatten: "Flatten" }, fields: { flatten: [] } };
        const row = new m.PartRow({ kind: "flatten" }, texts, { onTool() {}, onWalk() {} });
        return [row.root, "+"];
    })()""",
}
PRESSED = """(([target, key]) => data.map((held) => {
  const event = new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true, [held]: true });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}))(%s)"""
# Modules that ask for such keys, or whose keys stand in a field of text.
OWN = {
    "sketchpad/keyboard.js": "Control Z, and brackets that stand on AltGr: `commandOf` knows them",
    "conv_lab/index.js": "Control Z and Y alone",
    "network_editor/index.js": "Control Z and Y alone, and Escape",
}


@pytest.mark.parametrize("module", PARTS)
def test_a_key_that_is_held_with_another_is_left_to_the_browser(module: str, run_module: Callable[..., object]):
    held = ["ctrlKey", "metaKey", "altKey", "shiftKey"]
    assert run_module(module, PRESSED % PARTS[module], held) == [False, False, False, True]


def test_alt_and_an_arrow_still_move_a_layer_of_the_list(run_module: Callable[..., object]):
    pressed = PARTS["network_editor/row.js"].replace('"+"', '"ArrowUp"')
    assert run_module("network_editor/row.js", PRESSED % pressed, ["altKey", "ctrlKey"]) == [True, False]


def test_a_letter_of_the_pad_with_alt_is_a_menu_of_the_browser(run_module: Callable[..., object]):
    commands = "['e', 'p', 'Backspace', 'ArrowUp', '['].map((key) => m.commandOf({ key, altKey: true }))"
    assert run_module("sketchpad/keys.js", commands) == [None, None, None, None, "thinner"]


def test_every_module_that_takes_a_key_asks_whether_it_is_plain():
    takes = [path for path in FOLDER.rglob("*.js") if all(word in path.read_text("utf-8") for word in (
        "event.key", "event.preventDefault()"))]  # fmt: skip
    names = {str(path.relative_to(FOLDER)): "isPlainKey(event)" in path.read_text("utf-8") for path in takes}
    assert len(names) > 20
    assert {name for name, asks in names.items() if not asks} == {*OWN} & {*names}
