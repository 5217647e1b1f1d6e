"""What a session keeps of its buttons: no more for many runs of a part of a page, and no press less."""

from typing import Any

import pytest

from cnnviz.ui.app import buttons
from cnnviz.ui.app.buttons import Answer, answer_press, answering, note_press


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(buttons.st, "session_state", kept)
    return kept


def size(session: dict[str, Any]) -> int:
    return len(session["cnnviz.buttons"]["offered"])


def test_a_part_that_runs_every_second_keeps_no_more_of_its_buttons(session: dict[str, Any]):
    with answering():
        answer_press("stop", Answer(lambda _what: None))
    before = size(session)
    for _second in range(100):  # a part of the page, which runs without the page
        answer_press("stop", Answer(lambda _what: None))
    assert size(session) == before == 1


def test_a_press_of_the_next_run_is_noted_while_the_run_before_ends(session: dict[str, Any]):
    note_press("gone")
    with answering():
        noted = session["cnnviz.buttons"]["noted"]
    note_press("start")  # the callback of the next run, which got the dictionary before the end
    assert set(noted) == {"start"}
    assert session["cnnviz.buttons"]["noted"] is noted
