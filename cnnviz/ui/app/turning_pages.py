"""Whoever turns to another page gets there, whatever the page before still says.

Until the browser has the next page, all that it says names the page before. In Streamlit (1.67.0) one such message, of
a component that says where it stands, turns the visitor back. Here it is a message to the page that comes; where it
asks for a part of the page before, nobody is there to hear it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

_hear_event = AppSession._handle_scriptrunner_event_on_event_loop


@dataclass(frozen=True)
class ComingPage:
    """The page that a session was asked for last, by its hash.

    query: of its address; None where the script itself turned to it. widgets: what the press that asked for it said of
    widgets: those outside of all pages; None where no press did.
    """

    page: str
    query: str | None = None
    widgets: frozenset[str] | None = None


_COMING: WeakKeyDictionary[AppSession, ComingPage] = WeakKeyDictionary()


def keep_turning() -> None:
    """From now on each session notes which page comes; `address` needs it."""
    setattr(AppSession, "_handle_scriptrunner_event_on_event_loop", _note_the_page)  # noqa: B010 - a method of theirs


def address(session: AppSession, client_state: ClientState) -> bool:
    """Address a message to the page that comes; False where nobody is there to hear it."""
    coming = _COMING.get(session)
    if coming is not None and coming.page == client_state.page_script_hash:
        return True
    if coming is None or not _is_left(session, coming, client_state):
        widgets = frozenset(state.id for state in client_state.widget_states.widgets)
        _COMING[session] = ComingPage(client_state.page_script_hash, client_state.query_string, widgets)
        return True
    client_state.page_script_hash, client_state.query_string = coming.page, _query(session, coming)
    return not client_state.fragment_id


def _is_left(session: AppSession, coming: ComingPage, client_state: ClientState) -> bool:
    """Whether a message comes from the page before: from its address, and with widgets of its own.

    A press for another page comes from another address, or says nothing of the widgets of a page.
    """
    page: Any = session.get_pages().get(client_state.page_script_hash)
    if page is None or client_state.is_history_navigation:
        return False
    said = {state.id for state in client_state.widget_states.widgets}
    is_from_there = urlsplit(client_state.context_info.url).path.rsplit("/", 1)[-1] == page.get("url_pathname", "")
    return is_from_there and (coming.widgets is None or not said <= coming.widgets)


def _query(session: AppSession, coming: ComingPage) -> str:
    return urlencode(dict(session.session_state.query_params)) if coming.query is None else coming.query


def _note_the_page(session: AppSession, sender: Any, event: ScriptRunnerEvent, *rest: Any, **named: Any) -> None:
    """A script that turns to another page says so when that page begins."""
    _hear_event(session, sender, event, *rest, **named)
    coming, now = _COMING.get(session), session.page_script_hash
    if event is ScriptRunnerEvent.SCRIPT_STARTED and sender is session._scriptrunner and coming and now != coming.page:
        _COMING[session] = ComingPage(now)
