"""Whoever turns to another page gets there, whatever the page before still says.

Until the browser has the next page, all that it says names the page before. In Streamlit (1.67.0) one such message, of
a component that says where it stands, turns the visitor back. Here it is a message to the page that comes; where it
asks for a part of the page before, nobody is there to hear it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession


@dataclass(frozen=True)
class ComingPage:
    """The page that a session was asked for last, by its hash, and the query of its address.

    left: the page before, until the browser is seen to have left it. widgets: what the press that asked for the page
    said of widgets: those outside of all pages.
    """

    page: str
    query: str
    left: str | None
    widgets: frozenset[str]


_COMING: WeakKeyDictionary[AppSession, ComingPage] = WeakKeyDictionary()


def address(session: AppSession, client_state: ClientState) -> bool:
    """Address a message to the page that comes; False where nobody is there to hear it."""
    coming, page = _COMING.get(session), client_state.page_script_hash
    if coming is None or not (page == coming.page or _is_left(session, coming, client_state)):
        left = _page_in_address(session, client_state) if page else None  # at first a browser knows no hash
        _COMING[session] = ComingPage(page, client_state.query_string, left, _widgets(client_state))
    elif page != coming.page:
        client_state.page_script_hash, client_state.query_string = coming.page, coming.query
        return not client_state.fragment_id
    elif _page_in_address(session, client_state) == page:
        _COMING[session] = replace(coming, left=None)
    return True


def _is_left(session: AppSession, coming: ComingPage, client_state: ClientState) -> bool:
    """Whether a message comes from the page that is being left: from its address, and with widgets of its own.

    A press for that page comes from another address, or says nothing of the widgets of a page.
    """
    if client_state.page_script_hash != coming.left or client_state.is_history_navigation:
        return False
    is_from_there = _page_in_address(session, client_state) == coming.left
    return is_from_there and not _widgets(client_state) <= coming.widgets


def _page_in_address(session: AppSession, client_state: ClientState) -> str | None:
    """The page that the browser's address names: a browser may not know its hash yet."""
    here = urlsplit(client_state.context_info.url).path.rsplit("/", 1)[-1]
    pages: Any = session.get_pages().items()
    return next((page for page, facts in pages if facts.get("url_pathname") == here), None)


def _widgets(client_state: ClientState) -> frozenset[str]:
    return frozenset(state.id for state in client_state.widget_states.widgets)
