"""What the browser said to a run that makes room is heard by the next one, and what a run must do whole it does."""

from __future__ import annotations

import subprocess
import sys

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType
from streamlit.testing.v1 import AppTest

from cnnviz.ui.app import presses, turning_pages

BUTTON, FIELD = "the button", "the field"


def pressed(field: str) -> WidgetStates:
    """What a browser says when the button is pressed."""
    states = WidgetStates()
    states.widgets.add(id=BUTTON, trigger_value=True)
    states.widgets.add(id=FIELD, string_value=field)
    return states


def asked(data: RerunData) -> ScriptRequests:
    requests = ScriptRequests()
    requests.request_rerun(data)
    return requests


def has_press(states: WidgetStates | None) -> bool:
    return states is not None and any(one.id == BUTTON and one.trigger_value for one in states.widgets)


def test_a_run_that_has_not_begun_hands_its_press_on_and_never_begins():
    requests = asked(RerunData(widget_states=pressed("a")))
    assert has_press(presses._take_over(requests))
    assert presses._take_when_ready(requests).type is ScriptRequestType.STOP


def test_a_run_that_has_called_nobody_back_hands_its_press_on():
    requests = asked(RerunData(widget_states=pressed("a")))
    presses._take_when_ready(requests)
    assert has_press(presses._take_over(requests))
    assert requests in presses._MADE_ROOM  # and calls nobody back any more


def test_streamlit_itself_forgets_the_press():
    """The negative twin, and the reason for all this: once it fails, Streamlit no longer needs the mend."""
    requests = asked(RerunData(widget_states=pressed("a")))
    requests.request_stop()
    assert presses._when_ready(requests).type is ScriptRequestType.STOP


def test_a_press_that_was_heard_is_not_handed_on():
    requests = asked(RerunData(widget_states=pressed("a")))
    presses._take_when_ready(requests)
    presses._TAKEN.pop(requests)  # as `_deliver` does
    assert not has_press(presses._take_over(requests))
    assert requests not in presses._MADE_ROOM


def test_a_press_in_a_fragment_that_waits_for_its_turn_is_handed_on_with_the_run_before_it():
    requests = asked(RerunData(widget_states=WidgetStates()))
    presses._take_when_ready(requests)
    presses._TAKEN.pop(requests)
    requests.request_rerun(RerunData(widget_states=pressed("a"), fragment_id="the pad"))
    assert has_press(presses._take_over(requests))


def interrupted_upload() -> None:
    """A page that takes a file; while it does, the next run is asked for."""
    from types import SimpleNamespace

    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from cnnviz.ui.app.uploaded import take_file

    def take(file: object) -> None:
        context = get_script_run_ctx()
        if context is not None and context.script_requests is not None:
            context.script_requests.request_stop()
        st.session_state["steps"] = 1  # where Streamlit looks whether the run is to end
        st.session_state["steps"] += 1

    take_file(SimpleNamespace(file_id="one"), "test", take, (ValueError,))


def test_a_file_is_taken_whole_though_the_next_run_is_wanted():
    page = AppTest.from_function(interrupted_upload).run()
    assert page.session_state["uploaded_test"] == {"file": "one", "problem": None}
    assert page.session_state["steps"] == 2


class Session:
    """As much of a session as is looked at: two pages, the second with the address /second."""

    @property
    def _pages_manager(self) -> Session:
        return self

    def get_pages(self) -> dict[str, dict[str, str]]:
        return {"first": {"url_pathname": ""}, "second": {"url_pathname": "second"}}


def said(page: str, *widgets: str, at: str = "/", **rest: object) -> ClientState:
    state = ClientState(page_script_hash=page, **rest)  # type: ignore[arg-type]
    state.context_info.url = f"http://localhost:8501{at}?layer=conv1"
    for widget in widgets:
        state.widget_states.widgets.add(id=widget, string_value="")
    return state


@pytest.fixture
def session() -> Session:
    """The visitor is on the first page and has pressed the link to the second."""
    session = Session()
    assert turning_pages.address(session, said("first", "footer", "pad"))
    assert turning_pages.address(session, said("second", "footer", query_string="lang=de"))
    return session


def test_what_the_page_before_still_says_goes_to_the_page_that_comes(session: Session):
    late = said("first", "footer", "pad")
    assert turning_pages.address(session, late)
    assert (late.page_script_hash, late.query_string) == ("second", "lang=de")


def test_a_part_of_the_page_before_is_not_run_any_more(session: Session):
    assert not turning_pages.address(session, said("first", "footer", "pad", fragment_id="the pad"))


@pytest.mark.parametrize("back", [
    said("first", "footer", at="/second"),  # pressed on the second page
    said("first", "footer"),  # pressed on the first, before the second has come
    said("first", "footer", "pad", is_history_navigation=True),  # the browser's Back
])  # fmt: skip
def test_whoever_goes_back_gets_there(session: Session, back: ClientState):
    assert turning_pages.address(session, back)
    assert back.page_script_hash == "first"
    after = said("first", "footer", "pad")
    assert turning_pages.address(session, after)
    assert after.page_script_hash == "first"


def test_a_page_that_is_reached_is_left_behind_only_by_its_name(session: Session):
    """A script may turn to the page before: once the next page has spoken, that one is no leftover any more."""
    assert turning_pages.address(session, said("second", "footer", "choice", at="/second"))
    back = said("first", "footer", "pad")
    assert turning_pages.address(session, back)
    assert back.page_script_hash == "first"


def test_the_first_press_of_all_is_kept_too():
    """Before it the browser named no page at all."""
    session = Session()
    assert turning_pages.address(session, said(""))
    assert turning_pages.address(session, said("second", "footer"))
    late = said("first", "footer", "pad")
    assert turning_pages.address(session, late)
    assert late.page_script_hash == "second"


def test_a_page_that_is_opened_by_its_own_address_stays():
    """The browser does not know its hash yet, only its name."""
    session = Session()
    assert turning_pages.address(session, said("", at="/second"))
    press = said("second", "footer", "choice", at="/second")
    assert turning_pages.address(session, press)
    assert press.page_script_hash == "second"


def test_the_server_of_the_app_keeps_presses():
    says = "import app; from streamlit.runtime.app_session import AppSession as S; print(S.request_rerun.__module__)"
    found = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["cnnviz.ui.app.presses"]
