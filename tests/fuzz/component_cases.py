"""What components report to a page, changed, on Streamlit's own way for it: no exception, no error of ours.

A report belongs to a session: who sends an odd one spoils nobody else's page, and not even their own. Four components
are not on a page as it opens (comparison, network editor, pixel editor, image grid): what they report is read by
what `record_cases` and `question_cases` try.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from cnnviz.lesson import Lesson, lesson_to_json
from cnnviz.ui.lab.norm_answers import START
from tests.fuzz.hostile import mutate
from tests.fuzz.page_cases import QUERIES, ROOT, SETUP, SKETCH, fault_of_app, opened_by, setup_to_json

SELECTION = {
    "layer": "conv2", "channel": 3, "row": 5, "col": 6, "scope": "layer", "panels": ["numbers"], "folds": [],
    "moves": 1,
}  # fmt: skip
SURGERY = {
    "done": "negate.3.1.conv2", "undone": "", "view": "after", "version": 2, "open": True,
    "acts": [{"do": {"op": "negate", "layer": "conv2", "out": 3, "into": 1}}],
}  # fmt: skip
PAD_TOKEN = "the pad's own token"  # of the last drawing that Python laid on it: it must come back
DRAWING = {"token": PAD_TOKEN, "version": 3, **SKETCH.to_record()}
RUN = {"token": "0" * 32, "version": 1}
REPORTS: dict[str, tuple[str, str, dict[str, Any], tuple[str, ...]]] = {
    # page, component, what it reports by its names; which of these are events
    "pad": ("draw", "cnnviz_sketchpad", {"drawing": DRAWING}, ()),
    "explorer": ("draw", "cnnviz_explorer", {"selection": SELECTION, "surgery": SURGERY}, ()),
    "steps": ("draw", "cnnviz_stages", {"off": ["fitted", "centred"]}, ()),
    "samples": ("draw", "cnnviz_shelf", {"take": "four"}, ("take",)),
    "kept": ("draw", "cnnviz_keeper", {"found": {"session": "a", "text": "{}", "is_reload": True},
        "lacks": {"session": "a", "mark": "b"}}, ()),
    "footer": ("draw", "cnnviz_footer", {"forget": True}, ("forget",)),
    "lesson": ("x_or_o", "cnnviz_lesson", {"made": {"token": 1, "lesson": lesson_to_json(Lesson()), "chapter": 3,
        "answers": {"1": {"choice": "X", "of": "X O X"}}}}, ()),
    "laboratory": ("laboratory", "cnnviz_laboratory", {"made": {"setup": setup_to_json(SETUP), "token": 1},
        "view": {"unit": 0, "place": [1, 2]}, "part": "why"}, ("part",)),
    "normalisation": ("laboratory:norm", "cnnviz_normalisation", {"made": dict(START)}, ()),
    "shift": ("laboratory:why", "cnnviz_shifting", {"made": {"picture": {"key": "bars"}, "kernel": "vertical",
        "right": 3, "down": -2, "wraps": False}}, ()),
    "trainer": ("train", "cnnviz_trainer", {"held": {"kept": None, "run": RUN["token"], "aside": [], "stamp": "a",
        "turns": [["running", 1]]}, "inside": {"token": RUN["token"], "at": 3, "index": 1}}, ("inside",)),
}  # fmt: skip


def reported_by(app: AppTest, component: str, states: dict[str, Any], events: tuple[str, ...]) -> bool:
    """Run the page again as after a report of its first such component; whether there is one."""
    found = next((one for one in components_of(app) if one.component_name == component), None)
    if found is None:
        return False
    said = WidgetStates()
    kept = {name: value for name, value in states.items() if name not in events}
    if kept:
        said.widgets.add(id=found.id, json_value=_for_pad(kept, found))
    raised = [{"event": name, "value": states[name]} for name in events if name in states]
    if raised:
        said.widgets.add(id=_make_trigger_id(found.id, "events"), json_trigger_value=json.dumps(raised))
    app._run(said)
    return True


def _for_pad(kept: dict[str, Any], found: Any) -> str:
    """As JSON, with the token that the pad was given."""
    given = json.loads(found.json) if found.json else {}
    token = given.get("token") if isinstance(given, dict) else None
    return json.dumps(kept).replace(json.dumps(PAD_TOKEN), json.dumps(token))


def components_of(app: AppTest) -> Iterator[Any]:
    """The components of a page, as it tells the browser of them."""
    waiting = [app._tree]
    while waiting:
        block = waiting.pop(0)
        for child in block.children.values():
            if hasattr(child, "children"):
                waiting.append(child)
            elif child.type == "bidi_component":
                yield child.proto


def fault_of_report(name: str, seed: int) -> str | None:
    """What is wrong with a page after a changed report; None where it shows what it can."""
    dice = random.Random(f"component {name} {seed}")
    page, component, real, events = REPORTS[name]
    changed = mutate(real, dice)
    states = changed if isinstance(changed, dict) else real | dict.fromkeys(real, changed)
    return _opened(page, component, states, events)[0]


def _opened(page: str, component: str, states: dict[str, Any], events: tuple[str, ...]) -> tuple[str | None, bool]:
    """The fault, and whether the page has the component."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    query = {"lang": "de"} if page in ("draw", "laboratory", "train", "x_or_o") else QUERIES[page]
    app = opened_by(app, page, query)
    has = reported_by(app, component, states, events)
    return fault_of_app(app), has


def real_faults() -> list[str]:
    """Reports that no page hears, or that break one: nothing could be learned from changing them."""
    found = []
    for name, (page, component, real, events) in REPORTS.items():
        fault, has = _opened(page, component, real, events)
        if fault is not None or not has:
            found.append(f"{name}: {fault or 'the page has no such component'}")
    return found
