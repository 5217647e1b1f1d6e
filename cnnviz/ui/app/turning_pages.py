"""Whoever turns to another page gets there, whatever the page before still says.

Until the browser has the next page, all that it says names the page before. In Streamlit (1.67.0) one such message, of
a component that says where it stands, turns the visitor back. Here it is a message to the page that comes; where it
asks for a part of the page before, nobody is there to hear it. Where a script turns the page (`turn_to`), a run of the
page before may be on its way already, and takes the place of the one that comes: it goes on turning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass(frozen=True)
class ComingPage:
    """The page that a session was asked for last, by its hash, and the query of its address.

    left: the page before, until the browser is seen to have left it. widgets: what the press that asked for the page
    said of widgets: those outside of all pages. turned_to: what a script asked for in the address, None where the
    browser asked for the page.
    """

    page: str
    query: str
    left: str | None
    widgets: frozenset[str]
    turned_to: Mapping[str, str] | None = None


_COMING: WeakKeyDictionary[PagesManager, ComingPage] = WeakKeyDictionary()  # a session's pages stand for it


def turn_to(page: str | Page, query: Mapping[str, str] | None = None) -> None:
    """As `st.switch_page`, and no late message or run of the page before turns the visitor back."""
    context = get_script_run_ctx()
    if context is not None:
        pages, asked = context.pages_manager, dict(query or {})
        coming = ComingPage(_hash_of(page, pages), urlencode(asked), context.page_script_hash, frozenset(), asked)
        _COMING[pages] = coming
    st.switch_page(page, query_params=query)


def _hash_of(page: str | Page, pages: PagesManager) -> str:
    if not isinstance(page, str):
        return page._script_hash
    known: Any = pages.get_pages().values()
    return next((str(one["page_script_hash"]) for one in known if str(one["script_path"]).endswith(page)), "")


def go_on_turning(here: Page, offered: Iterable[Page]) -> None:
    """At the start of a run of the page `here`: turn to the page to which a script has turned the visitor meanwhile."""
    context = get_script_run_ctx()
    coming = _COMING.get(context.pages_manager) if context else None
    if coming is None or coming.turned_to is None or coming.page == here._script_hash:
        return
    for page in offered:
        if page._script_hash == coming.page:
            st.switch_page(page, query_params=coming.turned_to)


def address(session: AppSession, client_state: ClientState) -> bool:
    """Address a message to the page that comes; False where nobody is there to hear it."""
    coming, page = _COMING.get(session._pages_manager), client_state.page_script_hash
    if coming is None or not (page == coming.page or _is_left(session, coming, client_state)):
        left = _page_in_address(session, client_state) if page else None  # at first a browser knows no hash
        _COMING[session._pages_manager] = ComingPage(page, client_state.query_string, left, _widgets(client_state))
    elif page != coming.page:
        client_state.page_script_hash, client_state.query_string = coming.page, coming.query
        return not client_state.fragment_id
    elif _page_in_address(session, client_state) == page:
        _COMING[session._pages_manager] = replace(coming, left=None)
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
