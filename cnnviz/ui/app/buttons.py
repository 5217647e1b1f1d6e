"""A button whose press is answered once, whole, whatever run of the page is broken off meanwhile.

`if st.button(…):` hears a press in one run only, the one that the press begins: where another run takes its place
before it gets to the button, the press is lost. Here a callback notes the press (callbacks always run, see `presses`),
and the first run that comes to the button answers it. So it is with what a component says once (`note_press`,
`answer_press`). `tests/test_buttons.py` holds the pages to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import streamlit as st

from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.presses import uninterrupted


@dataclass(frozen=True)
class Answer:
    """What a press is answered with.

    act: gets what was noted with the press. refusals: what it raises, with one sentence, where it cannot be done; that
    is said at the button until it is pressed again, or what it is about becomes something else. say: how.
    is_long: nobody has to wait for it; a run that breaks it off begins it anew, unless the visitor has left the page.
    then: what follows once it is done, such as another run.
    """

    act: Callable[[Any], None]
    refusals: tuple[type[Exception], ...] = ()
    about: str = ""
    say: Callable[[str], Any] = show_error
    is_long: bool = False
    then: Callable[[], None] | None = None


def press_button(
    label: str,
    act: Callable[[], None],
    *,
    key: str,
    refusals: tuple[type[Exception], ...] = (),
    about: str = "",
    say: Callable[[str], Any] = show_error,
    is_long: bool = False,
    then: Callable[[], None] | None = None,
    **look: Any,
) -> None:
    """A button of Streamlit's, with `look`; `act` runs at this place of the page, once for a press. Rest: `Answer`."""
    st.button(label, key=key, on_click=note_press, args=(key,), **look)
    if look.get("disabled"):  # it was not when it was pressed
        _noted().pop(key, None)
    answer_press(key, Answer(lambda _: act(), refusals, about, say, is_long, then))


def note_press(key: str, what: Any = None) -> None:
    """In a callback: `key` was pressed. what: plain values, for whoever answers."""
    _noted()[key] = {"id": token_hex(4), "what": what}


def answer_press(key: str, answer: Answer) -> None:
    """Answer a press of `key`, if there was one; say what hindered the last one."""
    _state()["offered"][key] = True
    if key in _noted():
        with nullcontext() if answer.is_long else uninterrupted():
            _answer(key, answer)
    refused = _state()["refused"].get(key)
    if refused is not None and refused["about"] == answer.about:
        answer.say(refused["problem"])


def _answer(key: str, answer: Answer) -> None:
    press = _noted()[key]
    if not answer.is_long:
        del _noted()[key]
    _state()["refused"].pop(key, None)
    try:
        answer.act(press["what"])
    except answer.refusals as error:
        _state()["refused"][key] = {"about": answer.about, "problem": str(error)}
        _noted().pop(key, None)
        return
    _noted().pop(key, None)
    if answer.then is not None:
        answer.then()


@contextmanager
def answering() -> Iterator[None]:
    """Around a whole run of a page: what was pressed before and is not offered any more is forgotten at its end.

    A run that is broken off forgets nothing.
    """
    before = {press["id"] for press in _noted().values()}
    _state()["offered"] = {}
    yield
    kept = _state()
    for key, press in list(kept["noted"].items()):  # one by one: the next run may note a press meanwhile
        if press["id"] in before:
            kept["noted"].pop(key, None)
    kept["refused"] = {key: said for key, said in kept["refused"].items() if key in kept["offered"]}


def _noted() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _state()["noted"]
    return found


def _state() -> dict[str, Any]:
    """Plain values: "noted" presses and "refused" ones by their keys, and those "offered" since this run began.

    Parts of a page run many times between two runs of it, so a key is in it once.
    """
    kept: dict[str, Any] = st.session_state.setdefault("cnnviz.buttons", {"noted": {}, "refused": {}, "offered": {}})
    return kept
