"""What is chosen in the panels below a table: in its link, so that a reload and a link show the same again.

`?panels=why.push&why_method=grad_cam&why_layer=conv2&push_by=turn`: which panels are open, and what in them is not as
usual. Streamlit forgets a widget that a run leaves out (in a closed panel, on another page); here its value stays, and
comes back with it. A choice belongs to its widget's key: one that is about another layer or class begins as usual.
Refuses to know: what the panels show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from cnnviz.checks import is_truth

T = TypeVar("T", bound=bool | int | float | str)
N = TypeVar("N", int, float)
Only = tuple[str, object] | None
PANELS = "panels"
LONGEST = 200  # characters of a word
NAMES: dict[str, tuple[str, ...]] = {  # what can be chosen in each panel, as the link calls it
    "why": ("class", "against", "method", "layer", "window", "stride", "parts"),
    "push": ("by", "amount", "temperature"),
    "right": ("temperature",),
    "unit": ("layer", "map", "among", "start", "raises", "ink", "blur", "jitter", "seed"),
    "fool": ("class", "sure"),
}
PANEL_LINK_NAMES = (PANELS, *(f"{panel}_{name}" for panel, names in NAMES.items() for name in names))


def read_panels(query: Mapping[str, str]) -> dict[str, Any]:
    """What a link says of the panels, as plain values that a session keeps; nothing of it is believed yet.

    >>> from cnnviz.ui.why.panel_choices import read_panels
    >>> read_panels({"panels": "why.junk", "why_method": "grad_cam"})["open"]
    ['why']
    """
    named = query.get(PANELS, "").split(".")
    chosen = {
        name: {"key": None, "text": query[name], "usual": "", "is_shown": True, "needs": None}
        for name in PANEL_LINK_NAMES[1:]
        if len(query.get(name, "")) in range(1, LONGEST)
    }
    return {"open": [panel for panel in NAMES if panel in named], "boxes": {}, "chosen": chosen, "seen": []}


class PanelChoices:
    """The choices of one table's panels; `kept`: what `read_panels` gave, and what has become of it since.

    A run of the page calls `begin` before anything is shown, the panels in their order, and `end`.
    """

    def __init__(self, kept: dict[str, Any]) -> None:
        self._kept = kept

    def begin(self) -> dict[str, str]:
        """Take over what the browser has changed since the last run. Returns: the words of the link."""
        for panel, key in self._kept["boxes"].items():
            if key in st.session_state:
                self._note_open(panel, bool(st.session_state[key]))
        for entry in self._kept["chosen"].values():
            if entry["key"] in st.session_state:
                entry["text"] = write_choice(st.session_state[entry["key"]])
        self._kept["seen"] = []
        return self._words()

    def _words(self) -> dict[str, str]:
        is_open = set(self._kept["open"])
        found = {
            name: entry["text"]
            for name, entry in self._kept["chosen"].items()
            if name.split("_")[0] in is_open and self._is_on_the_page(entry) and entry["text"] != entry["usual"]
        }
        return ({PANELS: ".".join(self._kept["open"])} if is_open else {}) | found

    def _is_on_the_page(self, entry: dict[str, Any]) -> bool:
        """Whether it was shown, and what it belongs to is still chosen."""
        if not entry["is_shown"] or entry["needs"] is None:
            return bool(entry["is_shown"])
        name, text = entry["needs"]
        needed = self._kept["chosen"].get(name)
        return needed is not None and needed["text"] == text and self._is_on_the_page(needed)

    def end(self, said: Mapping[str, str]) -> bool:
        """All panels have been shown: what was not among them is not said in the link.

        said: what `begin` gave. Returns: whether the link has to say something else, for it held what cannot be.
        """
        for name, entry in self._kept["chosen"].items():
            entry["is_shown"] = name in self._kept["seen"]
        return self._words() != said

    def panel(self, panel: str, label: str, icon: str, key: str) -> Any:
        """The expander of a panel; its `open` says whether it is."""
        self._kept["boxes"][panel] = key
        if key not in st.session_state:
            st.session_state[key] = panel in self._kept["open"]
        box = st.expander(label, icon=icon, key=key, on_change="rerun")
        self._note_open(panel, bool(box.open))
        return box

    def _note_open(self, panel: str, is_open: bool) -> None:
        wanted = {*self._kept["open"], panel} if is_open else {*self._kept["open"]} - {panel}
        self._kept["open"] = [one for one in NAMES if one in wanted]

    def choose(
        self, widget: Callable[..., T | None], label: str, options: Sequence[T], usual: T, name: str, key: str,
        only_for: Only = None, **look: Any,
    ) -> T:  # fmt: skip
        """One of `options` by a widget of Streamlit's (`st.selectbox`, `st.segmented_control`, `st.select_slider`).

        usual: what is chosen at first. name: what the link calls it. only_for: another name and its value, without
        which there is no such question.
        """
        self._offer(name, key, usual, {write_choice(option): option for option in options}.get)
        return self._keep(name, key, widget(label, options, key=key, **look), usual, only_for)

    def slider(
        self, label: str, low: N, high: N, usual: N, name: str, key: str, only_for: Only = None, **look: Any
    ) -> N:
        """A number from `low` to `high`, of the kind of `usual`; rest as in `choose`."""
        self._offer(name, key, usual, partial(_read_number, type(usual), low, high))
        return self._keep(name, key, type(usual)(st.slider(label, low, high, key=key, **look)), usual, only_for)

    def number_input(
        self, label: str, low: N, high: N, usual: N, name: str, key: str, only_for: Only = None, **look: Any
    ) -> N:
        """The same in a field."""
        self._offer(name, key, usual, partial(_read_number, type(usual), low, high))
        return self._keep(name, key, type(usual)(st.number_input(label, low, high, key=key, **look)), usual, only_for)

    def _offer(self, name: str, key: str, usual: T, read: Callable[[str], T | None]) -> None:
        """Give a widget that begins now what was chosen for it, if that can be."""
        entry = self._kept["chosen"].get(name)
        if key in st.session_state:
            return
        found = read(entry["text"]) if entry is not None and entry["key"] in (None, key) else None
        st.session_state[key] = usual if found is None else found

    def _keep(self, name: str, key: str, chosen: T | None, usual: T, only_for: Only) -> T:
        value = usual if chosen is None else chosen
        texts = {"text": write_choice(value), "usual": write_choice(usual)}
        needs = None if only_for is None else [only_for[0], write_choice(only_for[1])]
        self._kept["chosen"][name] = {"key": key, "is_shown": True, "needs": needs, **texts}
        self._kept["seen"].append(name)
        return value


def _read_number(kind: type[N], low: N, high: N, text: str) -> N | None:
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if low <= value <= high else None


def write_choice(value: object) -> str:
    """A value as the link says it.

    >>> from cnnviz.ui.why.panel_choices import write_choice
    >>> [write_choice(one) for one in (True, 7, 0.5, "conv2")]
    ['1', '7', '0.5', 'conv2']
    """
    if is_truth(value):
        return str(int(value))
    return value.value if isinstance(value, StrEnum) else f"{value:.10g}" if isinstance(value, float) else str(value)
